#include "actors/port/system.hpp"

#include "mesh/base/assert.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/logger.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>

namespace weft::actors::port {
namespace {

/// What CAF carries: a request to the cell itself, or word that a message waits in its slot.
enum class token : std::uint8_t { begin, message, stop, crash };

} // namespace
} // namespace weft::actors::port

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weft::actors::port::token)

namespace weft::actors::port {

/// Holds what waits for an actor, so that a crash loses no message but the one that it happened in.
class cell_slot {
public:
  void put(envelope message, bool urgent) {
    const std::lock_guard lock(mutex_);
    if (retired_) return;
    if (urgent)
      waiting_.push_front(std::move(message));
    else
      waiting_.push_back(std::move(message));
    if (!actor_) return;
    if (urgent)
      caf::anon_send<caf::message_priority::high>(actor_, token::message);
    else
      caf::anon_send(actor_, token::message);
  }
  envelope take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return nullptr;
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    return message;
  }
  /// In turn, behind what waits; an actor that is not there yet stops when it has begun.
  void stop() {
    const std::lock_guard lock(mutex_);
    if (actor_)
      caf::anon_send(actor_, token::stop);
    else
      stop_wanted_ = true;
  }
  /// Before what waits.
  void crash() {
    const std::lock_guard lock(mutex_);
    if (actor_) caf::anon_send<caf::message_priority::high>(actor_, token::crash);
  }
  /// The actor stands behind the address from now on and gets what waits.
  void begin(caf::actor actor) {
    const std::lock_guard lock(mutex_);
    WEFT_ASSERT(!actor_);
    actor_ = std::move(actor);
    caf::anon_send(actor_, token::begin);
    for (std::size_t i = 0; i < waiting_.size(); ++i)
      caf::anon_send(actor_, token::message);
    if (stop_wanted_) caf::anon_send(actor_, token::stop);
  }
  void end() {
    const std::lock_guard lock(mutex_);
    actor_ = nullptr;
  }
  void retire() {
    std::deque<envelope> dropped; // destroyed without the lock: a message may answer its sender
    const std::lock_guard lock(mutex_);
    retired_ = true;
    dropped.swap(waiting_);
  }

private:
  std::mutex mutex_;
  caf::actor actor_;
  std::deque<envelope> waiting_;
  bool retired_ = false;
  bool stop_wanted_ = false;
};

namespace {

/// Shields CAF from what our handlers throw, and our handlers from CAF.
class cell final : public caf::event_based_actor, private port::self {
public:
  cell(caf::actor_config& config, std::shared_ptr<cell_slot> slot, role_factory make,
       std::function<void(const ending&)> on_end)
      : caf::event_based_actor(config), slot_(std::move(slot)), make_(std::move(make)), on_end_(std::move(on_end)) {}

  caf::behavior make_behavior() override {
    set_default_handler(caf::drop);
    guarded([this] {
      role_ = make_();
      role_->start(*this);
    });
    return {[this](token what) { guarded([&] { take(what); }); },
            [this](std::uint64_t due) { guarded([&] { take_due(due); }); }};
  }

  void on_exit() override {
    due_.clear(); // what they answer to is there now, and may not be when CAF lets go of this
    role_.reset();
    slot_->end();
    if (auto on_end = std::exchange(on_end_, nullptr)) on_end(ending_);
  }

private:
  port::address me() const override { return port::address(slot_); }
  void after(microseconds delay, envelope message) override {
    due_.emplace(++last_due_, std::move(message));
    delayed_send(this, delay, last_due_);
  }
  void end() override { quit(); }

  void take(token what) {
    switch (what) {
    case token::begin: return;
    case token::message:
      if (const auto message = slot_->take()) role_->receive(message.get());
      return;
    case token::stop: return quit();
    case token::crash: throw std::runtime_error("crashed on request");
    }
  }
  void take_due(std::uint64_t number) {
    const auto message = std::move(due_.extract(number).mapped());
    role_->receive(message.get());
  }

  template <class Action>
  void guarded(Action action) {
    try {
      action();
    } catch (const std::exception& problem) {
      fail_with(problem.what());
    } catch (...) {
      fail_with("an exception that is no std::exception");
    }
  }
  void fail_with(std::string why) {
    ending_ = {true, std::move(why)};
    quit(caf::exit_reason::unhandled_exception);
  }

  std::shared_ptr<cell_slot> slot_;
  role_factory make_;
  std::function<void(const ending&)> on_end_;
  std::unique_ptr<role> role_;
  std::map<std::uint64_t, envelope> due_; // delayed messages by number
  std::uint64_t last_due_ = 0;
  ending ending_;
};

/// CAF gives the system's logger to each thread that makes the system or an actor, and the system's end waits until all
/// have given it back: the threads of a program may live longer.
void give_logger_back() { caf::logger::set_current_actor_system(nullptr); }

caf::actor_system_config& configure(caf::actor_system_config& config, const std::string& policy, std::size_t threads) {
  config.set("scheduler.policy", caf::atom_from_string(policy));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{64}); // else one full mailbox starves the others of its thread
  return config;
}

} // namespace

void address::send(envelope message) const {
  if (slot_) slot_->put(std::move(message), false);
}
void address::send_urgent(envelope message) const {
  if (slot_) slot_->put(std::move(message), true);
}
void address::stop() const {
  if (slot_) slot_->stop();
}
void address::crash() const {
  if (slot_) slot_->crash();
}
void address::retire() const {
  if (slot_) slot_->retire();
}

struct system::impl {
  impl(const char* policy, std::size_t threads, bool own_threads_too)
      : actors(configure(config, policy, threads)), own_threads(own_threads_too) {
    give_logger_back();
  }

  caf::scheduler::test_coordinator& test_scheduler() {
    auto* scheduler = dynamic_cast<caf::scheduler::test_coordinator*>(&actors.scheduler());
    WEFT_ASSERT(scheduler != nullptr);
    return *scheduler;
  }

  caf::actor_system_config config;
  caf::actor_system actors;
  bool own_threads; // where placement::own asks for one
};

system::system(int threads) : impl_(std::make_unique<impl>("sharing", static_cast<std::size_t>(threads), true)) {}
system::system(deterministic_t) : impl_(std::make_unique<impl>("testing", 1, false)) {}
system::~system() = default;

address system::reserve() { return address(std::make_shared<cell_slot>()); }

void system::start(const address& at, placement where, role_factory make, std::function<void(const ending&)> on_end) {
  WEFT_ASSERT(at.slot_);
  // Lazy: it first runs with its first message, so that its address works when its role begins.
  auto actor =
      where == placement::own && impl_->own_threads
          ? impl_->actors.spawn<cell, caf::detached + caf::lazy_init>(at.slot_, std::move(make), std::move(on_end))
          : impl_->actors.spawn<cell, caf::lazy_init>(at.slot_, std::move(make), std::move(on_end));
  give_logger_back();
  at.slot_->begin(std::move(actor));
}

std::size_t system::run() {
  std::size_t handled = 0;
  while (impl_->test_scheduler().try_run_once())
    ++handled;
  return handled;
}

void system::advance(microseconds by) { impl_->test_scheduler().advance_time(by); }

} // namespace weft::actors::port
