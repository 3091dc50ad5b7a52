// sdk/src/service/service_life.hpp: a service from a start to its end: takes events, lets handlers work, makes steps.
#pragma once
#include "sdk/src/callbacks.hpp"
#include "sdk/src/group_session.hpp"
#include "sdk/src/service/attempt.hpp"
#include "sdk/src/service/errand_desk.hpp"
#include "sdk/src/service/handler_pool.hpp"
#include "sdk/src/service/outbox.hpp"
#include "sdk/src/service/reply_inbox.hpp"
#include "sdk/src/service/service_handlers.hpp"
#include "sdk/src/service/state_move.hpp"
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/step.hpp"
#include "sdk/src/service/step_writer.hpp"
#include "sdk/src/service/timer_book.hpp"
#include "sdk/src/service/timer_view.hpp"
#include "sdk/src/service/working_state.hpp"
#include "weft/service.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weft::detail {

class participant_core;

/// What a service is in all its lives.
struct service_definition {
  /// By all its shards.
  struct counted {
    std::atomic<std::uint64_t> handled = 0, failed = 0, restarts = 0;
  };

  std::shared_ptr<participant_core> in;
  std::string name;  ///< of several shards each has one
  std::string group; ///< of all of them
  service_options options;
  service_handlers handlers{};
  wire::state_shard shard{};
  wire::process_id process{}; ///< of a state in several shards
  std::shared_ptr<counted> counts = std::make_shared<counted>();

  void tell_stopped(const error& why) const;
};

/// One thread, the worker of a group's session, does all but call handlers if those have threads of their own, and
/// write steps:
///
///     take events ──▶ handlers ──▶ merge ──▶ write ──▶ outbox ──acknowledged──▶ finish the events
///     and timers                     │         │
///                                    │         └ one transaction: state, timers, what was handled, what is published
///                                    └ again, if what a handler had read was changed meanwhile
///
/// Errands have threads of their own as well: one begins when the step that gave it out is on disk, and its end is part
/// of a later one.
///
/// The next step fills while one is written, and while the outbox waits; another begins when that has less than
/// limits::outbox_batches_max. What a handler reads that is not in memory waits for the disk as the writer does.
///
/// With handlers at the same time each works on the state as it is then; when it returned, what it had read must be
/// what the state is now, or it is called again. So all is as if they had been called in the order of their merges
/// (Kung and Robinson, "On optimistic methods for concurrency control", 1981, backward validation by values).
/// @thread close() from one at a time; the rest any
class service_life : public std::enable_shared_from_this<service_life> {
public:
  /// Opens the state, and joins the group. @error as service::start()
  /// @param begins  called when it is there, before it calls any handler
  /// @param ended   called when it ended, once, on its thread
  [[nodiscard]] static result<void> start(const std::shared_ptr<service_definition>& of,
                                          const std::function<void(const std::shared_ptr<service_life>&)>& begins,
                                          std::function<void()> ended);

  /// Ends it, and waits for that unless a thread of it calls. Then the state may be opened by another.
  void close();
  /// The member of the group. Nothing: it was closed.
  [[nodiscard]] std::shared_ptr<group_session> session() const;
  [[nodiscard]] bool ends() const;                    ///< it takes no more events
  [[nodiscard]] bool has_ended() const;               ///< its thread does nothing any more
  [[nodiscard]] std::optional<error> stopped() const; ///< why it ended by itself
  [[nodiscard]] bool has_taken_a_step() const;
  [[nodiscard]] bool has_given_up() const; ///< its state was wanted elsewhere: that is why it ends
  [[nodiscard]] bool has_state() const;    ///< as far as it knows
  [[nodiscard]] bool is_on_its_thread() const;
  /// Its state on disk. To be let go of soon: as long as anybody has it nobody else can open it.
  [[nodiscard]] std::shared_ptr<const state_store> state() const { return store_; }
  void add_health(service_health& to) const;

private:
  using steady = std::chrono::steady_clock;
  /// A step that is on disk, and its events that wait until what it published is acknowledged.
  struct unsettled {
    std::size_t batches = 0; // not acknowledged
    std::vector<group_job> jobs;
  };
  /// Where events are in an order that the state has to know.
  struct order {
    log_id log;
    slot of;
    std::uint64_t generation = 0;
    friend auto operator<=>(const order&, const order&) = default;
  };

