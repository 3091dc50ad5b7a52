// gui/widgets/form.hpp: fields with their names before them, and a line that says what is wrong.
#pragma once
#include <QWidget>

class QGridLayout;
class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace weft::monitor {

class Form : public QWidget {
  Q_OBJECT
public:
  explicit Form(QWidget* parent = nullptr);

  /// @param text stands before the field, and is its shortcut's place
  QLabel* addField(const QString& text, QWidget* field);
  /// Over the whole width.
  void addWide(QWidget* widget);
  /// What the form does, quietly, below what was added before.
  void addSentence(const QString& text);
  /// Buttons side by side, at the left.
  void addButtons(const QList<QWidget*>& buttons);
  /// A sentence with its sign; empty: none.
  void tell(const QString& problem, bool isProblem = true);
  [[nodiscard]] QString told() const;

  /// An area around a form, or around what holds one, that scrolls up and down.
  [[nodiscard]] static QScrollArea* scrolled(QWidget* form, const QString& name);

private:
  class Message;
  void fit();

  QVBoxLayout* column_;
  QGridLayout* grid_;
  Message* message_;
  int rows_ = 0;
};

} // namespace weft::monitor
