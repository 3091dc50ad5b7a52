// tests/sim/mesh/consumer.hpp: a simulated program that subscribes at a node, and remembers all that it got.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/routing/relay_effects.hpp"
#include "tests/sim/mesh/event_book.hpp"
#include "tests/sim/process.hpp"

namespace weft::sim {

/// One piece of a log that came without a break: from where a flow first began to where it got, over any restarts.
struct reading {
  wire::start_kind from = wire::start_kind::end;
  log_position begin, end;                                   ///< of what came
  std::uint64_t begun_at = 0;                                ///< event_book::moment
  std::vector<std::pair<log_position, std::uint64_t>> got{}; ///< and the events' numbers
  std::vector<wire::run> gaps{};
};

/// Outlives the processes of its node, as programs do. Takes what comes by the rules of a flow's consumer.
class consumer {
public:
  struct plan {
    host_index home;
    topic_pattern pattern;
    wire::event_filter filter;
    wire::start_kind start = wire::start_kind::end;
  };

  consumer(std::uint64_t number, plan what, event_book& book) : number_(number), plan_(std::move(what)), book_(book) {}

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] const plan& what() const noexcept { return plan_; }
  [[nodiscard]] wire::demand demand_for(const log_id& log) const;
  /// Whether its pattern and filter pass the event, by its own reckoning.
  [[nodiscard]] bool wants(const published_event& event) const;

  // --- its node tells
  void subscribed(hlc now) { subscribed_ = now; }
  /// @error errc::protocol_violation  not where the flow before ended
  [[nodiscard]] result<void> opened(const log_id& log, const log_position& at);
  /// @returns a credit to give  @error errc::protocol_violation, errc::corrupt  what is wrong with it
  [[nodiscard]] result<std::optional<std::uint64_t>> take(const log_id& log, const wire::run& run,
                                                          const shared_bytes& payload);
  void closed(const log_id& log, errc why);
  /// Its node is gone, and all flows.
  void cut_off();

  // --- its program does
  /// Goes on somewhere else in this log, with its next flow.
  void seek(const log_id& log, wire::start_kind to, const log_position& at);
  /// Takes nothing any more, or all that waits. @returns credits to give
  std::vector<std::pair<log_id, std::uint64_t>> set_stopped(bool stopped);
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// Where the flow of the log has got to; nothing while there is none.
  [[nodiscard]] std::optional<log_position> place_in(const log_id& log) const;
  [[nodiscard]] const std::map<log_id, std::vector<reading>>& readings() const noexcept { return readings_; }
  /// Bytes that came and were not taken.
  [[nodiscard]] std::uint64_t held() const;

private:
  struct next_start {
    wire::start_kind kind = wire::start_kind::end;
    log_position at;
    bool goes_on = false; // with the last reading
  };
  [[nodiscard]] result<void> take_events(const log_id& log, const wire::run& run, const shared_bytes& payload,
                                         reading& into);
  [[nodiscard]] result<void> take_entry(const log_id& log, const wire::run& run, const wire::stored_entry& entry,
                                        reading& into);

  std::uint64_t number_;
  plan plan_;
  event_book& book_;
  hlc subscribed_;
  bool stopped_ = false;
  std::map<log_id, next_start> next_; // by default the plan's
  std::map<log_id, routing::flow_sink> flows_;
  std::map<log_id, std::vector<reading>> readings_;
};

} // namespace weft::sim
