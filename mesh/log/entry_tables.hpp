// mesh/log/entry_tables.hpp: what entries say of topics and producers on their own, whatever came before them.
#pragma once
#include "mesh/log/index.hpp"

#include <algorithm>
#include <map>

namespace weft::log {

/// Tables of entries that came back from a copy: they add to what a log knows, and replace nothing.
class entry_tables {
public:
  /// @pre ascending
  void add(const entry_facts& entry) {
    const auto& header = entry.header;
    topics_.raise_next(header.topic, header.first_offset + header.count, entry.topic_name);
    if (entry.producer == producer_id{}) return;
    auto& record = producers_[entry.producer];
    if (record.next != entry.sequence) record.batches.clear(); // not behind the one before
    record.producer = entry.producer;
    record.next = entry.sequence + header.count;
    record.last_at = header.appended;
    record.batches.push_back({entry.sequence, header.count, header.topic, header.epoch, header.first_seq,
                              header.first_offset, header.appended});
  }
  [[nodiscard]] index_tables all() const {
    index_tables tables{topics_.all(), {}};
    for (const auto& [id, record] : producers_)
      tables.producers.push_back(record);
    return tables;
  }

private:
  topic_table topics_;
  std::map<producer_id, producer_record> producers_;
};

/// Adds what came back: topics go on above it, and a producer's batches count where they are its next ones.
inline void merge(const index_tables& taken, topic_table& topics, producer_table& producers) {
  for (const auto& topic : taken.topics)
    topics.raise_next(topic.topic, topic.next, topic.name);
  for (const auto& producer : taken.producers)
    for (const auto& batch : producer.batches)
      if (producers.judge(producer.producer, batch.sequence, batch.count).is == producer_table::verdict::next)
        producers.append(producer.producer, batch);
}

} // namespace weft::log
