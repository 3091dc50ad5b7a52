// tests/sim/mesh/own_flows.hpp: flows of a simulated node's own log: carries out what flow_source decides.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/routing/flow_source.hpp"
#include "mesh/routing/level_cut.hpp"
#include "mesh/routing/start_watch.hpp"
#include "tests/sim/mesh/flow_output.hpp"
#include "tests/sim/mesh/own_log.hpp"

namespace weft::sim {

class own_flows {
public:
  /// Whether everything of a topic below a position may be read.
  using gate = std::function<bool(topic_id, const log_position&)>;

  own_flows(node_turns& turns, own_log& log, flow_output& to) : turns_(turns), log_(log), to_(to) {}

  /// Flows but those of copies get no more than what passes; advanced() makes them look again.
  void keep_back(gate passes) { passes_ = std::move(passes); }
  void open(std::uint64_t flow, const wire::demand& wanted);
  void credit(std::uint64_t flow, std::uint64_t limit);
  void leave(std::uint64_t flow) { flows_.erase(flow); }
  void advanced(seq end);
  void tick_when_due();
  [[nodiscard]] std::optional<mono_time> next_turn() const;
  [[nodiscard]] std::size_t size() const noexcept { return flows_.size(); }

private:
  using source = routing::flow_source;
  struct own_flow {
    std::function<bool(std::string_view)> wants; // topics
    wire::event_filter filter;
    routing::start_watch starts;
    std::optional<source> machine{};
    log_position reading_from{};
    bool gated = false;
    std::optional<routing::unreached_entry> waits_for{};
  };
  struct place {
    log_position at;
    routing::start_watch::starts accepted{};
  };

  [[nodiscard]] result<place> find_start(const wire::demand& wanted);
  void carry_out(std::uint64_t flow, source::effects wanted);
  void do_it(std::uint64_t flow, const source::out::read& read);
  void do_it(std::uint64_t flow, const source::out::run& run);
  void do_it(std::uint64_t flow, const source::out::gap& gap);
  void do_it(std::uint64_t flow, const source::out::close& close);
  void read_done(std::uint64_t flow, result<log::read_result> found);
  template <class In>
  void tell(std::uint64_t flow, In input);

  node_turns& turns_;
  own_log& log_;
  flow_output& to_;
  gate passes_;
  std::map<std::uint64_t, own_flow> flows_;
  mono_time ticked_{};
};

} // namespace weft::sim
