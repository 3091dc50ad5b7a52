// tests/sim/copies/held_log.hpp: one copy at a simulated holder: carries out what replica_puller decides.
#pragma once
#include "mesh/replication/copy_keeper.hpp"
#include "mesh/replication/replica_puller.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "tests/sim/mesh/node_turns.hpp"

#include <set>

namespace weft::sim {

/// The store has a thread of its own: what it has to do waits, and a sync takes some milliseconds.
class held_log {
public:
  /// @param tell  the log's node, if there is a link
  held_log(node_turns& turns, const log_id& log, std::function<void(const wire::control&)> tell);

  void hold(const replication::copy_keeper::out::hold& wanted);
  void source_up();
  void source_down();
  void settled(const std::vector<node_id>& holders);

  // from the log's node
  void opened(const wire::flow_opened& message);
  void run(const wire::run& message, const shared_bytes& payload);
  void closed(const wire::flow_closed& message);

  void tick_when_due();
  [[nodiscard]] std::optional<mono_time> next_turn() const;

  [[nodiscard]] const log_id& id() const noexcept { return log_; }
  /// Null while it is not open.
  [[nodiscard]] log::replica_log* store() const noexcept { return store_.get(); }
  [[nodiscard]] const replication::replica_puller& machine() const noexcept { return machine_; }
  /// Topics that the log's node was told to be whole here.
  [[nodiscard]] const std::set<std::string>& whole() const noexcept { return whole_; }

private:
  using puller = replication::replica_puller;
  using in = puller::in;
  using out = puller::out;
  using request = std::variant<out::open_store, out::set_topics, out::take, out::move_starts, out::sync>;
  struct flow {
    puller::pull_number pull = 0;
    std::uint64_t number = 0; // the sender's
    std::optional<routing::flow_sink> sink{};
  };
  using flow_map = std::map<std::uint64_t, flow>; // by subscription

  [[nodiscard]] mono_time settles_at() const;
  void carry_out();
  void do_it(const out::demand& ask);
  void do_it(const out::withdraw& gone);
  void do_it(const out::consumed& consumed);
  void do_it(const out::holds& holds);
  void do_it(const out::confirm& confirm);
  void do_it(const out::alarm& alarm);
  template <class Request>
    requires std::is_constructible_v<request, Request>
  void do_it(const Request& wish) {
    requests_.emplace_back(wish);
  }
  [[nodiscard]] flow_map::iterator flow_of(puller::pull_number pull);
  void step();
  void do_next();
  [[nodiscard]] result<void> store_does(const out::open_store&);
  [[nodiscard]] result<void> store_does(const out::set_topics& wish);
  [[nodiscard]] result<void> store_does(const out::take& wish);
  [[nodiscard]] result<void> store_does(const out::move_starts& wish);
  [[nodiscard]] result<void> store_does(const out::sync& wish);

  node_turns& turns_;
  log_id log_;
  std::function<void(const wire::control&)> tell_;
  puller::effects fx_;
  puller machine_;
  std::unique_ptr<log::replica_log> store_;
  std::deque<request> requests_;
  bool stepping_ = false;
  bool linked_ = false;
  flow_map flows_;
  std::uint64_t main_ = 0, opening_ = 0; // subscriptions
  std::set<std::string> whole_;
  std::vector<std::string> wanted_;
  mono_time wanted_since_{};
  std::optional<std::vector<node_id>> settled_; // to be heeded when all nodes know the same
};

} // namespace weft::sim
