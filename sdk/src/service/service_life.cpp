#include "sdk/src/service/service_life.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/requests.hpp"
#include "sdk/src/service/request_row.hpp"
#include "sdk/src/service/state_topic.hpp"
#include "weft/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <system_error>
#include <utility>

namespace weft::detail {
namespace {

/// As the group's session has it; the life itself tells why it stopped.
subscription_options as_member(const service_definition& of) {
  const auto& options = of.options;
  subscription_options wanted;
  wanted.from = options.from;
  wanted.group = {.name = of.group,
                  .on_failing = options.on_failing,
                  .deliveries_max = options.deliveries_max,
                  .backoff_first = options.backoff_first,
                  .backoff_most = options.backoff_most,
                  .events_max = limits::group_window_events_max};
  wanted.on_stopped = [](const error&) {};
  return wanted;
}

/// Whether the disk may take a step another time.
bool may_pass(errc code) { return code == errc::disk_full || code == errc::io_error || code == errc::descriptors_out; }

result<std::shared_ptr<state_store>> open_state(const service_definition& of) {
  const auto node = of.in->node();
  if (!node) return fail(errc::not_connected, fmt::format("the service {} has not reached its node yet", of.name));
  auto opened = state_store::open(of.options.state_dir, of.name, of.in->random());
  if (!opened) return fail(opened.error());
  if (const auto there = (*opened)->publish_at(*node); !there) return fail(there.error());
  return std::shared_ptr<state_store>(std::move(*opened));
}

/// Nothing: the state does not move.
result<std::optional<state_home>> state_home_of(const service_definition& of, const state_store& store) {
  const auto& [name, options, place] = std::tie(of.name, of.options, store.place());
  if (options.state_topic.empty() && (place || store.is_in_part()))
    return fail(errc::denied,
                fmt::format("the state of {} moves, another process may have gone on with it: name its state_topic{}. "
                            "Without one take another name, or a new directory and `weft groups delete {}`",
                            name, place ? ", " + place->topic : std::string(), of.group));
  if (options.state_topic.empty()) return std::optional<state_home>{};
  return std::optional(state_home{home_of(of), {}, options.standby || of.shard.of > 1, place ? place->at.term : 0});
}

} // namespace

void service_definition::tell_stopped(const error& why) const {
  try {
    if (options.on_stopped)
      options.on_stopped(why);
    else
      report(why.within(fmt::format("the service {} ended", name)));
  } catch (...) { // nobody is left to tell
  }
}

// --- start and end

service_life::service_life(std::shared_ptr<service_definition> of, std::function<void()> ended,
                           std::shared_ptr<state_store> store)
    : definition_(std::move(of)),
      of_(*definition_),
      ended_(std::move(ended)),
      store_(std::move(store)),
      outbox_(std::make_shared<outbox>(of_.in->door(), of_.options.level,
                                       outbox::callbacks{[this](std::int64_t batch) { on_acknowledged(batch); },
                                                         [this](const error& why) { on_unpublishable(why); },
                                                         [this](const error& why) { on_hindered(why); }})),
      state_(store_),
      handling_{of_.name,
                of_.in->random(),
                [this](const state_key& at) { return state_.read(at); },
                of_.handlers,
                reply_token(of_.name),
                of_.options.threads > 1,
                of_.options.state_topic},
      step_(*store_, state_, of_.in->random(), of_.in->clock(),
            [this] { return !writer_->is_busy() && outbox_->size() == 0; }),
      being_written_(std::make_shared<const timer_changes>()),
      timers_(*store_) {}

result<void> service_life::start(const std::shared_ptr<service_definition>& of,
                                 const std::function<void(const std::shared_ptr<service_life>&)>& begins,
                                 std::function<void()> ended) {
  const auto reads = of->handlers.pattern(of->name, of->options.pattern);
  if (!reads) return fail(reads.error());
  bool topic_was_there = false;
  if (const auto& options = of->options; !options.state_topic.empty()) {
    const auto there = need_state_topic(*of->in, of->name, options.state_topic, options.state_copies);
    if (!there) return fail(there.error());
    topic_was_there = there->was_there;
  }
  auto opened = open_state(*of);
  if (!opened) return fail(opened.error());
  auto home = state_home_of(*of, **opened);
  if (!home) return fail(home.error());
  auto left = (*opened)->unsent();
  if (!left) return fail(left.error());
  const std::shared_ptr<service_life> made{new service_life(of, std::move(ended), *std::move(opened))};
  if (*home)
    made->moves(*std::move(left), topic_was_there);
  else
    made->left_ = *std::move(left);
  try {
    made->start_threads();
  } catch (const std::system_error& why) {
    return fail(errc::io_error, fmt::format("the service {} can't have its threads: {}", of->name, why.what()));
  }
  auto options = as_member(*of);
  if (of->options.on_gap)
    options.on_gap = [life = made.get()](const gap& missing) { // on the worker's thread
      const auto at = life->session();
      if (at) life->finish_at_work(*at);
      life->store_->handled().pass_over(missing.log, missing.from.epoch);
      life->of_.options.on_gap(missing);
      if (at) at->wake(); // the worker looks for what was merged here
    };
  auto joined = of->in->join(
      *reads, options, {made->store_->member(), of->shard, of->process},
      [self = made](group_session& session) mutable {
        const auto life = std::exchange(self, nullptr); // the session may stay longer
        life->begin(session);
        life->work(session);
        life->end(session);
      },
      *std::move(home));
  if (!joined) return fail(joined.error());
  begins(made);
  const std::lock_guard held{made->mutex_};
  made->session_ = std::move(*joined);
  made->changed_.notify_all();
  return {};
}

void service_life::start_threads() {
  const auto wake = [this] {
    if (const auto at = session()) at->wake();
  };
  writer_ = std::make_unique<step_writer>(
      *store_, step_writer::callbacks{[this](sealed_step& whole) { on_written(whole); }, wake,
                                      [this](const error& why) { return on_not_written(why); }});
  if (of_.options.threads > 1)
    pool_ = std::make_unique<handler_pool>(
        static_cast<std::size_t>(of_.options.threads), [this](attempt& one) { run(one); }, wake);
}

/// Before it asks anybody, and when the state says what is open.
result<void> service_life::hear_replies() {
  std::vector<reply_inbox::asked> endpoints;
  for (const auto& requests : of_.handlers.asked()) {
    const auto oldest = store_->first_timer(request_id(requests, 0).name);
    if (!oldest) return fail(oldest.error());
    endpoints.push_back({requests, *oldest ? asked_at(**oldest) : std::nullopt});
  }
  if (endpoints.empty()) return {};
  try {
    auto opened = reply_inbox::open(
        of_.name, endpoints,
        [this](const std::string& pattern, const subscription_options& options, event_handler handler) {
          return of_.in->subscribe(pattern, options, std::move(handler));
        },
        [this] {
          if (const auto at = session()) at->wake();
        });
    if (!opened) return fail(opened.error());
    replies_ = std::move(*opened);
  } catch (const std::system_error& why) {
    return fail(errc::io_error, fmt::format("there are no threads to be had: {}", why.what()));
  }
  replies_until_ = steady::now() + limits::replies_waited_for;
  return {};
}

/// When the state says what is to be done.
result<void> service_life::open_desk() {
  try {
    auto opened = errand_desk::open(of_.name, *store_, of_.handlers, [this] {
      if (const auto at = session()) at->wake();
    });
    if (!opened) return fail(opened.error());
    const std::lock_guard held{mutex_};
    desk_ = std::move(*opened);
  } catch (const std::system_error& why) {
    return fail(errc::io_error, fmt::format("there are no threads to be had: {}", why.what()));
  }
  for (const auto& name : desk_->missing())
    tell_hindered(
        {errc::not_found, fmt::format("errands {} wait, and the service {} has no function that does them any "
                                      "more: they wait for a program that has one",
                                      name, of_.name)});
  return {};
}

/// Not before start() has said what runs.
void service_life::begin(group_session& session) {
  std::unique_lock held{mutex_};
  changed_.wait(held, [&] { return session_.get() == &session; });
  thread_ = std::this_thread::get_id();
  if (move_)
    outbox_->only_until([weak = session.weak_from_this()] {
      const auto member = weak.lock();
      return member ? member->state_until() : std::nullopt;
    });
}

void service_life::end(group_session& session) {
  if (const auto why = session.put_off(); why && session.gives_up()) tell_hindered(*why);
  if (const auto why = session.stopped()) {
    {
      const std::lock_guard held{mutex_};
      stopped_ = why;
    }
    of_.tell_stopped(*why);
  }
  {
    const std::lock_guard held{mutex_};
    works_ = false;
    thread_ = {};
    changed_.notify_all();
  }
  ended_();
}

void service_life::close() {
  const auto running = session();
  if (!running) return;
  running->begin_close();
  if (is_on_its_thread()) return; // it ends when its handler has returned
  running->close();
  std::unique_lock held{mutex_};
  changed_.wait(held, [this] { return !works_; });
  session_.reset(); // and with it the worker that holds this
}

bool service_life::ends() const {
  const auto running = session();
  return !running || running->ends();
}

bool service_life::has_ended() const {
  const std::lock_guard held{mutex_};
  return !works_;
}

std::optional<error> service_life::stopped() const {
  const std::lock_guard held{mutex_};
  return stopped_;
}

bool service_life::has_taken_a_step() const {
  const std::lock_guard held{mutex_};
  return stepped_;
}

bool service_life::has_given_up() const {
  const auto running = session();
  return running && running->gives_up();
}

bool service_life::has_state() const {
  const auto running = session();
  return running && running->has_begun();
}

bool service_life::is_on_its_thread() const {
  const std::lock_guard held{mutex_};
  return works_ && (thread_ == std::this_thread::get_id() || writer_->is_its_thread() ||
                    (pool_ && pool_->has_thread()) || (desk_ && desk_->has_thread()));
}

std::shared_ptr<group_session> service_life::session() const {
  const std::lock_guard held{mutex_};
  return session_;
}

void service_life::add_health(service_health& to) const {
  to.unpublished = outbox_->size();
  to.in_flight = held_;
  const auto member = session();
  const bool lost_home = member && move_ && !member->holds_state();
  const std::lock_guard held{mutex_};
  using enum service_health::condition;
  to.why = hindered_why_;
  to.now = hindered_why_ ? hindered : running;
  if (move_ && move_->stands_by()) {
    to.now = standby;
  } else if (!hindered_why_ && lost_home) {
    to.now = hindered;
    to.why =
        error(errc::not_connected,
              fmt::format("the home of {} has not been heard of: until then its state may be another's", of_.name));
  }
  if (!stopped_) return;
  to.now = service_health::condition::stopped; // and on_stopped asks
  to.why = stopped_;
}

/// Its state goes to a topic, too.
void service_life::moves(std::vector<outgoing_batch> left, bool topic_was_there) {
  move_ = std::make_unique<state_move>(
      state_move::environment{of_, *store_, *outbox_,
                              [this](std::optional<error> why) {
                                const std::lock_guard held{mutex_};
                                hindered_why_ = std::move(why);
                              },
                              [this](const error& why) { tell_hindered(why); },
                              [this](const group_session& session) { wait_for_room(session); },
                              [this](const group_session& session) { return wait_for_all_sent(session); }},
      std::move(left), topic_was_there);
}

/// Before anything is handled. @returns whether the service may go on
bool service_life::begin_state(group_session& session) {
  if (move_) {
    auto feed = move_->begin(session);
    if (!feed) return session.stop(feed.error()), false;
    if (!*feed) return false;
    step_.publish_state(**std::move(feed));
  }
  for (const auto& batch : std::exchange(left_, {}))
    outbox_->add(batch.id, batch.bytes);
  auto ready = hear_replies();
  if (ready) ready = open_desk();
  if (!ready) broke(session, ready.error());
  return ready && !session.ends();
}

/// @returns whether all is acknowledged; else the service ends
bool service_life::wait_for_all_sent(const group_session& session) {
  while (outbox_->size() > 0 && !session.ends()) {
    outbox_->resume();
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after, [this] { return outbox_->size() == 0; });
  }
  return outbox_->size() == 0;
}

