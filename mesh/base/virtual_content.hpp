// mesh/base/virtual_content.hpp: one file's bytes on a virtual disk, with what a power failure would do to them.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/random.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace weft {

/// What readers see lies flat; of each sector that is not durable the durable bytes are kept beside it.
/// Copying copies the world of this file. @thread one at a time
class virtual_content {
public:
  static constexpr std::size_t sector_bytes = 512; // the unit that a power failure keeps or loses

  virtual_content() = default;
  /// All of it durable.
  explicit virtual_content(byte_view durable);

  [[nodiscard]] byte_view bytes() const noexcept { return now_; }
  /// What this object has allocated, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return now_.capacity() + states_.capacity() * sizeof(sector_state) + unsynced_.capacity() * sizeof(unsynced_sector);
  }
  /// A gap between the end and `offset` reads as zeros.
  void write(std::uint64_t offset, byte_view part);
  void truncate(std::uint64_t size);

  /// Everything written becomes durable, but for what a failed sync has given up.
  void sync();
  /// As Linux does it: what was to be written counts as clean, is still read, and never reaches the disk by a later
  /// sync unless it is written again.
  void fail_sync();
  /// What a failed sync gave up is read from the disk again: the old bytes.
  void drop_cache(std::uint64_t offset, std::uint64_t length);

  void flip_bit(std::uint64_t offset, unsigned bit);

  /// A power failure: what is left is durable.
  void crash(random_source& random);
  void crash_losing_everything_unsynced();

private:
  enum class sector_state : std::uint8_t { durable, dirty, given_up };
  struct unsynced_sector {
    std::size_t index;
    std::array<std::byte, sector_bytes> before; // zeros past the durable end
  };
  struct fate; // what a crash does to one sector

  void touch(std::size_t first, std::size_t end);
  [[nodiscard]] std::uint64_t size_after_crash(random_source& random) const;
  void settle(const unsynced_sector& sector, const fate& what);
  void become_durable(std::uint64_t size);

  std::vector<std::byte> now_;
  std::uint64_t durable_size_ = 0;
  std::vector<sector_state> states_;      // may be shorter than the file: the rest is durable
  std::vector<unsynced_sector> unsynced_; // each sector that is not durable, once
};

} // namespace weft
