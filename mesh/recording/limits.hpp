// mesh/recording/limits.hpp: bounds of a recording, with their reasons.
#pragma once
#include "mesh/base/limits.hpp"

#include <cstddef>
#include <cstdint>

namespace weft::recording::limits {

inline constexpr std::size_t block_bytes_max = 2U << 20U;    // an entry of 1.25 MiB fits, and so does an index
inline constexpr std::size_t write_bytes = 256U << 10U;      // gathered before they are written
inline constexpr std::size_t read_bytes = 1U << 20U;         // read at once
inline constexpr std::size_t logs_max = 10'000;              // of one file: more nodes than anybody has
inline constexpr std::size_t notes_max = 10'000;             // somebody reads them
inline constexpr std::size_t note_bytes_max = 4U << 10U;     // a few paragraphs
inline constexpr std::size_t mesh_bytes_max = 512;           // a mesh's name
inline constexpr std::int64_t point_every_us = 10'000'000;   // nodes say all they know each 10 s
inline constexpr std::size_t points_max = 100'000;           // of an index: 11 days of 10 s; then every other goes
inline constexpr std::uint64_t free_space_left = 16U << 20U; // so that a recording never fills the disk it is on

} // namespace weft::recording::limits
