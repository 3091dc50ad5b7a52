#include "gui/feed/recorded_source.hpp"

#include "gui/feed/frame_event.hpp"
#include "gui/feed/limits.hpp"
#include "mesh/recording/recording_writer.hpp"
#include "mesh/telemetry/frame.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

/// Frames of the file that are not in memory any more.
class file_archive final : public frame_archive {
public:
  file_archive(disk& from, std::string path, time_us oldest) : from_(from), path_(std::move(path)), oldest_(oldest) {}

  result<frames_read> read(time_us from, time_us until, archive_part /*what*/, const frame_sink& take,
                           const std::stop_token& stop) override {
    auto reader = recording::recording_reader::open(from_, path_);
    if (!reader) return fail(std::move(reader).error());
    reader->go_to({from});
    while (!stop.stop_requested()) {
      const auto next = reader->next();
      if (!next) return fail(next.error());
      if (!*next || (*next)->time.us >= until + clocks_differ) break;
      if ((*next)->time.us >= from && (*next)->time.us < until) take(frame_of(**next));
    }
    return frames_read{};
  }
  std::optional<time_us> oldest() const override { return oldest_; }

private:
  disk& from_;
  const std::string path_;
  const time_us oldest_;
};

} // namespace

result<std::unique_ptr<recorded_source>> recorded_source::open(disk& from, const std::string& path) {
  auto reader = recording::recording_reader::open(from, path);
  if (!reader) return fail(std::move(reader).error());
  return std::unique_ptr<recorded_source>(new recorded_source(from, path, *std::move(reader)));
}

recorded_source::recorded_source(disk& from, std::string path, recording::recording_reader reader)
    : kept_source(reader.about().mesh, recorded_bytes_in_memory),
      path_(std::move(path)),
      reader_(std::move(reader)),
      disk_(from),
      notes_(reader_.about().notes),
      first_(reader_.about().index.first.us),
      last_(reader_.about().index.last.us) {
  kept_.set_archive(std::make_shared<file_archive>(from, path_, first_));
  tell(reader_.about().cut, 0);
  thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

recorded_source::~recorded_source() = default;

void recorded_source::wait() {
  if (thread_.joinable()) thread_.join();
}

std::vector<recording::note> recorded_source::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

result<void> recorded_source::add(const recording::note& written) {
  const std::lock_guard writes(writing_);
  auto to = recording::recording_writer::go_on(disk_, path_);
  if (!to) return fail(std::move(to).error());
  if (auto added = to->add(written); !added) return added;
  if (auto ended = to->finish(); !ended) return ended;
  const std::lock_guard lock(mutex_);
  std::erase_if(notes_, [&](const recording::note& other) { return other.at == written.at; });
  if (!written.text.empty())
    notes_.insert(std::ranges::upper_bound(notes_, written.at, {}, &recording::note::at), written);
  return {};
}

void recorded_source::read(const std::stop_token& stop) {
  const time_us span = std::max<time_us>(last_ - first_, 1);
  const time_us least = span / static_cast<time_us>(recorded_snapshots_max);
  const time_us step = least <= limits::second ? limits::second : (least / limits::second + 1) * limits::second;
  time_us newest = first_;
  int percent = 0;
  for (time_us open = first_ + step; !stop.stop_requested();) {
    const auto next = reader_.next();
    if (!next || !*next) {
      if (newest > first_) kept_.close(newest + 1);
      tell(next ? reader_.about().cut : next.error().message(), 100);
      return;
    }
    auto frame = telemetry::decode((*next)->value);
    if (!frame) {
      kept_.note_refused(1);
      continue;
    }
    newest = std::clamp((*next)->time.us, newest, std::max(last_, newest));
    for (; newest >= open; open = std::max(open + step, newest - newest % step))
      kept_.close(open);
    kept_.take(*std::move(frame), newest, origin_of(**next));
    if (const int now = static_cast<int>(100 * (newest - first_) / span); now > percent)
      tell(reader_.about().cut, percent = now);
  }
}

void recorded_source::tell(const std::string& problem, int percent) {
  source_state state;
  state.connected = true;
  state.recorded = true;
  state.where = percent < 100 ? fmt::format("recording {}, {} % read", path_, percent) : "recording " + path_;
  state.problem = problem;
  kept_.set_state(std::move(state));
}

time_us recorded_source::oldest() const { return first_; }

/// Notes stand on the time bar beside what happened.
std::vector<mark> recorded_source::marks(time_us from, time_us until) const {
  auto found = kept_.marks(from, until);
  for (const auto& note : notes())
    if (note.at.us >= from && note.at.us < until)
      found.push_back({note.at.us, health::unknown, "Note: " + note.text, "recordings", {}});
  std::ranges::stable_sort(found, {}, &mark::at);
  return found;
}

} // namespace weft::monitor
