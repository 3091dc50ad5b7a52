#include "sdk/src/service/reply_inbox.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>
#include <utility>
#include <xxhash.h>

namespace weft::detail {
namespace {

/// A reply without a value is not for nothing: an error is one.
std::size_t size_of(const event& reply) {
  std::size_t size = sizeof(reply) + reply.key.size() + reply.value().size();
  for (const auto& [name, text] : reply.headers.all())
    size += name.size() + text.size();
  return size;
}

} // namespace

std::string reply_token(const std::string& service) {
  const auto hash = XXH3_128bits(service.data(), service.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

result<std::unique_ptr<reply_inbox>> reply_inbox::open(const std::string& service, const std::vector<asked>& endpoints,
                                                       const subscriber& subscribe, std::function<void()> came) {
  std::unique_ptr<reply_inbox> made{new reply_inbox(std::move(came))};
  auto* const inbox = made.get();
  for (const auto& of : endpoints) {
    subscription_options options{.from = start::end, .key = reply_token(service)};
    if (of.since) options.from = *of.since - request_clocks_apart;
    options.on_gap = [](const gap&) {}; // who waits for what is lost is told that the time is over
    options.on_stopped = [inbox](const error& why) { inbox->fail_with(why); };
    auto begun = subscribe(replies_of(of.requests), options, [inbox](const event& reply) -> result<void> {
      inbox->put(reply);
      return {};
    });
    if (!begun) return fail(begun.error().within(fmt::format("the replies that {} waits for", service)));
    made->consumers_.push_back(std::move(*begun));
  }
  return made;
}

reply_inbox::~reply_inbox() { close(); }

void reply_inbox::put(const event& reply) {
  {
    std::unique_lock held{mutex_};
    room_.wait(held, [this] { return bytes_ < limits::replies_waiting_bytes || closes_; });
    if (closes_) return;
    waiting_.push_back(reply);
    bytes_ += size_of(reply);
  }
  came_();
}

void reply_inbox::fail_with(const error& why) {
  {
    const std::lock_guard held{mutex_};
    if (closes_ || failed_) return;
    failed_ = why;
  }
  came_();
}

std::optional<event> reply_inbox::take() {
  const std::lock_guard held{mutex_};
  if (waiting_.empty()) return std::nullopt;
  std::optional<event> first(std::move(waiting_.front()));
  waiting_.pop_front();
  bytes_ -= size_of(*first);
  room_.notify_all();
  return first;
}

std::optional<error> reply_inbox::failed() const {
  const std::lock_guard held{mutex_};
  return failed_;
}

void reply_inbox::close() {
  {
    const std::lock_guard held{mutex_};
    closes_ = true;
    room_.notify_all();
  }
  for (const auto& from : consumers_)
    from->close();
}

} // namespace weft::detail
