// sdk/src/service/step.hpp: what a service has done and is not yet sealed to be written.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/group_inbox.hpp"
#include "sdk/src/service/one_event.hpp"
#include "sdk/src/service/state_feed.hpp"
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/working_state.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weft::detail {

/// A step as it goes to disk, in one transaction.
struct sealed_step {
  const state_changes& changes; ///< of the working state, there until that has heard that they are written
  std::vector<handled_places::part> handled;
  std::vector<outgoing_batch> batches;
  std::unordered_map<std::string, state_store::producer> producers;
  std::shared_ptr<const timer_changes> timers;
  std::vector<group_job> jobs; ///< the events that are handled with it
  std::optional<state_place> place{};
};

/// Fills with the effects of events, is sealed, and empty again.
/// @thread the service's
class step {
public:
  /// @param all_sent  whether no batch of a step before waits to be written, or for its acknowledgement
  step(state_store& store, working_state& state, random_source& random, weft::clock& clock,
       std::function<bool()> all_sent)
      : store_(store), state_(state), random_(random), clock_(clock), all_sent_(std::move(all_sent)) {}

  /// From now on what steps change of the state is published behind what they publish. @pre empty()
  void publish_state(state_feed to) {
    feed_.emplace(std::move(to));
    store_.handled().note_pieces();
  }

  /// What a handler did. @error that of the disk: nothing of it was taken
  [[nodiscard]] result<void> take(one_event& effects);
  /// This event is handled with it.
  void take(group_job job) { jobs_.push_back(std::move(job)); }
  void set_timer(const timer_id& of, std::optional<timer_row> row);
  [[nodiscard]] const timer_changes& timers() const noexcept { return timers_; }

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] bool is_full() const noexcept;

  /// Another one begins. @pre the one before is written
  [[nodiscard]] sealed_step seal();

private:
  [[nodiscard]] result<std::optional<state_store::producer>> producer_before(const std::string& topic) const;
  [[nodiscard]] result<void> find_producer(const std::string& topic);
  void publish(const one_event::output& what);
  void seal(const std::string& topic, wire::batch_builder& filling);
  void publish_changes(sealed_step& of);

  state_store& store_;
  working_state& state_;
  random_source& random_;
  weft::clock& clock_;
  const std::function<bool()> all_sent_;

  std::optional<state_feed> feed_;
  std::vector<group_job> jobs_;
  timer_changes timers_;
  std::map<std::string, wire::batch_builder, std::less<>> filling_; // by topic
  std::vector<outgoing_batch> batches_;
  std::unordered_map<std::string, state_store::producer> producers_; // of this step
  std::unordered_map<std::string, state_store::producer> before_; // as the last step left them: it may not be on disk
  std::size_t bytes_ = 0;                                         // of what is published
  std::size_t timer_bytes_ = 0;
  std::vector<wire::header_view::header> scratch_;
};

} // namespace weft::detail
