// mesh/log/spare_names.hpp: names of files in an epoch's folder that are not segments or indexes.
#pragma once
#include <string_view>

namespace weft::log {

/// A pre-written file that waits to become a segment: "spare-7.zero", or "spare-7.used" when it was one before.
inline constexpr std::string_view spare_prefix = "spare-";
inline constexpr std::string_view spare_zero_suffix = ".zero";
inline constexpr std::string_view spare_used_suffix = ".used";
/// Still being written; after a crash it is removed.
inline constexpr std::string_view unfinished_suffix = ".new";

[[nodiscard]] constexpr bool is_spare_name(std::string_view name) noexcept {
  return name.starts_with(spare_prefix) && (name.ends_with(spare_zero_suffix) || name.ends_with(spare_used_suffix));
}
[[nodiscard]] constexpr bool is_unfinished_name(std::string_view name) noexcept {
  return name.ends_with(unfinished_suffix);
}

} // namespace weft::log
