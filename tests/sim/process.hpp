// tests/sim/process.hpp: what runs on a simulated machine.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/strong.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace weft::sim {

class environment;

/// A simulated machine, counted from 0: it has a disk, clocks and an address, and outlives the processes on it.
using host_index = strong<struct host_tag, std::uint32_t>;
/// One connection between two processes; never used again in a run. 0 is none.
using link_id = strong<struct link_tag, std::uint64_t>;
/// One try to connect; never used again in a run.
using dial_id = strong<struct dial_tag, std::uint64_t>;

/// Why a link is gone, as the end that is told sees it.
enum class close_cause : std::uint8_t {
  closed, ///< the peer closed it; all that it had sent before has come
  broken, ///< reset: the peer's process ended, or the network broke it
  silent, ///< nothing came for the transport's heartbeat timeout
};
/// Why nobody was reached.
enum class dial_cause : std::uint8_t {
  refused,  ///< the machine is up and nobody listens
  no_reply, ///< until the dial's timeout
};
[[nodiscard]] constexpr std::string_view to_string(close_cause cause) noexcept {
  return cause == close_cause::closed ? "closed" : cause == close_cause::broken ? "broken" : "silent";
}
[[nodiscard]] constexpr std::string_view to_string(dial_cause cause) noexcept {
  return cause == dial_cause::refused ? "refused" : "no_reply";
}

/// A node as the stage sees it. Made afresh at each start of its host; when it is destroyed without on_stop, its
/// process was killed or its host lost power. What it does in a callback it does through its environment.
class process {
public:
  virtual ~process() = default;

  virtual void on_start() = 0;
  /// @param peer    who is at the other end, as proven by a handshake
  /// @param dialed  by which dial of this process; nothing when the peer dialled
  virtual void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) = 0;
  virtual void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) = 0;
  /// The link is gone already: it can be sent on no more.
  virtual void on_link_closed(link_id link, close_cause cause) = 0;
  virtual void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) = 0;
  /// What environment::arm asked for; late when the process was paused or busy.
  virtual void on_timer() = 0;
  /// What environment::wake_after asked for.
  virtual void on_woken(std::uint64_t token) { static_cast<void>(token); }
  /// A clean stop: the last callback. Links are closed after it.
  virtual void on_stop() {}
};

/// Makes the process of a host at each of its starts. The environment outlives the process.
using process_factory = std::function<std::unique_ptr<process>(environment&)>;

} // namespace weft::sim
