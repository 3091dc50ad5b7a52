// mesh/routing/run_buffer.hpp: runs of one flow that some of its consumers have not had yet. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/position.hpp"
#include "mesh/wire/control.hpp"

#include <deque>
#include <optional>

namespace weft::routing {

/// Memory that a run takes while it waits: its bytes, what it tells, and limits::relay_run_overhead.
[[nodiscard]] std::size_t memory_of(const wire::run& run, const shared_bytes& payload) noexcept;

/// A piece of a flow without holes. Items are numbered; numbers stay when the first ones go.
class run_buffer {
public:
  struct item {
    wire::run run;
    shared_bytes payload;
    std::uint64_t cost_before = 0; // of all items before this one
  };

  explicit run_buffer(log_position from) noexcept : end_(from) {}

  /// @pre the run starts at end()
  void push(wire::run run, shared_bytes payload);
  void pop_front();
  /// The end's epoch changes without events between.
  void move_end(epoch opening) noexcept { end_.epoch = opening; }

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::uint64_t first_number() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t end_number() const noexcept { return first_ + items_.size(); }
  [[nodiscard]] const item& at(std::uint64_t number) const { return items_[number - first_]; }
  /// Everything pushed lies below.
  [[nodiscard]] const log_position& end() const noexcept { return end_; }
  /// The item that who has everything below `next` gets first, which may be the next to come; nothing: not from here.
  [[nodiscard]] std::optional<std::uint64_t> find(const log_position& next) const;
  /// The cost of this item and all behind it.
  [[nodiscard]] std::uint64_t cost_from(std::uint64_t number) const;
  /// Memory that the items take.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  std::deque<item> items_;
  std::uint64_t first_ = 0;
  log_position end_;
  std::uint64_t cost_ = 0; // of all that was ever pushed
  std::size_t bytes_ = 0;
};

} // namespace weft::routing
