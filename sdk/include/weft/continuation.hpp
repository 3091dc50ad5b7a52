// weft/continuation.hpp: where a service goes on when it is answered.
#pragma once
#include "weft/codec.hpp"
#include "weft/topic.hpp"

#include <string_view>

namespace weft {

/// Where a service goes on when a request of one of its handlers is answered, and the type of what it keeps for that.
/// It is known by its name, not by an object in memory: so the answer finds it though the service was killed meanwhile.
/// Made from a literal; a name is as a topic's.
///
///     inline constexpr weft::continuation<Order> charged{"charged"};
template <encodable Kept>
class continuation {
public:
  consteval explicit continuation(const char* name) : named_(name) {}
  [[nodiscard]] constexpr std::string_view name() const noexcept { return named_.name(); }

private:
  topic<Kept> named_;
};

} // namespace weft
