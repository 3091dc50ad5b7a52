#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/time_text.hpp"
#include "sdk/inspect/lineage.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <ranges>
#include <set>
#include <vector>

namespace weft::cli {
namespace {

using inspect::lineage, inspect::traced_event;

constexpr double minutes_default = 60;
constexpr double minutes_max = 1e8; // two centuries: whatever the logs have
constexpr std::uint64_t events_max_default = 10'000;

struct trace_words {
  std::string position, data;
  std::optional<double> minutes;
  std::optional<std::uint64_t> most;
  bool json = false;
};

/// The events of the tree from one on, each behind its cause.
class tree {
public:
  tree(const lineage& from, named_position asked) : from_(from), asked_(std::move(asked)) { walk(from.first, 0); }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] result<std::string> json() const;

private:
  struct row {
    const traced_event* what;
    std::size_t depth;
    const traced_event* below; ///< which of its causes; null: the first event
  };
  void walk(const traced_event& what, std::size_t depth);

  const lineage& from_;
  const named_position asked_;
  std::vector<row> rows_;
  std::set<named_position> seen_; // headers are what a publisher says: they may name a circle
};

void tree::walk(const traced_event& what, std::size_t depth) {
  std::vector<row> left{{&what, depth, nullptr}};
  while (!left.empty()) {
    const auto next = left.back();
    left.pop_back();
    if (!seen_.insert(next.what->at).second) continue;
    rows_.push_back(next);
    const auto found = from_.came_of.find(next.what->at);
    if (found == from_.came_of.end()) continue;
    for (const auto& caused : std::ranges::reverse_view(found->second))
      left.push_back({&caused, next.depth + 1, next.what});
  }
}

/// Each line: what, where, by whom, and how long after the first.
std::string tree::text() const {
  std::string out;
  append_time(out, from_.first.logged_at);
  out += "\n";
  for (const auto& [what, depth, below] : rows_) {
    const auto after = static_cast<double>((what->logged_at - from_.first.logged_at).count()) / 1e6;
    out +=
        fmt::format("{:>{}}{} {}{} {}{}{}\n", "", 2 * depth, what->topic, to_string(what->at),
                    what->key.empty() ? "" : fmt::format(" key {}", what->key),
                    depth == 0 ? std::string() : fmt::format("+{}", short_span(after)),
                    what->origin.empty() ? "" : fmt::format(" by {}", what->origin.substr(0, what->origin.find(' '))),
                    what->at == asked_ ? "  <- asked for" : "");
  }
  return out;
}

result<std::string> tree::json() const {
  std::string out;
  json_writer json{out};
  json.begin_object();
  json.name("events");
  json.begin_array();
  for (const auto& [what, depth, below] : rows_) {
    json.begin_object();
    const auto add = [&json](std::string_view name, std::string_view value) {
      json.name(name);
      json.text(value);
    };
    add("position", to_string(what->at));
    if (below != nullptr) add("cause", to_string(below->at));
    add("topic", what->topic);
    add("type", what->type);
    add("key", what->key);
    add("by", std::string_view(what->origin).substr(0, what->origin.find(' ')));
    std::string time;
    append_time(time, what->logged_at);
    add("logged_at", time);
    json.name("depth");
    json.integer(static_cast<std::int64_t>(depth));
    json.end_object();
  }
  json.end_array();
  json.name("whole");
  json.boolean(from_.is_whole);
  json.end_object();
  if (const auto done = json.finish(); !done) return fail(done.error());
  return out + "\n";
}

int show_trace(const trace_words& words) {
  const auto of = parse_position(words.position);
  if (!of) throw usage_error{"POSITION: " + of.error().message()};
  auto node = connect(words.data);
  if (!node) return report("trace", node.error());
  const auto window =
      std::chrono::duration<double, std::ratio<60>>(std::min(words.minutes.value_or(minutes_default), minutes_max));
  const auto found = inspect::trace(*node, *of, std::chrono::duration_cast<microseconds>(window),
                                    words.most.value_or(events_max_default));
  if (!found) return report("trace", found.error());
  const tree shown(*found, *of);
  if (!found->is_whole)
    tell("weft trace: there may be more: a log can't be read now, or there are more than {} events (--most)\n",
         words.most.value_or(events_max_default));
  if (!words.json) return print(shown.text());
  const auto document = shown.json();
  return document ? print(*document) : report("trace", document.error());
}

} // namespace

void add_trace(command_line& weft) {
  auto words = std::make_shared<trace_words>();
  auto at = weft.add("trace", "Shows what caused an event and what came of it, over all nodes");
  at.operand("POSITION", words->position, "An event: NODE/EPOCH/SEQ, as subscribe prints it");
  at.data(words->data)
      .option("--minutes", "M", words->minutes, 0, "How long after the first cause to look; by default 60")
      .option("--most", "N", words->most, 1, "At most so many events; by default 10000")
      .flag("--json", words->json, "One JSON document instead of text")
      .notes("What a service publishes names its cause (the header weft-caused-by). Logs are read from the first cause "
             "on, "
             "at their\n"
             "nodes: only events that have a cause are sent.")
      .example("weft trace shop/1-92a7f9a4/51 --data data/shop")
      .runs([words] { return show_trace(*words); });
}

} // namespace weft::cli
