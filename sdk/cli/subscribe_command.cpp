#include "mesh/base/names.hpp"
#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/cut_place.hpp"
#include "sdk/cli/event_printer.hpp"
#include "sdk/cli/interrupt.hpp"
#include "sdk/cli/output.hpp"
#include "sdk/cli/start_text.hpp"
#include "sdk/cli/until_cut.hpp"
#include "sdk/inspect/condition.hpp"
#include "sdk/inspect/known_contracts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <memory>

namespace weft::cli {
namespace {

using inspect::condition, inspect::known_contracts, inspect::parse_condition, inspect::passes, inspect::push_down;

using clock = std::chrono::steady_clock;

constexpr std::size_t batch_events = 1024;                  // taken at a time
constexpr auto look_every = std::chrono::milliseconds(100); // whether to stop
constexpr auto home_away_max = std::chrono::seconds(30);    // then it is not only restarting

struct subscribe_options {
  std::string pattern;
  std::string data;
  std::optional<std::string> from;
  std::optional<std::string> until;
  std::optional<std::uint64_t> count;
  std::optional<double> idle;
  std::string name;
  std::optional<std::string> group;
  std::string on_failing; // empty: not said
  std::optional<std::uint64_t> deliveries;
  std::vector<std::string> where;
  std::string format = "json";
  bool synced = false;
};

event_format format_of(const subscribe_options& options) {
  if (options.format == "value") return event_format::value;
  return options.format == "table" ? event_format::table : event_format::json;
}

void tell_unknown(const contract_id& by, const error& why) {
  tell("weft subscribe: values of contract {} are not decoded: {}\n", to_string(by).substr(0, 12), why.message());
}

/// Prints what a subscription brings until one of the ends.
class printing {
public:
  printing(const subscribe_options& options, std::vector<condition> left)
      : options_(options),
        left_(std::move(left)),
        printer_(format_of(options), [this](const event& shown) { return contracts_.decode(shown); }) {}

  /// @returns the exit code
  int run(client& node, subscription& from);
  void on_gap(const gap& missing);
  /// Events of the cut alone; ends when all are printed.
  void end_at(until_cut cut) { until_.emplace(std::move(cut)); }

private:
  [[nodiscard]] bool enough() const noexcept { return options_.count && printed_ >= *options_.count; }
  [[nodiscard]] std::size_t wanted() const noexcept;
  result<void> take(const std::vector<event>& events);
  [[nodiscard]] bool idle_for_long() const;
  [[nodiscard]] bool home_is_lost(const client& node);
  [[nodiscard]] bool cut_is_read(const subscription& from);