// --- events

void service_life::work(group_session& session) {
  const bool has_begun = begin_state(session);
  if (has_begun) arm_intervals(session);
  while (has_begun && !session.ends()) {
    if (step_.empty()) wait_for_room(session);
    resume_outbox(session);
    if (gather(session) && !write_step()) break;
  }
  if (pool_) {
    pool_->stop();
    for (merge_done(session); !done_.empty() && write_step();) // what is outdated comes again
      merge_done(session);
  }
  if (desk_) desk_->stop();
  for (settle_errands(session); !errands_done_.empty() && write_step();)
    settle_errands(session);
  if (!step_.empty()) static_cast<void>(write_step());
  writer_->wait();
  if (replies_) replies_->close();
  outbox_->close(limits::service_stop_within);
  const bool knows_what_is_there = writer_->close();
  const std::lock_guard held{mutex_};
  if (numbers_lost_ && knows_what_is_there) // else the next start says it again
    static_cast<void>(store_->renumber(of_.in->random()));
}

void service_life::resume_outbox(group_session& session) {
  if (move_) {
    settle({});
    move_->look_for_other_home(session);
  }
  if (outbox_->size() == 0 || steady::now() - last_resume_ <= limits::outbox_try_again_after) return;
  outbox_->resume();
  last_resume_ = steady::now();
}

