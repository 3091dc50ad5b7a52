// gui/widgets/figure_tile.hpp: one figure, large, with its name above and a word on it below.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QAbstractButton>

#include <optional>

namespace weft::monitor {

/// What a tile shows.
struct Figure {
  QString value;
  QString note;               ///< below it
  std::optional<health> tone; ///< colour and shape of the note; absent: plain
  std::optional<trend> goes;  ///< an arrow after the note
  friend bool operator==(const Figure&, const Figure&) = default;
};

/// A press opens what explains the figure.
class FigureTile : public QAbstractButton {
  Q_OBJECT
public:
  explicit FigureTile(const QString& title, QWidget* parent = nullptr);

  void setFigure(const Figure& figure);
  [[nodiscard]] const Figure& figure() const noexcept { return figure_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  Figure figure_;
};

} // namespace weft::monitor
