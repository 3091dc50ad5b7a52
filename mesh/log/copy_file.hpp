// mesh/log/copy_file.hpp: keeps a copy's state on disk: a snapshot, and behind it what each sync added.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/log/copy_state.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weft::log {

/// The file `<log>/copy`, which tells a copy from an own log:
///
///     0  magic "WEFTCPY\0" 8
///     8  version 2 | header length 2 | zero 4
///    16  node id 32
///    48  ordinal 4 | zero 4
///    56  snapshot bytes 8
///    64  snapshot checksum 4
///    68  zero 56
///   124  checksum 4: crc32c of the 124 bytes before it
///   128  snapshot | groups
///
///     group = length:4 checksum:4 change[length]      all of one sync; the first that is not valid ends the file
///
/// @thread one at a time
class copy_file {
public:
  /// @error errc::not_found      there is none
  /// @error errc::corrupt        header or snapshot are damaged, or it is another log's
  /// @error errc::version_newer, errc::io_error
  [[nodiscard]] static result<copy_state> load(disk& from, const std::string& path, const log_id& log);

  copy_file(disk& on, std::string path, const log_id& log) : disk_(on), path_(std::move(path)), log_(log) {}

  /// Replaces the file: durable when it returns, and after a crash either the old or the new one is there.
  [[nodiscard]] result<void> write(const copy_state& state);
  /// Adds one group; durable when it returns. After an error the file must be written whole before the next one.
  /// @pre write() was called
  [[nodiscard]] result<void> append(const std::vector<copy_change>& changes);
  /// More was added than a snapshot has: write() makes it small again.
  [[nodiscard]] bool long_enough() const noexcept;

private:
  disk& disk_;
  const std::string path_;
  const log_id log_;
  std::unique_ptr<file> file_;
  std::uint64_t snapshot_ = 0, size_ = 0;
};

/// Where a copy's file lies.
[[nodiscard]] std::string copy_file_path(const std::string& log_folder);

} // namespace weft::log
