// sdk/src/service/service_core.hpp: one running service: takes events, lets handlers work, and makes steps of it.
#pragma once
#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/callbacks.hpp"
#include "sdk/src/group_session.hpp"
#include "sdk/src/service/outbox.hpp"
#include "sdk/src/service/state_store.hpp"
#include "weft/service.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weft::detail {

class participant_core;

/// What one event is for a topic's handlers.
using event_action = std::function<result<void>(context&)>;

/// One thread, the worker of a group's session:
///
///     take events ──▶ handlers ──▶ commit ──▶ outbox ──acknowledged──▶ finish the events
///                                     │
///                                     └ one transaction: state, what was handled, what is to be published
///
/// The next step fills while the outbox waits, until that has limits::outbox_batches_max.
/// @thread start(), stop() and handle() from one at a time; read() and wait() from any
class service_core : public std::enable_shared_from_this<service_core> {
public:
  service_core(std::shared_ptr<participant_core> in, std::string name, service_options options);

  void handle(std::string_view topic, std::string_view type, event_action what);
  [[nodiscard]] result<void> start();
  void stop();
  [[nodiscard]] result<void> wait();
  [[nodiscard]] result<std::optional<std::string>> read(const state_key& of) const;

private:
  struct typed_action {
    std::string type;
    event_action what;
  };
  /// What has been done since the last commit.
  struct step {
    std::vector<group_job> jobs;
    state_changes changes;
    std::map<std::string, wire::batch_builder, std::less<>> filling; // by topic
    std::vector<outgoing_batch> batches;
    std::unordered_map<std::string, state_store::producer> producers;
    std::size_t bytes = 0;
  };
  /// A step that was committed.
  struct committed {
    std::size_t batches = 0; // not acknowledged
    std::vector<group_job> jobs;
  };

  [[nodiscard]] result<std::string> pattern() const;
  [[nodiscard]] result<std::string> directory() const;
  [[nodiscard]] result<std::shared_ptr<state_store>> open_state() const;
  [[nodiscard]] std::shared_ptr<outbox> make_outbox();
  void begin(group_session& session, const std::vector<outgoing_batch>& left);
  void end();
  [[nodiscard]] std::shared_ptr<group_session> session() const;
  [[nodiscard]] const event_action* action_for(const event& what) const;
  [[nodiscard]] result<void> handle_one(const event& what);

  void work(group_session& session);
  void take_in(group_session& session, group_job job);
  [[nodiscard]] bool is_full() const;
  /// Tries until the disk takes it. @returns whether it did before the session ended
  [[nodiscard]] bool commit(group_session& session);
  void settle(group_session& session);
  void wait_for_room(const group_session& session);
  void on_acknowledged(std::int64_t batch);
  void on_unpublishable(const error& why);
  void tell_hindered(const error& why) const;
  void remember(const state_key& of, const std::optional<std::string>& value);
  [[nodiscard]] bool is_on_its_thread() const;
  void forget_acknowledged();

  [[nodiscard]] result<std::optional<std::string>> current(const state_key& of);
  [[nodiscard]] result<state_store::producer> producer_of(const std::string& topic);
  void seal(const std::string& topic, wire::batch_builder& filling);

  const std::shared_ptr<participant_core> in_;
  const std::string name_;
  const service_options options_;
  const callbacks program_;
  std::multimap<std::string, typed_action, std::less<>> actions_; // by topic

  std::shared_ptr<outbox> outbox_;

  // the worker's
  std::shared_ptr<state_store> work_store_;
  step step_;
  state_changes known_; // values as of the last step, a part of them
  std::size_t known_bytes_ = 0;
  std::optional<error> broken_; // the state could not be read for the present event
  bool told_hindered_ = false;  // since the last whole step
  std::chrono::steady_clock::time_point last_resume_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<state_store> store_;
  std::shared_ptr<group_session> session_;
  std::thread::id thread_;    // the worker's
  bool works_ = false;        // it has not ended
  bool numbers_lost_ = false; // the log waits for another sequence than the outbox has
  std::map<std::int64_t, std::shared_ptr<committed>> unacknowledged_; // by batch
  std::vector<std::int64_t> acknowledged_;                            // and still in the store
};

} // namespace weft::detail