/// When the outbox may have to be resumed. Nothing: it has nothing.
group_session::deadline service_life::next_resume() const {
  return outbox_->size() > 0 ? group_session::deadline(steady::now() + limits::outbox_try_again_after) : std::nullopt;
}

/// Fills the step until it is full, or, as soon as it could be written at once, has waited long enough or nothing more
/// can be had at once.
/// @returns whether there is something to write
bool service_life::gather(group_session& session) {
  std::optional<steady::time_point> began;
  for (;;) {
    note_written();
    if (pool_) merge_done(session);
    if (replies_) take_replies(session);
    do_errands(session);
    const bool has = !step_.empty();
    const bool would_wait = !has || writer_->is_busy();
    if (has && !began) began = steady::now();
    if (session.ends() || step_.is_full() || (!would_wait && steady::now() - *began >= limits::step_time_most))
      return has;
    if (pool_ && pool_->is_full()) {
      pool_->flush();
      if (!would_wait) return true;
      session.rest(next_resume()); // until some are done, or the writer is
      return false;
    }
    const bool timers_first = std::exchange(timers_turn_, !timers_turn_); // neither keeps the other waiting
    if (timers_first && take_timer(session)) continue;
    auto job = session.take_job(steady::now());
    if (!job && pool_) pool_->flush();
    if (!job && would_wait) job = session.take_job(next_look(outbox_->size() > 0));
    if (job)
      take_job(session, std::move(*job));
    else if (timers_first || !take_timer(session))
      return !would_wait;
  }
}

