// mesh/log/tables.hpp: what the writer knows beside the entries: each topic's next offset, each producer's next
// sequence.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/base/position.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weft::log {

/// A topic and the offset that its next event gets.
struct topic_record {
  topic_id topic;
  topic_offset next;
  std::string name;
  std::uint64_t bytes = 0; ///< stored in the log now; not part of an index
};

/// @thread one at a time
class topic_table {
public:
  /// Gives the topic's next `count` offsets to an entry of so many bytes. @returns the first
  topic_offset append(topic_id topic, std::uint32_t count, std::uint64_t bytes, std::string_view name);
  /// Undoes the topic's last append, which was given `first`. @pre the topic is known
  void take_back(topic_id topic, topic_offset first, std::uint64_t bytes);

  /// Later events of the topic begin at `next` or above; a name once known stays.
  void raise_next(topic_id topic, topic_offset next, std::string_view name);
  void add_bytes(topic_id topic, std::uint64_t bytes);
  /// They were removed. Never below zero.
  void subtract_bytes(topic_id topic, std::uint64_t bytes);
  /// In the order in which they became known.
  [[nodiscard]] const std::vector<topic_record>& all() const noexcept { return records_; }

private:
  topic_record& record_of(topic_id topic, std::string_view name);

  std::vector<topic_record> records_;
  std::unordered_map<topic_id, std::size_t> places_; // in records_
};

/// Where a producer's batch is in the log.
struct remembered_batch {
  std::uint64_t sequence = 0; ///< of its first event
  std::uint32_t count = 0;
  topic_id topic;
  weft::epoch epoch;
  seq first;
  topic_offset first_offset;
  hlc at;
};

struct producer_record {
  producer_id producer;
  std::uint64_t next = 0;                ///< sequence of the next event
  hlc last_at;                           ///< of its last append
  std::vector<remembered_batch> batches; ///< ascending, not all of them
};

/// Makes publishing idempotent: a producer's events are numbered densely from 0, over all topics.
/// @thread one at a time
class producer_table {
public:
  enum class verdict : std::uint8_t {
    next,      ///< append it
    repeat,    ///< in the log already: here
    forgotten, ///< in the log already, no longer known where
    gap,       ///< something before it is missing, or it repeats only in part
  };
  struct judgement {
    verdict is = verdict::next;
    remembered_batch found;     ///< of a repeat: the part of the log that has just these events
    std::uint64_t expected = 0; ///< the sequence that would be the next
  };
  [[nodiscard]] judgement judge(producer_id producer, std::uint64_t sequence, std::uint32_t count) const;

  void append(producer_id producer, const remembered_batch& batch);
  /// Undoes the producer's appends from `sequence` on.
  void take_back(producer_id producer, std::uint64_t sequence);
  /// Forgets producers that have not appended since `before`.
  void forget(hlc before);

  /// The least recently used first.
  [[nodiscard]] std::vector<producer_record> all() const;
  void restore(producer_record record);

private:
  using order = std::list<producer_record>; // the least recently used first
  void touch(order::iterator record);
  void stay_bounded();

  order records_;
  std::unordered_map<producer_id, order::iterator> places_;
  std::size_t remembered_ = 0; // batches of all producers
};

} // namespace weft::log
