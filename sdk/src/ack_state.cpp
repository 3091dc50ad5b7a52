#include "sdk/src/ack_state.hpp"

#include "mesh/base/assert.hpp"

#include <cstdio>

namespace weft {
namespace detail {

void publish_errors::set(publish_error_handler handler) {
  auto shared = handler ? std::make_shared<const publish_error_handler>(std::move(handler)) : nullptr;
  const std::lock_guard lock{mutex_};
  handler_ = std::move(shared);
}

void publish_errors::tell(const publish_failure& failure) const {
  std::shared_ptr<const publish_error_handler> handler;
  {
    const std::lock_guard lock{mutex_};
    handler = handler_;
  }
  if (handler)
    (*handler)(failure);
  else
    std::fprintf(stderr, "weft: %zu events for %s were not published: %s\n", failure.events, failure.topic.c_str(),
                 failure.why.message().c_str());
}

void ack_state::complete(result<batch_outcome> outcome) {
  std::vector<callback> callbacks;
  {
    const std::lock_guard lock{mutex_};
    WEFT_ASSERT(!outcome_);
    outcome_.emplace(std::move(outcome));
    done_ = true;
    callbacks.swap(callbacks_);
    came_.notify_all();
  }
  for (const auto& [index, call] : callbacks)
    call(ack_of(index));
  tell_dropped();
}

result<ack> ack_state::ack_of(std::uint32_t index) const {
  const auto& outcome = *outcome_;
  if (!outcome) return fail(outcome.error());
  return ack{.position = {outcome->node, {outcome->at.epoch, outcome->at.first + index}},
             .offset = outcome->at.first_offset + index,
             .level = outcome->level,
             .logged_at = outcome->at.at.wall(),
             .repeated = outcome->at.repeated};
}

result<ack> ack_state::wait(std::uint32_t index) {
  if (!done_) {
    std::unique_lock lock{mutex_};
    came_.wait(lock, [this] { return done_.load(); });
  }
  return ack_of(index);
}

result<ack> ack_state::wait(std::uint32_t index, microseconds within) {
  if (!done_) {
    std::unique_lock lock{mutex_};
    if (!came_.wait_for(lock, within, [this] { return done_.load(); }))
      return fail(errc::timed_out, "the acknowledgement has not come yet; the event may still be on its way");
  }
  return ack_of(index);
}

void ack_state::then(std::uint32_t index, std::function<void(const result<ack>&)> call) {
  {
    const std::lock_guard lock{mutex_};
    if (!done_) {
      callbacks_.emplace_back(index, std::move(call));
      return;
    }
  }
  call(ack_of(index));
}

void ack_state::drop() noexcept {
  dropped_.fetch_add(1);
  if (done_) tell_dropped(); // else complete() does, which sets done_ before it counts
}

void ack_state::tell_dropped() noexcept {
  if (outcome_->has_value()) return;
  const auto count = dropped_.exchange(0);
  if (count > 0) context_->errors->tell({context_->topic, count, outcome_->error()});
}

} // namespace detail

pending<ack>::pending(std::shared_ptr<detail::ack_state> state, std::uint32_t index) noexcept
    : state_(std::move(state)), index_(index) {}
pending<ack>::pending(pending&& other) noexcept
    : state_(std::move(other.state_)), index_(other.index_), observed_(other.observed_) {}
pending<ack>& pending<ack>::operator=(pending&& other) noexcept {
  if (this == &other) return *this;
  drop();
  state_ = std::move(other.state_);
  index_ = other.index_;
  observed_ = other.observed_;
  return *this;
}
pending<ack>::~pending() { drop(); }

void pending<ack>::drop() noexcept {
  if (state_ && !observed_) state_->drop();
}

bool pending<ack>::ready() const noexcept { return state_->done(); }

result<ack> pending<ack>::get() {
  observed_ = true;
  return state_->wait(index_);
}

result<ack> pending<ack>::get(microseconds within) {
  auto outcome = state_->wait(index_, within);
  if (state_->done()) observed_ = true;
  return outcome;
}

void pending<ack>::then(std::function<void(const result<ack>&)> callback) {
  observed_ = true;
  state_->then(index_, std::move(callback));
}

} // namespace weft
