// tests/sim/mesh/mesh_process.hpp: a whole node on a simulated machine: member, log, router, relays, programs.
#pragma once
#include "mesh/routing/router.hpp"
#include "mesh/routing/topic_summary.hpp"
#include "tests/sim/membership/member_process.hpp"
#include "tests/sim/mesh/consumer.hpp"
#include "tests/sim/mesh/link_meter.hpp"
#include "tests/sim/mesh/node_relays.hpp"
#include "tests/sim/mesh/own_flows.hpp"

namespace weft::sim {

/// What outlives processes: programs, and what is true.
struct mesh_state {
  event_book book;
  std::map<std::uint64_t, std::unique_ptr<consumer>> consumers; ///< by number
  std::vector<std::unique_ptr<consumer>> ended;                 ///< that have unsubscribed
  std::uint64_t segment_bytes = 32U << 10U;                     ///< of logs
  bool keeps_little = false;                                    ///< of any topic, not only of the short-lived one
};

/// Carries out what the machines want, and tells each what the others have found out:
///
///     membership ──members, links──▶ router ──routes──▶ relays ──┐
///                ◀──links wanted───    ▲ refusals ─────────┘     ├──▶ peers, consumers
///     log ──synced──▶ flow_sources ──────────────────────────────┘
class mesh_process : public member_process, private flow_output, private relay_surroundings {
public:
  mesh_process(environment& around, member_setup setup, mesh_state& state);

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;
  void on_woken(std::uint64_t token) override;
  void on_stop() override;

  // --- programs here
  void publish(const std::vector<std::uint64_t>& events, ack_level level);
  void subscribe(consumer& by);
  void unsubscribe(std::uint64_t number);
  void seek(consumer& by, const log_id& log, wire::start_kind to, const log_position& at);
  void set_stopped(consumer& by, bool stopped);
  /// Of every other run that it forwards to a peer, the bytes are withheld (T48).
  void set_gray(bool gray) noexcept { gray_ = gray; }

  // --- for checkers; null or empty when the disk did not let it start
  [[nodiscard]] own_log* log() noexcept { return works() ? &log_ : nullptr; }
  [[nodiscard]] const routing::router* router() const noexcept { return works() ? &*router_ : nullptr; }
  [[nodiscard]] const node_relays& relays() const noexcept { return relays_; }
  /// Demands of the peer for the log that stand here: their numbers.
  [[nodiscard]] std::vector<std::uint64_t> serves(const node_id& peer, const log_id& log) const;
  [[nodiscard]] std::size_t flows_served() const noexcept { return served_.size(); }

private:
  /// Whom a flow goes to.
  struct target {
    log_id log;
    std::optional<node_id> peer{};  // nothing: a program here
    std::uint64_t subscription = 0; // the peer's, or the consumer's number
    bool open = false;
  };
  using flow_map = std::map<std::uint64_t, target>;

  [[nodiscard]] bool works() const noexcept { return member() != nullptr && router_; }
  void say_topic(std::size_t topic);

  // membership
  void peer_up(const node_id& peer) override;
  void peer_down(const node_id& peer) override;
  void unreachable(const node_id& peer) override;
  void happened(const membership_t::out::happened& event) override;
  void other_frame(link_id link, const node_id& from, const shared_bytes& control,
                   const shared_bytes& payload) override;
  std::optional<mono_time> next_turn() const override;
  void tell_member(const node_id& id);
  void settle();

  // from peers
  void hear(const node_id& from, const wire::demand& wanted);
  void hear(const node_id& from, const wire::withdraw& gone);
  void hear(const node_id& from, const wire::credit& credit);
  void hear(const node_id& from, const wire::flow_closed& closed);
  void hear(const node_id& from, const wire::demand_refresh& refresh);
  void hear(const node_id& from, const wire::ping& ping);
  void hear(const node_id& from, const wire::pong& pong);
  template <class Message>
  void hear(const node_id& from, const Message& message);

  // the router
  template <class In>
  void tell_router(In input) {
    if (!works()) return;
    routing::router_effects fx;
    if constexpr (requires { router_->on(input); })
      router_->on(input);
    else
      router_->on(input, now().mono, fx);
    carry_out(std::move(fx));
  }
  void carry_out(routing::router_effects wanted);
  void do_it(const routing::router_out::source_found& found);
  void do_it(const routing::router_out::source_gone& gone);
  void do_it(const routing::router_out::route& route);
  void do_it(const routing::router_out::no_route& none);
  void do_it(const routing::router_out::moved& moved);
  void do_it(const routing::router_out::refuse& refused);
  void do_it(const routing::router_out::refresh& refresh);
  void do_it(const routing::router_out::want_link& want);
  void do_it(const routing::router_out::release_link& gone);

  // relay_surroundings
  bool tell_peer(const node_id& peer, const wire::control& message) override;
  std::optional<node_id> hop_of(const log_id& log) const override { return router_->hop_of(log); }
  std::optional<wire::distance> distance_to(const log_id& log) override {
    return router_->distance_to_tell({log, log.node});
  }
  void demanded(const node_id& hop, std::uint64_t subscription, const log_id& log) override;
  void withdrawn(const node_id& hop, std::uint64_t subscription) override;
  void hop_refused(const log_id& log, const node_id& hop) override;

  // flows
  void serve(const target& whom, const wire::demand& wanted);
  void drop(std::uint64_t flow);
  void join(consumer& by, const log_id& log);
  void join_again_later(std::uint64_t consumer, const log_id& log);
  void give_credit(std::uint64_t flow, std::uint64_t limit);
  [[nodiscard]] flow_map::iterator find_flow(const std::optional<node_id>& peer, std::uint64_t subscription,
                                             const std::optional<log_id>& log = {});
  void opened(std::uint64_t flow, const log_position& at) override;
  void send(std::uint64_t flow, const wire::run& run, const shared_bytes& payload) override;
  void send_to_peer(const target& to, std::uint64_t flow, wire::run run, shared_bytes payload);
  void closed(std::uint64_t flow, const error& why) override;
  [[nodiscard]] consumer* consumer_of(std::uint64_t number) const;
  void complain(std::uint64_t consumer, const log_id& log, const error& why);

  mesh_state& state_;
  node_turns turns_;
  own_log log_;
  own_flows own_;
  node_relays relays_;
  std::optional<routing::router> router_;
  flow_map served_;
  link_meter meter_;
  routing::topic_summary_builder topics_;
  std::set<std::uint64_t> interests_; // of consumers
  bool gray_ = false, withheld_ = false;
};

} // namespace weft::sim
