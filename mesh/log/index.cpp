#include "mesh/log/index.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/log/coding.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {

const topic_extent* index_core::find(topic_id topic) const {
  const auto place = std::lower_bound(topics.begin(), topics.end(), topic,
                                      [](const topic_extent& extent, topic_id id) { return extent.topic < id; });
  return place != topics.end() && place->topic == topic ? &*place : nullptr;
}

index_point index_core::point_before(seq at) const {
  const auto after = std::upper_bound(points.begin(), points.end(), at,
                                      [](seq value, const index_point& point) { return value < point.first; });
  if (after == points.begin()) return {summary.first, segment_header_bytes, summary.first_at};
  return *std::prev(after);
}

result<std::vector<entry_place>> decode_places(const topic_extent& of, seq segment_first, byte_view list) {
  if (list.size() != of.list_bytes || crc32c(0, list) != of.list_checksum)
    return fail(errc::corrupt, fmt::format("the list of topic {} does not fit its checksum", of.topic.value()));
  const auto wrong = [&] {
    return fail(errc::corrupt, fmt::format("the list of topic {} has not {} entries", of.topic.value(), of.entries));
  };
  if (of.entries > list.size() / 2) return wrong(); // each has two differences of a byte at least
  byte_reader reader(list);
  std::vector<entry_place> places;
  places.reserve(of.entries);
  entry_place last{segment_first, 0};
  for (std::uint32_t i = 0; i < of.entries; ++i) {
    last.first = last.first + reader.get_varint();
    last.offset += reader.get_varint() * 8;
    places.push_back(last);
  }
  if (!reader.ok() || reader.left() != 0) return wrong();
  return places;
}

result<std::vector<entry_place>> segment_index::places(const topic_extent& of) const {
  if (of.list_at > lists.size() || of.list_bytes > lists.size() - of.list_at)
    return fail(errc::corrupt, fmt::format("the list of topic {} lies outside the index", of.topic.value()));
  return decode_places(of, core.summary.first, byte_view(lists).subspan(of.list_at, of.list_bytes));
}

index_builder::index_builder(const log_id& log, weft::epoch epoch, seq first) {
  summary_.log = log;
  summary_.epoch = epoch;
  summary_.first = summary_.end = first;
}

void index_builder::add(const entry_facts& entry) {
  const auto& header = entry.header;
  const auto stored = header.stored_bytes();
  if (points_.empty() || entry.offset - points_.back().offset >= limits::index_sparse_bytes)
    points_.push_back({header.first_seq, entry.offset, header.appended});
  if (summary_.entries == 0) summary_.first_at = header.appended;
  ++summary_.entries;
  summary_.end = std::max(summary_.end, header.end_seq());
  summary_.used = entry.offset + stored;
  summary_.last_at = header.appended;

  const auto [place, added] = places_.try_emplace(header.topic, topics_.size());
  if (added) {
    auto& fresh = topics_.emplace_back();
    fresh.extent.topic = header.topic;
    fresh.extent.first = header.first_seq;
    fresh.extent.first_offset = header.first_offset;
    fresh.extent.first_at = header.appended;
    fresh.last = {summary_.first, 0};
  }
  auto& topic = topics_[place->second];
  ++topic.extent.entries;
  topic.extent.end = header.end_seq();
  topic.extent.end_offset = header.first_offset + header.count;
  topic.extent.last_at = header.appended;
  topic.extent.bytes += stored;
  append_varint(topic.list, header.first_seq - topic.last.first);
  append_varint(topic.list, (entry.offset - topic.last.offset) / 8);
  topic.last = {header.first_seq, entry.offset};
}

void index_builder::add(const damage_range& damage) {
  damages_.push_back(damage);
  summary_.end = std::max(summary_.end, damage.until);
  summary_.used = std::max(summary_.used, damage.end_offset);
}

void index_builder::set_cleaned(seq until) {
  summary_.cleaned = true;
  summary_.end = until;
}

segment_index index_builder::finish() const {
  segment_index index;
  index.core.summary = summary_;
  index.core.points = points_;
  index.core.damages = damages_;
  std::vector<const growing*> sorted;
  sorted.reserve(topics_.size());
  for (const auto& topic : topics_)
    sorted.push_back(&topic);
  std::sort(sorted.begin(), sorted.end(),
            [](const growing* a, const growing* b) { return a->extent.topic < b->extent.topic; });
  for (const auto* topic : sorted) {
    auto extent = topic->extent;
    extent.list_at = index.lists.size();
    extent.list_bytes = static_cast<std::uint32_t>(topic->list.size());
    extent.list_checksum = crc32c(0, topic->list);
    index.lists.insert(index.lists.end(), topic->list.begin(), topic->list.end());
    index.core.topics.push_back(extent);
  }
  return index;
}

} // namespace weft::log
