#include "mesh/base/virtual_content.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <cstring>

namespace weft {

/// The written bytes that stay: [from, to) of the sector. The rest becomes what was durable.
struct virtual_content::fate {
  std::size_t from = 0;
  std::size_t to = 0;
};

virtual_content::virtual_content(byte_view durable)
    : now_(durable.begin(), durable.end()), durable_size_(durable.size()) {}

void virtual_content::write(std::uint64_t offset, byte_view part) {
  if (part.empty()) return;
  const auto end = offset + part.size();
  touch(offset / sector_bytes, (end + sector_bytes - 1) / sector_bytes);
  if (end > now_.size()) now_.resize(end);
  std::memcpy(now_.data() + offset, part.data(), part.size());
}

void virtual_content::truncate(std::uint64_t size) {
  if (size < now_.size()) touch(size / sector_bytes, (now_.size() + sector_bytes - 1) / sector_bytes);
  now_.resize(size);
}

/// Keeps the durable bytes of the sectors [first, end) before they change.
void virtual_content::touch(std::size_t first, std::size_t end) {
  if (states_.size() < end) states_.resize(end, sector_state::durable);
  for (auto index = first; index < end; ++index) {
    if (states_[index] == sector_state::durable) {
      auto& kept = unsynced_.emplace_back();
      kept.index = index;
      const auto begin = index * sector_bytes;
      const auto there = begin < now_.size() ? std::min(sector_bytes, now_.size() - begin) : 0;
      if (there > 0) std::memcpy(kept.before.data(), now_.data() + begin, there);
      std::fill(kept.before.begin() + static_cast<std::ptrdiff_t>(there), kept.before.end(), std::byte{0});
    }
    states_[index] = sector_state::dirty;
  }
}

void virtual_content::sync() {
  std::erase_if(unsynced_, [this](const unsynced_sector& sector) {
    auto& state = states_[sector.index];
    if (state != sector_state::dirty) return false;
    state = sector_state::durable;
    return true;
  });
  durable_size_ = now_.size();
}

void virtual_content::fail_sync() {
  for (const auto& sector : unsynced_)
    states_[sector.index] = sector_state::given_up;
}

void virtual_content::drop_cache(std::uint64_t offset, std::uint64_t length) {
  const auto end = length == 0 ? now_.size() : offset + length;
  std::erase_if(unsynced_, [&](const unsynced_sector& sector) {
    const auto begin = sector.index * sector_bytes;
    auto& state = states_[sector.index];
    if (state != sector_state::given_up || begin >= end || begin + sector_bytes <= offset) return false;
    settle(sector, {});
    state = sector_state::durable;
    return true;
  });
}

void virtual_content::flip_bit(std::uint64_t offset, unsigned bit) {
  WEFT_ASSERT(offset < now_.size() && bit < 8);
  const auto mask = static_cast<std::byte>(1U << bit);
  now_[offset] ^= mask;
  for (auto& sector : unsynced_)
    if (sector.index == offset / sector_bytes) sector.before[offset % sector_bytes] ^= mask;
}

/// Gives the bytes outside [from, to) of a sector back to what was durable.
void virtual_content::settle(const unsynced_sector& sector, const fate& what) {
  const auto begin = sector.index * sector_bytes;
  if (begin >= now_.size()) return;
  const auto there = std::min(sector_bytes, now_.size() - begin);
  const auto from = std::min(what.from, there);
  const auto to = std::clamp(what.to, from, there);
  std::memcpy(now_.data() + begin, sector.before.data(), from);
  std::memcpy(now_.data() + begin + to, sector.before.data() + to, there - to);
}

std::uint64_t virtual_content::size_after_crash(random_source& random) const {
  const std::uint64_t written = now_.size();
  switch (random.below(4)) {
  case 0: return durable_size_;
  case 1: {
    const auto low = std::min(written, durable_size_);
    return low + random.below(std::max(written, durable_size_) - low + 1);
  }
  default: return written;
  }
}

void virtual_content::crash(random_source& random) {
  if (unsynced_.empty() && durable_size_ == now_.size()) return;
  // How likely a sector is kept differs from file to file: else long stretches would never be kept or lost.
  enum : std::uint64_t { none, few, half, most, all, up_to_a_sector, styles };
  const auto style = random.below(styles);
  const auto cut = random.below(unsynced_.size() + 1); // in the order in which they were first written
  const auto keeps = [&](std::size_t place) {
    switch (style) {
    case none: return false;
    case few: return random.below(8) == 0;
    case half: return random.below(2) == 0;
    case most: return random.below(8) != 0;
    case all: return true;
    default: return place < cut;
    }
  };
  const auto size = size_after_crash(random);
  const std::uint64_t written = now_.size();
  now_.resize(std::max(written, durable_size_));
  for (std::size_t place = 0; place < unsynced_.size(); ++place) {
    const auto& sector = unsynced_[place];
    fate what{0, keeps(place) ? sector_bytes : 0};
    if (style != none && style != all && random.below(8) == 0) // torn: its head or its tail was written
      what =
          random.below(2) == 0 ? fate{0, random.below(sector_bytes)} : fate{random.below(sector_bytes), sector_bytes};
    if (states_[sector.index] == sector_state::given_up) what = {};
    const auto begin = sector.index * sector_bytes;
    what.to = std::min<std::size_t>(what.to, written > begin ? written - begin : 0); // cut off: nothing to keep
    settle(sector, what);
  }
  become_durable(size);
}

void virtual_content::crash_losing_everything_unsynced() {
  now_.resize(std::max<std::size_t>(now_.size(), durable_size_));
  for (const auto& sector : unsynced_)
    settle(sector, {});
  become_durable(durable_size_);
}

void virtual_content::become_durable(std::uint64_t size) {
  now_.resize(size);
  durable_size_ = size;
  unsynced_.clear();
  states_.clear();
}

} // namespace weft
