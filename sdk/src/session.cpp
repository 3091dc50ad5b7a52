#include "sdk/src/session.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::detail {

session::session(const session_environment& environment, demand_settings demand, const subscription_options& options,
                 event_handler handler)
    : at_(environment),
      options_(options),
      program_(options, std::move(handler)),
      book_(std::move(demand), environment.new_demand_id),
      last_commit_(environment.clock.mono()) {}

session::~session() {
  // Its own thread holds a reference until its last step, which may be this one.
  if (thread_.joinable()) thread_.get_id() == std::this_thread::get_id() ? thread_.detach() : thread_.join();
}

void session::start(bool connected) {
  const std::lock_guard held{mutex_};
  if (connected) {
    flow_book::sends out;
    book_.on_connected(out);
    send(out);
  }
  if (program_.has_handler()) thread_ = std::thread([self = shared_from_this()] { self->dispatch(); });
}

void session::send(flow_book::sends& messages) {
  for (auto& message : messages)
    at_.door.send(std::move(message));
  messages.clear();
}

// --- from the node

void session::on_connected() {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  flow_book::sends out;
  book_.on_connected(out);
  send(out);
}

void session::on_message(const wire::control& message, const shared_bytes& payload) {
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  flow_book::sends out;
  const auto taken = take_in(message, payload, out);
  send(out);
  if (!taken) fail_with(taken.error());
  changed_.notify_all();
}

// Words of groups are for members.
result<void> session::take_in(const wire::control& message, const shared_bytes& payload, flow_book::sends& out) {
  if (const auto* opened = std::get_if<wire::flow_opened>(&message)) return book_.on(*opened, out);
  if (const auto* closed = std::get_if<wire::flow_closed>(&message)) return book_.on(*closed, out);
  if (const auto* run = std::get_if<wire::run>(&message)) return book_.on(*run, payload, out);
  return {};
}

void session::on_lost() {
  const std::lock_guard held{mutex_};
  book_.on_lost();
}

void session::on_refused(const error& why) {
  const std::lock_guard held{mutex_};
  if (!closing_) fail_with(why);
}

// Needs the lock. The taking thread tells the program.
void session::fail_with(const error& why) {
  if (failure_) return;
  failure_ = why;
  ending_ = true;
  flow_book::sends out;
  if (options_.commit == commit_mode::automatic) book_.commit(out);
  book_.withdraw(out);
  send(out);
  changed_.notify_all();
}

// --- taking events out

std::optional<waiting_run> session::wait_for_run(const deadline& until) {
  std::unique_lock held{mutex_};
  for (;;) {
    if (closing_ || failure_) return std::nullopt;
    if (auto run = book_.take()) return run;
    const bool commits = named() && options_.commit == commit_mode::automatic && book_.has_uncommitted();
    if (commits && at_.clock.mono() - last_commit_ >= limits::cursor_commit_interval) {
      flow_book::sends out;
      book_.commit(out);
      send(out);
      last_commit_ = at_.clock.mono();
      continue;
    }
    auto wake = until;
    if (commits) {
      const auto due = std::chrono::steady_clock::now() + limits::cursor_commit_interval;
      wake = until ? std::min(*until, due) : due;
    }
    if (!wake)
      changed_.wait(held);
    else if (changed_.wait_until(held, *wake) == std::cv_status::timeout && wake == until)
      return book_.take(); // it may have come just now
  }
}

// The next event to handle; null when none came in time or the subscription ends. Asking says that the one before was
// handled.
const event* session::next_event(const deadline& until) {
  given_is_handled();
  for (;;) {
    if (ending_) return nullptr;
    if (!reader_) {
      auto run = wait_for_run(until);
      if (!run) return nullptr;
      if (run->gap_code != errc::ok) {
        meet_gap(*run);
        continue;
      }
      reader_.emplace(std::move(*run));
    }
    const auto more = reader_->next();
    if (!more) {
      give_back(more.error());
      continue;
    }
    if (!*more) {
      finish_run();
      continue;
    }
    if (named()) {
      const std::lock_guard held{mutex_};
      given_.emplace(reader_->run().log, reader_->given_until());
    }
    return &reader_->current();
  }
}

