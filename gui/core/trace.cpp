#include "gui/core/trace.hpp"

#include "gui/core/limits.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <unordered_map>

namespace weft::monitor {
namespace {

constexpr time_us clocks_agree = 500; // of what is known of them: less is noise

class trace_maker {
public:
  trace_maker(const event_lineage& of, const clock_offsets& clocks, bool correct)
      : of_(of), clocks_(clocks), correct_(correct) {
    for (std::size_t i = 0; i < of.events.size(); ++i)
      by_position_.try_emplace(of.events[i].position, i);
  }

  trace_picture make(std::string_view asked);

private:
  [[nodiscard]] time_us offset_of(const std::string& node) const {
    const auto found = clocks_.find(node);
    return found == clocks_.end() ? 0 : static_cast<time_us>(std::llround(found->second * limits::second));
  }
  [[nodiscard]] time_us time_of(const caused_event& of) const {
    return of.logged_at - (correct_ ? offset_of(of.node) : 0);
  }
  [[nodiscard]] std::optional<std::size_t> known(const std::string& position) const {
    const auto found = by_position_.find(position);
    return found == by_position_.end() ? std::nullopt : std::optional(found->second);
  }
  void sort_effects();
  void add_rows();
  void add_row(std::size_t event, std::size_t depth, std::optional<std::size_t> cause);
  void add_joins();
  void add_fates();
  void mark_critical();

  const event_lineage& of_;
  const clock_offsets& clocks_;
  const bool correct_;
  std::unordered_map<std::string, std::size_t> by_position_;
  std::vector<std::vector<std::size_t>> effects_; // of each event, those that stand below it, by time
  std::unordered_map<std::size_t, std::size_t> row_of_;
  trace_picture made_;
};

/// An event stands below the first of its causes that is known.
void trace_maker::sort_effects() {
  effects_.resize(of_.events.size());
  for (std::size_t i = 1; i < of_.events.size(); ++i)
    for (const auto& cause : of_.events[i].causes)
      if (const auto above = known(cause); above && *above != i) {
        effects_[*above].push_back(i);
        break;
      }
  for (auto& of : effects_)
    std::ranges::stable_sort(of, {}, [this](std::size_t i) { return time_of(of_.events[i]); });
}

void trace_maker::add_row(std::size_t event, std::size_t depth, std::optional<std::size_t> cause) {
  const auto& what = of_.events[event];
  trace_row row;
  row.what = what;
  row.depth = std::min(depth, limits::trace_depth_max);
  row.cause = cause;
  row.end = time_of(what) - made_.first;
  row.begin = cause && made_.rows[*cause].fate != trace_fate::missing ? made_.rows[*cause].end : row.end;
  row.corrected = correct_ && std::abs(offset_of(what.node)) >= clocks_agree;
  row_of_[event] = made_.rows.size();
  made_.rows.push_back(std::move(row));
}

/// Headers are what publishers say: they may name a circle, so each event has one row.
void trace_maker::add_rows() {
  if (of_.events.empty()) return;
  made_.first = time_of(of_.events[0]);
  std::optional<std::size_t> top;
  if (!of_.events[0].causes.empty()) {
    trace_row missing;
    missing.what.position = of_.events[0].causes[0];
    missing.fate = trace_fate::missing;
    missing.why = "the first cause that is named is not there any more, or its log can't be read now";
    missing.effects = 1;
    made_.rows.push_back(std::move(missing));
    top = 0;
  }
  struct place {
    std::size_t event, depth;
    std::optional<std::size_t> cause;
  };
  std::vector<place> left{{0, top ? 1U : 0U, top}};
  while (!left.empty()) {
    const auto next = left.back();
    left.pop_back();
    if (row_of_.contains(next.event)) continue;
    const auto row = made_.rows.size();
    add_row(next.event, next.depth, next.cause);
    for (auto i = effects_[next.event].rbegin(); i != effects_[next.event].rend(); ++i)
      left.push_back({*i, next.depth + 1, row});
  }
}

void trace_maker::add_joins() {
  for (auto& row : made_.rows) {
    if (row.fate == trace_fate::missing) continue;
    for (const auto& cause : row.what.causes) {
      const auto event = known(cause);
      const auto above = event ? row_of_.find(*event) : row_of_.end();
      if (above != row_of_.end()) {
        ++made_.rows[above->second].effects;
        if (row.cause != above->second) row.joins.push_back(above->second);
      } else if (!row.cause || made_.rows[*row.cause].fate != trace_fate::missing) {
        row.why = fmt::format("it also names {} as a cause, which is not there any more", cause);
      }
    }
  }
}

void trace_maker::add_fates() {
  for (const auto& aside : of_.aside) {
    const auto event = known(aside.position);
    const auto found = event ? row_of_.find(*event) : row_of_.end();
    if (found == row_of_.end()) continue;
    auto& row = made_.rows[found->second];
    row.fate = aside.parked ? trace_fate::parked : trace_fate::dead_letter;
    row.why = fmt::format("{} by {}{}{}", aside.parked ? "parked" : "given up", aside.group,
                          aside.why.empty() ? "" : ": ", aside.why);
  }
}

/// Of several causes the latest is the one that was waited for.
void trace_maker::mark_critical() {
  std::optional<std::size_t> at;
  for (std::size_t i = 0; i < made_.rows.size(); ++i)
    if (made_.rows[i].fate != trace_fate::missing && (!at || made_.rows[i].end > made_.rows[*at].end)) at = i;
  while (at && !made_.rows[*at].critical) {
    auto& row = made_.rows[*at];
    row.critical = true;
    at = row.cause;
    for (const auto join : row.joins)
      if (at && made_.rows[join].end > made_.rows[*at].end) at = join;
  }
}

trace_picture trace_maker::make(std::string_view asked) {
  made_.whole = of_.whole;
  sort_effects();
  add_rows();
  add_joins();
  add_fates();
  mark_critical();
  std::set<std::string_view> services, nodes;
  for (auto& row : made_.rows) {
    row.asked = row.what.position == asked;
    made_.begin = std::min({made_.begin, row.begin, row.end});
    made_.end = std::max({made_.end, row.begin, row.end});
    made_.backwards += row.is_backwards();
    if (!row.what.service.empty()) services.insert(row.what.service);
    if (!row.what.node.empty()) nodes.insert(row.what.node);
    made_.can_correct = made_.can_correct || std::abs(offset_of(row.what.node)) >= clocks_agree;
  }
  made_.services = services.size();
  made_.nodes = nodes.size();
  return std::move(made_);
}

} // namespace

trace_picture trace_of(const event_lineage& of, std::string_view asked, const clock_offsets& clocks, bool correct) {
  return trace_maker(of, clocks, correct).make(asked);
}

} // namespace weft::monitor
