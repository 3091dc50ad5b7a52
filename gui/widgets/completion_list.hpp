// gui/widgets/completion_list.hpp: what a line may go on with, below it, while the keys stay in the line.
#pragma once
#include <QListView>
#include <QStringListModel>

class QLineEdit;

namespace weft::monitor {

/// Never has the focus: the line gives it the keys that it is asked for.
class CompletionList : public QListView {
  Q_OBJECT
public:
  /// @param line outlives this
  explicit CompletionList(QLineEdit& line);

  /// None: it hides.
  void offer(const QStringList& choices);
  [[nodiscard]] QStringList choices() const { return choices_.stringList(); }
  /// Up and Down choose, Tab takes the chosen one or the first, Enter the chosen one, Esc hides.
  /// @returns whether the key was its
  bool takeKey(const QKeyEvent& key);

Q_SIGNALS:
  void taken(const QString& choice);

private:
  void fit();
  void step(int by);

  QLineEdit& line_;
  QStringListModel choices_;
};

} // namespace weft::monitor
