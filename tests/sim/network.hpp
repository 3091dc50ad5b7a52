// tests/sim/network.hpp: links between simulated machines, and all that goes wrong on the way.
#pragma once
#include "mesh/base/random.hpp"
#include "tests/sim/delivery.hpp"
#include "tests/sim/link.hpp"
#include "tests/sim/path_rules.hpp"
#include "tests/sim/trace.hpp"

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace weft::sim {

/// What a send did. A frame that is not taken is gone: the link is closed, or as much waits as may.
struct sent {
  bool taken = false;
  std::uint64_t waiting_bytes = 0; ///< that have not left, this frame's included
};

/// How a process came to its end, as its peers will know.
enum class ending : std::uint8_t {
  stopped,  ///< what it sent before still leaves; peers hear `closed`
  killed,   ///< what had not left is lost; peers hear `broken`
  vanished, ///< so did its machine: nobody hears anything
};

/// One run's network. No work grows with the number of hosts but that of adding and removing rules.
class network final : private event_handler {
public:
  network(event_queue& queue, sim::trace& trace, const network_options& options, std::uint64_t seed,
          receiver& to) noexcept;

  /// @param dns_name  leads to the host too, whatever its address
  void add_host(host_index host, const std::string& address, const std::string& dns_name, const node_id& identity);
  /// The old address leads nowhere from now on.
  void set_address(host_index host, const std::string& address);
  void set_identity(host_index host, const node_id& identity) { at(host).identity = identity; }
  [[nodiscard]] const node_id& identity(host_index host) const { return hosts_[host.value()].identity; }

  // --- what processes do; nothing leaves before `not_before`
  dial_id dial(host_index from, const std::string& address, virtual_time not_before);
  sent send(host_index from, link_id link, shared_bytes control, shared_bytes payload, virtual_time not_before);
  void close(host_index from, link_id link);

  // --- what becomes of hosts
  void process_started(host_index host);
  void process_ended(host_index host, ending how);
  /// A paused host says nothing, heartbeats included.
  void set_mute(host_index host, bool mute);
  void take(host_index host, delivery what, process& by);
  void drop(host_index host, delivery what);

  // --- faults
  rule_id add_rule(path_rule rule);
  void remove_rule(rule_id id);
  /// Both ends of each link between the two are told `broken`. @returns how many links there were
  std::size_t break_links(host_index a, host_index b);
  /// Whether single frames are lost, repeated and reordered, as the options say.
  void set_sloppy(bool sloppy) noexcept { sloppy_ = sloppy; }

  // --- what was counted
  [[nodiscard]] const traffic& of(host_index host) const { return hosts_[host.value()].count; }
  /// Towards one end of a link; nothing when the link is over or not that host's.
  [[nodiscard]] std::optional<traffic> towards(host_index host, link_id link) const;
  /// Links with an end that is open, in the order of their making.
  [[nodiscard]] std::vector<link_id> links_of(host_index host) const;

private:
  struct station {
    std::string address;
    node_id identity;
    bool listening = false;
    bool vanished = false;
    bool mute = false;
    std::uint64_t starts = 0;
    std::vector<link_id> links;   ///< until they are over
    std::vector<link_id> orphans; ///< whose end vanished here
    traffic count;
  };
  struct pending_dial {
    host_index from;
    std::uint64_t from_starts = 0;
    std::string address;
    std::optional<host_index> to{};
    std::uint64_t to_starts = 0;
    bool refused = false;
    bool over = false;
  };
  enum class turn : std::uint8_t { arrives, silence, release, dial_comes, dial_answered, dial_over };

  void fire(std::uint64_t a, std::uint64_t b) override;
  void ask(virtual_time when, turn what, std::uint64_t which, std::uint64_t b = 0);
  station& at(host_index host) { return hosts_[host.value()]; }
  link* find(link_id id) const;
  microseconds latency(host_index from, host_index to) const;
  microseconds jitter();

  // frames
  frame_slot launch(link& l, frame_under_way frame);
  frame_under_way land(frame_slot slot);
  void arrives(frame_slot slot);
  void hand(frame_slot slot);
  void release(link_id id, unsigned to);
  void take_frame(const frame_under_way& frame, process* by);
  void count_dropped(link& l, const frame_under_way& frame);
  std::uint64_t waiting_bytes(const direction& d) const;

  // links
  link_id make_link(host_index dialer, host_index acceptor);
  direction new_direction(host_index from, host_index to) const;
  void tell_peer(link_id id, link& l, unsigned from, close_cause cause);
  void change(link_id id, unsigned to, int blocked, int mute);
  void silence(link_id id, unsigned to, std::uint64_t episode);
  void apply(const path_rule& rule, int by);
  void free_if_over(link_id id);

  // dials
  void dial_comes(std::uint64_t id);
  void take_dial(std::uint64_t id);
  void take_answer(std::uint64_t id, process& by);

  event_queue& queue_;
  sim::trace& trace_;
  const network_options& options_;
  std::uint64_t seed_;
  seeded_random random_;
  receiver& to_;
  path_rules rules_;
  bool sloppy_ = false;
  std::vector<station> hosts_;
  std::unordered_map<std::string, host_index> addresses_; // and names; looked up, never walked through
  std::unordered_map<std::uint64_t, pending_dial> dials_; // likewise
  std::uint64_t last_dial_ = 0;
  std::vector<std::unique_ptr<link>> links_; // by id; null when over
  std::vector<frame_under_way> frames_;
  std::vector<frame_slot> free_frames_;
};

} // namespace weft::sim
