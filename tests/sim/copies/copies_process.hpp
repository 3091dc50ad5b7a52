// tests/sim/copies/copies_process.hpp: a node with its own log and copies of others', linked with all others.
#pragma once
#include "mesh/node/level_gate.hpp"
#include "mesh/replication/confirm_tracker.hpp"
#include "mesh/replication/epoch_watch.hpp"
#include "tests/sim/copies/held_log.hpp"
#include "tests/sim/mesh/consumer.hpp"
#include "tests/sim/mesh/own_flows.hpp"

namespace weft::sim {

/// How many copies topics have, by their place in mesh_topics; an event is acknowledged, and read, when so many other
/// nodes have it.
inline constexpr std::array<std::uint32_t, 5> topic_copies{2, 1, 2, 1, 0};

/// What outlives processes.
struct copies_state {
  event_book book;
  std::vector<node_id> nodes;                     ///< by host
  std::vector<std::unique_ptr<consumer>> readers; ///< by host: of all that its own log has
  std::vector<host_index> disks_lost{};           ///< in order: wiped, or replaced by an old one
  std::map<std::uint64_t, std::size_t>
      acknowledged{}; ///< events with copies: how many disks had been lost when they were appended
};

/// As a node of log's node and holders, without membership and routes: who can't be reached is dead, and copies are
/// pulled over links with the log's node.
class copies_process final : public process, private flow_output {
public:
  copies_process(environment& around, copies_state& state);

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;
  void on_woken(std::uint64_t token) override;
  void on_stop() override;

  /// By a program here, to be acknowledged when as many nodes have it as its topic wants.
  void publish(const std::vector<std::uint64_t>& events);

  // --- for checkers
  /// Null when the disk did not let it start.
  [[nodiscard]] own_log* log() noexcept { return works_ ? &log_ : nullptr; }
  [[nodiscard]] const replication::confirm_tracker* tracker() const noexcept { return tracker_ ? &*tracker_ : nullptr; }
  [[nodiscard]] const std::map<log_id, std::unique_ptr<held_log>>& copies() const noexcept { return copies_; }
  /// Whether there is a copy on its disk, opened or not.
  [[nodiscard]] bool has_on_disk(const log_id& copy) const;
  /// Null when it has none.
  [[nodiscard]] const held_log* copy(const log_id& of) const {
    const auto found = copies_.find(of);
    return found == copies_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] std::size_t acks_waiting() const noexcept { return waiting_.size(); }

private:
  struct served {
    node_id to;
    std::uint64_t subscription = 0;
  };

  void begin();
  void heard_of(const epoch& heard);
  void carry_out(const replication::epoch_watch::effects& fx);
  [[nodiscard]] consumer& reader();
  void read_own();
  void open_gate();
  void dial(host_index host);
  void dial_later(host_index host);
  [[nodiscard]] host_index host_of(const node_id& node) const;
  /// Of its identity: a clone's is that of the machine that it was made of.
  [[nodiscard]] host_index place() const { return host_of(around_.identity()); }
  void presence(const node_id& node, replication::storage_nodes::presence is);
  void link_gone(const node_id& peer);
  void tell(const node_id& peer, const wire::control& message, shared_bytes payload = {});
  void settle();
  void tick();
  [[nodiscard]] mono_time now() const { return turns_.now(); }

  void hear(const node_id& from, const wire::demand& wanted);
  void hear(const node_id& from, const wire::withdraw& gone);
  void hear(const node_id& from, const wire::credit& credit);
  void hear(const node_id& from, const wire::copy_holds& holds);
  void hear(const node_id& from, const wire::copy_confirm& confirm);
  void hear(const node_id& from, const wire::copies_settled& said);
  void hear(const node_id& from, const wire::flow_opened& message);
  void hear(const node_id& from, const wire::flow_closed& message);
  template <class Message>
  void hear(const node_id& from, const Message& message);

  void appended(const own_log::answer& answer);
  void carry_out(const replication::confirm_tracker::effects& fx);
  void carry_out(const replication::copy_keeper::effects& fx);
  void do_it(const replication::confirm_tracker::out::reached& reached);
  void do_it(const replication::confirm_tracker::out::never& never);
  void do_it(const replication::confirm_tracker::out::settled& settled);
  void do_it(const replication::confirm_tracker::out::higher_epoch& higher);
  [[nodiscard]] held_log& copy_of(const log_id& log);

  void opened(std::uint64_t flow, const log_position& at) override;
  void send(std::uint64_t flow, const wire::run& run, const shared_bytes& payload) override;
  void closed(std::uint64_t flow, const error& why) override;

  environment& around_;
  copies_state& state_;
  node_turns turns_;
  own_log log_;
  own_flows own_;
  node::level_gate gate_;
  std::uint64_t reading_ = 0; // the flow to the reader here
  bool works_ = false;
  std::map<dial_id, host_index> dials_;
  std::map<link_id, node_id> peers_;
  std::map<node_id, link_id> linked_;
  std::map<std::uint64_t, served> served_; // flows of the own log
  std::optional<replication::confirm_tracker> tracker_;
  std::optional<replication::epoch_watch> epochs_;
  std::map<node_id, std::uint64_t> pulls_; // of the own log, by holder: their main demand
  std::uint64_t last_ticket_ = 0;
  /// What a holder confirmed counts, though its disk is lost before others have it too: nobody here can know.
  struct waiting_ack {
    own_log::answer answer;
    std::size_t disks_lost = 0; // when it was appended
  };
  std::map<std::uint64_t, waiting_ack> waiting_; // for copies, by ticket
  std::optional<replication::copy_keeper> keeper_;
  std::map<log_id, std::unique_ptr<held_log>> copies_;
  mono_time ticked_{};
};

} // namespace weft::sim
