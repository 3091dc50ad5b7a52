// tests/mesh/log/compaction_history.hpp: what was published to compacted topics, and whether a reader from the
// beginning finds what compaction promises.
//
// Checked: every event is one that was published, at its own place, once and in order; an acknowledged event is there
// unless a later one has its key; the last event of each key is there, a tombstone unless it was old enough, and then
// no older one has come to life again; events without a key, and those that are too young, all are there.
#pragma once
#include "tests/mesh/log/keyed_batch.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::log::testing {

class compaction_history {
public:
  /// Values are unique. What was asked for may be in the log from now on.
  void submitted(topic_id topic, const std::vector<key_value>& events);
  /// The answer: it is in the log.
  void promised(topic_id topic, const std::vector<key_value>& events, const appended& where);
  /// What may have gone since the last check: see compaction_rules; `now` as the log takes it at most.
  struct ages {
    wall_time now;
    compaction_rules rules;
  };
  /// Reads the whole log. @returns the first broken promise, empty when all hold
  [[nodiscard]] std::string check(node_log& log, const ages& old);

private:
  struct known_event {
    key_value event;
    topic_offset offset;
    hlc appended;
    bool gone = false; // and it was right
  };
  using topic_events = std::map<log_position, known_event>;

  [[nodiscard]] std::string read_all(node_log& log, std::map<topic_id, topic_events>& into) const;
  [[nodiscard]] std::string compare(topic_events& known, const topic_events& found, const ages& old) const;

  std::map<topic_id, std::map<std::string, std::string>> submitted_; // keys by value
  std::map<topic_id, topic_events> known_;                           // promised, or read once
};

} // namespace weft::log::testing
