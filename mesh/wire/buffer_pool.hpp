// mesh/wire/buffer_pool.hpp: memory for batches, used again, because the first touch of a page is slow on virtual
// machines.
#pragma once
#include "mesh/base/bytes.hpp"

#include <cstddef>

namespace weft::wire {

/// Uninitialised memory of one owner, 16-aligned. Large pieces come from and return to a pool of the process that keeps
/// at most limits::batch_pool_bytes_max; small ones are malloc's business.
/// @thread one at a time; what share() gives may be dropped on any thread
class pooled_buffer {
public:
  pooled_buffer() noexcept = default;
  explicit pooled_buffer(std::size_t at_least);
  ~pooled_buffer();
  pooled_buffer(pooled_buffer&& other) noexcept;
  pooled_buffer& operator=(pooled_buffer&& other) noexcept;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Gives the memory away as immutable bytes; it returns to the pool with their last holder.
  [[nodiscard]] shared_bytes share(std::size_t offset, std::size_t length) &&;

private:
  std::byte* data_ = nullptr;
  std::size_t capacity_ = 0;
};

/// Bytes that wait in the pool.
[[nodiscard]] std::size_t pooled_bytes() noexcept;
/// Frees them.
void drop_pooled() noexcept;

} // namespace weft::wire
