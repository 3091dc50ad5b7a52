#include "mesh/log/read_window.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::log {

result<byte_view> read_window::look(const file& from, std::uint64_t offset, std::size_t at_least) {
  WEFT_ASSERT(reaches(offset, at_least));
  const auto skip = static_cast<std::size_t>(offset - begin_);
  if (skip + at_least > read_) {
    const auto wanted = std::max(skip + at_least, std::min(read_ + limits::run_bytes_target, bytes_));
    const auto got = from.read_at(begin_ + read_, {memory_.data() + read_, wanted - read_});
    if (!got) return fail(got.error());
    read_ += *got;
  }
  return byte_view(memory_.data(), read_).subspan(std::min(skip, read_));
}

} // namespace weft::log
