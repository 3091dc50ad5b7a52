// actors/relay_downstream.hpp: one consumer's flow of another node's log, between its relay and the consumer's link.
#pragma once
#include "actors/group_words.hpp"
#include "actors/link_output.hpp"
#include "mesh/node/flow_board.hpp"
#include "mesh/routing/relay_effects.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace weft::actors {

/// Passes runs on while the link has room for them. What it has no room for waits here, at most
/// limits::flow_window_bytes a flow and limits::link_credit_bytes_max a link, whatever credit the consumer gives;
/// beyond that the flow leaves its relay, and joins again where it was when there is room: the log keeps the rest.
///
///     relay ── forward ──▶ waiting ── a place in the link's room ──▶ output
///       ◀── grant: credit, as far as what was sent before has left
///
/// It knows where the flow is, so it outlives a crash of the relay's actor, which alone uses it.
class relay_downstream {
public:
  struct parts {
    std::uint64_t id = 0;           ///< the relay's number for it, unique in the process
    std::uint64_t subscription = 0; ///< the consumer's number
    std::uint64_t flow = 0;         ///< the number towards the consumer
    routing::flow_start start;
    std::uint64_t window = 0;
    link_output_ptr output;
    std::shared_ptr<node::flow_facts> facts;
    bool moves = false;         ///< as routing::relay_in::join has it
    std::function<void()> over; ///< called when the relay has ended it and told the consumer. @thread any
  };

  explicit relay_downstream(parts with) : with_(std::move(with)), limit_(with_.window) {}

  /// For a relay that begins, or takes it over from another one: the flow goes on where it is.
  /// @param come_back  has the relay's actor call go_on(). @thread any
  [[nodiscard]] routing::relay_in::join join(std::function<void(link_room::place)> come_back);
  /// @param path      names of the nodes that it comes over, this one last
  /// @param of_group  what the source said of a member's group
  void opened(const log_position& at, const std::string& node, std::vector<std::string> path,
              const wire::flow_opened& of_group = {});
  void set_path(std::vector<std::string> path) { with_.facts->set_path(std::move(path)); }
  /// @returns whether it was taken; else the flow has to leave the relay until go_on() says otherwise
  [[nodiscard]] bool forward(wire::run run, const shared_bytes& payload, std::uint64_t events);
  /// @param granted  room for what waits   @returns whether the flow, which had left the relay, may join again
  [[nodiscard]] bool go_on(link_room::place granted);
  /// To a member of a group, whose flow it is.
  void say(const source_word& word);
  void close(const error& why);
  /// What waits is dropped.
  void drop();

  /// The consumer's absolute limit.
  void credit(std::uint64_t limit) noexcept { limit_ = std::max(limit_, limit); }
  /// The limit for the relay, if there is a higher one than before.
  [[nodiscard]] std::optional<std::uint64_t> grant() noexcept;
  /// The consumer processed everything below. @returns whether that is news
  bool commit(const log_position& until);
  [[nodiscard]] const std::optional<log_position>& committed() const noexcept { return committed_; }

  /// Whether the consumer knows the flow.
  [[nodiscard]] bool is_open() const noexcept { return next_.has_value(); }
  [[nodiscard]] std::uint64_t id() const noexcept { return with_.id; }

private:
  struct waiting_run {
    wire::run run;
    shared_bytes payload;
    link_room::place leave; // to wait
  };

  [[nodiscard]] std::uint64_t may_come() const noexcept;
  void note(const wire::run& run, const shared_bytes& payload, std::uint64_t events);
  [[nodiscard]] bool has_room(const shared_bytes& payload, link_room::place& granted);
  void send(const wire::run& run, const shared_bytes& payload);
  void beat();

  parts with_;
  std::function<void(link_room::place)> come_back_;
  std::optional<log_position> next_; // everything below came; nothing: not opened
  std::uint64_t limit_;              // absolute, as the consumer counts
  std::uint64_t used_ = 0;           // cost of what came, counted so too
  std::uint64_t passed_ = 0;         // cost of what was given to the output
  std::uint64_t base_ = 0;           // `used_` when the relay began: it counts from there
  std::uint64_t told_ = 0;           // limit that the relay has, counted so
  std::deque<waiting_run> waiting_;
  hlc log_time_;      // of what was given to the output
  bool away_ = false; // it has left the relay: what comes from there is not taken
  std::optional<log_position> committed_;
};

} // namespace weft::actors
