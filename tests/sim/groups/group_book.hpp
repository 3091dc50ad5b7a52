// tests/sim/groups/group_book.hpp: what is true of all logs and all members of a run, for its processes and its
// checkers.
#pragma once
#include "tests/sim/groups/group_letters.hpp"
#include "tests/sim/world.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace weft::sim {

/// A log and what its node keeps with it. It stands for a disk that loses nothing that was synced.
struct group_log {
  struct item {
    weft::epoch epoch;
    slot of;
    hashed_key key;
    unsigned fails = 0;      ///< so often it is tried in vain
    bool rejects = false;    ///< who tries it in vain says that it can never be processed
    std::uint32_t tried = 0; ///< so often it was, up to now
    bool finished = false;   ///< by somebody, or set aside
    bool set_aside = false;  ///< kept, or skipped
    std::uint64_t first = 0; ///< where it was published first: its own seq, unless it was parked and goes on here
    bool replayed = false;
  };
  static constexpr unsigned always = 1'000'000;

  std::vector<item> items;                                       ///< by seq
  std::array<std::vector<std::uint64_t>, limits::slots> of_slot; ///< seqs
  std::array<std::size_t, limits::slots> finished_first{};       ///< so many of them
  std::uint32_t openings = 0;
  group_cursor cursor;   ///< published last
  group_holders holders; ///< saved last

  weft::delivery::parked_keys parked;
  std::map<hashed_key, std::set<std::uint64_t>> letters{}; ///< kept of parked keys, by where they were first
  std::map<hashed_key, std::set<std::uint64_t>> waiting{}; ///< parked, and not processed since
  weft::delivery::parked_keys parked_before;               ///< when the source opened

  [[nodiscard]] weft::epoch epoch() const { return {openings, 7}; }
  [[nodiscard]] log_position end() const { return {epoch(), seq{items.size()}}; }
  /// What a read gives of the log as far as that: of one epoch at a time, as logs are read.
  [[nodiscard]] group_source::in::read_done read(const group_source::out::read& wanted, const log_position& end) const;
};

/// What a holder has on its disk of the log and of a group that it took up.
struct group_copy {
  std::optional<copied> last;      ///< of the log's node
  std::optional<group_record> own; ///< not taken over yet
};

/// The two keys of a slot, which have one hash.
[[nodiscard]] constexpr hashed_key key_of(slot of, bool second) {
  return hashed_key{static_cast<std::uint64_t>(of.value()) << 54U | (second ? 2U : 1U)};
}

/// Knows who is at work on what, and fails the run when that must not be.
class group_book {
public:
  std::vector<group_log> logs;                 ///< by the source's host
  std::map<std::uint32_t, host_index> holders; ///< by log: who has a copy
  std::map<std::uint32_t, group_copy> copies;  ///< by log
  letter_box letters;

  group_book(world& on, std::uint32_t sources, const weft::delivery::failure_policy& policy)
      : logs(sources), world_(on), policy_(policy) {}

  [[nodiscard]] const weft::delivery::failure_policy& policy() const noexcept { return policy_; }
  void append(std::uint32_t log, slot of, unsigned fails, bool rejects);
  /// A member begins with an event: the ones before it in its key are finished, and nobody else who may is at work in
  /// that slot.
  /// @param from  who handed it out: the log's node or its holder
  void began(host_index by, member_id member, std::uint32_t log, const slot_event& event, host_index from);
  void finished(host_index by, member_id member, std::uint32_t log, const slot_event& event);
  /// @returns whether the member gets it processed this time
  [[nodiscard]] bool succeeds(std::uint32_t log, const slot_event& event);
  void failed(host_index by, member_id member, std::uint32_t log, const slot_event& event);
  [[nodiscard]] bool rejects(std::uint32_t log, const slot_event& event) const {
    return logs[log].items[event.at.seq.value()].rejects;
  }
  /// It is kept aside, or skipped: only what was tried often enough or is rejected, or, where keys are parked, what
  /// comes after that in its key.
  void put_aside(std::uint32_t log, const slot_event& event, bool parked, const weft::delivery::trials& tried);
  /// What is kept of a parked key is in the log once more; some of it fails again.
  /// @returns behind all of it
  [[nodiscard]] log_position replay(std::uint32_t log, hashed_key key, bool fails_again);
  /// The source gave the member's slots away because it said nothing.
  void expelled(std::uint32_t log, member_id member) { expelled_[{log, member}] = world_.now(); }
  /// The log's node and its holder both shared the log out, or could not know what the other had done: for a while two
  /// members may be at work in a slot, one by each.
  void apart(std::uint32_t log);
  /// What it had begun it will not finish.
  void gone(host_index host);
  void gone(host_index host, member_id member);
  /// All that the cursor says is processed is, and it never says less than before.
  void published(std::uint32_t log, const group_cursor& cursor);
  /// The same of a holder's, which may begin anew.
  void check_true(std::uint32_t log, const group_cursor& cursor);
  /// Whether the log's node runs.
  [[nodiscard]] bool runs(std::uint32_t log) const { return world_.process_of(host_index{log}) != nullptr; }

  /// What is not finished, or not known to be.
  [[nodiscard]] std::string missing() const;
  [[nodiscard]] virtual_time now() const { return world_.now(); }

private:
  void append(std::uint32_t log, slot of, hashed_key key, unsigned fails, bool rejects);
  struct under_way {
    host_index host;
    member_id member;
    std::uint64_t at = 0;
    virtual_time since;
    host_index from;
  };
  void end_work(host_index by, member_id member, std::uint32_t log, const slot_event& event);
  void finish(std::uint32_t log, const slot_event& event);
  void check_alone(const under_way& other, const under_way& one, std::uint32_t log, slot of);

  world& world_;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::vector<under_way>> at_work_; // by log and slot
  std::map<std::pair<std::uint32_t, member_id>, virtual_time> expelled_;
  weft::delivery::failure_policy policy_;
  std::map<std::uint32_t, virtual_time> apart_until_; // by log
};

} // namespace weft::sim
