// mesh/transport/hub.hpp: what everything on the transport thread shares.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/transport/name_families.hpp"
#include "mesh/transport/refusals.hpp"
#include "mesh/transport/wake_event.hpp"
#include "mesh/transport/zmq_socket.hpp"

#include <atomic>
#include <unordered_map>

namespace weft::transport {

class link;

/// Counted on the transport thread, read on any.
struct live_counters {
  std::atomic<std::uint64_t> accepted{0}, dialled{0}, closed{0};
  std::atomic<std::uint64_t> refused_handshakes{0}, oversized_frames{0};
  std::atomic<std::uint64_t> frames_in{0}, frames_out{0}, bytes_in{0}, bytes_out{0};
  [[nodiscard]] transport_counters read() const noexcept;
};

/// @thread the transport thread, but for what says otherwise
struct hub {
  const zmq_context& context;
  const transport_options& options;
  observer& to;
  live_counters& count;
  std::shared_ptr<wake_event> wake;
  refusals refused;
  name_families families;
  std::unordered_map<link_id, link*> links; ///< those that the observer knows
  std::uint64_t last_link = 0;
  bool any_doomed = false; ///< a link waits for its owner to close it

  [[nodiscard]] link_id next_link() noexcept { return link_id{++last_link}; }
  [[nodiscard]] link* find(link_id id) const {
    const auto found = links.find(id);
    return found == links.end() ? nullptr : found->second;
  }
};

} // namespace weft::transport
