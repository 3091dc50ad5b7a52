// actors/group_aside.hpp: keeps events that a group could not process where people find them.
#pragma once
#include "actors/reply.hpp"
#include "mesh/delivery/group_effects.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weft::actors {

struct node_services;

/// The topic of this log that has what a group set aside: `_weft.parked.<group>` or `_weft.dead-letters.<group>`.
[[nodiscard]] std::string aside_topic(const std::string& group, bool parked);

/// Events of a group on their way there. Those that come while some are on their way to the disk go with the next: all
/// of one topic that a batch takes, in the order in which they were added.
///
/// What is kept is the event as it is in this node's log, with its key, type and headers. Added are `weft-topic`,
/// `weft-position`, `weft-cause`, `weft-deliveries`, `weft-first` and `weft-last` (RFC 3339, when it failed).
/// @thread the group's
class aside_queue {
public:
  using set_aside = delivery::group_out::set_aside;
  /// How many of those under way, the first of them, are on disk; or why the first one can't be.
  using outcome = result<std::size_t>;

  /// @param bring  makes the way of an outcome back to take(), in the group's mailbox
  aside_queue(node_services& services, std::string group, std::function<reply<std::size_t>()> bring)
      : services_(services), group_(std::move(group)), bring_(std::move(bring)) {}

  void add(const set_aside& one);
  /// @returns those that are on disk, or gone from the log; nothing: the first can't be kept now, say again() later
  [[nodiscard]] std::vector<delivery::slot_event> take(const outcome& came);
  void again() { keep(); }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  /// What is under way is answered to nobody.
  void clear() { waiting_.clear(); }

private:
  void keep();

  node_services& services_;
  const std::string group_;
  const std::function<reply<std::size_t>()> bring_;
  std::deque<set_aside> waiting_; // the first of them are under way
};

} // namespace weft::actors
