#include "mesh/base/ack_level.hpp"

#include <fmt/format.h>

namespace weft {
namespace {
constexpr std::string_view copies_prefix = "replicas=";
} // namespace

std::string to_string(ack_level level) {
  if (level == ack_level::synced) return "synced";
  if (level == ack_level::written) return "written";
  return fmt::format("{}{}", copies_prefix, level.copies());
}

result<ack_level> parse_ack_level(std::string_view text) {
  if (text == "synced") return ack_level::synced;
  if (text == "written") return ack_level::written;
  const auto digit = text.starts_with(copies_prefix) ? text.substr(copies_prefix.size()) : std::string_view();
  if (digit.size() == 1 && digit[0] >= '1' && digit[0] - '0' <= limits::replicas_max)
    return ack_level::replicated(static_cast<std::uint8_t>(digit[0] - '0'));
  return fail(errc::invalid_argument,
              fmt::format("'{}' is no acknowledgement level: write synced, written or replicas=N, N from 1 to {}", text,
                          limits::replicas_max));
}

} // namespace weft
