// actors/port/system.hpp: the few calls of CAF that Weft uses. No other file includes CAF.
#pragma once
#include "mesh/base/time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace weft::actors::port {

/// A message without its type; `ref` and `role_of` put the type back.
using envelope = std::shared_ptr<const void>;

class cell_slot;

/// Where an actor is reached. Stays valid while the actor is restarted and after it has ended: then messages are
/// dropped.
/// @thread any
class address {
public:
  address() noexcept = default;
  explicit address(std::shared_ptr<cell_slot> slot) noexcept : slot_(std::move(slot)) {}

  void send(envelope message) const;
  /// Overtakes what waits in the mailbox.
  void send_urgent(envelope message) const;
  /// Ends the actor after what waits for it.
  void stop() const;
  /// Has the actor fail at once as a bug in a handler would: for tests of supervision.
  void crash() const;
  /// No actor will come any more: what waits and what follows is dropped.
  void retire() const;
  [[nodiscard]] explicit operator bool() const noexcept { return slot_ != nullptr; }
  friend bool operator==(const address&, const address&) noexcept = default;

private:
  friend class system;
  std::shared_ptr<cell_slot> slot_;
};

/// An address for messages of one type.
template <class Message>
class ref {
public:
  ref() noexcept = default;
  explicit ref(port::address to) noexcept : to_(std::move(to)) {}

  void tell(Message message) const { to_.send(std::make_shared<const Message>(std::move(message))); }
  void tell_urgent(Message message) const { to_.send_urgent(std::make_shared<const Message>(std::move(message))); }
  [[nodiscard]] const port::address& address() const noexcept { return to_; }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(to_); }

private:
  port::address to_;
};

/// What an actor can do from its handlers.
class self {
public:
  virtual ~self() = default;
  [[nodiscard]] virtual address me() const = 0;
  /// Sends itself a message later.
  virtual void after(microseconds delay, envelope message) = 0;
  /// Ends this actor when the handler returns.
  virtual void end() = 0;
};

/// The behaviour of one actor. Its methods are never called by two threads at once; an exception ends it as crashed.
class role {
public:
  virtual ~role() = default;
  /// Called once before the first message.
  virtual void start(port::self& self) = 0;
  virtual void receive(const void* message) = 0;
};

/// A role whose messages are `Message`, usually a variant.
template <class Message>
class role_of : public role {
public:
  void start(port::self& self) final {
    self_ = &self;
    begin();
  }
  void receive(const void* message) final { on(*static_cast<const Message*>(message)); }

protected:
  virtual void begin() {}
  virtual void on(const Message& message) = 0;

  [[nodiscard]] ref<Message> me() const { return ref<Message>(self_->me()); }
  void tell_self_after(microseconds delay, Message message) {
    self_->after(delay, std::make_shared<const Message>(std::move(message)));
  }
  void end() { self_->end(); }

private:
  port::self* self_ = nullptr;
};

using role_factory = std::function<std::unique_ptr<role>()>;

/// How an actor ended.
struct ending {
  bool crashed = false;
  std::string why; ///< the exception's text
};

enum class placement : std::uint8_t {
  shared, ///< on the scheduler's threads: never blocks
  own,    ///< a thread of its own: may block
};

/// Runs actors.
class system {
public:
  /// @param threads  of the scheduler
  explicit system(int threads);
  /// Deterministic: nothing runs but in run(), whatever its placement; time passes only in advance(). For tests.
  struct deterministic_t {};
  explicit system(deterministic_t);
  /// All actors must have been stopped.
  ~system();
  system(const system&) = delete;
  system& operator=(const system&) = delete;

  /// An address that no actor stands behind yet.
  [[nodiscard]] address reserve();
  /// Starts an actor at an address without one. `on_end` is called once, on the actor's last thread.
  void start(const address& at, placement where, role_factory make, std::function<void(const ending&)> on_end);

  /// Deterministic only: handles all messages until none waits. @returns how many
  std::size_t run();
  /// Deterministic only: lets time pass and delayed messages become due.
  void advance(microseconds by);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace weft::actors::port