void session::finish_run() {
  const auto run = std::move(*reader_);
  reader_.reset();
  const std::lock_guard held{mutex_};
  if (closed_ || failure_) return;
  flow_book::sends out;
  book_.handled(run.run(), out);
  send(out);
}

void session::give_back(const error& why) {
  const auto reader = std::move(*reader_);
  reader_.reset();
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  flow_book::sends out;
  const auto again = book_.give_back(reader.run(), reader.given_until(), why, out);
  send(out);
  if (!again)
    fail_with(error{why.code(), fmt::format("what came from the log of {} after {} can't be read: {}",
                                            *reader.run().node, to_string(reader.given_until()), why.message())});
}

void session::meet_gap(const waiting_run& run) {
  const auto told = program_.tell_gap(run);
  const std::lock_guard held{mutex_};
  if (closing_ || failure_) return;
  if (!told) return fail_with(told.error());
  flow_book::sends out;
  book_.handled(run, out);
  send(out);
}

void session::given_is_handled() {
  if (!named()) return;
  const std::lock_guard held{mutex_};
  if (!given_) return;
  book_.handled_until(given_->first, given_->second);
  given_.reset();
  commit_if_due();
}

// Needs the lock.
void session::commit_if_due() {
  if (options_.commit == commit_mode::manual || failure_) return;
  const auto now = at_.clock.mono();
  if (now - last_commit_ < limits::cursor_commit_interval) return;
  flow_book::sends out;
  book_.commit(out);
  send(out);
  last_commit_ = now;
}

// --- handlers

void session::dispatch() {
  while (const auto* next = next_event(std::nullopt))
    if (!handle(*next)) break;
  tell_stopped();
  const std::lock_guard held{mutex_};
  thread_ended_ = true;
  changed_.notify_all();
}

// Whether to go on.
bool session::handle(const event& next) {
  const auto why = program_.handle(next);
  if (!why || program_.failed(next, *why) == after_failure::skip) return true;
  const std::lock_guard held{mutex_};
  given_.reset();
  fail_with(*why);
  return false;
}

void session::tell_stopped() {
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

result<std::optional<event>> session::poll(microseconds within) {
  return poll_until(std::chrono::steady_clock::now() + within);
}

result<std::optional<event>> session::poll_until(std::chrono::steady_clock::time_point until) {
  if (program_.has_handler())
    return fail(errc::invalid_argument, "this subscription has a handler: it can't be polled");
  const auto* next = next_event(until);
  if (next != nullptr) return *next;
  tell_stopped();
  if (auto why = stopped()) return fail(std::move(*why));
  return std::nullopt;
}

result<std::vector<event>> session::poll_batch(std::size_t most, microseconds within) {
  std::vector<event> batch;
  auto next = poll(within);
  while (next && *next) {
    batch.push_back(std::move(**next));
    if (batch.size() >= most) break;
    next = poll_until({}); // only what is there
  }
  if (!next && batch.empty()) return fail(next.error());
  return batch; // an error comes again with the next call
}

// --- control

void session::commit() {
  const std::lock_guard held{mutex_};
  if (closed_ || failure_) return;
  if (given_ && !program_.has_handler()) {
    book_.handled_until(given_->first, given_->second);
    given_.reset();
  }
  flow_book::sends out;
  book_.commit(out);
  send(out);
  last_commit_ = at_.clock.mono();
}

void session::close() {
  std::unique_lock held{mutex_};
  closing_ = ending_ = true;
  changed_.notify_all();
  const bool own_thread = thread_.get_id() == std::this_thread::get_id();
  if (thread_.joinable() && !own_thread) changed_.wait(held, [this] { return thread_ended_; });
  if (closed_) return;
  closed_ = true;
  if (failure_) return;
  flow_book::sends out;
  if (options_.commit == commit_mode::automatic) book_.commit(out);
  book_.withdraw(out);
  send(out);
  changed_.notify_all();
}

result<void> session::wait() {
  std::unique_lock held{mutex_};
  changed_.wait(held, [this] { return closing_ || failure_; });
  if (failure_) return fail(*failure_);
  return {};
}

std::optional<error> session::stopped() const {
  const std::lock_guard held{mutex_};
  return failure_;
}

std::vector<log_progress> session::progress() const {
  const std::lock_guard held{mutex_};
  return book_.progress();
}

} // namespace weft::detail
