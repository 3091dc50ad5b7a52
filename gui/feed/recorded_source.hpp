// gui/feed/recorded_source.hpp: a mesh as a recording has it.
#pragma once
#include "gui/core/kept_source.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/recording/recording_reader.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weft::monitor {

/// Its frames take the path of a live mesh's, as fast as they can be read, on a thread of its own; the newest moment is
/// the end of the recording. What is wrong with the file is told by state(), and what could be read is shown.
/// @thread as mesh_source
class recorded_source final : public kept_source {
public:
  /// @error as recording_reader::open
  [[nodiscard]] static result<std::unique_ptr<recorded_source>> open(disk& from, const std::string& path);
  ~recorded_source() override;

  [[nodiscard]] std::vector<recording::note> notes() const;
  /// Writes a note into the file; one without a text removes that of its time. Waits for the disk, and for who writes
  /// another.
  /// @thread any
  [[nodiscard]] result<void> add(const recording::note& written);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Waits until all is read; for tests and pictures.
  void wait();

  [[nodiscard]] time_us oldest() const override;
  [[nodiscard]] std::vector<mark> marks(time_us from, time_us until) const override;

private:
  recorded_source(disk& from, std::string path, recording::recording_reader reader);
  void read(const std::stop_token& stop);
  void tell(const std::string& problem, int percent);

  const std::string path_;
  recording::recording_reader reader_; // of the thread
  disk& disk_;
  std::mutex writing_;                 // of who adds to the file: one at a time
  mutable std::mutex mutex_;           // of notes
  std::vector<recording::note> notes_; // by time
  const time_us first_, last_;
  std::jthread thread_;
};

} // namespace weft::monitor
