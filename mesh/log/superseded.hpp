// mesh/log/superseded.hpp: which events of compacted topics are needless, because a later one has their key. Decisions
// only; the compactor carries them out.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/random.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weft::log {

/// An event of a compacted topic.
struct keyed_event {
  topic_id topic;
  byte_view key; ///< empty: none
  log_position at;
  hlc appended;
  bool tombstone = false; ///< it has a key and no value
};

/// What is old enough to go.
struct compaction_ages {
  hlc events;                              ///< appended before it
  hlc tombstones;                          ///< appended before it
  std::optional<log_position> needed_from; ///< tombstones from there on stay: who has the values must hear of them
};

/// Looks at events from the newest to the oldest, round by round, and remembers the keys that it met: an older event of
/// such a key goes. A tombstone that is the last of its key goes two rounds after the first one that saw it old enough
/// and without an older event of its key, so that no value comes to life again.
///
/// Memory is bounded: when a round meets more keys than it may remember, events of the others stay, and the rounds
/// after it look at a part of all keys each, by their hashes.
/// @thread one at a time
class superseded_events {
public:
  /// @param random  of the hashes, so that nobody can choose keys that have the same ones; outlives this
  superseded_events(random_source& random, std::size_t keys_max) : random_(random), keys_max_(keys_max) {}

  void begin_round();
  /// @pre all newer events of the topic in the log's closed segments were asked for in this round, or stay
  /// @returns whether the event is needless; see segment_done()
  [[nodiscard]] bool goes(const keyed_event& event, const compaction_ages& ages);
  /// A segment's events were all asked for. @param written_anew  what goes is gone; else it stays
  void segment_done(bool written_anew);
  /// Of the segment some stay that were said to go.
  void some_stay() { segment_done(false); }
  /// Events of a segment can't be read: they may have any key.
  void segment_unknown();
  /// @returns whether another round has something to do at once: it looks at other keys
  bool end_round();

  /// How many rounds look at all keys.
  [[nodiscard]] std::uint64_t parts() const noexcept { return parts_; }
  /// Whether the last rounds, as many as look at all keys, left something that is only not old enough.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  /// Events came back below others: no tombstone is known any more to be without older events, and none of the round
  /// under way will be.
  void forget_tombstones();

private:
  struct key_hash {
    std::uint64_t low = 0, high = 0;
    friend bool operator==(const key_hash&, const key_hash&) = default;
  };
  struct low_half {
    std::size_t operator()(const key_hash& hash) const noexcept { return hash.low; }
  };
  using positions = std::unordered_map<key_hash, log_position, low_half>;

  [[nodiscard]] key_hash hash_of(const keyed_event& event) const noexcept;
  [[nodiscard]] bool is_looked_at(const key_hash& hash) const noexcept { return hash.high % parts_ == part_; }
  [[nodiscard]] bool last_goes(const keyed_event& event, const key_hash& hash, const compaction_ages& ages);

  random_source& random_;
  const std::size_t keys_max_;
  std::optional<std::uint64_t> seed_;  // from the first round on
  std::uint64_t parts_ = 1, part_ = 0; // of all keys this round looks at one part
  std::size_t keys_most_ = 0;          // of the rounds since part 0
  bool waits_ = false;

  std::unordered_set<key_hash, low_half> met_;
  bool too_many_ = false;
  std::unordered_set<topic_id> topics_; // of which an event was met
  positions alone_;                     // tombstones that are the last of their key, with no older event so far
  bool came_back_ = false;              // in this round, events that it may not meet
  std::vector<key_hash> going_;         // of the segment, where a tombstone is
  positions buried_;                    // tombstones that earlier rounds found alone
};

} // namespace weft::log
