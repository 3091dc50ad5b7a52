// actors/log_repair.hpp: gets back what a log here lacks: carries out what repair_plan decides.
#pragma once
#include "actors/link_output.hpp"
#include "actors/router.hpp"
#include "mesh/replication/repair_plan.hpp"
#include "mesh/routing/flow_sink.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace weft::actors {

struct node_services;

/// Of this node's own log or of one copy. Lives in its replica's actor, which has a thread of its own: it waits for the
/// disk while it stores.
class log_repair {
public:
  using plan = replication::repair_plan;
  struct surroundings {
    node_services& services;
    log_id log;
    /// What the log lacks now.
    std::function<plan::in::sought()> sought;
    /// Puts it into the log, and calls stored(), at once or later.
    std::function<void(const plan::out::store&)> store;
    /// Sends a demand over the link; what comes is told to this object.
    std::function<void(const linked_peer&, wire::demand)> demand;
    std::function<std::vector<std::string>()> topics{}; ///< to ask for; empty: all that the holder has
    std::vector<replication::returned> kept{};          ///< of the life before
    std::function<void(const std::vector<replication::returned>&)> keep{}; ///< for the next life
  };

  explicit log_repair(surroundings with);
  /// Withdraws what was demanded.
  ~log_repair();
  log_repair(const log_repair&) = delete;
  log_repair& operator=(const log_repair&) = delete;

  /// @param name  the log's, for diagnostics
  void call(std::string name) { name_ = std::move(name); }
  /// Who has a copy of the log, or is its own node; who is asked first comes first.
  void holders(std::vector<node_id> ordered);
  void holder_ready(const node_id& id);
  void peer_up(const linked_peer& peer);
  void peer_down(const node_id& id, const link_output_ptr& output);

  void opened(const wire::flow_opened& opened, const link_output_ptr& output);
  void run(std::uint64_t demand, const wire::run& run, const shared_bytes& payload);
  void closed(std::uint64_t demand, const error& why);
  /// @param put  how many entries
  void stored(result<std::uint64_t> put);
  [[nodiscard]] bool demanded(std::uint64_t number) const { return flow_ && flow_->demand == number; }

  /// Looks whether the log lacks something else now.
  void look();
  void tick();
  [[nodiscard]] std::optional<mono_time> next_tick() const;
  /// Something is asked for or stored.
  [[nodiscard]] bool busy() const noexcept { return machine_.busy(); }
  /// As repair_plan has it.
  [[nodiscard]] bool may_come_back(const log::epoch_range& range) const { return machine_.may_come_back(range); }

private:
  using in = plan::in;
  using out = plan::out;
  struct flow {
    plan::pull_number pull = 0;
    std::uint64_t demand = 0; ///< its number
    std::uint64_t number = 0; ///< the sender's
    node_id from;
    std::optional<routing::flow_sink> sink{};
  };

  [[nodiscard]] mono_time now() const;
  [[nodiscard]] std::string name_of(const node_id& id) const;
  void carry_out();
  void do_it(const out::demand& ask);
  void do_it(const out::withdraw& gone);
  void do_it(const out::consumed& consumed);
  void do_it(const out::store& wish);
  void do_it(const out::keep& keep);
  void do_it(const out::report& report);
  void end(bool asked);

  surroundings with_;
  std::string name_;
  plan machine_;
  plan::effects fx_;
  bool carrying_out_ = false;
  std::map<node_id, linked_peer> peers_;
  std::optional<flow> flow_;
  std::vector<log::epoch_range> damaged_; // as last told
  weft::epoch current_;                   // the same
};

} // namespace weft::actors
