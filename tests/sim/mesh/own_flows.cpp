#include "tests/sim/mesh/own_flows.hpp"

#include "mesh/routing/run_filter.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

/// Those that a copy names, or that match.
std::function<bool(std::string_view)> topics_of(const wire::demand& wanted) {
  if (wanted.copy) {
    return [names = wanted.topics](std::string_view name) { return std::ranges::binary_search(names, name); };
  }
  return
      [pattern = topic_pattern::parse(wanted.pattern).value()](std::string_view name) { return pattern.matches(name); };
}

} // namespace

void own_flows::open(std::uint64_t flow, const wire::demand& wanted) {
  const auto start = find_start(wanted);
  if (!start) return turns_.add([this, flow, why = start.error()] { to_.closed(flow, why); });
  const auto wants = topics_of(wanted);
  const auto names = [wants](topic_id topic) {
    auto name = topic_name(topic);
    if (name && !wants(*name)) name.reset();
    return name;
  };
  using told = routing::start_watch::told;
  routing::start_watch starts(start->accepted, names, wanted.copy ? told::all : told::missed);
  auto& made = flows_.emplace(flow, own_flow{wants, wanted.filter, std::move(starts)}).first->second;
  made.gated = passes_ && !wanted.copy;
  turns_.add([this, flow, at = start->at] { to_.opened(flow, at); });
  source::effects fx;
  made.machine.emplace(start->at, wanted.window, log_.served_end(), turns_.now(), fx);
  carry_out(flow, std::move(fx));
}

result<own_flows::place> own_flows::find_start(const wire::demand& wanted) {
  auto& log = log_.log();
  const auto state = log.state();
  const log_position end{state.epoch, state.synced_end};
  switch (wanted.start) {
  case wire::start_kind::beginning: return place{state.begin, wanted.copy ? nullptr : log.starts()};
  case wire::start_kind::end: return place{end};
  case wire::start_kind::position:
    if (wanted.copy && log.go_on_at(wanted.at) <= end) return place{log.go_on_at(wanted.at)};
    if (wanted.copy || wanted.at.epoch > end.epoch || wanted.at.seq > end.seq)
      return fail(errc::out_of_range, "the log ends at " + to_string(end));
    return place{wanted.at};
  case wire::start_kind::time: break;
  }
  auto found = log.find_time(wanted.time);
  if (!found) return fail(found.error());
  return place{std::min(*found, end), log.starts()};
}

template <class In>
void own_flows::tell(std::uint64_t flow, In input) {
  const auto found = flows_.find(flow);
  if (found == flows_.end()) return;
  source::effects fx;
  auto& machine = *found->second.machine;
  if constexpr (requires { machine.on(std::move(input), fx); })
    machine.on(std::move(input), fx);
  else
    machine.on(std::move(input), turns_.now(), fx);
  carry_out(flow, std::move(fx));
}

void own_flows::credit(std::uint64_t flow, std::uint64_t limit) { tell(flow, source::in::credit{limit}); }

void own_flows::advanced(seq end) {
  for (auto& [flow, one] : flows_) {
    if (one.waits_for && !passes_(one.waits_for->topic, one.waits_for->end)) continue;
    one.waits_for.reset();
    tell(flow, source::in::advanced{end});
  }
}

std::optional<mono_time> own_flows::next_turn() const {
  return flows_.empty() ? std::nullopt : std::optional(ticked_ + limits::run_heartbeat);
}

void own_flows::tick_when_due() {
  if (turns_.now() < ticked_ + limits::run_heartbeat) return;
  ticked_ = turns_.now();
  for (auto& [flow, one] : flows_) {
    source::effects fx;
    one.machine->tick(turns_.now(), fx);
    carry_out(flow, std::move(fx));
  }
}

// --- what the machines want

void own_flows::carry_out(std::uint64_t flow, source::effects wanted) {
  for (auto& effect : wanted)
    turns_.add([this, flow, effect = std::move(effect)] {
      if (!flows_.contains(flow)) return;
      std::visit([&](const auto& what) { do_it(flow, what); }, effect);
    });
}

/// A slow disk keeps only this flow waiting.
void own_flows::do_it(std::uint64_t flow, const source::out::read& read) {
  auto& one = flows_.at(flow);
  one.reading_from = read.from;
  const log::read_request request{read.from, std::min<std::size_t>(read.cost_max, limits::run_bytes_target), 0,
                                  [wants = one.wants](topic_id topic) {
                                    const auto name = topic_name(topic);
                                    return name && wants(*name);
                                  }};
  auto [found, takes] = log_.read(request);
  if (takes.count() == 0) return read_done(flow, std::move(found));
  turns_.after(takes, [this, flow, found = std::move(found)] { read_done(flow, found); });
}

void own_flows::read_done(std::uint64_t flow, result<log::read_result> found) {
  const auto at = flows_.find(flow);
  if (at == flows_.end()) return;
  auto& one = at->second;
  const auto& from = one.reading_from;
  if (!found && found.error().code() == errc::end_of_log)
    return tell(flow, source::in::read_done{{from.epoch, from.seq, from.seq}, {}, {}});
  if (!found) return tell(flow, source::in::read_failed{found.error(), log_.log().next_readable(from)});
  if (one.gated) one.waits_for = routing::cut_unreached(*found, passes_);
  auto content = routing::make_run(*found, one.filter, log_.id());
  if (!content) return tell(flow, source::in::read_failed{content.error(), log_position{found->epoch, found->until}});
  tell(flow, source::in::read_done{{found->epoch, found->from, found->until},
                                   found->log_time,
                                   std::move(content->bytes),
                                   one.starts.passed({found->epoch, found->from}, found->starts)});
}

void own_flows::do_it(std::uint64_t flow, const source::out::run& run) {
  wire::run message;
  message.flow = flow;
  message.epoch = run.range.epoch;
  message.from = run.range.from;
  message.until = run.range.until;
  message.log_time = run.log_time;
  message.head = log_.served_end();
  to_.send(flow, message, run.bytes);
}

void own_flows::do_it(std::uint64_t flow, const source::out::gap& gap) {
  wire::run message;
  message.flow = flow;
  message.epoch = gap.range.epoch;
  message.from = gap.range.from;
  message.until = gap.range.until;
  message.head = log_.served_end();
  message.gap_code = gap.why.code();
  message.gap = gap.why.message();
  message.starts = gap.topics;
  to_.send(flow, message, {});
}

void own_flows::do_it(std::uint64_t flow, const source::out::close& close) {
  flows_.erase(flow);
  to_.closed(flow, close.why);
}

} // namespace weft::sim
