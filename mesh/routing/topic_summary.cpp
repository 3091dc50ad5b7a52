#include "mesh/routing/topic_summary.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <bit>
#include <xxhash.h>

namespace weft::routing {
namespace {

constexpr unsigned bits_a_prefix = 7; // set; the best for 10 bits of room
constexpr std::size_t room_bits = 10; // 1 % false, and less when the power of two is above it

std::uint64_t hash_of(std::string_view prefix) noexcept { return XXH3_64bits(prefix.data(), prefix.size()); }

/// Calls `each` with the places of the prefix's bits until it says no.
template <class Each>
bool all_bits(std::uint64_t hash, std::size_t size_bytes, Each each) {
  const std::uint64_t step = (hash >> 32U) | 1U;
  std::uint64_t place = hash & 0xffff'ffffU;
  for (unsigned i = 0; i < bits_a_prefix; ++i, place += step)
    if (!each(place % (size_bytes * 8))) return false;
  return true;
}

std::vector<std::uint8_t> bloom_of(const std::unordered_set<std::uint64_t>& hashes) {
  const auto wanted = std::bit_ceil((hashes.size() * room_bits + 7) / 8);
  std::vector<std::uint8_t> bloom(std::min(wanted, limits::summary_bloom_bytes_max));
  for (const auto hash : hashes)
    all_bits(hash, bloom.size(), [&bloom](std::uint64_t bit) {
      bloom[bit / 8] = static_cast<std::uint8_t>(bloom[bit / 8] | (1U << (bit % 8)));
      return true;
    });
  return bloom;
}

} // namespace

bool topic_summary_builder::exact() const noexcept { return hashes_.size() <= limits::summary_prefixes_max; }

bool topic_summary_builder::add(std::string_view topic) {
  bool changed = false;
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = topic.find('.', dot + 1);
    const auto prefix = topic.substr(0, dot);
    if (!hashes_.insert(hash_of(prefix)).second) continue;
    changed = true;
    if (exact()) prefixes_.emplace(prefix);
  }
  if (!exact()) prefixes_.clear();
  return changed;
}

wire::topic_summary topic_summary_builder::summary() const {
  if (exact()) return {{prefixes_.begin(), prefixes_.end()}, {}};
  return {{}, bloom_of(hashes_)};
}

bool may_match(const wire::topic_summary& summary, const topic_pattern& pattern) noexcept {
  const auto prefix = pattern.literal_prefix();
  if (prefix.empty()) return true;
  if (summary.bloom.empty()) return std::binary_search(summary.prefixes.begin(), summary.prefixes.end(), prefix);
  return all_bits(hash_of(prefix), summary.bloom.size(),
                  [&summary](std::uint64_t bit) { return ((summary.bloom[bit / 8] >> (bit % 8)) & 1U) != 0; });
}

} // namespace weft::routing
