// sdk/src/service/state_move.hpp: how a service whose state moves comes to have it.
#pragma once
#include "mesh/base/result.hpp"
#include "sdk/src/group_session.hpp"
#include "sdk/src/service/outbox.hpp"
#include "sdk/src/service/state_feed.hpp"
#include "sdk/src/service/state_reader.hpp"
#include "sdk/src/service/state_store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::detail {

class participant_core;
struct service_definition;

/// The node that says who has the state of a service that moves.
[[nodiscard]] std::string home_of(const service_definition& of);

/// From the start of a life until its first event:
///
///     ask the home for a term ──▶ given ──▶ the state of the term before: it is here, or it is read from the topic
///        ▲       │ another is at work          ──▶ it is published under the new term ──▶ the home knows ──▶ events
///        └───────┘ a standby follows the topic
///
/// @see ADR 20
/// @thread the service's; stands_by() any
class state_move {
public:
  struct environment {
    const service_definition& of;
    state_store& store;
    outbox& sends;
    std::function<void(std::optional<error>)> note;         ///< why it does not go on at the moment; nothing: it does
    std::function<void(const error&)> tell;                 ///< the same, to the program
    std::function<void(const group_session&)> make_room;    ///< in `sends`, unless the session ends
    std::function<bool(const group_session&)> wait_for_all; ///< of what `sends` has; false: the session ends
  };
  /// @param left             what the life before could not send
  /// @param topic_was_there  before this life made it
  state_move(environment with, std::vector<outgoing_batch> left, bool topic_was_there);

  /// @returns what each step is published by; nothing: the session ended
  /// @error why this state can't be gone on with
  [[nodiscard]] result<std::optional<state_feed>> begin(group_session& session);
  /// One that is lost can't say that an operator has moved it; this program's own node has heard of that, too. Who had
  /// the state by the lost one has lost it when its lease is over. To be called now and then.
  void look_for_other_home(group_session& session);
  /// Another has the state, and this follows it.
  [[nodiscard]] bool stands_by() const noexcept { return stands_by_; }

private:
  [[nodiscard]] result<std::optional<state_feed>> get_ready(group_session& session);
  [[nodiscard]] result<std::optional<state_grant>> wait_for_grant(group_session& session);
  [[nodiscard]] result<void> follow_others();
  void look_for_home(group_session& session);
  enum class whose : std::uint8_t {
    own,     ///< the store has it
    nobodys, ///< there is none yet
    others,  ///< the topic has it
  };
  [[nodiscard]] result<std::optional<whose>> look_at_state(group_session& session, const state_grant& grant);
  [[nodiscard]] result<void> look_at_own_log(group_session& session);
  [[nodiscard]] result<void> take_over(group_session& session, const state_grant& grant);
  [[nodiscard]] result<bool> is_newer_elsewhere(group_session& session);
  [[nodiscard]] std::vector<std::string> homes_before() const;
  [[nodiscard]] result<void> check_home(const state_mark& of) const;
  [[nodiscard]] result<void> give_up_own();
  [[nodiscard]] bool is_in_the_log() const;
  [[nodiscard]] result<std::optional<state_feed>> publish(group_session& session, const state_place& from,
                                                          std::uint64_t term);
  [[nodiscard]] result<void> publish_all(group_session& session, state_feed& feed);
  [[nodiscard]] result<void> publish_step(const state_feed::published& what, const std::string& topic);
  void hindered(const error& why);
  [[nodiscard]] group_session::deadline again_after(const error& why);

  const environment with_;
  const std::string& name_;
  const std::string& topic_;
  participant_core& in_;
  state_store& store_;
  state_reader reader_;
  std::vector<outgoing_batch> left_;
  const bool topic_was_there_;
  state_home home_;                // as it was sought last
  mono_time looked_at_home_;       // whether it is another one by now
  std::optional<state_mark> mark_; // the last in the own node's log
  std::atomic<bool> stands_by_ = false;
  std::set<errc> told_; // why it was hindered
  int tries_ = 0;       // in vain, since something was read
};

} // namespace weft::detail
