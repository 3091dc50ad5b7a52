#include "mesh/log/backlog.hpp"

#include <algorithm>
#include <array>

namespace weft::log {
namespace {

struct indexed_segment {
  weft::epoch epoch;
  std::shared_ptr<const index_core> core;
};

std::uint64_t distance(topic_offset begin, topic_offset end) { return end.value() - begin.value(); }

/// Part of `bytes` that `events` of `all` have.
std::uint64_t share(std::uint64_t bytes, std::uint64_t events, std::uint64_t all) {
  if (all == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<long double>(bytes) * static_cast<long double>(events) /
                                    static_cast<long double>(all));
}

/// Counts one topic: from where on, then how much is behind that. All but the oldest event's place comes from indexes.
class topic_count {
public:
  topic_count(const backlog_sources& of, const topic_facts& topic, log_position from)
      : of_(of), topic_(topic), from_(from), indexed_end_(topic.start) {
    left_.topic = topic.topic;
    left_.at_most = topic.compaction.has_value();
  }

  result<void> add(const indexed_segment& segment) {
    const auto* extent = segment.core->find(topic_.topic);
    if (extent == nullptr) return {};
    const auto begin = std::max(extent->first_offset, topic_.start); // below it everything is dead
    if (begin >= extent->end_offset) return {};
    const auto all = distance(extent->first_offset, extent->end_offset);
    if (first_ && indexed_end_ < extent->first_offset) left_.at_most = true; // compaction was on once
    indexed_end_ = extent->end_offset;
    indexed_bytes_ += share(extent->bytes, distance(begin, extent->end_offset), all);
    if (log_position{segment.epoch, extent->end} <= from_) return {};
    if (!first_ && log_position{segment.epoch, extent->first} < from_) {
      if (auto looked = look(); !looked) return looked;
    } else if (!first_) {
      set_first(begin, extent->first_at);
    }
    if (!first_ || *first_ >= extent->end_offset) return {};
    left_.bytes += share(extent->bytes, distance(std::max(*first_, begin), extent->end_offset), all);
    return {};
  }

  /// What no index has yet: the segment that is being written.
  result<topic_backlog> finish() {
    if (indexed_end_ < topic_.end) {
      if (!first_)
        if (auto looked = look(); !looked) return fail(std::move(looked.error()));
      const auto rest = topic_.bytes - std::min(topic_.bytes, indexed_bytes_);
      if (first_)
        left_.bytes += share(rest, distance(std::clamp(*first_, indexed_end_, topic_.end), topic_.end),
                             distance(indexed_end_, topic_.end));
    }
    if (first_ && *first_ < topic_.end) left_.events = distance(*first_, topic_.end);
    return left_;
  }

private:
  void set_first(topic_offset offset, hlc at) {
    first_ = offset;
    left_.oldest = at;
  }
  result<void> look() {
    const auto entry = of_.first_entry(from_, topic_.topic);
    if (!entry) return fail(entry.error());
    if (!*entry) return {};
    const auto& header = **entry;
    const auto inside = header.first_seq < from_.seq ? from_.seq - header.first_seq : 0; // a cursor may stand in it
    set_first(std::max(header.first_offset + inside, topic_.start), header.appended);
    return {};
  }

  const backlog_sources& of_;
  const topic_facts& topic_;
  log_position from_;
  topic_backlog left_;
  std::optional<topic_offset> first_; // of the oldest event that counts
  topic_offset indexed_end_;
  std::uint64_t indexed_bytes_ = 0;
};

/// What the segment's index would say.
result<std::shared_ptr<const index_core>> scanned_core(const segment_store& segments, const segment_facts& of) {
  const auto& segment = *of.segment;
  const auto opened = segments.open(of.segment);
  if (!opened) return fail(opened.error());
  const auto size = (*opened)->size();
  if (!size) return fail(size.error());
  std::array<std::byte, segment_header_bytes> bytes{};
  const auto got = (*opened)->read_at(0, bytes);
  if (!got) return fail(got.error());
  const auto head = decode_segment_header(byte_view(bytes).first(*got));
  index_builder builder(segments.log(), segment.epoch, segment.first);
  const auto request = scan_request_for(segments.log(), segment.epoch, segment.first, head, of.summary.end);
  const auto scanned =
      scan_segment(**opened, *size, request, [&builder](const entry_facts& entry) { builder.add(entry); });
  if (!scanned) return fail(scanned.error());
  return std::make_shared<const index_core>(builder.finish().core);
}

/// From its index, or by reading it when that is gone or damaged. @returns nothing when retention has just removed it
result<std::shared_ptr<const index_core>> core_of(const segment_store& segments, const segment_facts& of) {
  if (auto core = segments.core_of(of.segment)) return core;
  auto scanned = scanned_core(segments, of);
  if (scanned) return scanned;
  for (const auto& there : segments.all())
    if (there.segment == of.segment) return scanned;
  return nullptr;
}

} // namespace

result<std::vector<topic_backlog>> count_backlog(const backlog_sources& of, log_position from,
                                                 const std::function<bool(topic_id)>& wants) {
  std::vector<indexed_segment> indexed;
  for (const auto& each : of.segments.all()) {
    if (!each.sealed) continue;
    auto core = core_of(of.segments, each);
    if (!core) return fail(core.error().within(each.segment->path));
    if (*core) indexed.push_back({each.segment->epoch, std::move(*core)});
  }
  std::vector<topic_backlog> all;
  for (const auto& topic : of.topics) {
    if (!wants(topic.topic)) continue;
    topic_count count(of, topic, from);
    for (const auto& segment : indexed)
      if (auto added = count.add(segment); !added) return fail(std::move(added.error()));
    const auto left = count.finish();
    if (!left) return fail(left.error());
    if (left->events > 0) all.push_back(*left);
  }
  return all;
}

} // namespace weft::log
