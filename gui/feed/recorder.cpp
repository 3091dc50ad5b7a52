#include "gui/feed/recorder.hpp"

#include "gui/feed/frame_event.hpp"
#include "gui/feed/limits.hpp"

#include <algorithm>
#include <utility>

namespace weft::monitor {

result<recording_run> recording_run::begin(disk& on, const std::string& path, std::string_view mesh, time_us from) {
  auto writer = recording::recording_writer::create(on, path, mesh);
  if (!writer) return fail(std::move(writer).error());
  recording_run made(*std::move(writer));
  made.state_.path = path;
  made.state_.from = made.state_.until = from;
  made.state_.bytes = made.writer_.bytes();
  return made;
}

result<void> recording_run::go_on(mesh_source& mesh, time_us until, const std::stop_token& stop) {
  if (until <= state_.until) return {};
  result<void> wrote;
  auto read = mesh.frames(
      state_.until, until,
      [&](const heard_frame& frame) {
        if (!wrote) return;
        wrote = writer_.add(event_of(frame, state_.frames + 1));
        if (wrote) ++state_.frames;
      },
      stop);
  if (!wrote) return wrote;
  if (!read) return read;
  if (auto flushed = writer_.flush(); !flushed) return flushed;
  state_.until = until;
  state_.bytes = writer_.bytes();
  return {};
}

result<recording_state> save_span(disk& on, mesh_source& mesh, const std::string& path, time_us from, time_us until,
                                  const std::vector<recording::note>& notes, const std::stop_token& stop) {
  auto run = recording_run::begin(on, path, mesh.latest()->mesh, from);
  if (!run) return fail(std::move(run).error());
  if (auto went = run->go_on(mesh, until, stop); !went) return fail(std::move(went).error());
  for (const auto& note : notes)
    if (note.at.us >= from && note.at.us < until)
      if (auto noted = run->note(note); !noted) return fail(std::move(noted).error());
  if (auto ended = run->finish(); !ended) return fail(std::move(ended).error());
  return run->state();
}

void recorder::start(disk& on, mesh_source& mesh, const std::string& path, time_us from) {
  stop();
  {
    const std::lock_guard lock(mutex_);
    state_ = {};
    notes_.clear();
    unwritten_.clear();
    state_.running = true;
    state_.path = path;
    state_.from = from;
  }
  thread_ =
      std::jthread([this, &on, &mesh, path, from](const std::stop_token& end) { run(on, mesh, path, from, end); });
}

void recorder::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

recording_state recorder::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void recorder::add(const recording::note& written) {
  const std::lock_guard lock(mutex_);
  unwritten_.push_back(written);
  std::erase_if(notes_, [&](const recording::note& other) { return other.at == written.at; });
  if (!written.text.empty())
    notes_.insert(std::ranges::upper_bound(notes_, written.at, {}, &recording::note::at), written);
}

std::vector<recording::note> recorder::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::vector<recording::note> recorder::unwritten() {
  const std::lock_guard lock(mutex_);
  return std::exchange(unwritten_, {});
}

void recorder::run(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop) {
  auto run = recording_run::begin(on, path, mesh.latest()->mesh, from);
  if (!run) {
    recording_state none;
    none.path = path;
    return tell(none, false, fail(std::move(run).error()));
  }
  for (bool last = false; !last;) {
    last = stop.stop_requested();
    auto went = run->go_on(mesh, mesh.latest()->at, {});
    for (const auto& note : unwritten())
      if (went) went = run->note(note);
    if (went && last) went = run->finish();
    tell(run->state(), went && !last, went);
    if (!went) return;
    std::unique_lock lock(mutex_);
    if (!last) woken_.wait_for(lock, stop, recording_step, [] { return false; });
  }
}

void recorder::tell(const recording_state& state, bool running, const result<void>& went) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  state_.running = running;
  if (!went) state_.problem = went.error().message();
}

} // namespace weft::monitor
