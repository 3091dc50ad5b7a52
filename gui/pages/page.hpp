// gui/pages/page.hpp: what all pages have in common.
#pragma once
#include "gui/core/source.hpp"

#include <QByteArray>
#include <QVariantMap>
#include <QWidget>
#include <string>
#include <vector>

class QSplitter;

namespace weft::monitor {

/// The mesh at the moment that the window shows.
struct Moment {
  snapshot_ptr now;                    ///< never null
  const mesh_source* source = nullptr; ///< for series; outlives the page
  bool live = true;
};

/// One screen. Hidden pages cost nothing: they catch up when they are shown.
class Page : public QWidget {
  Q_OBJECT
public:
  /// @param id as marks name pages: overview, topology, node, topics, groups
  Page(const QString& id, const QString& title, QWidget* parent = nullptr);

  [[nodiscard]] const QString& id() const noexcept { return id_; }
  [[nodiscard]] const QString& title() const noexcept { return title_; }

  void apply(const Moment& moment);
  /// The window goes to another mesh: what was asked of the one before goes, with answers that are due. apply() comes
  /// next.
  virtual void meshChanged() {}
  /// Something was changed from here: what nodes were asked for may be old.
  virtual void readAgain() {}
  /// Shows the row of this name, if there is one.
  virtual void open(const QString& of) { static_cast<void>(of); }
  /// Brings rows in order again; not while the pointer is over them.
  virtual void resort() {}
  /// The nodes that it shows so closely that they are to be heard more often than each second.
  [[nodiscard]] virtual std::vector<std::string> nodesInView() const { return {}; }
  /// The group that is chosen here, if there is one.
  [[nodiscard]] virtual QString chosenGroup() const { return {}; }
  /// Puts the keys where the page filters. @returns whether it does
  virtual bool startFind() { return false; }
  /// Traces the chosen event, where the page has events.
  virtual void traceChosen() {}
  /// Writes what the page lists into a file, where it can.
  virtual void exportRows() {}
  /// Whether something is under way that changes what is shown.
  [[nodiscard]] virtual bool isBusy() const { return false; }

  [[nodiscard]] QByteArray saveLayout() const;
  void restoreLayout(const QByteArray& layout); ///< what it does not understand it leaves as it is
  void resetLayout();
  /// What people chose on the page beside its layout, to be kept for the next window.
  [[nodiscard]] virtual QVariantMap choices() const { return {}; }
  /// @param choices from a file: what does not make sense is left out
  virtual void setChoices(const QVariantMap& choices) { static_cast<void>(choices); }

Q_SIGNALS:
  void openPage(const QString& page, const QString& of);
  /// Somebody wants to change something. @param what as OperateDesk::open() has it
  void operationAsked(const QString& what, const QString& of);

protected:
  virtual void show(const Moment& moment) = 0;
  /// A splitter whose state belongs to the layout. @param shares of its parts
  QSplitter* addSplitter(Qt::Orientation orientation, const QList<int>& shares);
  void showEvent(QShowEvent* event) override;

  using QWidget::show;

private:
  QString id_, title_;
  Moment moment_;
  bool old_ = false;
  bool laidOut_ = false; ///< by the page's real size, or as it was kept
  QList<QSplitter*> splitters_;
  QList<QList<int>> shares_;
};

} // namespace weft::monitor
