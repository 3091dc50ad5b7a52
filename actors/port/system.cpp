#include "actors/port/system.hpp"

#include "mesh/base/assert.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <exception>
#include <mutex>
#include <variant>

namespace weft::actors::port {
namespace {

struct begin_request {};
struct stop_request {};
struct crash_request {};

/// What a cell gets: a message for its role or a request to the cell itself.
struct parcel {
  std::variant<envelope, begin_request, stop_request, crash_request> content;
};
using parcel_ptr = std::shared_ptr<const parcel>;

parcel_ptr wrap(envelope message) { return std::make_shared<const parcel>(parcel{std::move(message)}); }

} // namespace
} // namespace weft::actors::port

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weft::actors::port::parcel_ptr)

namespace weft::actors::port {

/// The actor that stands behind an address at the moment.
class cell_slot {
public:
  [[nodiscard]] caf::actor current() const {
    const std::lock_guard lock(mutex_);
    return actor_;
  }
  void set(caf::actor actor) {
    const std::lock_guard lock(mutex_);
    actor_ = std::move(actor);
  }

private:
  mutable std::mutex mutex_;
  caf::actor actor_;
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
    return {[this](const parcel_ptr& message) { guarded([&] { take(*message); }); }};
  }

  void on_exit() override {
    role_.reset();
    slot_->set({});
    if (auto on_end = std::exchange(on_end_, nullptr)) on_end(ending_);
  }

private:
  port::address me() const override { return port::address(slot_); }
  void after(microseconds delay, envelope message) override { delayed_send(this, delay, wrap(std::move(message))); }
  void end() override { quit(); }

  void take(const parcel& message) {
    if (const auto* content = std::get_if<envelope>(&message.content)) {
      role_->receive(content->get());
    } else if (std::holds_alternative<stop_request>(message.content)) {
      quit();
    } else if (std::holds_alternative<crash_request>(message.content)) {
      throw std::runtime_error("crashed on request");
    }
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
  ending ending_;
};

caf::actor_system_config& configure(caf::actor_system_config& config, const char* policy, std::size_t threads) {
  config.set("scheduler.policy", caf::atom_from_string(policy));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{64}); // else one full mailbox starves the others of its thread
  return config;
}

} // namespace

void address::send(envelope message) const {
  if (!slot_) return;
  if (const auto actor = slot_->current()) caf::anon_send(actor, wrap(std::move(message)));
}

void address::send_urgent(envelope message) const {
  if (!slot_) return;
  if (const auto actor = slot_->current()) caf::anon_send<caf::message_priority::high>(actor, wrap(std::move(message)));
}

void address::stop() const {
  if (!slot_) return;
  if (const auto actor = slot_->current())
    caf::anon_send<caf::message_priority::high>(actor, std::make_shared<const parcel>(parcel{stop_request{}}));
}

void address::crash() const {
  if (!slot_) return;
  if (const auto actor = slot_->current())
    caf::anon_send<caf::message_priority::high>(actor, std::make_shared<const parcel>(parcel{crash_request{}}));
}

struct system::impl {
  impl(const char* policy, std::size_t threads) : actors(configure(config, policy, threads)) {}

  caf::scheduler::test_coordinator& test_scheduler() {
    auto* scheduler = dynamic_cast<caf::scheduler::test_coordinator*>(&actors.scheduler());
    WEFT_ASSERT(scheduler != nullptr);
    return *scheduler;
  }

  caf::actor_system_config config;
  caf::actor_system actors;
};

system::system(int threads) : impl_(std::make_unique<impl>("sharing", static_cast<std::size_t>(threads))) {}
system::system(deterministic_t) : impl_(std::make_unique<impl>("testing", 1)) {}
system::~system() = default;

address system::reserve() { return address(std::make_shared<cell_slot>()); }

void system::start(const address& at, placement where, role_factory make, std::function<void(const ending&)> on_end) {
  WEFT_ASSERT(at.slot_ && !at.slot_->current());
  // Lazy: it first runs with its first message, so that its address works when its role begins.
  auto actor =
      where == placement::own
          ? impl_->actors.spawn<cell, caf::detached + caf::lazy_init>(at.slot_, std::move(make), std::move(on_end))
          : impl_->actors.spawn<cell, caf::lazy_init>(at.slot_, std::move(make), std::move(on_end));
  at.slot_->set(actor);
  caf::anon_send(actor, std::make_shared<const parcel>(parcel{begin_request{}}));
}

std::size_t system::run() {
  std::size_t handled = 0;
  while (impl_->test_scheduler().try_run_once())
    ++handled;
  return handled;
}

void system::advance(microseconds by) { impl_->test_scheduler().advance_time(by); }

} // namespace weft::actors::port
