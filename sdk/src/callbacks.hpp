// sdk/src/callbacks.hpp: what a program has said that a subscription calls. No exception gets past it.
#pragma once
#include "sdk/src/flow_book.hpp"
#include "weft/participant.hpp"

#include <exception>
#include <fmt/format.h>
#include <optional>

namespace weft::detail {

/// What became of a call that handles this event: nothing, or why it could not be handled.
template <class Call>
[[nodiscard]] std::optional<error> outcome_of(const event& what, Call&& call) {
  try {
    if (const result<void> done = call(); !done)
      return error{errc::undecodable,
                   fmt::format("{} of {} (type \"{}\") can't be decoded: {}", to_string(what.position()), what.topic,
                               what.type, done.error().message())};
    return std::nullopt;
  } catch (const rejected& thrown) {
    return error{errc::rejected, fmt::format("the handler rejected {} of {}: {}", to_string(what.position()),
                                             what.topic, thrown.what())};
  } catch (const std::exception& thrown) {
    return error{errc::handler_failed, fmt::format("the handler threw at {} of {}: {}", to_string(what.position()),
                                                   what.topic, thrown.what())};
  } catch (...) {
    return error{errc::handler_failed,
                 fmt::format("the handler threw at {} of {}", to_string(what.position()), what.topic)};
  }
}

/// @thread any: immutable; the program's functions are called on the calling thread, under no lock
class callbacks {
public:
  callbacks(const subscription_options& options, event_handler handler)
      : options_(options), handler_(std::move(handler)) {}

  [[nodiscard]] bool has_handler() const noexcept { return static_cast<bool>(handler_); }
  /// @returns why the event could not be handled, if so
  [[nodiscard]] std::optional<error> handle(const event& what) const;
  /// What the program wants done with an event that could not be handled; nothing: it does not say.
  [[nodiscard]] std::optional<after_failure> failed(const event& what, const error& why) const;
  /// @error why the subscription ends
  [[nodiscard]] result<void> tell_gap(const waiting_run& run) const;
  void tell_stopped(const error& why) const;

private:
  [[nodiscard]] result<void> tell(const gap& met) const;

  const subscription_options options_;
  const event_handler handler_;
};

} // namespace weft::detail
