// sdk/src/service/reply_inbox.hpp: the replies to what a service has asked, until it takes them.
#pragma once
#include "mesh/base/time.hpp"
#include "sdk/src/consumer.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weft::detail {

/// The key of the replies to a service: XXH3-128 of its name, in hexadecimal. The same in all its lives and versions,
/// and wherever its state is.
[[nodiscard]] std::string reply_token(const std::string& service);

/// Subscribes to each endpoint's replies, from before its oldest open request on. So none is missed; those that are
/// read again in a later life find no request that waits. Keeps limits::replies_waiting_bytes, headers and what else an
/// event needs included, and one more.
/// @thread any
class reply_inbox {
public:
  struct asked {
    std::string requests;           ///< their topic
    std::optional<wall_time> since; ///< when the oldest that is open was made; nothing: none is
  };
  using subscriber = std::function<result<std::shared_ptr<consumer>>(const std::string& pattern,
                                                                     const subscription_options&, event_handler)>;
  /// @param came  called on a thread of a subscription: there is something to take, or it has failed
  /// @error that of a subscription
  [[nodiscard]] static result<std::unique_ptr<reply_inbox>> open(const std::string& service,
                                                                 const std::vector<asked>& endpoints,
                                                                 const subscriber& subscribe,
                                                                 std::function<void()> came);
  ~reply_inbox(); ///< close()

  [[nodiscard]] std::optional<event> take();
  /// Why a subscription has ended by itself.
  [[nodiscard]] std::optional<error> failed() const;
  /// No `came` is called afterwards.
  void close();

private:
  explicit reply_inbox(std::function<void()> came) : came_(std::move(came)) {}
  void put(const event& reply);
  void fail_with(const error& why);

  const std::function<void()> came_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<event> waiting_;
  std::size_t bytes_ = 0; // of these
  std::optional<error> failed_;
  bool closes_ = false;
  std::vector<std::shared_ptr<consumer>> consumers_;
};

} // namespace weft::detail