  const subscribe_options& options_;
  known_contracts contracts_{tell_unknown};
  std::vector<condition> left_; // what the source did not test
  event_printer printer_;
  output out_;
  interrupt stop_;
  std::uint64_t printed_ = 0;
  bool damaged_ = false;
  clock::time_point last_event_ = clock::now();
  std::optional<clock::time_point> away_since_;
  std::optional<until_cut> until_;
  clock::time_point looked_at_{};
};

std::size_t printing::wanted() const noexcept {
  if (!options_.count) return batch_events;
  return static_cast<std::size_t>(std::min<std::uint64_t>(batch_events, *options_.count - printed_));
}

result<void> printing::take(const std::vector<event>& events) {
  for (const auto& next : events) {
    if (until_ && next.logged_at >= until_->bound()) continue;
    if (!passes(next, left_)) continue;
    printer_.append(out_.buffer(), next);
    ++printed_;
    if (auto written = out_.wrote(); !written) return written;
  }
  if (!events.empty()) last_event_ = clock::now();
  return {};
}

bool printing::idle_for_long() const {
  return options_.idle && clock::now() - last_event_ >= std::chrono::duration<double>(*options_.idle);
}

bool printing::home_is_lost(const client& node) {
  if (node.connected()) {
    if (away_since_) tell("weft subscribe: the node on {} is back\n", options_.data);
    away_since_.reset();
    return false;
  }
  if (!away_since_) {
    away_since_ = clock::now();
    tell("weft subscribe: the node on {} has gone, waiting for it\n", options_.data);
  }
  return clock::now() - *away_since_ > home_away_max;
}

void printing::on_gap(const gap& missing) {
  damaged_ = damaged_ || missing.why.code() != errc::log_start;
  tell("weft subscribe: {}{} to seq {} can't be had: {}\n", missing.topic.empty() ? "" : missing.topic + " from ",
       to_string(named_position{missing.node, missing.from}), missing.until.value(), missing.why.message());
}

bool printing::cut_is_read(const subscription& from) {
  if (!until_ || clock::now() - looked_at_ < look_every) return false;
  looked_at_ = clock::now();
  const auto verdict = until_->look(from.progress(), looked_at_);
  if (verdict != until_cut::verdict::lacking) return verdict == until_cut::verdict::whole;
  damaged_ = true;
  tell("weft subscribe: the logs of {} can't be read up to the cut now\n", fmt::join(until_->unread(), ", "));
  return true;
}

int printing::run(client& node, subscription& from) {
  last_event_ = clock::now();
  contracts_.ask(node);
  out_.buffer() += printer_.title();
  const bool named = !options_.name.empty() || options_.group;
  result<void> written;
  while (written && !enough() && !stop_.requested() && !idle_for_long() && !cut_is_read(from)) {
    // Asking for more says that what came before is handled: who has a cursor prints it first.
    if (named) written = out_.flush();
    if (!written) break;
    auto events = from.poll_batch(wanted(), microseconds{0});
    if (events && events->empty()) {
      written = out_.flush();
      if (!written) break;
      events = from.poll_batch(wanted(), look_every);
    }
    if (!events) {
      (void)out_.flush();
      return report("subscribe", events.error());
    }
    written = take(*events);
    if (events->empty() && home_is_lost(node))
      return report("subscribe", {errc::not_connected, "the node did not return"});
  }
  if (written) written = out_.flush();
  if (!written) return written.error().code() == errc::cancelled ? exit_success : report("subscribe", written.error());
  if (named) from.commit();
  from.close();
  return damaged_ ? exit_failure : exit_success;
}

group_options group_of(const subscribe_options& options) {
  if (!options.name.empty())
    throw usage_error{"--group: a subscription has --name or is a member of a group, not both"};
  if (const auto named = check_node_name(*options.group); !named)
    throw usage_error{"--group: " + named.error().message()};
  group_options group{.name = *options.group};
  if (options.on_failing == "park") group.on_failing = failing_event::park;
  if (options.on_failing == "skip") group.on_failing = failing_event::skip;
  if (options.on_failing == "dead-letter") group.on_failing = failing_event::dead_letter;
  if (options.deliveries)
    group.deliveries_max = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(*options.deliveries, std::numeric_limits<std::uint32_t>::max()));
  return group;
}

start::point start_in(const std::string& text) {
  auto from = parse_start(text, system_clock().wall());
  if (!from) throw usage_error{"--from: " + from.error().message()};
  return *std::move(from);
}

/// The name in --until.
std::optional<std::string> last_cut_of(const subscribe_options& options) {
  if (!options.until) return std::nullopt;
  auto name = cut_named_in("--until", *options.until);
  if (!name) throw usage_error{"--until: '" + *options.until + "' is no cut: write cut:NAME; `weft cuts` lists them"};
  if (!options.name.empty() || options.group)
    throw usage_error{"--until: a name or a group goes on for ever; leave out --name and --group"};
  return name;
}

int subscribe(const subscribe_options& options) {
  subscription_options asked;
  std::vector<condition> conditions;
  if (const auto pattern = topic_pattern::parse(options.pattern); !pattern)
    throw usage_error{"PATTERN: " + pattern.error().message()};
  for (const auto& text : options.where) {
    auto test = parse_condition(text);
    if (!test) throw usage_error{"--where: " + test.error().message()};
    conditions.push_back(*std::move(test));
  }
  const bool from_cut = options.from && cut_named_in("--from", *options.from);
  if (options.from && !from_cut) asked.from = start_in(*options.from);
  const auto until = last_cut_of(options);
  if (!options.name.empty())
    if (const auto named = check_node_name(options.name); !named)
      throw usage_error{"--name: " + named.error().message()};
  asked.name = options.name;
  if (options.group)
    asked.group = group_of(options);
  else if (!options.on_failing.empty() || options.deliveries)
    throw usage_error{"--on-failing and --deliveries are a group's: say --group, too"};
  asked.synced = options.synced;

  auto left = push_down(conditions, asked);
  if (options.group && !left.empty())
    throw usage_error{
        "--where: members of a group can test the key, the type and headers: what one passes over for its "
        "value no other one would get"};
  printing work{options, std::move(left)};
  asked.on_gap = [&work](const gap& missing) { work.on_gap(missing); };
  auto node = connect(options.data);
  if (!node) return report("subscribe", node.error());
  if (from_cut) {
    const auto place = place_text(*node, "--from", *options.from);
    if (!place) return report("subscribe", place.error());
    asked.from = start_in(*place);
  }
  if (until) {
    auto cut = find_cut(*node, *until);
    if (!cut) return report("subscribe", cut.error());
    if (const auto lacks = lacks_text(*cut); !lacks.empty()) tell("weft subscribe: {}\n", lacks);
    auto expected = nodes_with(*node, options.pattern);
    if (!expected) return report("subscribe", expected.error());
    work.end_at({std::move(*cut), std::move(*expected)});
  }
  auto from = node->subscribe(options.pattern, asked);
  if (!from) return report("subscribe", from.error());
  return work.run(*node, *from);
}

} // namespace

