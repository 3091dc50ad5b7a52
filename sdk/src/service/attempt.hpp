// sdk/src/service/attempt.hpp: one call of a handler, and what came of it.
#pragma once
#include "sdk/src/group_inbox.hpp"
#include "sdk/src/service/one_event.hpp"
#include "sdk/src/service/service_handlers.hpp"
#include "sdk/src/service/timer_book.hpp"

#include <optional>

namespace weft::detail {

struct attempt {
  std::optional<group_job> job{};       ///< either
  std::optional<due_timer> timer{};     ///< or
  std::optional<result<event>> reply{}; ///< of a continuation
  const event_action* action = nullptr;
  int conflicts = 0; ///< how often what it had read was changed meanwhile

  std::optional<one_event> effects{};
  std::optional<error> failed{}; ///< it threw, or its event could not be decoded

  [[nodiscard]] const event& what() const noexcept { return job ? job->what : timer->what; }
};

} // namespace weft::detail