void service_life::note_written() {
  if (being_written_->empty() || writer_->is_busy()) return;
  const auto written = std::exchange(being_written_, std::make_shared<const timer_changes>());
  timers_.written(*written);
  desk_->written(*written);
}

/// Until when it may wait for events.
group_session::deadline service_life::next_look(bool waits) const {
  const bool may_come = !move_ || session()->has_begun();
  waits = waits || !may_come;
  auto next = may_come ? timers_.next() : std::nullopt;
  if (const auto errand = may_come ? desk_->next() : std::nullopt; errand && (!next || *errand < *next)) next = errand;
  if (!next && !waits && !move_) return std::nullopt;
  microseconds within = waits ? limits::outbox_try_again_after : limits::timer_looked_at_every;
  if (move_) within = std::min<microseconds>(within, limits::group_renew_every); // its home may have been lost
  const auto now = of_.in->clock().wall();
  if (next && *next < now + within) within = std::max(microseconds{0}, *next - now);
  return steady::now() + within;
}

void service_life::take_job(group_session& session, group_job job) {
  ++held_;
  const auto* const action = of_.handlers.find(job.what);
  const bool is_known = store_->handled().has(job.log, job.what.at, job.of);
  if (const auto others = at_work_.find({job.log, job.of, job.generation}); others != at_work_.end())
    job.before.insert(job.before.end(), others->second.begin(), others->second.lower_bound(job.what.at));
  if (action == nullptr || is_known) return count_as_handled(session, std::move(job), is_known);
  call(session, std::make_unique<attempt>(attempt{.job = std::move(job), .action = action}));
}

void service_life::count_as_handled(group_session& session, group_job job, bool is_known) {
  if (!is_known) store_->handled().add({job.log, job.what.at, job.of, job.generation}, job.before);
  session.let_next(job);
  step_.take(std::move(job));
}

void service_life::call(group_session& session, handler_pool::work one) {
  if (pool_ && one->conflicts < limits::handler_conflicts_max) {
    if (one->job) at_work_[{one->job->log, one->job->of, one->job->generation}].insert(one->job->what.at);
    return pool_->give(std::move(one));
  }
  run(*one);
  merge(session, std::move(one));
}

