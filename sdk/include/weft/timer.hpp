// weft/timer.hpp: what a service does later.
#pragma once
#include "weft/codec.hpp"
#include "weft/topic.hpp"

#include <string_view>

namespace weft {

/// A kind of timer of one service, and the type of the value that it brings. Of each key there is one at most: setting
/// it again moves it. Made from a literal; a name is as a topic's.
///
///     inline constexpr weft::timer<Order> unpaid{"unpaid"};
template <encodable T>
class timer {
public:
  consteval explicit timer(const char* name) : named_(name) {}
  [[nodiscard]] constexpr std::string_view name() const noexcept { return named_.name(); }

private:
  topic<T> named_;
};

} // namespace weft
