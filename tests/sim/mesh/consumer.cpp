#include "tests/sim/mesh/consumer.hpp"

#include "tests/sim/heap.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr std::uint64_t window = limits::flow_window_bytes_min;

} // namespace

wire::demand consumer::demand_for(const log_id& log) const {
  wire::demand wanted;
  wanted.log = log;
  wanted.pattern = plan_.pattern.text();
  wanted.filter = plan_.filter;
  wanted.window = window;
  wanted.start = plan_.start;
  if (const auto next = next_.find(log); next != next_.end()) {
    wanted.start = next->second.kind;
    wanted.at = next->second.at;
  }
  if (wanted.start == wire::start_kind::end) { // of a log that is found later: since it subscribed
    wanted.start = wire::start_kind::time;
    wanted.time = subscribed_;
  }
  return wanted;
}

bool consumer::wants(const published_event& event) const {
  const auto& filter = plan_.filter;
  if (!plan_.pattern.matches(mesh_topics.at(event.topic))) return false;
  if (filter.key && *filter.key != event.key) return false;
  if (!filter.types.empty() && std::ranges::find(filter.types, event.type) == filter.types.end()) return false;
  return !filter.slots || filter.slots->test(wire::slot_of(wire::key_hash(as_bytes(event.key))).value());
}

// --- flows

result<void> consumer::opened(const log_id& log, const log_position& at) {
  flows_.insert_or_assign(log, routing::flow_sink(at, window));
  auto& all = readings_[log];
  const auto wanted = demand_for(log);
  const auto next = next_.find(log);
  if (next == next_.end() || !next->second.goes_on) all.push_back({wanted.start, at, at, book_.moment()});
  const auto place = all.back().end;
  next_[log] = {wire::start_kind::position, at, true};
  if (at == place) return {};
  return fail(errc::protocol_violation,
              fmt::format("a flow opens at {} instead of {}", to_string(at), to_string(place)));
}

result<std::optional<std::uint64_t>> consumer::take(const log_id& log, const wire::run& run,
                                                    const shared_bytes& payload) {
  const auto flow = flows_.find(log);
  if (flow == flows_.end()) return std::nullopt;
  auto& into = readings_.at(log).back();
  if (run.from != into.end.seq || run.epoch < into.end.epoch || run.until < run.from)
    return fail(errc::protocol_violation,
                fmt::format("a run from {} until {} does not follow {}", to_string(log_position{run.epoch, run.from}),
                            run.until.value(), to_string(into.end)));
  if (auto good = flow->second.on_run({run.epoch, run.from, run.until}, payload.size()); !good)
    return fail(good.error());
  if (auto good = take_events(log, run, payload, into); !good) return fail(good.error());
  into.end = {run.epoch, run.until};
  next_.at(log).at = into.end;
  if (run.gap_code != errc::ok) into.gaps.push_back(run);
  return stopped_ ? std::nullopt : flow->second.consumed(routing::run_cost(payload.size()));
}

result<void> consumer::take_events(const log_id& log, const wire::run& run, const shared_bytes& payload,
                                   reading& into) {
  wire::entry_walker entries(payload, wire::checksum_seed(log, run.epoch));
  for (;;) {
    const auto entry = entries.next();
    if (!entry && entry.error().code() == errc::end_of_log) return {};
    if (!entry) return fail(entry.error());
    if (entry->header.end_seq() > run.until || entry->header.end_seq() <= run.from)
      return fail(errc::corrupt, "an entry outside its run");
    if (auto good = take_entry(log, run, *entry, into); !good) return good;
  }
}

/// Leaves out what lies before the run: an entry is never split.
result<void> consumer::take_entry(const log_id& log, const wire::run& run, const wire::stored_entry& entry,
                                  reading& into) {
  const auto batch = wire::batch_view::verify(entry.body());
  if (!batch) return fail(batch.error());
  const auto data = batch->unpack();
  if (!data) return fail(data.error());
  for (std::size_t i = 0; i < batch->count(); ++i) {
    const auto event = batch->event(i, data->view());
    const log_position at{run.epoch, entry.header.first_seq + event.place};
    const auto number = book_.saw(log, at, batch->topic(), event);
    if (!number) return fail(number.error());
    if (at.seq < run.from) continue;
    if (!wants(book_.event(*number)))
      return fail(errc::corrupt, fmt::format("event {} does not pass the filter", *number));
    if (!into.got.empty() && at <= into.got.back().first)
      return fail(errc::corrupt, fmt::format("{} comes after {}", to_string(at), to_string(into.got.back().first)));
    const heap_owner nobody{std::nullopt}; // its program's own
    into.got.emplace_back(at, *number);
  }
  return {};
}

/// What the log has no more, or not yet again, is read anew from its beginning; all else goes on.
void consumer::closed(const log_id& log, errc why) {
  flows_.erase(log);
  if (why == errc::out_of_range || why == errc::log_start) next_[log] = {wire::start_kind::beginning, {}, false};
}

void consumer::cut_off() { flows_.clear(); }

// --- the program

void consumer::seek(const log_id& log, wire::start_kind to, const log_position& at) {
  flows_.erase(log);
  next_[log] = {to, at, false};
}

std::vector<std::pair<log_id, std::uint64_t>> consumer::set_stopped(bool stopped) {
  stopped_ = stopped;
  std::vector<std::pair<log_id, std::uint64_t>> credits;
  if (stopped) return credits;
  for (auto& [log, flow] : flows_)
    if (const auto limit = flow.consumed(flow.held())) credits.emplace_back(log, *limit);
  return credits;
}

std::optional<log_position> consumer::place_in(const log_id& log) const {
  const auto found = flows_.find(log);
  return found == flows_.end() ? std::nullopt : std::optional(found->second.next());
}

std::uint64_t consumer::held() const {
  std::uint64_t bytes = 0;
  for (const auto& [log, flow] : flows_)
    bytes += flow.held();
  return bytes;
}

} // namespace weft::sim
