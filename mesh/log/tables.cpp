#include "mesh/log/tables.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::log {

topic_record& topic_table::record_of(topic_id topic, std::string_view name) {
  const auto [place, added] = places_.try_emplace(topic, records_.size());
  if (added) records_.push_back({topic, topic_offset{}, {}, 0});
  auto& record = records_[place->second];
  if (record.name.empty()) record.name = name;
  return record;
}

topic_offset topic_table::append(topic_id topic, std::uint32_t count, std::uint64_t bytes, std::string_view name) {
  auto& record = record_of(topic, name);
  const auto first = record.next;
  record.next = first + count;
  record.bytes += bytes;
  return first;
}

void topic_table::take_back(topic_id topic, topic_offset first, std::uint64_t bytes) {
  auto& record = record_of(topic, {});
  WEFT_ASSERT(first <= record.next && bytes <= record.bytes);
  record.next = first;
  record.bytes -= bytes;
}

void topic_table::raise_next(topic_id topic, topic_offset next, std::string_view name) {
  auto& record = record_of(topic, name);
  record.next = std::max(record.next, next);
}

void topic_table::add_bytes(topic_id topic, std::uint64_t bytes) { record_of(topic, {}).bytes += bytes; }

void topic_table::subtract_bytes(topic_id topic, std::uint64_t bytes) {
  auto& record = record_of(topic, {});
  record.bytes -= std::min(record.bytes, bytes);
}

producer_table::judgement producer_table::judge(producer_id producer, std::uint64_t sequence,
                                                std::uint32_t count) const {
  const auto place = places_.find(producer);
  const auto expected = place == places_.end() ? 0 : place->second->next;
  if (sequence == expected) return {verdict::next, {}, expected};
  if (sequence > expected || count > expected - sequence) return {verdict::gap, {}, expected};
  const auto& batches = place->second->batches;
  auto after = std::upper_bound(batches.begin(), batches.end(), sequence,
                                [](std::uint64_t value, const remembered_batch& b) { return value < b.sequence; });
  if (after == batches.begin()) return {verdict::forgotten, {}, expected};
  auto found = *std::prev(after);
  const auto skip = sequence - found.sequence;
  if (skip + count > found.count) return {verdict::forgotten, {}, expected}; // it lies over several batches
  found.sequence = sequence;
  found.first = found.first + skip;
  found.first_offset = found.first_offset + skip;
  found.count = count;
  return {verdict::repeat, found, expected};
}

void producer_table::append(producer_id producer, const remembered_batch& batch) {
  auto place = places_.find(producer);
  if (place == places_.end()) {
    records_.push_back({producer, 0, {}, {}});
    place = places_.emplace(producer, std::prev(records_.end())).first;
  }
  auto& record = *place->second;
  if (record.batches.size() == limits::idempotence_batches) {
    record.batches.erase(record.batches.begin());
    --remembered_;
  }
  record.batches.push_back(batch);
  ++remembered_;
  record.next = batch.sequence + batch.count;
  record.last_at = batch.at;
  touch(place->second);
  stay_bounded();
}

void producer_table::take_back(producer_id producer, std::uint64_t sequence) {
  const auto place = places_.find(producer);
  if (place == places_.end()) return;
  auto& record = *place->second;
  record.next = sequence;
  while (!record.batches.empty() && record.batches.back().sequence >= sequence) {
    record.batches.pop_back();
    --remembered_;
  }
  if (sequence != 0) return;
  records_.erase(place->second);
  places_.erase(place);
}

void producer_table::forget(hlc before) {
  while (!records_.empty() && records_.front().last_at < before) {
    remembered_ -= records_.front().batches.size();
    places_.erase(records_.front().producer);
    records_.pop_front();
  }
}

std::vector<producer_record> producer_table::all() const { return {records_.begin(), records_.end()}; }

void producer_table::restore(producer_record record) {
  if (const auto known = places_.find(record.producer); known != places_.end()) {
    remembered_ -= known->second->batches.size();
    records_.erase(known->second);
    places_.erase(known);
  }
  remembered_ += record.batches.size();
  records_.push_back(std::move(record));
  places_[records_.back().producer] = std::prev(records_.end());
  stay_bounded();
}

void producer_table::touch(order::iterator record) { records_.splice(records_.end(), records_, record); }

/// The producer that waits longest loses its remembered batches first, all but the last; then itself.
void producer_table::stay_bounded() {
  for (auto record = records_.begin(); remembered_ > limits::idempotence_batches_all && record != records_.end();
       ++record) {
    if (record->batches.size() <= 1) continue;
    remembered_ -= record->batches.size() - 1;
    record->batches.erase(record->batches.begin(), std::prev(record->batches.end()));
  }
  while (records_.size() > limits::producers_remembered_max) {
    remembered_ -= records_.front().batches.size();
    places_.erase(records_.front().producer);
    records_.pop_front();
  }
}

} // namespace weft::log
