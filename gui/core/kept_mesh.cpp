#include "gui/core/kept_mesh.hpp"

#include "gui/core/replay.hpp"

#include <algorithm>
#include <tuple>

namespace weft::monitor {
namespace {

/// That of `like`, when it has the same rows; else a new one.
template <class Row, class Name>
std::uint64_t set_of(const std::vector<Row>& rows, const std::vector<Row>& like, std::uint64_t number, Name name) {
  static std::atomic<std::uint64_t> made = 0;
  return number != 0 && std::ranges::equal(rows, like, {}, name, name) ? number : ++made;
}

/// Nothing is shown of it, rather than another time.
snapshot_ptr unknown(time_us at, std::string problem) {
  auto made = std::make_shared<snapshot>();
  made->at = at;
  made->problem = std::move(problem);
  return made;
}

/// Here, where nobody waits for it, rather than by each table that shows them.
row_sets sets_of(const snapshot& now, const snapshot& last) {
  const auto link = [](const link_view& row) { return std::tie(row.a, row.b); };
  const auto flow = [](const flow_view& row) { return std::tie(row.from, row.to, row.pattern, row.name, row.path); };
  const auto lag = [](const lag_view& row) { return std::tie(row.group, row.log, row.topic); };
  return {set_of(now.nodes, last.nodes, last.sets.nodes, &node_view::name),
          set_of(now.links, last.links, last.sets.links, link),
          set_of(now.flows, last.flows, last.sets.flows, flow),
          set_of(now.topics, last.topics, last.sets.topics, &topic_view::name),
          set_of(now.groups, last.groups, last.sets.groups, &group_view::name),
          set_of(now.lag, last.lag, last.sets.lag, lag)};
}

} // namespace

kept_mesh::kept_mesh(std::string mesh, std::size_t frames_bytes_max)
    : mesh_(std::move(mesh)), fold_(mesh_), frames_(frames_bytes_max), latest_(std::make_shared<snapshot>()) {}

void kept_mesh::take(telemetry::FrameT frame, time_us heard_at, const frame_origin& origin) {
  frames_.add(frame, heard_at, origin);
  fold_.take(std::move(frame), heard_at);
}

void kept_mesh::close(time_us now) {
  if (now <= latest()->at) return;
  auto made = fold_.snapshot_at(now);
  series_.add(made);
  auto shared = publish(std::move(made));
  auto fresh = [&] {
    const std::lock_guard lock(alerts_mutex_);
    return alerts_.look(*shared);
  }();
  const std::lock_guard lock(mutex_);
  for (auto& made_mark : fresh)
    marks_.push_back(std::move(made_mark));
  while (marks_.size() > limits::marks_max)
    marks_.pop_front();
  latest_ = std::move(shared);
}

snapshot_ptr kept_mesh::publish(snapshot made) {
  made.sequence = ++sequence_;
  made.sets = sets_of(made, *latest());
  compare(made.sums, made.at);
  return std::make_shared<const snapshot>(std::move(made));
}

/// With the mean of the minutes before, in the same way for now and for the past.
void kept_mesh::compare(totals& sums, time_us at) const {
  const auto change = [&](figure what, double now) -> std::optional<double> {
    const auto steps = static_cast<std::size_t>(limits::change_compares / (10 * limits::second));
    const auto points = series_.points({what, {}}, at - limits::change_compares, at, steps);
    double sum = 0;
    std::uint64_t count = 0;
    for (const auto& point : points) {
      sum += point.sum;
      count += point.count;
    }
    if (count == 0 || sum <= 0 || at - points.front().at < limits::minute) return std::nullopt;
    return now / (sum / static_cast<double>(count)) - 1;
  };
  sums.published_change = change(figure::published_per_s, sums.published_per_s);
  sums.delivered_change = change(figure::delivered_per_s, sums.delivered_per_s);
}

void kept_mesh::set_state(source_state state) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

snapshot_ptr kept_mesh::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

snapshot_ptr kept_mesh::seek(time_us at, const std::stop_token& stop) {
  const auto begin = frames_.oldest();
  const bool is_near = begin && at - *begin >= limits::seek_warms_up + limits::whole_within;
  const auto there = archive_ ? archive_->oldest() : std::nullopt;
  std::string problem;
  const bool reaches_further = archive_ && (!begin || at < *begin || (there && *there + limits::second < *begin));
  if (reaches_further && !is_near) {
    auto made = seek_archive(at, stop);
    if (stop.stop_requested()) return nullptr; // what was read is a part, and nobody waits for it
    if (made && !made->nodes.empty()) return publish(*std::move(made));
    if (!made) problem = made.error().message();
  }
  auto made = frames_.seek(at, mesh_);
  if (made) {
    made->problem = std::move(problem);
    return publish(std::move(*made));
  }
  return problem.empty() ? nullptr : unknown(at, std::move(problem));
}

result<snapshot> kept_mesh::seek_archive(time_us at, const std::stop_token& stop) {
  std::vector<heard_frame> found;
  const auto from = at - limits::seek_warms_up - limits::whole_within;
  auto read = archive_->read(
      from, at + 1, archive_part::moment, [&](const heard_frame& frame) { found.push_back(frame); }, stop);
  if (!read) return fail(std::move(read).error());
  std::ranges::stable_sort(found, {}, &heard_frame::heard_at);
  auto made = replay(found, mesh_, stop).snapshot_at(at);
  made.missing = std::move(read->missing);
  return made;
}

/// An archive gives one log after the other: each slice of time is put in order, and those follow one another. One of
/// which too much comes is read again, shorter.
result<frames_read> kept_mesh::frames_of_archive(time_us from, time_us until, const frame_sink& take,
                                                 const std::stop_token& stop) {
  frames_read made;
  until = std::min(until, limits::time_max);
  for (time_us slice = limits::archive_slice_least; from < until && !stop.stop_requested();) {
    const auto end = std::min(until, (from / slice + 1) * slice); // whole: logs know milliseconds only
    std::vector<heard_frame> found;
    std::size_t bytes = 0;
    std::stop_source enough;
    const std::stop_callback over(stop, [&enough] { enough.request_stop(); });
    auto read = archive_->read(
        from, end, archive_part::span,
        [&](const heard_frame& frame) {
          bytes += frame.bytes->size();
          if (bytes > limits::archive_slice_bytes && slice > limits::archive_slice_least) enough.request_stop();
          found.push_back(frame);
        },
        enough.get_token());
    if (!read) return read;
    const bool is_part = enough.stop_requested();
    const auto most = bytes > 0 ? limits::archive_slice_most : limits::time_max; // where nothing is it goes by leaps
    if (is_part)
      slice = std::max(slice / 4, limits::archive_slice_least);
    else if (bytes < limits::archive_slice_bytes / 4)
      slice = std::min(2 * slice, most);
    if (is_part) continue;
    std::ranges::stable_sort(found, {}, &heard_frame::heard_at);
    std::ranges::for_each(found, take);
    for (auto& node : read->missing)
      if (std::ranges::find(made.missing, node) == made.missing.end()) made.missing.push_back(std::move(node));
    from = end;
  }
  return made;
}

result<frames_read> kept_mesh::frames(time_us from, time_us until, const frame_sink& take,
                                      const std::stop_token& stop) {
  frames_read made;
  const auto here = frames_.frames(from, until); // first: while the archive is read memory drops some of them
  const auto begin = frames_.oldest();
  if (archive_ && (!begin || from < *begin)) {
    const auto end = !here.empty() ? here.front().heard_at : begin ? std::min(until, *begin) : until;
    auto read = frames_of_archive(from, end, take, stop);
    if (!read) return read;
    made = *std::move(read);
  }
  for (const auto& frame : here) {
    if (stop.stop_requested()) break;
    take(frame);
  }
  return made;
}

time_us kept_mesh::oldest() const {
  const auto here = frames_.oldest().value_or(latest()->at);
  const auto there = archive_ ? archive_->oldest() : std::nullopt;
  return there ? std::min(here, *there) : here;
}

std::vector<mark> kept_mesh::marks(time_us from, time_us until) const {
  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::lower_bound(marks_, from, {}, &mark::at);
  const auto last = std::ranges::lower_bound(marks_, until, {}, &mark::at);
  return first < last ? std::vector<mark>(first, last) : std::vector<mark>{};
}

std::vector<alert> kept_mesh::alerts_between(time_us from, time_us until) const {
  const std::lock_guard lock(alerts_mutex_);
  return alerts_.between(from, until);
}

std::vector<alert_rule> kept_mesh::alert_rules() const {
  const std::lock_guard lock(alerts_mutex_);
  return alerts_.rules();
}

void kept_mesh::set_alert_rules(const std::vector<alert_rule>& rules) {
  const std::lock_guard lock(alerts_mutex_);
  alerts_.set_rules(rules);
}

source_state kept_mesh::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

} // namespace weft::monitor
