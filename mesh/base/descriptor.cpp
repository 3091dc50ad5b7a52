#include "mesh/base/descriptor.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weft {

void descriptor::reset() noexcept {
  if (number_ >= 0) ::close(number_); // nothing to be done about an error: what matters was synced
  number_ = -1;
}

descriptor_reserve::descriptor_reserve(std::size_t target) : target_(target) {
  spares_.reserve(target);
  refill();
}

descriptor descriptor_reserve::open(const std::function<int()>& open) {
  descriptor opened{open()};
  if (opened) {
    refill();
    return opened;
  }
  while ((errno == EMFILE || errno == ENFILE) && give_up_one()) {
    opened = descriptor{open()};
    if (opened) break;
  }
  return opened;
}

void descriptor_reserve::refill() noexcept {
  const auto before = errno;
  const std::scoped_lock lock{mutex_};
  while (spares_.size() < target_) {
    descriptor spare{::eventfd(0, EFD_CLOEXEC)}; // any kind will do
    if (!spare) break;
    spares_.push_back(std::move(spare)); // within the reserved capacity
  }
  errno = before;
}

std::size_t descriptor_reserve::held() const {
  const std::scoped_lock lock{mutex_};
  return spares_.size();
}

bool descriptor_reserve::give_up_one() {
  const std::scoped_lock lock{mutex_};
  if (spares_.empty()) return false;
  spares_.pop_back();
  return true;
}

} // namespace weft
