// mesh/log/index_file.hpp: an index on disk.
#pragma once
#include "mesh/log/index.hpp"

#include <array>
#include <memory>

namespace weft::log {

inline constexpr std::size_t index_header_bytes = 256;

/// The bytes of an index file:
///
///     0  magic "WEFTIDX\0" 8
///     8  version 2 | header length 2 | flags 4
///    16  node id 32
///    48  ordinal 4 | zero 4
///    56  epoch 8
///    64  first seq 8        72  end seq 8
///    80  used bytes 8       88  entries 8
///    96  first HLC 8       104  last HLC 8
///   112  six sections: length 8 | checksum 4 | zero 4
///   208  zero 44
///   252  checksum 4
///   256  points | directory of topics | damages | topics' next offsets | producers | lists, one behind the other
[[nodiscard]] std::vector<std::byte> encode_index(const segment_index& index, const index_tables& tables);

/// Reads an index file piece by piece; every piece is checked when it is read.
/// @thread any
class index_file {
public:
  /// @error errc::not_found, errc::io_error
  /// @error errc::corrupt        damaged, or of another segment
  /// @error errc::version_newer
  [[nodiscard]] static result<index_file> open(disk& from, const std::string& path, const log_id& log,
                                               weft::epoch epoch, seq first);

  [[nodiscard]] const segment_summary& summary() const noexcept { return summary_; }
  [[nodiscard]] result<index_core> core() const;
  [[nodiscard]] result<index_tables> tables() const;
  [[nodiscard]] result<std::vector<entry_place>> places(const topic_extent& of) const;
  /// The lists of all topics.
  [[nodiscard]] result<std::vector<std::byte>> lists() const;
  /// Reads everything. @returns for each damaged section its place and what it is   @error errc::io_error
  [[nodiscard]] result<std::vector<std::pair<std::uint64_t, std::string>>> check_sections() const;
  /// Where the section of that number lies, for messages. @pre number < 6
  [[nodiscard]] std::uint64_t section_offset(std::size_t number) const noexcept { return sections_[number].offset; }

  static constexpr std::size_t sections = 6;

private:
  struct part {
    std::uint64_t offset = 0, length = 0;
    std::uint32_t checksum = 0;
  };
  explicit index_file(std::unique_ptr<file> opened) : file_(std::move(opened)) {}
  [[nodiscard]] result<void> read_head(const log_id& log, weft::epoch epoch, seq first);
  [[nodiscard]] result<std::vector<std::byte>> read_section(std::size_t number) const;

  std::shared_ptr<file> file_;
  segment_summary summary_;
  std::array<part, sections> sections_{};
};

} // namespace weft::log
