// actors/held_copy.hpp: one copy of another node's log: carries out what replica_puller decides.
#pragma once
#include "actors/link_output.hpp"
#include "actors/log_repair.hpp"
#include "actors/router.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/log/replica_log.hpp"
#include "mesh/node/synced_signal.hpp"
#include "mesh/replication/catch_up_rate.hpp"
#include "mesh/replication/copy_scope.hpp"
#include "mesh/replication/replica_puller.hpp"
#include "mesh/routing/flow_sink.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <variant>

namespace weft::actors {

/// Lives in its replica's actor, which has a thread of its own. What the store has to do waits until step(), behind
/// what has come by then: so one sync serves all that came while the one before ran.
class held_copy {
public:
  struct surroundings {
    node_services& services;
    weft::disk& disk;
    std::string directory; ///< of logs and copies
    replication::catch_up_rate& rate;
    /// Sends a demand over the link; what comes is told to this object.
    std::function<void(const linked_peer&, wire::demand)> demand;
    /// Whether flows can be read from the copy.
    std::function<void(bool)> serves;
    /// Has the actor call step() behind what waits for it.
    std::function<void()> step_soon;
  };

  held_copy(surroundings with, log_id log);
  /// Withdraws what was demanded.
  ~held_copy();
  held_copy(const held_copy&) = delete;
  held_copy& operator=(const held_copy&) = delete;

  void hold(const replication::copy_keeper::out::hold& wanted, std::string node);
  void source_up(const linked_peer& peer);
  void source_down(const link_output_ptr& output);

  void opened(const wire::flow_opened& opened, const link_output_ptr& output);
  void run(std::uint64_t demand, const wire::run& run, const shared_bytes& payload);
  void closed(std::uint64_t demand, const error& why);
  void settled(const wire::copies_settled& said);
  void scope(const wire::copy_scope& said);

  /// Carries out what waits for the disk.
  void step();
  void tick();
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// The log's node has said that nothing of it is needed here any more; the copy is closed.
  [[nodiscard]] bool given_up() const noexcept { return given_up_; }
  [[nodiscard]] bool demanded(std::uint64_t number) const { return flows_.contains(number); }

  /// Of what can't be read of the copy: from the log's node, or another copy.
  [[nodiscard]] log_repair& repair() noexcept { return repair_; }

private:
  using puller = replication::replica_puller;
  using in = puller::in;
  using out = puller::out;
  /// Topics of the log that the copy does not have.
  struct more_others {
    std::set<std::string> names;
  };
  using request = std::variant<out::open_store, out::set_topics, out::take, out::move_starts, out::sync, more_others>;
  struct flow {
    puller::pull_number pull = 0;
    std::uint64_t number = 0; ///< the sender's
    std::optional<routing::flow_sink> sink{};
    std::uint64_t behind_cost = 0; ///< of runs that came while it was behind and are not consumed
  };
  struct grant {
    mono_time at;
    puller::pull_number pull = 0;
    std::uint64_t cost = 0;
  };

  [[nodiscard]] mono_time now() const;
  [[nodiscard]] mono_time settles_at() const;
  void hold_what_is_told();
  void carry_out();
  void do_it(const out::demand& ask);
  void do_it(const out::withdraw& gone);
  void do_it(const out::consumed& consumed);
  void do_it(const out::holds& holds);
  void do_it(const out::confirm& confirm);
  void do_it(const out::alarm& alarm);
  template <class Request>
    requires std::is_constructible_v<request, Request>
  void do_it(Request& wish) {
    requests_.emplace_back(std::move(wish));
  }
  [[nodiscard]] result<void> carry_out(const out::open_store&);
  [[nodiscard]] result<void> carry_out(const out::set_topics& wish);
  [[nodiscard]] result<void> carry_out(const out::take& wish);
  [[nodiscard]] result<void> carry_out(const out::move_starts& wish);
  [[nodiscard]] result<void> carry_out(const out::sync& wish);
  [[nodiscard]] result<void> carry_out(const more_others& told);
  [[nodiscard]] result<void> keep_others();
  [[nodiscard]] std::string others_path() const;
  [[nodiscard]] replication::repair_plan::in::sought damaged() const;
  [[nodiscard]] result<std::uint64_t> put_right(const replication::repair_plan::out::store& wish);
  void shelve();
  void take_off_shelf();
  void give(puller::pull_number pull, std::uint64_t cost);
  void end(std::uint64_t demand, const error& why);
  void tell_problem(const error& why);
  void remove_files();

  surroundings with_;
  log_id log_;
  std::string node_; // the log's, its name
  std::vector<std::string> wanted_;
  mono_time wanted_since_{};
  std::optional<std::vector<node_id>> settled_; // not acted on yet
  std::optional<linked_peer> peer_;
  std::optional<replication::copy_keeper::out::hold> told_; // what to hold, last
  puller::effects fx_;
  puller machine_;
  std::shared_ptr<log::replica_log> store_;
  replication::copy_scope scope_;
  std::shared_ptr<node::synced_signal> grown_ = std::make_shared<node::synced_signal>();
  bool serves_ = false;
  std::deque<request> requests_;
  std::string problem_told_; // since the last sync
  bool step_due_ = false;
  std::map<std::uint64_t, flow> flows_;      // by the demand's number
  std::optional<std::uint64_t> main_demand_; // which of them holdings are told of
  std::uint64_t opening_ = 0;                // the demand whose flow just opened
  std::deque<grant> grants_;                 // put off: live flows come first
  std::optional<mono_time> maintain_at_;     // something came since the last round
  log_repair repair_;
  bool given_up_ = false;
};

} // namespace weft::actors
