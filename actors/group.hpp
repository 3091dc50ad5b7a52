// actors/group.hpp: shares a log among the members of one group: carries out what group_source decides.
#pragma once
#include "actors/group_words.hpp"
#include "actors/link_output.hpp"
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "mesh/delivery/group_record.hpp"
#include "mesh/delivery/group_source.hpp"
#include "mesh/node/flow_board.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::actors {

struct node_services;

/// One member's flow of the log. The group sends over `output`; who made the seat hears when the flow is over.
struct group_seat {
  wire::demand wanted; ///< as a member
  std::uint64_t flow = 0;
  link_output_ptr output;
  std::shared_ptr<node::flow_facts> facts;
  std::function<void()> over; ///< the group ended it and told the member. @thread any
};
using group_seat_ptr = std::shared_ptr<const group_seat>;

/// How a group is at a log, for people.
struct group_status {
  delivery::group_cursor cursor;
  std::size_t parked = 0;   ///< keys
  std::size_t draining = 0; ///< slots that wait for their old holder
  struct member {
    delivery::group_source::member_facts facts;
    std::string consumer; ///< empty: it is away
  };
  std::vector<member> members{};
  std::vector<delivery::group_source::failing_event> failing{}; ///< the first of them
};

/// Handle of a group at a log: this node's own, or while that one's node is away a copy here.
///
///     subscription ── join, word, leave ──▶ group ── flow_opened, runs, words ──▶ links of members
///                                             ├── find, save ──▶ log keeper
///                                             └── read ──▶ log
/// @thread any
class group_ref {
public:
  struct message;

  group_ref() = default;
  explicit group_ref(port::ref<message> to) : to_(std::move(to)) {}

  /// Answered over the seat's output: flow_opened, or flow_closed without a flow. A member that has another seat leaves
  /// that one.
  void join(group_seat_ptr seat) const;
  void word(group_seat_ptr seat, member_word said) const;
  /// @param ended  the member handles nothing any more; else it may come again, and keeps its share for its lease
  void leave(group_seat_ptr seat, bool ended) const;

  // from the log keeper
  /// At a copy: the log's node is there again. Answered when the group has ended here and its record says it all.
  void hand_back(reply<void> to) const;
  /// A holder of a copy shared the log out meanwhile. Answered when what it did is on disk here.
  /// @error errc::cancelled  the group is not at work
  void taken_up(delivery::group_record taken, reply<void> to) const;

  // operators
  /// Answered with nothing when it has no members any more.
  void status(reply<std::optional<group_status>> to) const;
  /// This key goes on, or all that are parked. @returns how many  @error errc::busy  it has no members
  void unpark(std::optional<delivery::hashed_key> key, reply<std::size_t> to) const;
  /// From `known` on the group is at `at`, under a higher generation of its cursor.
  /// @param force  members that are there end with errc::cursor_moved
  /// @error errc::busy  it has members
  void seek(delivery::group_record known, log_position at, bool force, reply<void> to) const;
  /// The home of its state is this node from now on: who has it by the one before leaves. Answered when it is on disk.
  void move(delivery::group_record known, std::string node, reply<void> to) const;
  /// Nothing is known of the group any more. As seek.
  void remove(std::string name, bool force, reply<void> to) const;

  friend bool operator==(const group_ref& a, const group_ref& b) noexcept { return a.to_.address() == b.to_.address(); }

private:
  port::ref<message> to_;
};

/// The groups of this node's log and of copies here, each started with its first member.
/// @thread any
class group_table {
public:
  /// Of this node's log, for who asks something.
  /// @error errc::busy  limits::groups_max are there
  [[nodiscard]] result<group_ref> of(node_services& services, const std::string& name);
  /// Gives the seat to its group. @error as of()
  [[nodiscard]] result<group_ref> join(node_services& services, const group_seat_ptr& seat);
  /// From a group that has nothing to do: nobody gets it any more. What was told before is in its mailbox.
  void retire(const log_id& log, const std::string& name, const group_ref& who);
  /// Nothing: it has no members, and its record says it all.
  [[nodiscard]] std::optional<group_ref> at_work(const log_id& log, const std::string& name);
  /// As group_ref::hand_back; answered at once when it is not at work.
  void hand_back(const log_id& log, const std::string& name, const reply<void>& to);
  /// As group_ref::taken_up. @returns false: it is not at work
  [[nodiscard]] bool taken_up(const log_id& log, const delivery::group_record& taken, const reply<void>& to);

private:
  using key = std::pair<log_id, std::string>;
  [[nodiscard]] result<group_ref> held(node_services& services, const key& of);

  std::mutex mutex_;
  std::map<key, group_ref> groups_; // that are at work
};

} // namespace weft::actors
