// mesh/log/tail_cache.hpp: the newest entries in memory, in the very buffers that were written to disk.
#pragma once
#include "mesh/log/segment_scan.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weft::log {

/// Where an entry lies in a piece.
struct cached_entry {
  seq first;
  std::uint32_t offset = 0; ///< in the piece
  std::uint32_t bytes = 0;  ///< stored: header, batch, padding
  std::uint32_t count = 0;
  topic_id topic;
  wire::entry_flags flags = wire::entry_flags::none;
  hlc at;
};

/// Fixed memory that entries are laid into one behind the other, in the order of the log. What was published never
/// changes, so readers look without a lock while the writer fills the rest.
class tail_piece {
public:
  explicit tail_piece(std::size_t capacity);

  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t entries() const noexcept { return index_.size(); }
  /// What it has allocated, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept { return capacity_ + index_.capacity() * sizeof(cached_entry); }
  [[nodiscard]] bool holds(std::size_t bytes) const noexcept {
    return bytes <= capacity_ - used_ && index_.size() < index_.capacity();
  }

  /// The writer's: the next entry's memory. @pre holds(entry.bytes)
  [[nodiscard]] std::span<std::byte> add(cached_entry entry);
  /// The writer's: forgets all behind so many entries and bytes; none of them was published.
  void shrink(std::size_t entries, std::size_t used) noexcept;

  /// Reads no more than the vector's begin, which stays: the writer may add meanwhile.
  [[nodiscard]] const cached_entry& entry(std::size_t i) const noexcept { return index_.data()[i]; }
  [[nodiscard]] byte_view bytes(std::size_t offset, std::size_t length) const noexcept {
    return {memory_.get() + offset, length};
  }

private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_;
  std::vector<cached_entry> index_; // never grows beyond what it reserved
  std::size_t used_ = 0;
};

/// Pieces that come back when nobody holds them: touching fresh pages costs more than filling them.
/// @thread any
class piece_pool : public std::enable_shared_from_this<piece_pool> {
public:
  /// An empty piece of limits::commit_bytes_max, or of `bytes` when that is more.
  [[nodiscard]] std::shared_ptr<tail_piece> take(std::size_t bytes);
  /// Of all its pieces, in use or not, in bytes.
  [[nodiscard]] std::size_t memory() const;

private:
  void give_back(std::unique_ptr<tail_piece> piece);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<tail_piece>> free_;
  std::size_t memory_ = 0;
};

/// The newest pieces, up to a number of bytes.
/// @thread publish: one at a time; find: any
class tail_cache {
public:
  explicit tail_cache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Makes the first `entries` entries of `piece` readable: the newest piece or one behind it.
  void publish(const std::shared_ptr<tail_piece>& piece, std::size_t entries);

  /// A piece, and the entries in it that may be read: [from, until).
  struct found {
    std::shared_ptr<const tail_piece> piece;
    std::size_t from = 0, until = 0;
  };
  /// The entry that has `at`, with those behind it in the same piece.
  [[nodiscard]] std::optional<found> find(seq at) const;
  /// The first seq that is still here.
  [[nodiscard]] std::optional<seq> begin() const;

private:
  struct published {
    std::shared_ptr<tail_piece> piece;
    std::size_t entries = 0;
    seq first;
  };
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::deque<published> pieces_; // ascending
  std::size_t bytes_ = 0;        // capacities of pieces_
};

} // namespace weft::log
