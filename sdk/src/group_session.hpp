// sdk/src/group_session.hpp: one running subscription as a member of a group.
#pragma once
#include "sdk/src/callbacks.hpp"
#include "sdk/src/consumer.hpp"
#include "sdk/src/group_inbox.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace weft::detail {

class group_session;
/// Takes jobs and settles them until none comes any more, on a thread of the session.
using group_worker = std::function<void(group_session&)>;

/// The node's thread puts events into the inbox; handler threads, or the caller of poll(), take them out and say what
/// became of each; a thread of its own tells the group so, and gives signs of life.
class group_session final : public consumer, public std::enable_shared_from_this<group_session> {
public:
  group_session(const session_environment& environment, demand_settings demand, wire::group_membership who,
                const subscription_options& options, event_handler handler);
  /// The same, with one thread that does `work`. close() waits for its end; what it has not settled comes again.
  group_session(const session_environment& environment, demand_settings demand, wire::group_membership who,
                const subscription_options& options, group_worker work, std::optional<state_home> home = {});
  ~group_session() override;

  void start(bool connected) override;
  void on_connected() override;
  void on_lost() override;
  void on_message(const wire::control& message, const shared_bytes& payload) override;
  void on_refused(const error& why) override;

  [[nodiscard]] result<std::optional<event>> poll(microseconds within) override;
  /// Of a key one event at most.
  [[nodiscard]] result<std::vector<event>> poll_batch(std::size_t most, microseconds within) override;
  void commit() override;
  void done(const event& processed) override;
  void failed(const event& tried, std::string_view cause) override;
  void rejected(const event& tried, std::string_view cause) override;
  void close() override;
  [[nodiscard]] result<void> wait() override;
  [[nodiscard]] std::optional<error> stopped() const override;
  [[nodiscard]] std::vector<log_progress> progress() const override;

  // for a worker
  using deadline = std::optional<std::chrono::steady_clock::time_point>;
  /// Nothing when none came in time, wake() was called, or the subscription ends: see ends().
  [[nodiscard]] std::optional<group_job> take_job(const deadline& until);
  /// Waits until wake() was called, or the subscription ends. Takes no job.
  void rest(const deadline& until);
  /// Makes take_job() return when it waits, and rest(): now or when it is called. @thread any
  void wake();
  /// What close() begins, for who may not wait for the worker. @thread any
  void begin_close();
  [[nodiscard]] bool ends() const;
  /// Waits until the home lets it have the state, or the subscription ends. @returns nothing: not yet
  [[nodiscard]] std::optional<state_grant> wait_for_state(const deadline& until);
  /// As the inbox. @thread any
  void find_home(const log_id& log);
  void begin_term(std::uint64_t term);
  /// Waits until events may begin, or the subscription ends. @returns whether they may
  [[nodiscard]] bool wait_for_begin(const deadline& until);
  // as the inbox. @thread any
  [[nodiscard]] bool holds_state() const;
  [[nodiscard]] std::optional<mono_time> state_until() const; ///< nothing: it does not hold it
  [[nodiscard]] bool has_begun() const;
  [[nodiscard]] std::optional<error> put_off() const;
  [[nodiscard]] state_home home() const; ///< @pre it has one
  /// How long it has not said anything; since that is asked, if it never has. @pre it has one
  [[nodiscard]] microseconds home_silent_for(mono_time since) const;
  void go_to_home(const std::string& node); ///< as the inbox
  /// The home wants the state elsewhere: it ends therefore.
  [[nodiscard]] bool gives_up() const;
  /// The next of its key may begin.
  void let_next(group_job& job);
  /// They were handled. @thread any
  void finish(const std::vector<group_job>& jobs);
  /// It can't be handled now, or with errc::rejected never. @thread any
  void fail_job(const group_job& job, const error& why) { settle(job, why); }
  /// The subscription can't go on. @thread any
  void stop(const error& why);

private:
  using lock = std::unique_lock<std::mutex>;

  void keep_time();
  void dispatch();
  [[nodiscard]] bool handle(const group_job& job);
  [[nodiscard]] std::optional<group_job> next_job(lock& held, const deadline& until);
  [[nodiscard]] bool meet_gap(const waiting_run& run, lock& held);
  void settle(const group_job& job, const std::optional<error>& why);
  void settle_given(const event& tried, const std::optional<error>& why);
  [[nodiscard]] bool tell(const group_job& job, const std::optional<error>& why);
  void given_are_done();
  void send(group_inbox::sends& messages);
  void fail_with(const error& why);
  void give_up_if_asked();
  void begin_to_leave();
  void leave_when_done();
  void withdraw();
  void tell_stopped();
  [[nodiscard]] mono_time now() const { return at_.clock.mono(); }
  [[nodiscard]] bool manual() const noexcept { return options_.commit == commit_mode::manual; }

  const session_environment at_;
  const subscription_options options_;
  const callbacks program_;
  const group_worker work_;
  std::vector<std::thread> threads_;

  mutable std::mutex mutex_; // held over door.send(), so that messages leave in the order of the inbox's decisions
  std::condition_variable changed_; // for who takes events
  std::condition_variable due_;     // for who keeps time
  const bool with_home_ = false;
  group_inbox inbox_;
  std::map<std::pair<log_id, log_position>, group_job> given_; // by poll()
  std::set<std::thread::id> dispatching_;                      // threads that may be in a handler, on_gap or on_stopped
  std::set<std::thread::id> closers_;                          // of these: in close()
  std::optional<error> failure_;                               // why it ended by itself
  bool told_ = false;                                          // on_stopped was called
  bool closing_ = false;
  bool woken_ = false;
  bool gives_up_ = false;
  bool gone_ = false; // the group was told that this member has left
};

} // namespace weft::detail
