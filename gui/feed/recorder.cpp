#include "gui/feed/recorder.hpp"

#include "gui/feed/frame_event.hpp"
#include "gui/feed/limits.hpp"
#include "mesh/recording/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
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
  if (!read) return fail(std::move(read).error());
  if (stop.stop_requested()) return fail(errc::cancelled, "it was stopped");
  for (auto& node : read->missing)
    if (std::ranges::find(state_.missing, node) == state_.missing.end()) state_.missing.push_back(std::move(node));
  if (auto flushed = writer_.flush(); !flushed) return flushed;
  state_.until = until;
  state_.bytes = writer_.bytes();
  return {};
}

namespace {

/// A name beside `path` that nobody has.
result<recording_run> begin_beside(disk& on, const std::string& path, std::string_view mesh, time_us from) {
  for (int i = 1;; ++i) {
    auto run = recording_run::begin(on, fmt::format("{}.unfinished-{}", path, i), mesh, from);
    if (run || run.error().code() != errc::already_exists || i == unfinished_files_max) return run;
  }
}

result<void> write_span(recording_run& run, mesh_source& mesh, time_us from, time_us until,
                        const std::vector<recording::note>& notes, const std::stop_token& stop) {
  if (auto went = run.go_on(mesh, until, stop); !went) return went;
  for (const auto& note : notes)
    if (note.at.us >= from && note.at.us < until)
      if (auto noted = run.note(note); !noted) return noted;
  return run.finish();
}

} // namespace

result<recording_state> save_span(disk& on, mesh_source& mesh, const std::string& path, time_us from, time_us until,
                                  const std::vector<recording::note>& notes, const std::stop_token& stop) {
  const auto taken = [&] {
    return error(errc::already_exists, fmt::format("{} is there already: choose another name", path));
  };
  if (on.exists(path)) return fail(taken());
  auto run = begin_beside(on, path, mesh.latest()->mesh, from);
  if (!run) return fail(std::move(run).error());
  auto state = run->state();
  const auto beside = state.path;
  auto done = write_span(*run, mesh, from, until, notes, stop);
  state = run->state();
  state.path = path;
  if (done && on.exists(path)) done = fail(taken());
  if (done) done = on.rename(beside, path);
  if (done) {
    static_cast<void>(on.sync_directory(parent_directory(path))); // else it has its other name after a crash
    return state;
  }
  const bool gone = static_cast<bool>(on.remove(beside));
  const auto left = gone ? std::string() : fmt::format("; a part of it is left as {}", beside);
  return fail(done.error().code(), fmt::format("{} was not saved: {}{}", path, done.error().message(), left));
}

recorder::~recorder() {
  stop();
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, recording_ends_within, [this] { return !state_.running; });
  }
  given_up_.request_stop();
}

bool recorder::start(disk& on, mesh_source& mesh, const std::string& path, time_us from, std::shared_ptr<void> keep) {
  {
    const std::lock_guard lock(mutex_);
    if (state_.running) return false;
    state_ = {};
    notes_.clear();
    unwritten_.clear();
    noted_ = 0;
    takes_notes_ = true;
    state_.running = true;
    state_.path = path;
    state_.from = from;
  }
  thread_ = std::jthread([this, &on, &mesh, path, from, keep = std::move(keep)](const std::stop_token& end) {
    run(on, mesh, path, from, end);
  });
  return true;
}

void recorder::stop() {
  thread_.request_stop();
  const std::lock_guard lock(mutex_);
  state_.ending = state_.running;
}

void recorder::wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return !state_.running; });
}

recording_state recorder::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

result<void> recorder::add(const recording::note& written) {
  if (written.text.size() > recording::limits::note_bytes_max)
    return fail(errc::too_large, fmt::format("it has {} bytes, and a note has at most {}: write it shorter",
                                             written.text.size(), recording::limits::note_bytes_max));
  const std::lock_guard lock(mutex_);
  if (!takes_notes_)
    return fail(errc::cancelled, "the recording has ended: begin another one, or open it and note it there");
  if (noted_ == recording::limits::notes_max)
    return fail(errc::too_large, fmt::format("a recording has at most {} notes, and this one has them: begin another",
                                             recording::limits::notes_max));
  ++noted_;
  unwritten_.push_back(written);
  std::erase_if(notes_, [&](const recording::note& other) { return other.at == written.at; });
  if (!written.text.empty())
    notes_.insert(std::ranges::upper_bound(notes_, written.at, {}, &recording::note::at), written);
  return {};
}

std::vector<recording::note> recorder::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::vector<recording::note> recorder::unwritten(bool last) {
  const std::lock_guard lock(mutex_);
  takes_notes_ = !last;
  return std::exchange(unwritten_, {});
}

void recorder::run(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop) {
  write(on, mesh, path, from, stop);
  const std::lock_guard lock(mutex_);
  state_.running = state_.ending = takes_notes_ = false;
  ended_.notify_all();
}

void recorder::write(disk& on, mesh_source& mesh, const std::string& path, time_us from, const std::stop_token& stop) {
  auto run = recording_run::begin(on, path, mesh.latest()->mesh, from);
  if (!run) {
    recording_state none;
    none.path = path;
    return tell(none, fail(std::move(run).error()));
  }
  result<void> noted;
  for (bool last = false; !last;) {
    last = stop.stop_requested();
    auto went = run->go_on(mesh, mesh.latest()->at, given_up_.get_token());
    if (!went && went.error().code() == errc::cancelled)
      went = fail(errc::cancelled, "the window was closed before all of the past was read");
    last = last || !went;
    for (const auto& note : unwritten(last))
      if (auto wrote = run->note(note); !wrote && noted) noted = fail(std::move(wrote).error());
    if (last)
      if (auto ended = run->finish(); !ended && went) went = std::move(ended); // what failed before is told before
    tell(run->state(), went ? noted : went);
    std::unique_lock lock(mutex_);
    if (!last) woken_.wait_for(lock, stop, recording_step, [] { return false; });
  }
}

void recorder::tell(const recording_state& state, const result<void>& went) {
  const std::lock_guard lock(mutex_);
  const bool ending = state_.ending;
  state_ = state;
  state_.running = true; // until its thread says otherwise
  state_.ending = ending;
  if (!went) state_.problem = went.error().message();
}

} // namespace weft::monitor
