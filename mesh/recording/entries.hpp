// mesh/recording/entries.hpp: entries and logs as bodies of blocks. Internal to mesh/recording. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/recording/recorded_event.hpp"

#include <vector>

namespace weft::recording {

/// A log as a recording knows it.
struct known_log {
  log_id id;
  std::string node; ///< its name
};

[[nodiscard]] std::vector<std::byte> encode_log(std::uint32_t number, const log_id& log, std::string_view node);
/// @error errc::corrupt
[[nodiscard]] result<std::pair<std::uint32_t, known_log>> decode_log(byte_view body);

/// @error errc::too_large, errc::invalid_argument  it is no event that a log could have
[[nodiscard]] result<std::vector<std::byte>> encode_entry(std::uint32_t number, const recorded_event& event);
[[nodiscard]] std::uint32_t log_of_entry(byte_view body) noexcept; ///< @pre at least 8 bytes
/// Checks the entry's own checksums, too.
/// @param body  8-aligned in memory
/// @error errc::corrupt, errc::version_newer
[[nodiscard]] result<recorded_event> decode_entry(const known_log& log, const shared_bytes& body);

} // namespace weft::recording
