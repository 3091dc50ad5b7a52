// mesh/log/segment_file.hpp: where a log's files lie, and how a segment begins.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/base/position.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weft::log {

inline constexpr std::size_t segment_header_bytes = 128;

/// The first 128 bytes of a segment, little-endian:
///
///     0  magic "WEFTSEG\0" 8
///     8  version 2 | header length 2 | flags 4
///    16  node id 32
///    48  ordinal 4 | zero 4
///    56  epoch 8
///    64  first seq 8
///    72  end seq 8: of a cleaned segment one past the last seq it stands for, else zero
///    80  bytes 8: of a cleaned segment the length of its file, else zero
///    88  zero 36
///   124  checksum 4: crc32c of the 124 bytes before it
struct segment_header {
  log_id log;
  weft::epoch epoch;
  seq first;
  std::optional<seq> cleaned_until; ///< rewritten by the cleaner: entries below may be missing
  std::uint64_t cleaned_bytes = 0;  ///< then: how long the file is
  bool recycled = false;            ///< the file held an older segment: what follows the last entry means nothing
  bool taken_back = false;          ///< its entries came back from a copy: no later epoch began where they end
  friend bool operator==(const segment_header&, const segment_header&) = default;
};

void encode(const segment_header& header, std::span<std::byte, segment_header_bytes> into) noexcept;

/// What the first bytes of a file turned out to be.
enum class header_state : std::uint8_t {
  valid,
  blank,   ///< all zero: a pre-written file in which nothing was ever synced
  newer,   ///< valid, of a later format version
  damaged, ///< anything else, too short included
};
struct read_header {
  header_state state = header_state::damaged;
  segment_header header; ///< when valid
};
[[nodiscard]] read_header decode_segment_header(byte_view bytes) noexcept;

/// Names of a log's folders and files: `<directory>/<log>/<epoch>/<first seq>.seg`.
class log_paths {
public:
  log_paths(std::string_view directory, const log_id& log) : log_(std::string(directory) + "/" + to_string(log)) {}

  [[nodiscard]] const std::string& log() const noexcept { return log_; }
  [[nodiscard]] std::string epoch(weft::epoch of) const { return log_ + "/" + to_string(of); }
  [[nodiscard]] std::string segment(weft::epoch of, seq first) const;
  [[nodiscard]] std::string index(weft::epoch of, seq first) const;

private:
  std::string log_;
};

/// "00000000000000001042.seg" -> 1042; nothing when it is another kind of name.
[[nodiscard]] std::optional<seq> parse_segment_name(std::string_view name);
[[nodiscard]] std::optional<seq> parse_index_name(std::string_view name);
/// The index that belongs to a segment's path.
[[nodiscard]] std::string index_path_of(const std::string& segment_path);

} // namespace weft::log
