// gui/core/alerts.hpp: watches snapshots by rules. Pure.
#pragma once
#include "gui/core/alert.hpp"
#include "gui/core/limits.hpp"
#include "gui/core/source.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace weft::monitor {

/// The rules that a monitor begins with.
[[nodiscard]] std::vector<alert_rule> usual_alert_rules();

/// For each rule and row there is a state:
///
///            condition            for hold: fires          condition is far for calm: ends
///     quiet -----------> pending -----------------> firing --------------------------------> quiet
///       <---- it does not hold ----'                  | each look near the limit begins the calm anew
///
/// "Far" is a tenth of the limit away from it. So a lag that rises and falls with each commit neither fires, when it
/// falls below the limit each time, nor ends and fires again. A row that is not known keeps its state.
/// @thread one
class alerts {
public:
  explicit alerts(std::vector<alert_rule> rules = usual_alert_rules()) { set_rules(std::move(rules)); }

  /// States of rules that are the same stay. At most limits::alert_rules_max.
  void set_rules(std::vector<alert_rule> rules);
  [[nodiscard]] const std::vector<alert_rule>& rules() const noexcept { return rules_; }

  /// Looks at the next snapshot. @returns what began and what ended, but for muted ones
  std::vector<mark> look(const snapshot& of);
  /// What fires, and what fired in [from, until): by since.
  [[nodiscard]] std::vector<alert> between(time_us from, time_us until) const;

private:
  struct state {
    std::optional<time_us> pending_since;
    std::optional<time_us> calm_since;
    std::optional<alert> firing;
    std::uint64_t looked = 0; // number of the look that saw its row last
  };
  struct reading {
    std::string of;
    double value = 0, size = 0;
    bool is_known = true; // all of it: a log that is not heard may be the bad one
  };
  using key = std::pair<std::string, std::string>; // rule, row

  static std::vector<reading> readings(const alert_rule& rule, const snapshot& of);
  void judge(const alert_rule& rule, const reading& now, time_us at, std::vector<mark>& marks);
  void fire(const alert_rule& rule, const reading& now, time_us at, state& in, std::vector<mark>& marks);
  void end(state& in, time_us at, std::vector<mark>& marks);
  void end_unseen(time_us at, std::vector<mark>& marks);

  std::vector<alert_rule> rules_;
  std::map<key, state> states_;
  std::deque<alert> past_; // by until
  std::uint64_t looks_ = 0;
};

} // namespace weft::monitor