/// @thread a handler's
void service_life::run(attempt& one) {
  const auto& what = one.what();
  const auto from = one.timer
                        ? timer_source{one.timer->row.cause, one.timer->row.origin, one.reply ? &*one.reply : nullptr}
                        : timer_source{};
  auto& effects = one.effects.emplace(what, from, of_.in->clock().wall(), handling_);
  context with(what, effects);
  one.failed = outcome_of(what, [&]() -> result<void> { return (*one.action)(with); });
  if (!one.failed && effects.refused())
    one.failed =
        error{errc::handler_failed, fmt::format("what the handler did at {} of {} can't be done: {}",
                                                to_string(what.position()), what.topic, effects.refused()->message())};
}

void service_life::merge_done(group_session& session) {
  for (auto& one : pool_->take_done())
    done_.push_back(std::move(one));
  while (!done_.empty() && !step_.is_full()) {
    auto one = std::move(done_.front());
    done_.pop_front();
    if (one->job) {
      const auto at = at_work_.find({one->job->log, one->job->of, one->job->generation});
      WEFT_ASSERT(at != at_work_.end());
      at->second.erase(one->job->what.at);
      if (at->second.empty()) at_work_.erase(at);
    }
    merge(session, std::move(one));
  }
}

/// What a handler did becomes part of the step, or not.
void service_life::merge(group_session& session, handler_pool::work one) {
  auto& effects = *one->effects;
  if (effects.broken()) return broke(session, *effects.broken());
  if (one->job && store_->handled().has(one->job->log, one->job->what.at, one->job->of)) // it was given twice
    return count_as_handled(session, std::move(*one->job), true);
  if (one->timer && timers_.is_changed(one->timer->id)) return timers_.settle(one->timer->id);
  const auto outdated = is_outdated(*one);
  if (!outdated) return broke(session, outdated.error());
  if (*outdated) {
    ++one->conflicts;
    if (!session.ends()) call(session, std::move(one));
    return;
  }
  if (one->timer) timers_.settle(one->timer->id);
  if (one->failed) return refuse(session, *one);

  const auto errands = rows_of(effects.errands(), of_.name, of_.in->clock().wall(), timers());
  if (!errands) return broke(session, errands.error());
  const bool sets_itself = one->timer && effects.timers().contains(one->timer->id);
  for (const auto& [id, row] : effects.timers())
    timers_.changed(id);
  if (const auto taken = step_.take(effects); !taken) return broke(session, taken.error());
  for (const auto& [id, row] : *errands)
    step_.set_timer(id, row);
  desk_->given_out(*errands);
  of_.counts->handled.fetch_add(1, std::memory_order_relaxed);
  if (one->job) return count_as_handled(session, std::move(*one->job), false);
  if (sets_itself) return;
  const auto& id = one->timer->id;
  if (service_handlers::is_interval(id.name))
    arm_next(*of_.handlers.find_timer(id.name), id, one->timer->what.time);
  else
    step_.set_timer(id, std::nullopt);
}

result<bool> service_life::is_outdated(const attempt& one) {
  for (const auto& [at, was] : one.effects->reads()) {
    const auto is = state_.read(at);
    if (!is) return fail(is.error());
    if (*is != was) return true;
  }
  return false;
}

/// All that the pool has is merged, or given back.
void service_life::finish_at_work(group_session& session) {
  while (pool_ && !(pool_->empty() && done_.empty())) {
    pool_->flush();
    merge_done(session);
    if (step_.is_full() && !write_step()) return;
    resume_outbox(session);
    if (!pool_->empty() && done_.empty()) session.rest(next_resume());
    if (session.ends()) return;
  }
}

/// Its handler threw.
void service_life::refuse(group_session& session, attempt& one) {
  of_.counts->failed.fetch_add(1, std::memory_order_relaxed);
  if (one.job) {
    --held_;
    return session.fail_job(*one.job, *one.failed);
  }
  auto& [id, row, what, reply] = *one.timer;
  if (++row.tries == 1)
    tell_hindered(one.failed->within(service_handlers::is_interval(id.name)
                                         ? fmt::format("what {} does {}", of_.name, id.name)
                                     : is_request(id) ? fmt::format("the continuation {} of {}", what.topic, of_.name)
                                                      : fmt::format("the timer {} of '{}'", id.name, id.key)));
  row.due = of_.in->clock().wall() + backoff(row.tries);
  step_.set_timer(id, row);
}

