#include "sdk/src/group_session.hpp"

#include <algorithm>
#include <utility>

namespace weft::detail {

group_session::group_session(const session_environment& environment, demand_settings demand, wire::group_membership who,
                             const subscription_options& options, event_handler handler)
    : at_(environment),
      options_(options),
      program_(options, std::move(handler)),
      inbox_(std::move(demand), std::move(who), environment.new_demand_id) {}

group_session::group_session(const session_environment& environment, demand_settings demand, wire::group_membership who,
                             const subscription_options& options, group_worker work, std::optional<state_home> home)
    : at_(environment),
      options_(options),
      program_(options, nullptr),
      work_(std::move(work)),
      with_home_(home.has_value()),
      inbox_(std::move(demand), std::move(who), environment.new_demand_id, std::move(home)) {}

group_session::~group_session() {
  // Its own threads hold references until their last step, which may be this one.
  for (auto& thread : threads_)
    if (thread.joinable()) thread.get_id() == std::this_thread::get_id() ? thread.detach() : thread.join();
}

void group_session::start(bool connected) {
  const std::lock_guard held{mutex_};
  if (connected) {
    group_inbox::sends out;
    inbox_.on_connected(now(), out);
    send(out);
  }
  threads_.emplace_back([self = shared_from_this()] { self->keep_time(); });
  const std::uint32_t threads = work_ ? 1 : program_.has_handler() ? options_.group.threads : 0;
  for (std::uint32_t i = 0; i < threads; ++i)
    dispatching_.insert(threads_.emplace_back([self = shared_from_this()] { self->dispatch(); }).get_id());
}

void group_session::send(group_inbox::sends& messages) {
  for (auto& message : messages)
    at_.door.send(std::move(message));
  messages.clear();
}

// --- from the node

void group_session::on_connected() {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  group_inbox::sends out;
  inbox_.on_connected(now(), out);
  send(out);
}

void group_session::on_lost() {
  const std::lock_guard held{mutex_};
  inbox_.on_lost();
}

void group_session::on_message(const wire::control& message, const shared_bytes& payload) {
  const std::lock_guard held{mutex_};
  if (gone_) return;
  group_inbox::sends out;
  const auto taken = inbox_.on(message, payload, now(), out);
  send(out);
  if (!taken && !closing_) fail_with(taken.error());
  give_up_if_asked();
  changed_.notify_all();
  due_.notify_one();
}

// Needs the lock.
void group_session::give_up_if_asked() {
  if (!inbox_.is_asked_back() || closing_ || failure_) return;
  closing_ = gives_up_ = true;
  begin_to_leave();
}

void group_session::on_refused(const error& why) {
  const std::lock_guard held{mutex_};
  if (!closing_) fail_with(why);
}

// Needs the lock. The taking thread tells the program.
void group_session::fail_with(const error& why) {
  if (failure_) return;
  failure_ = why;
  begin_to_leave();
}

// Needs the lock. What has begun is finished first: until then its slots are this member's.
void group_session::begin_to_leave() {
  group_inbox::sends out;
  inbox_.leave(out);
  send(out);
  leave_when_done();
  changed_.notify_all();
}

// Needs the lock.
void group_session::leave_when_done() {
  if (with_home_ && work_) return; // what it sends may be on its way: when it has ended
  if (!gone_ && (closing_ || failure_) && inbox_.under_way() == 0) withdraw();
}

// Needs the lock.
void group_session::withdraw() {
  group_inbox::sends out;
  inbox_.withdraw(out);
  send(out);
  gone_ = true;
  due_.notify_one();
}

// --- time

void group_session::keep_time() {
  lock held{mutex_};
  while (!gone_) {
    group_inbox::sends out;
    inbox_.tick(now(), out);
    send(out);
    const auto next = inbox_.due();
    if (!next) {
      due_.wait(held);
      continue;
    }
    const auto left = std::chrono::microseconds(*next - now());
    if (left > std::chrono::microseconds{0} && due_.wait_for(held, left) == std::cv_status::no_timeout) continue;
    changed_.notify_all(); // what failed may be tried again
    if (left <= std::chrono::microseconds{0}) due_.wait_for(held, std::chrono::milliseconds{1});
  }
}

// --- taking events out

std::optional<group_job> group_session::next_job(lock& held, const deadline& until) {
  for (;;) {
    if (closing_ || failure_) return std::nullopt;
    if (const auto gap = inbox_.take_gap()) {
      if (!meet_gap(*gap, held)) return std::nullopt;
      continue;
    }
    if (auto job = inbox_.begin(now())) return job;
    if (until && *until <= std::chrono::steady_clock::now()) return std::nullopt; // wake() is for one that waits
    if (std::exchange(woken_, false)) return std::nullopt;
    if (!until)
      changed_.wait(held);
    else if (changed_.wait_until(held, *until) == std::cv_status::timeout)
      return std::nullopt;
  }
}

std::optional<group_job> group_session::take_job(const deadline& until) {
  lock held{mutex_};
  return next_job(held, until);
}

void group_session::rest(const deadline& until) {
  lock held{mutex_};
  const auto over = [this] { return std::exchange(woken_, false) || closing_ || failure_; };
  if (until)
    changed_.wait_until(held, *until, over);
  else
    changed_.wait(held, over);
}

std::optional<state_grant> group_session::wait_for_state(const deadline& until) {
  lock held{mutex_};
  const auto over = [this] { return inbox_.grant() || closing_ || failure_; };
  if (until)
    changed_.wait_until(held, *until, over);
  else
    changed_.wait(held, over);
  return closing_ || failure_ ? std::nullopt : inbox_.grant();
}

void group_session::find_home(const log_id& log) {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  group_inbox::sends out;
  inbox_.find_home(log, now(), out);
  send(out);
}

void group_session::begin_term(std::uint64_t term) {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  group_inbox::sends out;
  inbox_.begin_term(term, now(), out);
  send(out);
  due_.notify_one();
}

bool group_session::wait_for_begin(const deadline& until) {
  lock held{mutex_};
  const auto over = [this] { return inbox_.has_begun(now()) || closing_ || failure_; };
  if (until)
    changed_.wait_until(held, *until, over);
  else
    changed_.wait(held, over);
  return inbox_.has_begun(now()) && !closing_ && !failure_;
}

bool group_session::holds_state() const {
  const std::lock_guard held{mutex_};
  return inbox_.holds_state(now());
}

std::optional<mono_time> group_session::state_until() const {
  const std::lock_guard held{mutex_};
  return inbox_.holds_state(now()) ? std::optional(inbox_.state_until()) : std::nullopt;
}

bool group_session::has_begun() const {
  const std::lock_guard held{mutex_};
  return inbox_.has_begun(now());
}

std::optional<error> group_session::put_off() const {
  const std::lock_guard held{mutex_};
  return inbox_.put_off();
}

state_home group_session::home() const {
  const std::lock_guard held{mutex_};
  return *inbox_.home();
}

microseconds group_session::home_silent_for(mono_time since) const {
  const std::lock_guard held{mutex_};
  return now() - std::max(since, inbox_.heard_home().value_or(since));
}

void group_session::go_to_home(const std::string& node) {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  group_inbox::sends out;
  inbox_.go_to_home(node, out);
  send(out);
  give_up_if_asked();
}

bool group_session::gives_up() const {
  const std::lock_guard held{mutex_};
  return gives_up_;
}

void group_session::wake() {
  const std::lock_guard held{mutex_};
  woken_ = true;
  changed_.notify_all();
}

bool group_session::ends() const {
  const std::lock_guard held{mutex_};
  return closing_ || failure_;
}

void group_session::let_next(group_job& job) {
  const std::lock_guard held{mutex_};
  inbox_.let_next(job);
}

void group_session::stop(const error& why) {
  const std::lock_guard held{mutex_};
  if (!closing_) fail_with(why);
}

/// @returns whether the subscription goes on
bool group_session::meet_gap(const waiting_run& run, lock& held) {
  held.unlock();
  const auto told = program_.tell_gap(run);
  held.lock();
  if (!told && !closing_) fail_with(told.error());
  return told.has_value();
}

void group_session::finish(const std::vector<group_job>& jobs) {
  const std::lock_guard held{mutex_};
  bool due = false;
  for (const auto& job : jobs)
    due = inbox_.finish(job, now()) || due;
  if (due) due_.notify_one();
  leave_when_done();
  changed_.notify_all();
}

/// It was handled, or why not. Needs the lock. @returns as the inbox
bool group_session::tell(const group_job& job, const std::optional<error>& why) {
  if (!why) return inbox_.finish(job, now());
  if (why->code() == errc::rejected) return inbox_.reject(job, why->message(), now());
  return inbox_.fail(job, why->message(), now());
}

void group_session::settle(const group_job& job, const std::optional<error>& why) {
  const std::lock_guard held{mutex_};
  if (tell(job, why)) due_.notify_one();
  leave_when_done();
  changed_.notify_all(); // the next one of its key may begin
}

// --- handlers

void group_session::dispatch() {
  if (work_)
    work_(*this);
  else
    while (const auto job = take_job(std::nullopt))
      if (!handle(*job)) break;
  tell_stopped();
  const std::lock_guard held{mutex_};
  if (work_ && !gone_) withdraw(); // what it did not settle comes again
  dispatching_.erase(std::this_thread::get_id());
  closers_.erase(std::this_thread::get_id());
  changed_.notify_all();
}

/// @returns whether to go on
bool group_session::handle(const group_job& job) {
  const auto why = program_.handle(job.what);
  const auto wish = why ? program_.failed(job.what, *why) : std::nullopt;
  settle(job, wish == after_failure::skip ? std::nullopt : why);
  if (wish != after_failure::stop) return true;
  const std::lock_guard held{mutex_};
  if (!closing_) fail_with(*why);
  return false;
}

void group_session::tell_stopped() {
  std::optional<error> why;
  {
    const std::lock_guard held{mutex_};
    if (!failure_ || told_) return;
    told_ = true;
    why = failure_;
  }
  program_.tell_stopped(*why);
}

// --- polling

void group_session::given_are_done() {
  if (manual()) return;
  const std::lock_guard held{mutex_};
  bool due = false;
  for (const auto& [at, job] : given_)
    due = inbox_.finish(job, now()) || due;
  given_.clear();
  if (due) due_.notify_one();
  leave_when_done();
}

result<std::optional<event>> group_session::poll(microseconds within) {
  auto one = poll_batch(1, within);
  if (!one) return fail(one.error());
  if (one->empty()) return std::nullopt;
  return std::move(one->front());
}

result<std::vector<event>> group_session::poll_batch(std::size_t most, microseconds within) {
  if (program_.has_handler())
    return fail(errc::invalid_argument, "this subscription has a handler: it can't be polled");
  given_are_done();
  std::vector<event> batch;
  deadline until = std::chrono::steady_clock::now() + within;
  while (batch.size() < most) {
    lock held{mutex_};
    auto job = next_job(held, until);
    if (!job) break;
    given_.insert_or_assign({job->log, job->what.at}, *job);
    batch.push_back(std::move(job->what));
    until = std::chrono::steady_clock::time_point{}; // only what is there
  }
  if (!batch.empty()) return batch; // an error comes with the next call
  tell_stopped();
  if (auto why = stopped()) return fail(std::move(*why));
  return batch;
}

void group_session::commit() { given_are_done(); }

/// What poll() gave.
void group_session::settle_given(const event& tried, const std::optional<error>& why) {
  const std::lock_guard held{mutex_};
  const auto job = given_.extract({tried.log, tried.at});
  if (job.empty()) return;
  if (tell(job.mapped(), why)) due_.notify_one();
  leave_when_done();
  changed_.notify_all();
}

void group_session::done(const event& processed) { settle_given(processed, std::nullopt); }

void group_session::failed(const event& tried, std::string_view cause) {
  settle_given(tried, error(errc::handler_failed, std::string(cause)));
}

void group_session::rejected(const event& tried, std::string_view cause) {
  settle_given(tried, error(errc::rejected, std::string(cause)));
}

// --- control

void group_session::begin_close() {
  const std::lock_guard held{mutex_};
  if (closing_) return;
  closing_ = true;
  if (!failure_) begin_to_leave();
  changed_.notify_all();
}

// Who closes it from inside a callback is not waited for: the group hears that the member has left when that returns.
void group_session::close() {
  begin_close();
  lock held{mutex_};
  if (dispatching_.contains(std::this_thread::get_id())) {
    closers_.insert(std::this_thread::get_id());
    changed_.notify_all();
  }
  changed_.wait(held, [this] { return std::ranges::includes(closers_, dispatching_); });
  for (const auto& [at, job] : given_) // nobody can say any more what became of these
    static_cast<void>(inbox_.fail(job, "the subscription was closed", now()));
  given_.clear();
  leave_when_done();
}

result<void> group_session::wait() {
  lock held{mutex_};
  changed_.wait(held, [this] { return closing_ || failure_; });
  if (failure_) return fail(*failure_);
  return {};
}

std::optional<error> group_session::stopped() const {
  const std::lock_guard held{mutex_};
  return failure_;
}

std::vector<log_progress> group_session::progress() const {
  const std::lock_guard held{mutex_};
  return inbox_.progress();
}

} // namespace weft::detail
