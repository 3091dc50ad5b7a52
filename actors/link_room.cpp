#include "actors/link_room.hpp"

#include "mesh/routing/flow_sink.hpp"

#include <utility>

namespace weft::actors {
namespace {

constexpr auto place_bytes = limits::run_bytes_max;

} // namespace

link_room::place link_room::take(std::uint64_t flow, std::function<void(place)> granted) {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() || used_ + place_bytes > most_) {
      waiting_.push_back({flow, std::move(granted)});
      return nullptr;
    }
    used_ += place_bytes;
  }
  return hold(place_bytes, nullptr);
}

link_room::place link_room::keep(std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (kept_ + bytes > most_) return nullptr;
    kept_ += bytes;
  }
  return {this, [room = shared_from_this(), bytes](const void*) { room->forget_kept(bytes); }};
}

void link_room::forget_kept(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  kept_ -= bytes;
}

void link_room::leave(std::uint64_t flow) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [flow](const waiter& each) { return each.flow == flow; });
}

shared_bytes link_room::counted(const shared_bytes& payload) {
  if (payload.empty()) return payload;
  const auto cost = routing::run_cost(payload.size()); // small ones too: their messages take memory
  {
    const std::lock_guard lock(mutex_);
    used_ += cost;
  }
  return {hold(cost, payload.owner()), payload.view()};
}

/// @pre the bytes are counted
link_room::place link_room::hold(std::uint64_t bytes, std::shared_ptr<const void> owner) {
  const void* const at = this;
  return {at, [room = shared_from_this(), bytes, owner = std::move(owner)](const void*) mutable {
            owner.reset();
            room->give_back(bytes);
          }};
}

void link_room::give_back(std::uint64_t bytes) {
  std::vector<waiter> next; // told without the lock: one that is gone gives its place back at once
  {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
    for (; !waiting_.empty() && used_ + place_bytes <= most_; waiting_.pop_front()) {
      used_ += place_bytes;
      next.push_back(std::move(waiting_.front()));
    }
  }
  for (const auto& each : next)
    each.granted(hold(place_bytes, nullptr));
}

} // namespace weft::actors
