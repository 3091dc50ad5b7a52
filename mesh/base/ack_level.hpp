// mesh/base/ack_level.hpp: what an acknowledgement says.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

/// What has happened when a publish is acknowledged.
class ack_level {
public:
  constexpr ack_level() noexcept = default; ///< synced
  /// fdatasync returned: the default.
  static const ack_level synced;
  /// The operating system has it; unsafe: a power failure within limits::written_sync_within may lose it.
  static const ack_level written;
  /// This many other nodes have synced it too. @pre 1 to limits::replicas_max
  [[nodiscard]] static constexpr ack_level replicated(std::uint8_t copies) noexcept {
    return ack_level(static_cast<std::uint8_t>(1 + copies));
  }

  /// As it is kept and sent: 0 synced, 1 written, 1 + n replicated to n.
  [[nodiscard]] constexpr std::uint8_t code() const noexcept { return code_; }
  [[nodiscard]] static constexpr bool is_code(std::uint64_t code) noexcept { return code <= 1 + limits::replicas_max; }
  /// @pre is_code(code)
  [[nodiscard]] static constexpr ack_level from_code(std::uint8_t code) noexcept { return ack_level(code); }

  /// How many other nodes must have it on disk.
  [[nodiscard]] constexpr std::uint8_t copies() const noexcept {
    return code_ <= 1 ? std::uint8_t{0} : static_cast<std::uint8_t>(code_ - 1);
  }
  friend constexpr bool operator==(ack_level, ack_level) noexcept = default;

private:
  explicit constexpr ack_level(std::uint8_t code) noexcept : code_(code) {}
  std::uint8_t code_ = 0;
};

inline constexpr ack_level ack_level::synced{0};
inline constexpr ack_level ack_level::written{1};

/// "synced", "written", "replicas=2"
[[nodiscard]] std::string to_string(ack_level level);
/// The reverse. @error errc::invalid_argument  the message lists what may be written
[[nodiscard]] result<ack_level> parse_ack_level(std::string_view text);

} // namespace weft
