// gui/feed/recorder.hpp: writes what is heard, or was, into a recording.
#pragma once
#include "gui/core/source.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/recording/recording_writer.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weft::monitor {

struct recording_state {
  bool running = false;
  bool ending = false;              ///< of what runs: it was asked to end
  std::string path;                 ///< empty: nothing was recorded yet
  std::string problem;              ///< why it ended by itself, or what is not in it; what was written is a recording
  std::vector<std::string> missing; ///< nodes whose logs could not be read for what was before it began
  time_us from = 0, until = 0;
  std::uint64_t frames = 0, bytes = 0;
};

/// One recording that is written. Without a thread: who holds it says how far it goes.
class recording_run {
public:
  /// @error as recording_writer::create
  [[nodiscard]] static result<recording_run> begin(disk& on, const std::string& path, std::string_view mesh,
                                                   time_us from);
  /// Writes frames up to `until` and waits until they are durable.
  /// @error errc::cancelled  it was stopped: a part of them is written
  [[nodiscard]] result<void> go_on(mesh_source& mesh, time_us until, const std::stop_token& stop);
  [[nodiscard]] result<void> note(const recording::note& written) { return writer_.add(written); }
  [[nodiscard]] result<void> finish() { return writer_.finish(); }
  [[nodiscard]] const recording_state& state() const noexcept { return state_; }

private:
  explicit recording_run(recording::recording_writer writer) : writer_(std::move(writer)) {}
  recording::recording_writer writer_;
  recording_state state_;
};

/// Saves a span of the past under another name, with its notes. Blocks. It is written beside and gets its name when it
/// is whole: what is stopped or fails leaves nothing.
/// @error errc::cancelled  it was stopped   @error errc::already_exists
[[nodiscard]] result<recording_state> save_span(disk& on, mesh_source& mesh, const std::string& path, time_us from,
                                                time_us until, const std::vector<recording::note>& notes,
                                                const std::stop_token& stop);

/// Records as the mesh goes on, each second, on a thread of its own, which ends with it.
/// @thread that of the window
class recorder {
public:
  recorder() = default;
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  /// What ends takes recording_ends_within at most; then it does without what it still waits for.
  ~recorder();

  /// @param mesh  outlives the recording, or `keep` keeps it
  /// @param from  when it begins: may be in the past
  /// @returns false: the one before has not ended yet, and goes on
  bool start(disk& on, mesh_source& mesh, const std::string& path, time_us from, std::shared_ptr<void> keep = nullptr);
  /// Has what is there written, then it ends; waits for nothing.
  void stop();
  /// Until it has ended; for tests.
  void wait();
  [[nodiscard]] recording_state state() const;
  /// Is written with what comes next.
  /// @error errc::too_large  as recording_writer::add   @error errc::cancelled  it has ended, or takes its last second
  [[nodiscard]] result<void> add(const recording::note& written);
  /// All of what is being recorded, or was last; by time.
  [[nodiscard]] std::vector<recording::note> notes() const;

private:
  /// @param last  none is taken after these
  [[nodiscard]] std::vector<recording::note> unwritten(bool last);
  void run(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop);
  void write(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop);
  void tell(const recording_state& state, const result<void>& went);

  mutable std::mutex mutex_;
  std::condition_variable_any woken_, ended_;
  std::stop_source given_up_; // what is asked of the mesh is not waited for any more
  recording_state state_;
  std::vector<recording::note> notes_, unwritten_;
  std::size_t noted_ = 0;    // in the file and on their way to it, those that were replaced, too
  bool takes_notes_ = false; // what is recorded, or was last
  std::jthread thread_;
};

} // namespace weft::monitor
