// weft/errand.hpp: what a service has done outside of the mesh.
#pragma once
#include "mesh/base/time.hpp"
#include "weft/codec.hpp"
#include "weft/event.hpp"
#include "weft/topic.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

/// A kind of thing that a service has done outside of the mesh (a mail, a payment, a row in another database), the
/// type of the value that says what, and what is known when it is done. A handler gives one out with its step; the
/// service's function for it is called when that step is on disk. Made from a literal; a name is as a topic's.
///
///     inline constexpr weft::errand<Order, Receipt> charge{"charge"};
template <encodable T, class Result = void>
  requires std::is_void_v<Result> || encodable<Result>
class errand {
public:
  consteval explicit errand(const char* name) : named_(name) {}
  [[nodiscard]] constexpr std::string_view name() const noexcept { return named_.name(); }

private:
  topic<T> named_;
};

/// How a service does its errands of one name.
struct errand_options {
  int threads = 1;             ///< how many are done at once, of a key one; 1 to 256
  std::uint32_t calls_max = 0; ///< that fail, before one is given up; 0: it is tried without end
  /// How long a stop waits for calls that run. What runs longer is left alone: its outcome is lost, and the errand is
  /// done again in the next life. So give what the function uses to it by a shared_ptr if it may take so long.
  microseconds stop_within{10'000'000};
};

/// One errand that a handler gives out.
struct outside_options {
  /// Of one name and key errands are done one after the other, in the order of their steps. Not set: the value's own
  /// key. Empty: it waits for no other.
  std::optional<std::string> key{};
};

/// What the function of an errand has besides the value.
struct errand_call {
  /// 32 hexadecimal digits: the same in each call of this errand, through kills and restarts, and no other's. The
  /// system outside has to know by it that it has done this already: a call whose end is not on disk is made again.
  std::string id;
  std::uint32_t number = 1; ///< 1 for the first; counts those before that failed, not those that a kill cut short
  /// The errand's name as the topic, its key and value, as its time when it was given out, as its position that of the
  /// event that led to it; a `traceparent` goes on.
  const event& what;
  std::stop_token stop; ///< the service is being stopped: see errand_options::stop_within
};

namespace detail {

/// What a function returned; or why that can't be kept.
struct encoded_result {
  std::string type{}, value{};
  std::optional<error> lost{};
};

template <class Result>
[[nodiscard]] encoded_result encode_result(const Result& of) {
  std::string scratch;
  const auto bytes = codec<Result>::encode(of, scratch);
  if (!bytes) return {.lost = bytes.error()};
  return {std::string(codec<Result>::type_name()), std::string(as_text(*bytes))};
}

} // namespace detail

} // namespace weft
