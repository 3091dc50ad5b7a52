#include "mesh/wire/buffer_pool.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace weft::wire {
namespace {

constexpr std::size_t pooled_from = 32U << 10U; // below, malloc keeps its memory itself
constexpr std::size_t granule = 32U << 10U;     // sizes are rounded up, so that pieces fit each other's use

/// Free pieces, few and large, so a list under a lock is enough.
class pool {
public:
  struct piece {
    std::byte* data;
    std::size_t capacity;
  };

  /// The smallest piece that fits and is not twice too large, or none.
  piece take(std::size_t at_least) noexcept {
    const std::lock_guard hold(lock_);
    auto best = pieces_.end();
    for (auto it = pieces_.begin(); it != pieces_.end(); ++it)
      if (it->capacity >= at_least && it->capacity <= 2 * at_least &&
          (best == pieces_.end() || it->capacity < best->capacity))
        best = it;
    if (best == pieces_.end()) return {nullptr, 0};
    const auto found = *best;
    *best = pieces_.back();
    pieces_.pop_back();
    bytes_ -= found.capacity;
    return found;
  }

  /// @returns false when the pool is full
  bool put(piece free) noexcept {
    const std::lock_guard hold(lock_);
    if (bytes_ + free.capacity > limits::batch_pool_bytes_max) return false;
    pieces_.push_back(free); // reserved below, so it can't throw
    bytes_ += free.capacity;
    return true;
  }

  void drop() noexcept {
    const std::lock_guard hold(lock_);
    for (const auto& each : pieces_)
      ::operator delete(each.data);
    pieces_.clear();
    bytes_ = 0;
  }

  std::size_t bytes() noexcept {
    const std::lock_guard hold(lock_);
    return bytes_;
  }

  /// Never destroyed: bytes may be dropped by other static objects.
  static pool& instance() {
    static pool* const only = new pool;
    return *only;
  }

private:
  pool() { pieces_.reserve(limits::batch_pool_bytes_max / pooled_from); }

  std::mutex lock_;
  std::vector<piece> pieces_;
  std::size_t bytes_ = 0;
};

void release(std::byte* data, std::size_t capacity) noexcept {
  if (data == nullptr) return;
  if (capacity >= pooled_from && pool::instance().put({data, capacity})) return;
  ::operator delete(data);
}

} // namespace

pooled_buffer::pooled_buffer(std::size_t at_least) {
  if (at_least >= pooled_from) {
    capacity_ = (at_least + granule - 1) / granule * granule;
    if (const auto reused = pool::instance().take(capacity_); reused.data != nullptr) {
      data_ = reused.data;
      capacity_ = reused.capacity;
      return;
    }
  } else {
    capacity_ = at_least;
  }
  data_ = static_cast<std::byte*>(::operator new(capacity_));
}

pooled_buffer::~pooled_buffer() { release(data_, capacity_); }

pooled_buffer::pooled_buffer(pooled_buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

pooled_buffer& pooled_buffer::operator=(pooled_buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

shared_bytes pooled_buffer::share(std::size_t offset, std::size_t length) && {
  WEFT_ASSERT(offset + length <= capacity_);
  const auto* const begin = data_ + offset;
  const auto capacity = std::exchange(capacity_, 0);
  std::shared_ptr<const void> owner(std::exchange(data_, nullptr),
                                    [capacity](std::byte* data) { release(data, capacity); });
  return {std::move(owner), {begin, length}};
}

std::size_t pooled_bytes() noexcept { return pool::instance().bytes(); }
void drop_pooled() noexcept { pool::instance().drop(); }

} // namespace weft::wire
