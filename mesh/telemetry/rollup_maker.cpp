#include "mesh/telemetry/rollup_maker.hpp"

#include "mesh/base/limits.hpp"

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::telemetry {
namespace {

/// A sketch may have 464 buckets of 16 B: so many fit an event beside all other rows.
constexpr std::size_t latencies_max = limits::rollup_rows_max / 16;
/// Rows that are gone wait for the end of the span; beyond so many of a kind they don't.
constexpr std::size_t rows_kept = limits::rollup_rows_max * 16;

/// The busiest first, and no more of them than a roll-up may have; those that have nothing to tell are left out.
template <class Row, class Busy>
void keep_busiest(std::vector<std::unique_ptr<Row>>& list, Busy busy, std::size_t most = limits::rollup_rows_max) {
  std::erase_if(list, [&](const auto& row) { return busy(*row) == 0; });
  std::ranges::stable_sort(list, [&](const auto& a, const auto& b) { return busy(*a) > busy(*b); });
  if (list.size() > most) list.resize(most);
}

std::unique_ptr<Spread> spread_of(const Spread& one) { return std::make_unique<Spread>(one); }

} // namespace

void counter_meter::look_done(double seconds) noexcept {
  if (!before_) return;
  const auto risen = now_ >= *before_ ? now_ - *before_ : now_;
  before_ = now_;
  sum_ += risen;
  if (seconds > 0) rates_.look(static_cast<double>(risen) / seconds);
}

template <class Row>
Row& rollup_maker::row_of(rows<Row>& in, const std::string& key) {
  auto& row = in[key];
  row.seen = true;
  row.gone = false;
  return row;
}

template <class Action>
void rollup_maker::for_all(const Action& action) {
  const auto each = [&](auto& list) {
    for (auto& [key, row] : list)
      action(row);
  };
  each(topics_);
  each(links_);
  each(flows_);
  each(lag_);
  each(latencies_);
}

void rollup_maker::take(const FrameT& frame) {
  node_ = frame.node;
  node_id_ = frame.node_id;
  started_us_ = frame.started_us;
  if (frame.whole) {
    whole_ = true;
    for_all([](kept& row) { row.seen = false; });
  }
  if (frame.log) take_log(*frame.log);
  take_rows(frame);
  take_away(frame);
}

void rollup_maker::take_log(const LogT& log) {
  events_.note(log.head, log.head);
  cpu_.note(log.cpu_us, log.cpu_us);
  log_bytes_ = log.bytes;
  disk_free_bytes_ = log.disk_free_bytes;
  memory_most_ = std::max(memory_most_, log.memory_bytes);
}

void rollup_maker::take_rows(const FrameT& frame) {
  const auto first = [this](std::uint64_t value) { return begun_ ? 0 : value; };
  for (const auto& row : frame.topics) {
    auto& known = row_of(topics_, key_of(*row));
    known.published.note(row->end, first(row->end));
    known.end = row->end;
    known.bytes = row->bytes;
  }
  for (const auto& row : frame.links) {
    auto& known = row_of(links_, key_of(*row));
    known.received.note(row->bytes_received, first(row->bytes_received));
    known.sent.note(row->bytes_sent, first(row->bytes_sent));
    known.round_trip_s = row->round_trip_s ? std::optional<double>(*row->round_trip_s) : std::nullopt;
  }
  for (const auto& row : frame.flows) {
    auto& known = row_of(flows_, key_of(*row));
    std::tie(known.from, known.to, known.pattern, known.name) = std::tie(row->from, row->to, row->pattern, row->name);
    known.events.note(row->events, first(row->events));
    known.bytes.note(row->bytes, first(row->bytes));
  }
  for (const auto& row : frame.lag)
    take_lag(*row);
  for (const auto& row : frame.latencies) {
    auto& known = row_of(latencies_, key_of(*row));
    std::tie(known.what, known.name) = std::tie(row->what, row->name);
    known.now = sketch_of(*row);
  }
}

void rollup_maker::take_lag(const LagT& row) {
  auto& known = row_of(lag_, key_of(row));
  std::tie(known.name, known.topic) = std::tie(row.name, row.topic);
  known.events = row.events;
  known.events_most = std::max(known.events_most, row.events);
  known.bytes_most = std::max(known.bytes_most, row.bytes);
  known.seconds_most = std::max(known.seconds_most, row.seconds);
}

void rollup_maker::take_away(const FrameT& frame) {
  const auto mark = [](auto& list, const std::string& key) {
    if (const auto found = list.find(key); found != list.end()) found->second.gone = true;
  };
  for (const auto& row : frame.gone)
    switch (row->kind) {
    case Kind::link: mark(links_, row->key); break;
    case Kind::flow: mark(flows_, row->key); break;
    case Kind::topic: mark(topics_, row->key); break;
    case Kind::lag: mark(lag_, row->key); break;
    case Kind::latency: mark(latencies_, row->key); break;
    case Kind::node:
    case Kind::group:
    case Kind::service: break;
    }
}

void rollup_maker::look_done(std::int64_t at_us) {
  const bool is_whole = std::exchange(whole_, false);
  if (!begun_ && !is_whole) return; // what is missing would come as new, and count from 0
  if (at_us < until_us_) from_us_ -= until_us_ - at_us;
  const double seconds = begun_ ? static_cast<double>(at_us - until_us_) / 1e6 : 0;
  if (is_whole) for_all([](kept& row) { row.gone = row.gone || !row.seen; });
  leave_out_gone();
  events_.look_done(seconds);
  cpu_.look_done(seconds);
  for (auto& [key, row] : topics_)
    row.published.look_done(seconds);
  for (auto& [key, row] : links_) {
    row.received.look_done(seconds);
    row.sent.look_done(seconds);
    if (row.round_trip_s && !row.gone) row.round_trips.look(*row.round_trip_s);
  }
  for (auto& [key, row] : flows_) {
    row.events.look_done(seconds);
    row.bytes.look_done(seconds);
  }
  if (!begun_) {
    from_us_ = at_us;
    for (auto& [key, row] : latencies_)
      row.before = row.now;
  }
  if (begun_) ++looks_;
  begun_ = true;
  until_us_ = at_us;
}

std::optional<RollupT> rollup_maker::close() {
  if (looks_ == 0 || until_us_ <= from_us_) return std::nullopt;
  const double seconds = static_cast<double>(until_us_ - from_us_) / 1e6;
  RollupT made;
  made.node = node_;
  made.node_id = node_id_;
  made.started_us = started_us_;
  made.from_us = std::exchange(from_us_, until_us_);
  made.until_us = until_us_;
  made.looks = std::exchange(looks_, 0);
  made.events = events_.sum();
  made.events_per_s = spread_of(events_.per_s(seconds));
  made.log_bytes = log_bytes_;
  made.disk_free_bytes = disk_free_bytes_;
  made.cpu_us = cpu_.sum();
  made.memory_bytes_most = std::exchange(memory_most_, 0);
  add_flows(made, seconds);
  add_rows(made, seconds);
  begin_next_span();
  return made;
}

void rollup_maker::begin_next_span() {
  events_.close();
  cpu_.close();
  const auto begin_next = [](auto& list, const auto& anew) {
    std::erase_if(list, [](const auto& item) { return item.second.gone; });
    for (auto& [key, row] : list)
      anew(row);
  };
  begin_next(topics_, [](topic& row) { row.published.close(); });
  begin_next(links_, [](link& row) {
    row.received.close();
    row.sent.close();
    row.round_trips = {};
  });
  begin_next(flows_, [](flow& row) {
    row.events.close();
    row.bytes.close();
  });
  begin_next(lag_, [](lag& row) {
    row.events_most = row.bytes_most = 0;
    row.seconds_most = 0;
  });
  begin_next(latencies_, [](latency& row) { row.before = row.now; });
}

void rollup_maker::leave_out_gone() {
  const auto each = [](auto& list) {
    if (list.size() > rows_kept) std::erase_if(list, [](const auto& item) { return item.second.gone; });
  };
  each(topics_);
  each(links_);
  each(flows_);
  each(lag_);
  each(latencies_);
}

void rollup_maker::add_flows(RollupT& to, double seconds) const {
  for (const auto& [key, row] : flows_) {
    auto& made = *to.flows.emplace_back(std::make_unique<RolledFlowT>());
    std::tie(made.from, made.to, made.pattern, made.name) = std::tie(row.from, row.to, row.pattern, row.name);
    made.events = row.events.sum();
    made.bytes = row.bytes.sum();
    made.events_per_s = spread_of(row.events.per_s(seconds));
    made.bytes_per_s = spread_of(row.bytes.per_s(seconds));
  }
  keep_busiest(to.flows, [](const RolledFlowT& row) { return row.bytes + row.events; });
}

void rollup_maker::add_rows(RollupT& to, double seconds) const {
  for (const auto& [key, row] : topics_) {
    auto& made = *to.topics.emplace_back(std::make_unique<RolledTopicT>());
    made.name = key;
    made.published = row.published.sum();
    made.published_per_s = spread_of(row.published.per_s(seconds));
    made.end = row.end;
    made.bytes = row.bytes;
  }
  keep_busiest(to.topics, [](const RolledTopicT& row) { return row.published; });
  for (const auto& [key, row] : links_) {
    auto& made = *to.links.emplace_back(std::make_unique<RolledLinkT>());
    made.name = key;
    made.bytes_received = row.received.sum();
    made.bytes_sent = row.sent.sum();
    made.round_trip_s = spread_of(row.round_trips.spread(row.round_trips.mean()));
  }
  keep_busiest(to.links, [](const RolledLinkT& row) { return row.bytes_received + row.bytes_sent; });
  for (const auto& [key, row] : lag_) {
    auto& made = *to.lag.emplace_back(std::make_unique<RolledLagT>());
    std::tie(made.name, made.topic) = std::tie(row.name, row.topic);
    made.events_most = std::max(row.events_most, row.events);
    made.bytes_most = row.bytes_most;
    made.seconds_most = row.seconds_most;
    made.events_last = row.gone ? 0 : row.events;
  }
  keep_busiest(to.lag, [](const RolledLagT& row) { return row.events_most; });
  for (const auto& [key, row] : latencies_) {
    auto& made = *to.latencies.emplace_back(std::make_unique<RolledLatencyT>());
    std::tie(made.what, made.name) = std::tie(row.what, row.name);
    set_buckets(made, row.now.since(row.before));
  }
  keep_busiest(
      to.latencies, [](const RolledLatencyT& row) { return row.count; }, latencies_max);
}

} // namespace weft::telemetry
