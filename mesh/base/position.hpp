// mesh/base/position.hpp: the place of an event, the same at its node, a relay, a replica and in the monitor.
#pragma once
#include "mesh/base/ids.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

/// The place of an event in its log: dense within an epoch, goes on over epochs.
using seq = strong<struct seq_tag, std::uint64_t>;
/// The place of an event among its topic's events in one log: dense, goes on over epochs.
using topic_offset = strong<struct topic_offset_tag, std::uint64_t>;

[[nodiscard]] constexpr seq operator+(seq at, std::uint64_t count) noexcept { return seq{at.value() + count}; }
[[nodiscard]] constexpr std::uint64_t operator-(seq end, seq begin) noexcept { return end.value() - begin.value(); }
[[nodiscard]] constexpr topic_offset operator+(topic_offset at, std::uint64_t count) noexcept {
  return topic_offset{at.value() + count};
}

/// One opening of a log for writing: a count above every one seen before, then 32 random bits.
class epoch {
public:
  constexpr epoch() noexcept = default;
  explicit constexpr epoch(std::uint64_t value) noexcept : value_(value) {}
  constexpr epoch(std::uint32_t count, std::uint32_t random) noexcept
      : value_((std::uint64_t{count} << 32U) | random) {}

  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }
  [[nodiscard]] constexpr std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(value_ >> 32U); }
  [[nodiscard]] constexpr std::uint32_t random() const noexcept { return static_cast<std::uint32_t>(value_); }
  friend constexpr auto operator<=>(epoch, epoch) noexcept = default;

private:
  std::uint64_t value_ = 0;
};

/// A place in a log that is known from the context: ordered by epoch, then seq.
struct log_position {
  weft::epoch epoch;
  weft::seq seq;
  friend constexpr auto operator<=>(const log_position&, const log_position&) noexcept = default;
};

/// "3-9f2c": the count in decimal, the random part in hexadecimal without leading zeros.
[[nodiscard]] std::string to_string(epoch value);
/// "3-9f2c/1042"
[[nodiscard]] std::string to_string(const log_position& at);

/// A position as people write it: "inventory/3-9f2c/1042".
struct named_position {
  std::string node; ///< the node's name
  log_position at;
  friend auto operator<=>(const named_position&, const named_position&) = default;
};

[[nodiscard]] std::string to_string(const named_position& position);
/// @error errc::invalid_argument  the text is not NODE/EPOCH/SEQ
[[nodiscard]] result<named_position> parse_position(std::string_view text);
/// @error errc::invalid_argument  the text is not COUNT-RANDOM
[[nodiscard]] result<epoch> parse_epoch(std::string_view text);

} // namespace weft

template <>
struct std::hash<weft::epoch> {
  std::size_t operator()(weft::epoch value) const noexcept { return std::hash<std::uint64_t>{}(value.value()); }
};
