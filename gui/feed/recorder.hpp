// gui/feed/recorder.hpp: writes what is heard, or was, into a recording.
#pragma once
#include "gui/core/source.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/recording/recording_writer.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weft::monitor {

struct recording_state {
  bool running = false;
  std::string path;    ///< empty: nothing was recorded yet
  std::string problem; ///< why it ended by itself; what was written until then is a recording
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
  [[nodiscard]] result<void> go_on(mesh_source& mesh, time_us until, const std::stop_token& stop);
  [[nodiscard]] result<void> note(const recording::note& written) { return writer_.add(written); }
  [[nodiscard]] result<void> finish() { return writer_.finish(); }
  [[nodiscard]] const recording_state& state() const noexcept { return state_; }

private:
  explicit recording_run(recording::recording_writer writer) : writer_(std::move(writer)) {}
  recording::recording_writer writer_;
  recording_state state_;
};

/// Saves a span of the past under another name, with its notes. Blocks.
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
  ~recorder() { stop(); }

  /// @param mesh  outlives the recording
  /// @param from  when it begins: may be in the past
  void start(disk& on, mesh_source& mesh, const std::string& path, time_us from);
  /// Writes what is there and ends it; waits for the disk.
  void stop();
  [[nodiscard]] recording_state state() const;
  /// Is written with what comes next.
  void add(const recording::note& written);
  /// All of what is being recorded, or was last; by time.
  [[nodiscard]] std::vector<recording::note> notes() const;

private:
  [[nodiscard]] std::vector<recording::note> unwritten();
  void run(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop);
  void tell(const recording_state& state, bool running, const result<void>& went);

  mutable std::mutex mutex_;
  std::condition_variable_any woken_;
  recording_state state_;
  std::vector<recording::note> notes_, unwritten_;
  std::jthread thread_;
};

} // namespace weft::monitor
