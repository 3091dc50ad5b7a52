// gui/pages/settings_page.hpp: how the window looks, which clock it shows, and what is kept.
#pragma once
#include "gui/pages/page.hpp"

namespace weft::monitor {

class ChipButton;
class ComboField;
class FactsView;
class Form;

class SettingsPage : public Page {
  Q_OBJECT
public:
  explicit SettingsPage(QWidget* parent = nullptr);

  /// Where they are kept, and why they can't be; an empty problem: they can.
  void tellFile(const QString& file, const QString& problem);
  [[nodiscard]] QString told() const;

Q_SIGNALS:
  /// Something was chosen here.
  void chosen();

protected:
  void show(const Moment& moment) override;

private:
  void load();
  void showFacts();

  Form* form_;
  ComboField *theme_, *zone_, *scale_;
  ChipButton *motion_, *tables_, *payloads_;
  FactsView* facts_;
  Moment moment_;
  QString file_;
  bool loading_ = false;
};

} // namespace weft::monitor
