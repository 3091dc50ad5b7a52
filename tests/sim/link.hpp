// tests/sim/link.hpp: the state of one link between two hosts. The network's own.
#pragma once
#include "tests/sim/event_queue.hpp"
#include "tests/sim/network_options.hpp"

#include <array>
#include <deque>
#include <optional>

namespace weft::sim {

/// Where a frame waits: an index into the network's frames.
using frame_slot = std::uint32_t;

enum class frame_kind : std::uint8_t {
  data,
  open, ///< the first one towards the end that was dialled
  fin,  ///< the last one; it carries the cause
};

struct frame_under_way {
  shared_bytes control;
  shared_bytes payload;
  link_id link;
  virtual_time departs; ///< when its last byte leaves the sender
  frame_kind kind = frame_kind::data;
  close_cause cause = close_cause::closed;
  std::uint8_t to = 0; ///< which end
  bool waits = false;  ///< it came, and its receiver has not taken it yet

  [[nodiscard]] std::size_t size() const noexcept { return control.size() + payload.size(); }
};

/// A direction of a link as one number.
[[nodiscard]] constexpr std::uint64_t direction_key(link_id id, unsigned to) noexcept { return id.value() << 1U | to; }

/// Towards one end of a link.
struct direction {
  microseconds latency{0};
  virtual_time sending_until;      ///< bandwidth is used up to here
  virtual_time last_arrival;       ///< order is kept
  virtual_time cut_off{-1};        ///< the sender was killed: what had not departed never comes
  std::deque<frame_slot> held;     ///< came to a blocked way, in order
  std::uint64_t waiting_bytes = 0; ///< held, or not yet taken by a busy receiver
  std::uint32_t blocked = 0;       ///< rules that hold its frames
  std::uint32_t mute = 0;          ///< reasons why its sender says nothing
  std::uint64_t silence = 0;       ///< counts the times it fell silent and spoke again
  bool releasing = false;          ///< `held` is being emptied
  traffic count;

  [[nodiscard]] bool silent() const noexcept { return blocked + mute > 0; }
};

struct link {
  struct end {
    enum class state : std::uint8_t { opening, open, closed };
    host_index host;
    state is = state::opening;
    bool told_peer = false; ///< it sent a fin
  };

  std::array<end, 2> ends; ///< [0] dialled
  std::array<direction, 2> towards;
  std::uint32_t under_way = 0; ///< frames of it that exist

  [[nodiscard]] std::optional<unsigned> end_at(host_index host) const noexcept {
    if (ends[0].host == host) return 0;
    if (ends[1].host == host) return 1;
    return std::nullopt;
  }
  [[nodiscard]] bool over() const noexcept {
    return under_way == 0 && ends[0].is == end::state::closed && ends[1].is == end::state::closed;
  }
};

} // namespace weft::sim
