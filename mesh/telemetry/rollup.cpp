#include "mesh/telemetry/rollup.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/telemetry/rollup_schema.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <span>
#include <string>

namespace weft::telemetry {
namespace {

constexpr auto lists = 5U;
constexpr auto tables_max = static_cast<flatbuffers::uoffset_t>(lists * limits::rollup_rows_max + 1);
constexpr flatbuffers::uoffset_t depth_max = 8;

result<void> check(const Rollup& rollup) {
  const auto size = [](const auto* list) { return list == nullptr ? std::size_t{0} : std::size_t{list->size()}; };
  const auto largest = std::max({size(rollup.topics()), size(rollup.links()), size(rollup.flows()), size(rollup.lag()),
                                 size(rollup.latencies())});
  if (largest > limits::rollup_rows_max)
    return fail(errc::too_large, fmt::format("a roll-up has {} rows of a kind, at most {} are allowed", largest,
                                             limits::rollup_rows_max));
  if (rollup.until_us() < rollup.from_us()) return fail(errc::corrupt, "a roll-up ends before it begins");
  return {};
}

Spread spread_of(const std::unique_ptr<Spread>& told) { return told ? *told : Spread{}; }

/// Of spans of these lengths; of one that is not there only the other counts.
class span_pair {
public:
  span_pair(const RollupT& earlier, const RollupT& later) : earlier_s_(seconds(earlier)), later_s_(seconds(later)) {}
  [[nodiscard]] std::unique_ptr<Spread> joined(const std::unique_ptr<Spread>& earlier,
                                               const std::unique_ptr<Spread>& later) const {
    const auto a = spread_of(earlier);
    const auto b = spread_of(later);
    const auto all_s = earlier_s_ + later_s_;
    const auto mean = all_s > 0 ? (a.mean() * earlier_s_ + b.mean() * later_s_) / all_s : 0;
    return std::make_unique<Spread>(std::min(a.least(), b.least()), mean, std::max(a.most(), b.most()));
  }

private:
  static double seconds(const RollupT& of) { return static_cast<double>(of.until_us - of.from_us) / 1e6; }
  double earlier_s_, later_s_;
};

std::string key_of(const RolledTopicT& row) { return row.name; }
std::string key_of(const RolledLinkT& row) { return row.name; }
std::string key_of(const RolledFlowT& row) {
  return fmt::format("{}/{}/{}/{}", row.from, row.to, row.pattern, row.name);
}
std::string key_of(const RolledLagT& row) { return fmt::format("{}/{}", row.name, row.topic); }
std::string key_of(const RolledLatencyT& row) { return fmt::format("{}/{}", row.what, row.name); }

/// Rows of the two lists by key: `both(earlier, later, into)`, where one that has no such row gives an empty one.
template <class Row, class Both>
std::vector<std::unique_ptr<Row>> join_rows(const std::vector<std::unique_ptr<Row>>& earlier,
                                            const std::vector<std::unique_ptr<Row>>& later, Both both) {
  struct pair {
    const Row* before = nullptr;
    const Row* after = nullptr;
  };
  std::map<std::string, pair> rows;
  for (const auto& row : earlier)
    rows[key_of(*row)].before = row.get();
  for (const auto& row : later)
    rows[key_of(*row)].after = row.get();
  static const Row none{};
  std::vector<std::unique_ptr<Row>> made;
  for (const auto& [key, found] : rows) {
    const Row& named = found.after != nullptr ? *found.after : *found.before;
    auto row = std::make_unique<Row>(named);
    both(found.before != nullptr ? *found.before : none, found.after != nullptr ? *found.after : none, *row);
    made.push_back(std::move(row));
  }
  return made;
}

} // namespace

std::string_view rollup_schema_text() noexcept { return rollup_schema; }

std::vector<std::byte> encode(const RollupT& rollup) {
  flatbuffers::FlatBufferBuilder builder;
  FinishRollupBuffer(builder, Rollup::Pack(builder, &rollup));
  const auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {bytes.begin(), bytes.end()};
}

result<RollupT> decode_rollup(byte_view value) {
  const auto whole = shared_bytes::copy(value); // aligned, which a value in a batch need not be
  const auto* data = reinterpret_cast<const std::uint8_t*>(whole.data());
  flatbuffers::Verifier verifier(data, whole.size(), depth_max, tables_max);
  if (!VerifyRollupBuffer(verifier)) return fail(errc::corrupt, "the value is no roll-up");
  const auto* rollup = GetRollup(data);
  if (auto good = check(*rollup); !good) return fail(std::move(good).error());
  RollupT made;
  rollup->UnPackTo(&made);
  return made;
}

sketch sketch_of(const RolledLatencyT& row) {
  sketch made;
  for (const auto& bucket : row.buckets)
    made.add_at(bucket.index(), bucket.count());
  return made;
}

void set_buckets(RolledLatencyT& row, const sketch& of) {
  row.buckets.clear();
  row.count = of.count();
  for (std::size_t index = 0; index < of.buckets().size(); ++index)
    if (const auto count = of.buckets()[index]; count != 0)
      row.buckets.emplace_back(static_cast<std::uint16_t>(index), count);
}

RollupT joined(const RollupT& earlier, const RollupT& later) {
  const span_pair spans(earlier, later);
  RollupT all;
  all.node = later.node;
  all.node_id = later.node_id;
  all.started_us = later.started_us;
  all.from_us = earlier.from_us;
  all.until_us = later.until_us;
  all.looks = earlier.looks + later.looks;
  all.events = earlier.events + later.events;
  all.events_per_s = spans.joined(earlier.events_per_s, later.events_per_s);
  all.log_bytes = later.log_bytes;
  all.disk_free_bytes = later.disk_free_bytes;
  all.cpu_us = earlier.cpu_us + later.cpu_us;
  all.memory_bytes_most = std::max(earlier.memory_bytes_most, later.memory_bytes_most);
  all.topics = join_rows(earlier.topics, later.topics, [&](const auto& a, const auto& b, auto& row) {
    row.published = a.published + b.published;
    row.published_per_s = spans.joined(a.published_per_s, b.published_per_s);
  });
  all.links = join_rows(earlier.links, later.links, [&](const auto& a, const auto& b, auto& row) {
    row.bytes_received = a.bytes_received + b.bytes_received;
    row.bytes_sent = a.bytes_sent + b.bytes_sent;
    row.round_trip_s = spans.joined(a.round_trip_s, b.round_trip_s);
  });
  all.flows = join_rows(earlier.flows, later.flows, [&](const auto& a, const auto& b, auto& row) {
    row.events = a.events + b.events;
    row.bytes = a.bytes + b.bytes;
    row.events_per_s = spans.joined(a.events_per_s, b.events_per_s);
    row.bytes_per_s = spans.joined(a.bytes_per_s, b.bytes_per_s);
  });
  all.lag = join_rows(earlier.lag, later.lag, [](const auto& a, const auto& b, auto& row) {
    row.events_most = std::max(a.events_most, b.events_most);
    row.bytes_most = std::max(a.bytes_most, b.bytes_most);
    row.seconds_most = std::max(a.seconds_most, b.seconds_most);
    row.events_last = b.events_last;
  });
  all.latencies = join_rows(earlier.latencies, later.latencies, [](const auto& a, const auto& b, auto& row) {
    auto sum = sketch_of(a);
    sum.add(sketch_of(b));
    set_buckets(row, sum);
  });
  return all;
}

} // namespace weft::telemetry
