#include "sdk/src/service/service_core.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace weft::detail {

service_core::service_core(std::shared_ptr<participant_core> in, std::string name, service_options options)
    : definition_(new service_definition{std::move(in), std::move(name), std::move(options)}), of_(*definition_) {}

/// stop() was called: by a thread of the service if there is a supervisor still, which has this until it ends.
service_core::~service_core() {
  if (supervisor_.joinable())
    supervisor_.get_id() == std::this_thread::get_id() ? supervisor_.detach() : supervisor_.join();
}

void service_core::handle(std::string_view topic, std::string_view type, event_action what) {
  of_.handlers.add(topic, type, std::move(what));
}

void service_core::handle_timer(std::string_view name, service_handlers::timed what) {
  of_.handlers.add_timer(name, std::move(what));
}

void service_core::handle_reply(std::string_view requests, std::string_view continuation, event_action what) {
  of_.handlers.add_continuation(continuation, {std::string(requests), std::move(what)});
}

void service_core::handle_end(std::string_view errand, std::string_view continuation, event_action what) {
  of_.handlers.add_continuation(continuation, {errand_name(errand), std::move(what)});
}

void service_core::do_errands(std::string_view name, const errand_options& options, errand_action what) {
  of_.handlers.add_errand(name, options, std::move(what));
}

result<void> service_core::check() const {
  const auto& options = of_.options;
  if (const auto named = check_node_name(of_.name); !named) return fail(named.error());
  if (options.on_failing == failing_event::park)
    return fail(errc::invalid_argument,
                fmt::format("the service {} can't park: its state says what was handled, by the "
                            "order of the log; take block, dead_letter or skip",
                            of_.name));
  if (options.state_copies < 0 || options.state_copies > static_cast<int>(limits::replicas_max))
    return fail(errc::invalid_argument, fmt::format("the service {} wants {} copies of its state: 0 to {} are possible",
                                                    of_.name, options.state_copies, limits::replicas_max));
  if (options.state_topic.empty() &&
      (options.state_copies > 0 || options.standby || !options.home.empty() || !options.lost_home.empty()))
    return fail(errc::invalid_argument, fmt::format("the service {} wants {}, and names no state_topic: without one "
                                                    "its state does not move",
                                                    of_.name,
                                                    options.state_copies > 0 ? "copies of its state"
                                                    : options.standby        ? "to stand by"
                                                                             : "a home for its state"));
  if (options.standby && options.home.empty())
    return fail(errc::invalid_argument, fmt::format("the service {} wants to stand by, and names no home: all its "
                                                    "processes name the same one, which says who has the state",
                                                    of_.name));
  if (auto well = check_state_topic(); !well) return well;
  if (options.threads < 1 || options.threads > limits::service_threads_max)
    return fail(errc::invalid_argument, fmt::format("the service {} wants {} threads: 1 to {} are possible", of_.name,
                                                    options.threads, limits::service_threads_max));
  if (options.restart_after < microseconds{0} || options.restart_after > limits::group_put_off_max)
    return fail(errc::invalid_argument, fmt::format("the service {} wants to be started again {} us after it ended: 0 "
                                                    "to 24 hours are possible",
                                                    of_.name, options.restart_after.count()));
  return {};
}

result<void> service_core::check_state_topic() const {
  const auto& topic = of_.options.state_topic;
  if (topic.empty()) return {};
  if (auto named = check_topic_name(topic); !named) return fail(named.error().within("state_topic"));
  if (auto ours = check_not_reserved(topic); !ours) return fail(ours.error().within("state_topic"));
  const auto reads = of_.handlers.pattern(of_.name, of_.options.pattern);
  if (!reads) return fail(reads.error());
  const auto pattern = topic_pattern::parse(*reads);
  if (!pattern) return fail(pattern.error());
  if (!pattern->matches(topic)) return {};
  return fail(errc::invalid_argument, fmt::format("the service {} reads '{}', in which its state's topic {} is: take "
                                                  "another name for that",
                                                  of_.name, *reads, topic));
}

/// It is known before it calls a handler, which may stop it.
result<void> service_core::begin_life() {
  return service_life::start(
      definition_,
      [this](const std::shared_ptr<service_life>& begun) {
        const std::lock_guard held{mutex_};
        life_ = begun;
        ended_by_.reset();
      },
      [core = weak_from_this()] {
        const auto self = core.lock();
        if (!self) return;
        const std::lock_guard held{self->mutex_};
        self->changed_.notify_all();
      });
}

result<void> service_core::start() {
  if (const auto last = life(); last && (!last->ends() || last->is_on_its_thread()))
    return fail(errc::invalid_argument, fmt::format("the service {} runs already", of_.name));
  stop(); // it ended by itself
  if (auto well = check(); !well) return well;
  {
    const std::lock_guard held{mutex_};
    stops_ = false;
  }
  if (auto begun = begin_life(); !begun) return begun;
  const std::lock_guard held{mutex_};
  if (is_supervised() && !stops_) supervisor_ = std::thread([self = shared_from_this()] { self->supervise(); });
  return {};
}

void service_core::stop() {
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

std::shared_ptr<service_life> service_core::life() const {
  const std::lock_guard held{mutex_};
  return life_;
}

bool service_core::is_supervisor() const {
  const std::lock_guard held{mutex_};
  return supervises_ == std::this_thread::get_id();
}

result<void> service_core::wait() {
  if (const auto last = life(); (last && last->is_on_its_thread()) || is_supervisor()) {
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
  return {};
}

/// Begins a life after each that ended by itself.
void service_core::supervise() {
  const auto most = std::max(of_.options.restart_after, of_.options.backoff_most);
  auto after = of_.options.restart_after;
  std::unique_lock held{mutex_};
  supervises_ = std::this_thread::get_id();
  for (;;) {
    changed_.wait(held, [this] { return stops_ || !life_ || life_->has_ended(); });
    if (life_ && !stops_) {
      ended_by_ = life_->stopped();
      if (!ended_by_) stops_ = true; // its node was closed
      if (life_->has_taken_a_step()) after = of_.options.restart_after;
    }
    if (changed_.wait_for(held, after, [this] { return stops_; })) break;
    after = std::min(after * 2, most);
    auto last = std::exchange(life_, nullptr);
    held.unlock();
    if (last) last->close();
    last.reset(); // else its successor would find the state in use
    auto begun = begin_life();
    held.lock();
    if (begun) continue;
    ended_by_ = begun.error();
    held.unlock();
    of_.tell_stopped(begun.error());
    held.lock();
  }
  supervises_ = {};
  changed_.notify_all(); // wait()
}

service_health service_core::health() const {
  service_health now;
  now.handled = of_.handled;
  now.failed = of_.failed;
  for (const auto& [name, kind] : of_.handlers.errands())
    now.errands.push_back(kind->health());
  std::unique_lock held{mutex_};
  const auto last = life_;
  const bool comes_again = !stops_ && is_supervised();
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

result<std::shared_ptr<const state_store>> service_core::state() const {
  const auto last = life();
  if (!last) return fail(errc::invalid_argument, fmt::format("the service {} is not running", of_.name));
  return last->state();
}

result<std::optional<std::string>> service_core::read(const state_key& of) const {
  const auto from = state();
  if (!from) return fail(from.error());
  return (*from)->read(of);
}

result<std::vector<std::pair<std::string, std::string>>> service_core::read_all(std::string_view table) const {
  const auto from = state();
  if (!from) return fail(from.error());
  return (*from)->read_all(table);
}

} // namespace weft::detail
