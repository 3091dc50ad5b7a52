// mesh/log/read_window.hpp: a stretch of a file in memory, read from its front as far as somebody asked.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/wire/buffer_pool.hpp"

#include <memory>

namespace weft::log {

/// The bytes [begin, end) of a file. They are read in steps, each just before it is looked at: so its bytes are still
/// in the processor's cache when their checksum is made, and what lies behind the last look is not read. All lie in one
/// memory, and those that were read never move or change: whoever holds them holds the window, while another step is
/// read behind.
/// @thread one at a time; shared bytes: any
class read_window : public std::enable_shared_from_this<read_window> {
public:
  read_window(std::uint64_t begin, std::size_t bytes) : begin_(begin), bytes_(bytes), memory_(bytes) {}

  /// Whether [offset, offset + bytes) lies in the window.
  [[nodiscard]] bool reaches(std::uint64_t offset, std::uint64_t bytes) const noexcept {
    return offset >= begin_ && offset + bytes <= begin_ + bytes_;
  }
  /// All that was read from `offset` on, and at least so many bytes unless the file ends before. What lies between the
  /// last look and this one is read too.
  /// @pre reaches(offset, at_least)   @error errc::io_error
  [[nodiscard]] result<byte_view> look(const file& from, std::uint64_t offset, std::size_t at_least);
  /// Keeps a part of what was read alive.
  [[nodiscard]] shared_bytes share(byte_view part) const { return {shared_from_this(), part}; }

private:
  std::uint64_t begin_; // in the file
  std::size_t bytes_;
  std::size_t read_ = 0; // from the front
  wire::pooled_buffer memory_;
};

} // namespace weft::log
