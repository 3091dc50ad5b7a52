// gui/widgets/facts_view.hpp: what is known of one thing: a title with its state, then name and value line by line.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QList>
#include <QWidget>

#include <optional>

class QScrollArea;

namespace weft::monitor {

struct Fact {
  QString name; ///< empty: `value` is the heading of those that follow
  QString value;
  std::optional<health> tone; ///< absent: plain
  friend bool operator==(const Fact&, const Fact&) = default;
};

class FactsView : public QWidget {
  Q_OBJECT
public:
  explicit FactsView(const QString& name, QWidget* parent = nullptr);

  /// @param title empty: only `hint` is shown
  void setFacts(const QString& title, std::optional<health> shown, const QString& why, const QList<Fact>& facts);
  void setHint(const QString& hint);
  /// What the state is called; empty: as everywhere.
  void setWord(const QString& word);
  [[nodiscard]] QString title() const { return title_; }
  [[nodiscard]] const QList<Fact>& facts() const noexcept { return facts_; }

  /// An area around this that scrolls up and down; it owns this.
  [[nodiscard]] QScrollArea* scrolled();

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override; ///< all of it: it never hides what it has, its area scrolls

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

private:
  [[nodiscard]] double whyHeight() const;
  double paintHead(QPainter& painter, double y) const;

  QString title_, why_, hint_, word_;
  std::optional<health> shown_;
  QList<Fact> facts_;
};

} // namespace weft::monitor