  service_life(std::shared_ptr<service_definition> of, std::function<void()> ended, std::shared_ptr<state_store> store);
  void begin(group_session& session);
  void work(group_session& session);
  void moves(std::vector<outgoing_batch> left, bool topic_was_there);
  [[nodiscard]] bool begin_state(group_session& session);
  [[nodiscard]] bool wait_for_all_sent(const group_session& session);
  void settle(std::vector<group_job> acknowledged);
  void end(group_session& session);

  void start_threads();
  [[nodiscard]] result<void> hear_replies();
  [[nodiscard]] bool gather(group_session& session);
  void note_written();
  void resume_outbox(group_session& session);
  [[nodiscard]] group_session::deadline next_resume() const;
  [[nodiscard]] group_session::deadline next_look(bool waits) const;
  void take_job(group_session& session, group_job job);
  void count_as_handled(group_session& session, group_job job, bool is_known);
  void call(group_session& session, handler_pool::work one);
  void run(attempt& one);
  void merge_done(group_session& session);
  void merge(group_session& session, handler_pool::work one);
  /// Whether what it read is not what the state is any more. @error that of the disk
  [[nodiscard]] result<bool> is_outdated(const attempt& one);
  void refuse(group_session& session, attempt& one);
  void finish_at_work(group_session& session);

  void arm_intervals(group_session& session);
  [[nodiscard]] bool take_timer(group_session& session);
  void take_replies(group_session& session);
  [[nodiscard]] result<void> note_reply(const event& reply);
  /// As the step, the one that is being written, or the disk has them.
  [[nodiscard]] timer_view timers() const { return {*store_, {&step_.timers(), being_written_.get()}}; }
  void take_request(group_session& session, handler_pool::work one);
  [[nodiscard]] result<void> open_desk();
  /// Takes what errands came to, and begins others.
  void do_errands(group_session& session);
  void settle_errands(group_session& session);
  void tell_given_up(const error& why) const;
  void arm_next(const service_handlers::timed& of, const timer_id& id, wall_time after);
  [[nodiscard]] microseconds backoff(std::uint32_t tries) const;

  /// Gives the step to be written. @returns whether it may go on
  [[nodiscard]] bool write_step();
  void on_written(sealed_step& whole);
  [[nodiscard]] bool on_not_written(const error& failed);
  void wait_for_room(const group_session& session);
  void on_acknowledged(std::int64_t batch);
  void on_unpublishable(const error& why);
  void note_hindered(const error& why);
  void on_hindered(const error& why);
  void tell_hindered(const error& why) const;
  void broke(group_session& session, const error& why) const;

  const std::shared_ptr<service_definition> definition_;
  service_definition& of_;
  const std::function<void()> ended_;
  const std::shared_ptr<state_store> store_;
  const std::shared_ptr<outbox> outbox_;
  std::unique_ptr<handler_pool> pool_; // nothing: handlers run on the worker's thread
  working_state state_;
  const handling_environment handling_;

  // the worker's
  std::vector<outgoing_batch> left_; // by the life before
  std::unique_ptr<state_move> move_; // of a state that moves
  step step_;
  std::map<order, std::set<log_position>> at_work_;    // events that the pool has
  std::deque<handler_pool::work> done_;                // by the pool, and not merged
  std::shared_ptr<const timer_changes> being_written_; // of the step that is
  timer_book timers_;
  std::unique_ptr<errand_desk> desk_;          // from when the state is there
  std::deque<errand_desk::work> errands_done_; // and not settled
  bool timers_turn_ = true;                    // of the next due one and the next event
  steady::time_point replies_until_;           // before it no request's time is over
  std::set<std::string> missing_;              // continuations that wait for another program
  steady::time_point last_resume_;

  std::atomic<std::size_t> held_ = 0; // events that were taken and are not finished
  bool told_hindered_ = false;        // the writer's: since the last step that is on disk
  std::unique_ptr<step_writer> writer_;
  std::unique_ptr<reply_inbox> replies_; // nothing: it asks nobody

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<group_session> session_;
  std::thread::id thread_;            // the worker's, while it works
  bool works_ = true;                 // it has not ended
  bool stepped_ = false;              // a step is on disk
  std::optional<error> stopped_;      // why it ended by itself
  bool numbers_lost_ = false;         // the log waits for another sequence than the outbox has
  std::vector<group_job> unfinished_; // acknowledged when the state might have been another's
  std::optional<error> hindered_why_; // since then no step was whole
  std::map<std::int64_t, std::shared_ptr<unsettled>> unacknowledged_; // by batch
};

} // namespace weft::detail
