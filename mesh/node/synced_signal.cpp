#include "mesh/node/synced_signal.hpp"

namespace weft::node {

std::shared_ptr<synced_signal::follower> synced_signal::follow(std::function<void()> wake) {
  auto added = std::make_shared<follower>(std::move(wake));
  const std::lock_guard lock(mutex_);
  followers_.emplace_back(added);
  return added;
}

void synced_signal::raise(seq end) {
  end_.store(end.value());
  wake();
}

void synced_signal::wake() {
  const std::lock_guard lock(mutex_);
  std::erase_if(followers_, [](const std::weak_ptr<follower>& item) {
    const auto alive = item.lock();
    if (alive && !alive->awake_.exchange(true)) alive->wake_();
    return alive == nullptr;
  });
}

} // namespace weft::node
