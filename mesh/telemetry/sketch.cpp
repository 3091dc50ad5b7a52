#include "mesh/telemetry/sketch.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weft::telemetry {
namespace {

constexpr unsigned parts_bits = 4; // of a power of two: 16 buckets
constexpr std::uint64_t parts = 1U << parts_bits;
constexpr auto longest = (std::uint64_t{1} << 32U) - 1;

} // namespace

std::size_t sketch::index_of(std::chrono::microseconds took) noexcept {
  if (took.count() <= 0) return 0;
  const auto us = std::min(static_cast<std::uint64_t>(took.count()), longest);
  if (us < parts) return us;
  const auto power = static_cast<unsigned>(std::bit_width(us)) - 1;
  return (power - parts_bits + 1) * parts + ((us >> (power - parts_bits)) & (parts - 1));
}

double sketch::middle_us(std::size_t index) noexcept {
  if (index < parts) return static_cast<double>(index);
  const auto power = index / parts + parts_bits - 1;
  const auto width = std::uint64_t{1} << (power - parts_bits);
  const auto first = (parts + index % parts) * width;
  return static_cast<double>(first) + static_cast<double>(width - 1) / 2;
}

void sketch::add(std::chrono::microseconds took, std::uint64_t times) { add_at(index_of(took), times); }

void sketch::add_at(std::size_t index, std::uint64_t times) {
  if (times == 0) return;
  index = std::min(index, buckets_max - 1);
  if (buckets_.size() <= index) buckets_.resize(index + 1);
  buckets_[index] += times;
  count_ += times;
}

void sketch::add(const sketch& other) {
  for (std::size_t index = 0; index < other.buckets_.size(); ++index)
    add_at(index, other.buckets_[index]);
}

sketch sketch::since(const sketch& earlier) const {
  sketch news;
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    const auto before = index < earlier.buckets_.size() ? earlier.buckets_[index] : 0;
    news.add_at(index, buckets_[index] < before ? buckets_[index] : buckets_[index] - before);
  }
  return news;
}

std::optional<double> sketch::quantile_us(double part) const {
  WEFT_ASSERT(part >= 0 && part <= 1);
  if (empty()) return std::nullopt;
  const auto rank = std::max(1.0, std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  std::size_t index = 0;
  for (; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (static_cast<double>(seen) >= rank) break;
  }
  return middle_us(std::min(index, buckets_.size() - 1));
}

} // namespace weft::telemetry
