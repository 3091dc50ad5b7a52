// mesh/recording/recording_reader.hpp: reads a recording, as far as it is whole.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/recording/blocks.hpp"
#include "mesh/recording/entries.hpp"
#include "mesh/recording/recorded_event.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weft::recording {

/// What a recording says of itself.
struct about_recording {
  std::string mesh;
  std::map<std::uint32_t, known_log> logs; ///< by their number in the file
  std::vector<note> notes;                 ///< by time
  index_content index;                     ///< first, last and how many
  std::uint64_t bytes = 0;                 ///< up to where it is whole
  std::string cut;                         ///< it is not whole to its end: why, and what that means; empty: it is
};

/// Opening one with an index reads its end; one without is read through, and what it is found to have is its index.
/// @thread one at a time; it blocks on the disk
class recording_reader {
public:
  /// @error errc::not_found, errc::io_error  with the path and why, as it is with a file of another user
  /// @error errc::corrupt                    it is no recording, or empty
  /// @error errc::version_newer
  [[nodiscard]] static result<recording_reader> open(disk& from, const std::string& path);

  [[nodiscard]] const about_recording& about() const noexcept { return about_; }
  /// The next event; nothing at the end, or before the first that is damaged: then about().cut says so.
  /// @error errc::io_error
  [[nodiscard]] result<std::optional<recorded_event>> next();
  /// Goes to where events of `at` begin, or before: events of 10 s and more may come first.
  void go_to(wall_time at);

private:
  recording_reader(std::string path, std::unique_ptr<file> from, std::uint64_t size);
  [[nodiscard]] result<void> read_about();
  [[nodiscard]] bool read_index();
  [[nodiscard]] result<void> read_through();
  void take_other(block_kind kind, byte_view body);
  /// The block at `place_`, body and all; nothing at the end. @error errc::corrupt, errc::io_error
  struct block {
    block_head head;
    shared_bytes body;
  };
  [[nodiscard]] result<std::optional<block>> read_block(std::uint64_t place);
  [[nodiscard]] result<byte_view> window(std::uint64_t place, std::size_t length);
  void cut_at(std::uint64_t place, const error& why);

  std::string path_;
  std::unique_ptr<file> file_;
  std::uint64_t size_, place_ = head_bytes;
  about_recording about_;
  std::vector<std::byte> window_;
  std::uint64_t window_place_ = 0;
};

} // namespace weft::recording