void add_subscribe(command_line& weft) {
  auto options = std::make_shared<subscribe_options>();
  weft.add("subscribe", "Prints the events of all topics that match a pattern")
      .operand("PATTERN", options->pattern, "A topic, or a pattern: retail.* (one token), 'retail.>' (all below)")
      .data(options->data)
      .option("--from", "START", options->from,
              "beginning, end, a time, an age (15m), cut:NAME or a position (NODE/EPOCH/SEQ)")
      .option("--until", "CUT", options->until, "cut:NAME: ends when all events of the cut are printed")
      .option("--count", "N", options->count, std::uint64_t{1}, "Ends after so many events")
      .option("--idle", "SECONDS", options->idle, 0.0, "Ends when no event came for so long")
      .option("--name", "NAME", options->name, "Goes on where the last one with this name stopped")
      .option("--group", "NAME", options->group, "Shares the events with the other members of the group")
      .choice("--on-failing", options->on_failing, {"block", "park", "skip", "dead-letter"},
              "What the group does with an event that its members fail at; by default block: its key waits")
      .option("--deliveries", "N", options->deliveries, std::uint64_t{1}, "Of such an event before that; by default 5")
      .option("--where", "CONDITION", options->where, "Only events that meet it: 'FIELD OP VALUE'; may be repeated")
      .choice("--format", options->format, {"json", "value", "table"}, "By default json: one object a line")
      .flag("--synced", options->synced, "Also events that are on disk but have not reached their topic's level yet")
      .notes("Without --from it starts at the end, with --name or --group for the first time at the beginning. A FIELD "
             "is key, "
             "type,\n"
             "header.NAME or a field of a JSON value; an OP is one of = != < <= > >=. Ctrl-C ends it with exit code 0. "
             "With\n"
             "--format json a FlatBuffers value is shown as JSON when its event names a contract that the node knows.")
      .example("weft subscribe 'retail.>' --data data/a --from beginning --where 'quantity > 5' --idle 2")
      .runs([options] { return subscribe(*options); });
}

} // namespace weft::cli
