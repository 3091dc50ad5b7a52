#include "weft/subscription.hpp"

#include "sdk/src/consumer.hpp"

namespace weft {

subscription::subscription(std::shared_ptr<detail::consumer> running) noexcept : running_(std::move(running)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&& other) noexcept {
  if (this != &other) {
    if (running_) running_->close();
    running_ = std::move(other.running_);
  }
  return *this;
}
subscription::~subscription() {
  if (running_) running_->close();
}

result<std::optional<event>> subscription::poll(microseconds within) { return running_->poll(within); }
result<std::vector<event>> subscription::poll_batch(std::size_t most, microseconds within) {
  return running_->poll_batch(most, within);
}
void subscription::commit() { running_->commit(); }
void subscription::done(const event& processed) { running_->done(processed); }
void subscription::failed(const event& tried, std::string_view cause) { running_->failed(tried, cause); }
void subscription::rejected(const event& tried, std::string_view cause) { running_->rejected(tried, cause); }
void subscription::close() { running_->close(); }
result<void> subscription::wait() { return running_->wait(); }
std::optional<error> subscription::stopped() const { return running_->stopped(); }
std::vector<log_progress> subscription::progress() const { return running_->progress(); }

} // namespace weft
