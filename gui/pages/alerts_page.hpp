// gui/pages/alerts_page.hpp: what fires and what fired, and the rules that say so.
#pragma once
#include "gui/models/alert_rules.hpp"
#include "gui/models/alerts_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class ChipButton;
class LightTable;
class RuleEditor;

class AlertsPage : public Page {
  Q_OBJECT
public:
  explicit AlertsPage(QWidget* parent = nullptr);

  /// The name of a rule, or what newRule() gave: then the form is filled in.
  void open(const QString& of) override;
  void resort() override;
  bool startFind() override;

  /// For open(): a rule for one row.
  [[nodiscard]] static QString newRule(alert_metric what, const QString& row);

Q_SIGNALS:
  /// Takes effect when the source has them.
  void rulesChosen(const std::vector<weft::monitor::alert_rule>& rules);

protected:
  void show(const Moment& moment) override;

private:
  void begin(const rules::Form& form);
  void edit(const QString& name);
  void save(const alert_rule& rule);
  void removeChosen();
  void toggleMute();
  void choose(std::vector<alert_rule> rules);
  void openAlert(const QString& key);
  [[nodiscard]] QStringList othersThan(const QString& name) const;

  AlertsModel alerts_;
  RulesModel rules_;
  SortModel sorted_, sortedRules_;
  LightTable *table_, *rulesTable_;
  QLineEdit* find_;
  ChipButton* firing_;
  RuleEditor* editor_;
  Card *alertsCard_ = nullptr, *editorCard_ = nullptr;
  Moment moment_;
  QString edited_; ///< the rule in the form; empty: a new one
  std::vector<alert_rule> known_;
};

/// A button for the head of a table: a new rule for the row that is chosen there.
[[nodiscard]] ChipButton* makeAlertButton(Page* page, alert_metric what, std::function<QString()> chosen);

} // namespace weft::monitor
