// mesh/log/segment_scanner.hpp: walks the entries of one segment file, window by window, and finds its way after
// damage.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/log/read_window.hpp"
#include "mesh/wire/entry.hpp"

#include <optional>

namespace weft::log {

/// @thread one at a time
class segment_scanner {
public:
  /// Looks at [begin, end) of the file, which outlives the scanner, in windows of `chunk` bytes or one entry.
  /// @pre begin is a multiple of 8
  segment_scanner(const file& from, std::uint64_t begin, std::uint64_t end, std::uint32_t seed,
                  std::size_t chunk = limits::read_chunk_bytes) noexcept
      : from_(from), offset_(begin), end_(end), seed_(seed), chunk_(chunk) {}

  /// The header at offset(), without moving.
  /// @error errc::end_of_log  no bytes left   @error errc::corrupt, errc::version_newer, errc::io_error
  [[nodiscard]] result<wire::entry_header> peek();
  /// The entry at offset(), both checksums checked and its padding zero; moves behind it. Errors as peek().
  /// The entry's bytes stay valid on their own.
  [[nodiscard]] result<wire::stored_entry> next();
  /// Moves to the nearest header at or after offset() that is valid and whose first seq is above `above`.
  /// @returns that header; nothing when there is none, then offset() is the end   @error errc::io_error
  [[nodiscard]] result<std::optional<wire::entry_header>> resync(seq above);

  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
  /// Goes on in the window of a scanner before it, so that its bytes are not read again.
  void go_on_in(std::shared_ptr<read_window> window) noexcept { window_ = std::move(window); }
  /// What was looked at last; empty before anything was.
  [[nodiscard]] const std::shared_ptr<read_window>& window() const noexcept { return window_; }
  /// Whether the next so many bytes lie in one memory with those before.
  [[nodiscard]] bool window_reaches(std::size_t bytes) const noexcept {
    return window_ && window_->reaches(offset_, bytes);
  }
  void move_to(std::uint64_t offset) noexcept { offset_ = offset; }
  /// One past the last byte that resync() passed over and that is not zero, rounded up to 8; 0 without one.
  [[nodiscard]] std::uint64_t nonzero_until() const noexcept { return nonzero_until_; }

private:
  [[nodiscard]] result<byte_view> look(std::uint64_t offset, std::size_t at_least);

  const file& from_;
  std::uint64_t offset_;
  std::uint64_t end_;
  std::uint32_t seed_;
  std::uint64_t nonzero_until_ = 0;
  std::size_t chunk_;
  std::shared_ptr<read_window> window_;
};

} // namespace weft::log
