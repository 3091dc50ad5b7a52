// gui/app/exports.hpp: what is shown, as files for other programs.
#pragma once
#include "gui/core/source.hpp"

#include <QList>
#include <QString>

class QAbstractItemModel;
class QIODevice;
class QWidget;

namespace weft::monitor::exports {

enum class Format { png, png2, svg, csv };

/// Something of a page that can be saved.
struct Choice {
  Format format = Format::png;
  QString text; ///< as a menu shows it
  QWidget* of = nullptr;
  QString fileName; ///< a proposal, without a folder
};

/// The page as a picture, its visible tables, and its visible charts and topology.
[[nodiscard]] QList<Choice> choicesOf(QWidget& page, const QString& title);

/// What stands at the foot of a picture.
struct Stamp {
  QString mesh;
  time_us at = 0;
  QString filter; ///< what is typed into the page's filter; empty: nothing
};

/// @returns whether it was written
bool savePng(QWidget& page, double ratio, const Stamp& stamp, QIODevice& to);
bool saveSvg(QWidget& drawn, const Stamp& stamp, QIODevice& to);
/// Rows as they are filtered and sorted, with those under them; raw numbers, times as ISO 8601 in UTC.
[[nodiscard]] QByteArray csvOf(const QAbstractItemModel& model);

/// Writes a choice into a file. @returns why it could not be, with the place; empty: it was
[[nodiscard]] QString save(const Choice& choice, const Stamp& stamp, const QString& file);

} // namespace weft::monitor::exports
