#include "sdk/src/service/service_lives.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace weft::detail {
namespace {

/// Of why a life can't begin: its node may be just starting, or somebody reads the state.
bool may_pass(errc code) {
  using enum errc;
  return code == not_connected || code == timed_out || code == cancelled || code == busy || code == locked ||
         code == io_error || code == descriptors_out;
}

} // namespace

service_lives::service_lives(std::shared_ptr<service_definition> of, std::function<void()> ended)
    : definition_(std::move(of)), of_(*definition_), ended_(std::move(ended)) {}

/// stop() was called: by a thread of the service if there is a supervisor still, which has this until it ends.
service_lives::~service_lives() {
  if (supervisor_.joinable())
    supervisor_.get_id() == std::this_thread::get_id() ? supervisor_.detach() : supervisor_.join();
}

/// It is known before it calls a handler, which may stop it.
result<void> service_lives::begin_life() {
  return service_life::start(
      definition_,
      [this](const std::shared_ptr<service_life>& begun) {
        const std::lock_guard held{mutex_};
        life_ = begun;
        ended_by_.reset();
      },
      [lives = weak_from_this()] {
        const auto self = lives.lock();
        if (!self) return;
        const std::lock_guard held{self->mutex_};
        self->changed_.notify_all();
      });
}

bool service_lives::is_running() const {
  const auto last = life();
  return last && (!last->ends() || last->is_on_its_thread());
}

result<void> service_lives::start() {
  if (is_running()) return fail(errc::invalid_argument, fmt::format("the service {} runs already", of_.name));
  if (is_supervisor())
    return fail(errc::invalid_argument, fmt::format("a callback of the service {} can't start it again", of_.name));
  stop(); // it ended by itself
  {
    const std::lock_guard held{mutex_};
    stops_ = for_good_ = false;
  }
  if (auto begun = begin_life(); !begun) return begun;
  const std::lock_guard held{mutex_};
  if (is_supervised() && !stops_) supervisor_ = std::thread([self = shared_from_this()] { self->supervise(); });
  return {};
}

void service_lives::begin_stop() {
  std::shared_ptr<group_session> running;
  {
    const std::lock_guard held{mutex_};
    stops_ = true;
    changed_.notify_all();
    if (life_) running = life_->session();
  }
  if (running) running->begin_close();
}

void service_lives::stop() {
  {
    const std::lock_guard held{mutex_};
    stops_ = true;
    changed_.notify_all();
  }
  if (const auto last = life()) {
    last->close();
    if (last->is_on_its_thread()) return; // it ends when its handler has returned
  }
  if (is_supervisor()) return; // in on_stopped
  if (supervisor_.joinable()) supervisor_.join();
  if (const auto begun_meanwhile = life()) begun_meanwhile->close();
  const std::lock_guard held{mutex_};
  life_.reset();
  ended_by_.reset();
}

std::shared_ptr<service_life> service_lives::life() const {
  const std::lock_guard held{mutex_};
  return life_;
}

bool service_lives::is_supervisor() const {
  const std::lock_guard held{mutex_};
  return supervises_ == std::this_thread::get_id();
}

result<void> service_lives::wait() {
  if (is_on_its_thread()) {
    const auto last = life();
    if (auto why = last ? last->stopped() : std::nullopt) return fail(*std::move(why));
    const std::lock_guard held{mutex_};
    if (ended_by_) return fail(*ended_by_);
    return fail(errc::invalid_argument,
                fmt::format("a handler or callback of the service {} can't wait for its end", of_.name));
  }
  if (!is_supervised()) {
    auto last = life();
    const auto running = last ? last->session() : nullptr;
    last.reset(); // who waits keeps no state from being opened
    return running ? running->wait() : result<void>{};
  }
  std::unique_lock held{mutex_};
  changed_.wait(held, [this] { return stops_; });
  if (ended_by_ && for_good_) return fail(*ended_by_);
  return {};
}

/// Begins a life after each that ended by itself, or had to give its shard up.
void service_lives::supervise() {
  const auto most = std::max(of_.options.restart_after, of_.options.backoff_most);
  auto after = of_.options.restart_after;
  bool waits = false; // for its shard, which it gave up
  std::unique_lock held{mutex_};
  supervises_ = std::this_thread::get_id();
  for (;;) {
    changed_.wait(held, [this] { return stops_ || !life_ || life_->has_ended(); });
    if (life_ && !stops_) {
      waits = life_->has_given_up();
      ended_by_ = life_->stopped();
      stops_ = for_good_ = !waits && (!ended_by_ || !is_restarted()); // without a reason its node was closed
      if (life_->has_taken_a_step()) after = of_.options.restart_after;
    }
    const auto pause = waits ? microseconds(limits::demand_again_after) : after;
    if (changed_.wait_for(held, pause, [this] { return stops_; })) break;
    if (!waits) after = std::min(after * 2, most);
    auto last = std::exchange(life_, nullptr);
    held.unlock();
    if (last) last->close();
    last.reset(); // else its successor would find the state in use
    auto begun = begin_life();
    if (begun && !waits) of_.counts->restarts.fetch_add(1, std::memory_order_relaxed);
    held.lock();
    if (begun && stops_) { // meanwhile
      const auto running = life_;
      held.unlock();
      if (const auto session = running->session()) session->begin_close();
      held.lock();
    }
    if (begun) continue;
    if (of_.in->is_closed()) {
      ended_by_.reset();
      stops_ = for_good_ = true;
      continue;
    }
    ended_by_ = begun.error();
    if (waits && may_pass(begun.error().code())) continue;
    waits = false;
    stops_ = for_good_ = !is_restarted();
    held.unlock();
    of_.tell_stopped(begun.error());
    held.lock();
  }
  supervises_ = {};
  changed_.notify_all(); // wait()
  const bool for_good = for_good_;
  held.unlock();
  if (for_good && ended_) ended_();
}

service_health service_lives::health() const {
  service_health now;
  for (const auto& [name, kind] : of_.handlers.errands())
    now.errands.push_back(kind->health());
  std::unique_lock held{mutex_};
  const auto last = life_;
  const bool comes_again = !stops_ && (is_restarted() || (is_supervised() && (!last || last->has_given_up())));
  now.why = ended_by_;
  held.unlock();
  if (last) {
    last->add_health(now);
    if (now.now != service_health::condition::stopped && !last->has_ended()) return now;
    now.now = service_health::condition::stopped;
    now.why = last->stopped();
  }
  if (comes_again) now.now = service_health::condition::restarting;
  return now;
}

bool service_lives::is_on_its_thread() const {
  const auto last = life();
  return (last && last->is_on_its_thread()) || is_supervisor();
}

bool service_lives::has_state() const {
  const auto last = life();
  return last && last->has_state();
}

result<std::shared_ptr<const state_store>> service_lives::state() const {
  const auto last = life();
  if (!last) return fail(errc::invalid_argument, fmt::format("the service {} is not running", of_.name));
  return last->state();
}

result<std::optional<std::string>> service_lives::read(const state_key& of) const {
  const auto from = state();
  if (!from) return fail(from.error());
  return (*from)->read(of);
}

result<std::vector<std::pair<std::string, std::string>>> service_lives::read_all(std::string_view table) const {
  const auto from = state();
  if (!from) return fail(from.error());
  return (*from)->read_all(table);
}

} // namespace weft::detail