/// It can't know its state: nothing was done, and all comes again at the next start.
void service_life::broke(group_session& session, const error& why) const {
  session.stop(why.within("the state of " + of_.name));
}

// --- steps

bool service_life::write_step() {
  if (!writer_->wait()) return false;
  note_written();
  auto sealed = step_.seal();
  being_written_ = sealed.timers;
  return writer_->write(std::move(sealed));
}

/// @thread the writer's. @returns whether it is to be tried again
bool service_life::on_not_written(const error& failed) {
  const auto at = session();
  const auto why = failed.within("the state of " + of_.name);
  if (!may_pass(why.code())) at->stop(why);
  if (at->ends()) return false;
  note_hindered(why);
  if (!std::exchange(told_hindered_, true)) tell_hindered(why);
  return true;
}

/// Its events are finished when what they published is acknowledged. @thread the writer's
void service_life::on_written(sealed_step& whole) {
  told_hindered_ = false;
  state_.written();
  const auto waiting = std::make_shared<unsettled>(unsettled{whole.batches.size(), std::move(whole.jobs)});
  {
    const std::lock_guard held{mutex_};
    stepped_ = true;
    if (whole.batches.empty()) hindered_why_.reset();
    for (const auto& batch : whole.batches)
      unacknowledged_.emplace(batch.id, waiting);
  }
  if (whole.batches.empty()) return settle(std::move(waiting->jobs));
  for (const auto& batch : whole.batches)
    outbox_->add(batch.id, batch.bytes, batch.of_state);
}

void service_life::wait_for_room(const group_session& session) {
  while (outbox_->size() >= limits::outbox_batches_max && !session.ends()) {
    outbox_->resume();
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after,
                      [this] { return outbox_->size() < limits::outbox_batches_max; });
  }
}

void service_life::on_acknowledged(std::int64_t batch) {
  std::vector<group_job> finished;
  {
    const std::lock_guard held{mutex_};
    hindered_why_.reset();
    if (const auto at = unacknowledged_.extract(batch); !at.empty() && --at.mapped()->batches == 0)
      finished = std::move(at.mapped()->jobs);
    changed_.notify_all();
  }
  writer_->forget(batch);
  settle(std::move(finished));
  if (const auto at = session()) at->wake();
}

/// A successor reads what was acknowledged while the state was this one's, so its events are finished. What came later
/// is, when the home says that it still is. @thread any
void service_life::settle(std::vector<group_job> acknowledged) {
  const auto at = session();
  if (!at) return;
  if (move_) {
    const std::lock_guard held{mutex_};
    std::ranges::move(acknowledged, std::back_inserter(unfinished_));
    acknowledged = at->holds_state() ? std::exchange(unfinished_, {}) : std::vector<group_job>{};
  }
  held_ -= acknowledged.size();
  if (!acknowledged.empty()) at->finish(acknowledged);
}

void service_life::note_hindered(const error& why) {
  const std::lock_guard held{mutex_};
  hindered_why_ = why;
}

void service_life::on_hindered(const error& why) {
  note_hindered(why);
  tell_hindered(why);
}

void service_life::tell_hindered(const error& why) const {
  if (!of_.options.on_hindered) {
    report(why.within(fmt::format("the service {} tries again", of_.name)));
    return;
  }
  try {
    of_.options.on_hindered(why);
  } catch (...) { // it can't be told, and goes on
  }
}

void service_life::on_unpublishable(const error& why) {
  const auto at = session();
  if (!at) return;
  if (why.code() != errc::sequence_gap) return at->stop(why.within("what " + of_.name + " publishes"));
  {
    const std::lock_guard held{mutex_};
    numbers_lost_ = true;
  }
  at->stop(
      {errc::sequence_gap,
       fmt::format("what {} publishes: {}. The log has lost events that it had acknowledged, or has not heard of the "
                   "service for a week. Start it again: what it could not publish gets new numbers, and may be there "
                   "twice (by weft-caused-by and weft-origin it shows)",
                   of_.name, why.message())});
}

} // namespace weft::detail
