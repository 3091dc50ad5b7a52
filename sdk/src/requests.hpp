// sdk/src/requests.hpp: what a program has asked and not been told yet.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "sdk/src/consumer.hpp"
#include "weft/request.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft::detail {

/// The headers of a request. @param until  the caller waits no longer
[[nodiscard]] std::vector<std::pair<std::string, std::string>> request_headers(const caller& from, wall_time until);
/// The topic of the requests that are replied to in this one. Nothing: it is none of replies.
[[nodiscard]] std::optional<std::string> requests_of(std::string_view replies);
/// Which request it replies to. Nothing: it is no reply.
[[nodiscard]] std::optional<std::uint64_t> replied_number(const event& reply);
/// The reply, or the error that the server told.
[[nodiscard]] result<event> told_by(const event& reply);
/// What the caller of an endpoint is told when its time is over.
[[nodiscard]] error unanswered(std::string_view requests);
/// What an error is told with: told_by() has it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> error_headers(const error& why);
/// The same for the caller of a request.
[[nodiscard]] event_options error_options(const caller& to, const error& why);

/// Each caller has a token, drawn once: the key of its replies. It subscribes to the replies of a topic before its
/// first request of that topic, with that key, from that time on: so none is missed, whichever log it comes to.
/// @thread any; `told` is called under no lock
class requests : public std::enable_shared_from_this<requests> {
public:
  struct environment {
    weft::clock& clock;
    std::function<result<std::shared_ptr<consumer>>(std::string_view topic, const subscription_options&, event_handler)>
        subscribe;
    std::function<void(std::string_view topic, const encoded_event&, std::function<void(const error&)> failed)> publish;
    std::function<void(std::string_view topic, const encoded_event&)> publish_if_there_is_room;
  };
  requests(environment at, random_source& random);
  ~requests();

  void send(std::string_view topic, const encoded_event& what, const request_options& options, reply_told told);
  /// Everything that waits is told errc::cancelled; nothing is sent afterwards.
  void close();

private:
  using time_point = std::chrono::steady_clock::time_point;
  using stop_callback = std::stop_callback<std::function<void()>>;
  struct waiting {
    reply_told told;
    std::string topic;
    time_point until;
    microseconds within;
    std::unique_ptr<stop_callback> stop{}; // what cancels it. Its end may wait for that: never under the lock
  };

  [[nodiscard]] result<void> listen(const std::string& topic);
  void on_reply(const event& reply);
  [[nodiscard]] std::unique_ptr<stop_callback> cancel_when(const std::stop_token& stop, std::uint64_t number);
  void cancel(std::uint64_t number);
  [[nodiscard]] std::optional<waiting> take(std::uint64_t number);
  void tell(std::uint64_t number, const result<event>& what);
  void keep_time();

  const environment at_;
  const std::string token_;
  std::mutex listening_mutex_;                                          // held while one is made
  std::map<std::string, std::shared_ptr<consumer>, std::less<>> heard_; // replies, by the requests' topic
  std::mutex mutex_;
  std::condition_variable due_;
  std::map<std::uint64_t, waiting> waiting_;
  std::set<std::pair<time_point, std::uint64_t>> ends_; // of those
  std::uint64_t last_ = 0;
  bool closed_ = false;
  std::thread time_; // started with the first request; holds this until close()
};

} // namespace weft::detail
