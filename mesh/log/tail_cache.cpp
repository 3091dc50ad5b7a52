#include "mesh/log/tail_cache.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::log {
namespace {

constexpr std::size_t bytes_per_entry = 192; // a small batch of one event: what the index of a piece has room for

} // namespace

tail_piece::tail_piece(std::size_t capacity) : memory_(new std::byte[capacity]), capacity_(capacity) {
  index_.reserve(capacity / bytes_per_entry + 1);
}

std::span<std::byte> tail_piece::add(cached_entry entry) {
  WEFT_ASSERT(holds(entry.bytes));
  entry.offset = static_cast<std::uint32_t>(used_);
  index_.push_back(entry);
  used_ += entry.bytes;
  return {memory_.get() + entry.offset, entry.bytes};
}

void tail_piece::shrink(std::size_t entries, std::size_t used) noexcept {
  index_.erase(index_.begin() + static_cast<std::ptrdiff_t>(entries), index_.end());
  used_ = used;
}

std::shared_ptr<tail_piece> piece_pool::take(std::size_t bytes) {
  if (bytes > limits::commit_bytes_max) return std::make_shared<tail_piece>(bytes); // one large batch: seldom, not kept
  std::unique_ptr<tail_piece> piece;
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      piece = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!piece) {
    piece = std::make_unique<tail_piece>(limits::commit_bytes_max);
    const std::lock_guard lock(mutex_);
    memory_ += piece->memory();
  }
  return {piece.release(), [pool = weak_from_this()](tail_piece* used) {
            std::unique_ptr<tail_piece> owned(used);
            if (const auto alive = pool.lock()) alive->give_back(std::move(owned));
          }};
}

void piece_pool::give_back(std::unique_ptr<tail_piece> piece) {
  piece->shrink(0, 0);
  const std::lock_guard lock(mutex_);
  if (free_.size() < limits::tail_pieces_free_max)
    free_.push_back(std::move(piece));
  else
    memory_ -= piece->memory();
}

std::size_t piece_pool::memory() const {
  const std::lock_guard lock(mutex_);
  return memory_;
}

void tail_cache::publish(const std::shared_ptr<tail_piece>& piece, std::size_t entries) {
  std::vector<std::shared_ptr<tail_piece>> dropped; // freed without the lock
  const std::lock_guard lock(mutex_);
  if (!pieces_.empty() && pieces_.back().piece == piece) {
    pieces_.back().entries = entries;
    return;
  }
  pieces_.push_back({piece, entries, piece->entry(0).first});
  bytes_ += piece->capacity();
  while (bytes_ > bytes_max_ && pieces_.size() > 1) {
    bytes_ -= pieces_.front().piece->capacity();
    dropped.push_back(std::move(pieces_.front().piece));
    pieces_.pop_front();
  }
}

std::optional<tail_cache::found> tail_cache::find(seq at) const {
  found result;
  {
    const std::lock_guard lock(mutex_);
    const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), at,
                                        [](seq value, const published& piece) { return value < piece.first; });
    if (after == pieces_.begin()) return std::nullopt;
    const auto& place = *std::prev(after);
    result.piece = place.piece;
    result.until = place.entries;
  }
  // Published entries do not change: the search needs no lock.
  std::size_t low = 0;
  std::size_t high = result.until;
  while (low < high) {
    const auto middle = (low + high) / 2;
    const auto& entry = result.piece->entry(middle);
    if (entry.first + entry.count <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == result.until) return std::nullopt; // behind the end
  result.from = low;
  return result;
}

std::optional<seq> tail_cache::begin() const {
  const std::lock_guard lock(mutex_);
  return pieces_.empty() ? std::nullopt : std::optional(pieces_.front().first);
}

} // namespace weft::log
