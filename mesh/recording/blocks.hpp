// mesh/recording/blocks.hpp: the format of a recording. Internal to mesh/recording.
//
//     file  = head block*
//     head  = "WEFTREC\n" 8 | version 4 | head length 4 | checksum 4 | spare 12        checksum: of the head, itself as
//     0 block = kind 4 | length 4 | body checksum 4 | checksum of these 12, 4 | body[length] | zeros to a multiple of 8
//
//     about body: name of the mesh
//     log   body: number 4 | ordinal 4 | node id 32 | node's name         before the first entry of the log
//     entry body: number of its log 4 | spare 4 | entry as in a segment
//     note  body: time 8 | text                                           of one time the last one counts
//     index body: points 4 | others 4 | entries 8 | first 8 | last 8 | (time 8, place 8)* | place 8*
//                 points: where entries of a time begin; others: all blocks but entries
//     tail  body: place of the index 8                                    the last 24 bytes of a file that was finished
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weft::recording {

inline constexpr std::string_view magic = "WEFTREC\n";
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t head_bytes = 32, block_head_bytes = 16, tail_bytes = block_head_bytes + 8;

enum class block_kind : std::uint32_t { about = 1, log = 2, entry = 3, note = 4, index = 5, tail = 6 };

struct block_head {
  block_kind kind{};
  std::uint32_t length = 0, body_checksum = 0;
  /// With what fills it up to a multiple of 8.
  [[nodiscard]] std::uint64_t stored_bytes() const noexcept {
    return block_head_bytes + ((std::uint64_t{length} + 7) & ~std::uint64_t{7});
  }
};

/// Where entries of a time begin.
struct index_point {
  std::int64_t time_us = 0;
  std::uint64_t place = 0;
};

struct index_content {
  std::uint64_t entries = 0;
  wall_time first, last; ///< of entries; 0: there are none
  std::vector<index_point> points;
  std::vector<std::uint64_t> others;
};

void add_head(std::vector<std::byte>& to);
/// @error errc::corrupt        it is no recording   @error errc::version_newer
[[nodiscard]] result<void> check_head(byte_view bytes);

void add_block(std::vector<std::byte>& to, block_kind kind, byte_view body);
/// @error errc::corrupt  damaged, or longer than limits::block_bytes_max
[[nodiscard]] result<block_head> read_block_head(byte_view bytes);
[[nodiscard]] bool is_whole(const block_head& head, byte_view body) noexcept;

[[nodiscard]] std::vector<std::byte> encode(const index_content& index);
/// @error errc::corrupt
[[nodiscard]] result<index_content> decode_index(byte_view body);

} // namespace weft::recording
