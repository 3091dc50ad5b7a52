// gui/pages/rule_editor.hpp: one rule as a form.
#pragma once
#include "gui/models/alert_rules.hpp"

#include <QWidget>

class QLabel;
class QLineEdit;

namespace weft::monitor {

class ChipButton;
class ComboField;
class Form;

class RuleEditor : public QWidget {
  Q_OBJECT
public:
  explicit RuleEditor(QWidget* parent = nullptr);

  /// @param others names that are taken
  /// @param isNew  nothing of this rule is there yet
  void edit(const rules::Form& form, const QStringList& others, bool isNew);
  /// Says that the rule is muted until then, or not.
  void setMuted(bool muted);
  [[nodiscard]] rules::Form form() const;
  [[nodiscard]] QString problem() const;

Q_SIGNALS:
  void saved(const weft::monitor::alert_rule& rule);
  void deleted();
  void muteToggled();
  void wantsNew();
  void wantsUsual();

private:
  void save();
  void fit();

  Form* form_;
  QLabel* limitSays_ = nullptr;
  QLineEdit *name_, *limit_, *hold_, *calm_, *size_, *only_;
  ComboField *what_, *condition_, *shown_;
  ChipButton *save_, *new_, *mute_, *delete_, *usual_;
  QStringList others_;
};

} // namespace weft::monitor
