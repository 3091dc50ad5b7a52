// actors/link_room.hpp: how much of a link's runs may be in memory: its flows share it and take turns.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/limits.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace weft::actors {

/// Counts a link's runs from before they are read until their last byte has left, so that what a peer's credit allows
/// but its connection does not take stays in the log.
///
///     take ──▶ place ──▶ read ──▶ counted ──▶ lane ──▶ socket ──▶ the bytes are freed ──▶ the next one's place
///
/// @thread any
class link_room : public std::enable_shared_from_this<link_room> {
public:
  /// Room for the largest run; given back when destroyed.
  using place = std::shared_ptr<const void>;

  /// @param most  bytes of its runs
  explicit link_room(std::uint64_t most = limits::link_credit_bytes_max) : most_(most) {}

  /// @returns a place, or nothing when none is free: then `granted` is called once, with one, when the flow's turn
  /// comes. It hands over and never blocks.
  [[nodiscard]] place take(std::uint64_t flow, std::function<void(place)> granted);
  /// Leave for a run of another node's log to wait here for its place; given back when destroyed. @returns nothing when
  /// as much waits already as a link may have in memory
  [[nodiscard]] place keep(std::uint64_t bytes);
  /// The flow waits for no place any more.
  void leave(std::uint64_t flow);
  /// The same bytes; they take room until the last copy is gone.
  [[nodiscard]] shared_bytes counted(const shared_bytes& payload);

private:
  struct waiter {
    std::uint64_t flow;
    std::function<void(place)> granted;
  };

  [[nodiscard]] place hold(std::uint64_t bytes, std::shared_ptr<const void> owner);
  void forget_kept(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

  const std::uint64_t most_;
  std::mutex mutex_;
  std::uint64_t used_ = 0; // bytes of places and runs
  std::uint64_t kept_ = 0; // of runs that wait for places
  std::deque<waiter> waiting_;
};

} // namespace weft::actors
