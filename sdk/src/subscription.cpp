#include "weft/subscription.hpp"

#include "sdk/src/session.hpp"

namespace weft {

subscription::subscription(std::shared_ptr<detail::session> session) noexcept : session_(std::move(session)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&& other) noexcept {
  if (this != &other) {
    if (session_) session_->close();
    session_ = std::move(other.session_);
  }
  return *this;
}
subscription::~subscription() {
  if (session_) session_->close();
}

result<std::optional<event>> subscription::poll(microseconds within) { return session_->poll(within); }
result<std::vector<event>> subscription::poll_batch(std::size_t most, microseconds within) {
  return session_->poll_batch(most, within);
}
void subscription::commit() { session_->commit(); }
void subscription::close() { session_->close(); }
result<void> subscription::wait() { return session_->wait(); }
std::optional<error> subscription::stopped() const { return session_->stopped(); }
std::vector<log_progress> subscription::progress() const { return session_->progress(); }

} // namespace weft
