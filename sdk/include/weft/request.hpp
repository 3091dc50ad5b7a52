// weft/request.hpp: requests and their replies.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/api.hpp"
#include "weft/codec.hpp"
#include "weft/event.hpp"
#include "weft/publisher.hpp"
#include "weft/topic.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

/// A kind of request, and of what is its reply. Requests are events of the topic, replies of `<topic>.replies`: both
/// are in logs like any other, to be seen, kept and granted as other topics are. Made from a literal, at most 241
/// bytes.
///
///     inline constexpr weft::endpoint<Question, Price> prices{"shop.prices"};
template <encodable Request, encodable Reply>
class endpoint {
public:
  consteval explicit endpoint(const char* name) : requests_(name) {}
  [[nodiscard]] constexpr const topic<Request>& requests() const noexcept { return requests_; }

private:
  topic<Request> requests_;
};

struct request_options {
  microseconds within = std::chrono::seconds(10); ///< the caller waits so long; afterwards nobody begins with it
  std::optional<std::string> key{};               ///< instead of the type's own: of a key one is served at a time
  /// When it is asked to stop, the caller is told errc::cancelled at once, and the servers are told too: who has not
  /// begun with the request leaves it, who has may ask request_status.
  std::stop_token stop{};
};

/// What a server may ask of the request that it serves. @thread the handler's
class request_status {
public:
  explicit request_status(std::function<bool()> awaited) : awaited_(std::move(awaited)) {}
  request_status(const request_status&) = delete; // it is of the handler's call
  request_status& operator=(const request_status&) = delete;
  /// False when its caller has cancelled it or waits no longer: the rest of the work can be left.
  [[nodiscard]] bool is_awaited() const { return awaited_(); }

private:
  std::function<bool()> awaited_;
};

/// `handler(const Request&)` or `handler(const Request&, const request_status&)` that gives a Reply or a result<Reply>.
template <class Handler, class Request, class Reply>
concept server_of = std::is_invocable_r_v<result<Reply>, Handler&, const Request&> ||
                    std::is_invocable_r_v<result<Reply>, Handler&, const Request&, const request_status&>;

/// Clocks of two machines may differ by this much: a request is dropped unserved only when its caller's time is over by
/// more.
inline constexpr auto request_clocks_apart = std::chrono::seconds(5);

namespace detail {

/// The topic of the replies to requests of this one.
[[nodiscard]] WEFT_API std::string replies_of(std::string_view requests);

/// Who asked, as a request's headers say it.
struct caller {
  std::string_view token;  ///< the key of its replies
  std::string_view number; ///< of the request, among the caller's
};
inline constexpr std::size_t caller_token_bytes = 32,
                             caller_number_bytes_max = 20; // in hexadecimal; a decimal of 64 bits
/// The topic in which callers cancel requests of this one.
[[nodiscard]] WEFT_API std::string cancels_of(std::string_view requests);
/// Nothing: the event is no request.
[[nodiscard]] WEFT_API std::optional<caller> caller_of(const event_info& request);
/// Whether its caller waits no longer, as far as clocks tell.
[[nodiscard]] WEFT_API bool is_expired(const event_info& request);
/// What a reply is published with.
[[nodiscard]] WEFT_API event_options reply_options(const caller& to);

/// The reply to one request, once.
using reply_told = std::function<void(const result<event>&)>;

/// What the handler made of a request, or that it threw.
template <class Reply, class Handler>
[[nodiscard]] result<Reply> served(Handler handler) {
  try {
    return handler();
  } catch (const std::exception& thrown) {
    return fail(errc::handler_failed, std::string("the server's handler threw: ") + thrown.what());
  } catch (...) {
    return fail(errc::handler_failed, "the server's handler threw what is no std::exception");
  }
}

} // namespace detail

} // namespace weft
