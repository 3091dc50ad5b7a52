// gui/models/alerts_model.hpp: what fires and what fired, and the rules that say so, as tables.
#pragma once
#include "gui/core/alert.hpp"
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

class AlertsModel : public RowsModel<alert> {
public:
  struct At {
    enum : int { state, what, now, since, lasted, rule };
  };
  explicit AlertsModel(QObject* parent = nullptr);
  /// As it was at `at`: what began later is not there, and what ended later fires.
  void apply(std::vector<alert> found, time_us at);
  [[nodiscard]] std::vector<alert> all() const;
  /// The row of a key; null when it is gone.
  [[nodiscard]] const alert* find(const QString& key) const;
};

class RulesModel : public RowsModel<alert_rule> {
public:
  struct At {
    enum : int { state, name, sentence, fires, muted };
  };
  explicit RulesModel(QObject* parent = nullptr);
  /// @param firing how many of each fire is counted in these
  void apply(std::vector<alert_rule> rules, const std::vector<alert>& firing, time_us at);

private:
  std::vector<std::pair<std::string, int>> firing_; // by rule
  time_us at_ = 0;
};

} // namespace weft::monitor
