// mesh/recording/recording_writer.hpp: writes a recording.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/recording/blocks.hpp"
#include "mesh/recording/recorded_event.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weft::recording {

/// Gathers what it is given and writes it in pieces; what was flushed is there after a crash. After a failed write it
/// takes no more, and what was written before is a recording.
/// @thread one at a time; it blocks on the disk
class recording_writer {
public:
  /// @param mesh  its name
  /// @error errc::already_exists, errc::disk_full, errc::io_error, errc::not_found
  [[nodiscard]] static result<recording_writer> create(disk& on, const std::string& path, std::string_view mesh);
  /// Goes on with one that is whole, to add notes or more.
  /// @error errc::corrupt  it is cut off or damaged: what is added behind that would never be read
  [[nodiscard]] static result<recording_writer> go_on(disk& on, const std::string& path);

  /// Events come by their own time, more or less.
  /// @error errc::disk_full  there is less than limits::free_space_left, or none   @error errc::io_error
  /// @error errc::too_large, errc::invalid_argument  it is no event that a log could have; others are still taken
  [[nodiscard]] result<void> add(const recorded_event& event);
  /// @error errc::too_large  limits::note_bytes_max, limits::notes_max
  [[nodiscard]] result<void> add(const note& written);
  /// Writes all and waits until it is durable.
  [[nodiscard]] result<void> flush();
  /// Flushes with an index at the end. More may be added after it.
  [[nodiscard]] result<void> finish();

  [[nodiscard]] std::uint64_t bytes() const noexcept { return written_ + waiting_.size(); }
  [[nodiscard]] const index_content& index() const noexcept { return index_; }

private:
  recording_writer(disk& on, std::string path, std::unique_ptr<file> to);
  [[nodiscard]] result<std::uint32_t> number_of(const recorded_event& event);
  [[nodiscard]] result<void> put(block_kind kind, byte_view body);
  [[nodiscard]] result<void> write_waiting();
  void note_time(wall_time at);

  disk* on_;
  std::string path_;
  std::unique_ptr<file> file_;
  std::vector<std::byte> waiting_;
  std::uint64_t written_ = 0;
  std::map<log_id, std::uint32_t> logs_;
  std::size_t notes_ = 0;
  std::int64_t point_every_us_;
  index_content index_;
  std::optional<error> failed_;
};

} // namespace weft::recording
