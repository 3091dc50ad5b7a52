#include "gui/core/kept_mesh.hpp"

#include "gui/core/figures.hpp"
#include "gui/core/replay.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace weft::monitor {
namespace {

/// That of `like`, when it has the same rows; else a new one.
template <class Row, class Name>
std::uint64_t set_of(const std::vector<Row>& rows, const std::vector<Row>& like, std::uint64_t number, Name name) {
  static std::atomic<std::uint64_t> made = 0;
  return number != 0 && std::ranges::equal(rows, like, {}, name, name) ? number : ++made;
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
  state.past = std::move(state_.past);
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
  const bool reaches_further = archive_ && (!begin || at < *begin || (there && *there + limits::second < *begin));
  if (reaches_further && !is_near) {
    auto made = seek_archive(at, stop);
    if (stop.stop_requested()) return nullptr; // what was read is a part, and nobody waits for it
    set_past(made ? std::string() : made.error().message());
    if (made) return publish(*std::move(made));
    if (!begin || at < *begin) return nullptr;
  } else {
    set_past({});
  }
  auto made = frames_.seek(at, mesh_);
  return made ? publish(std::move(*made)) : nullptr;
}

result<snapshot> kept_mesh::seek_archive(time_us at, const std::stop_token& stop) {
  std::vector<heard_frame> found;
  const auto from = at - limits::seek_warms_up - limits::whole_within;
  auto read = archive_->read(
      from, at + 1, [&](const heard_frame& frame) { found.push_back(frame); }, stop);
  if (!read) return fail(std::move(read).error());
  if (found.empty())
    return fail(errc::not_found, fmt::format("no node told anything of {}: choose another moment", figures::utc(at)));
  std::ranges::stable_sort(found, {}, &heard_frame::heard_at);
  auto made = replay(found, mesh_, stop).snapshot_at(at);
  made.missing = std::move(read->missing);
  return made;
}

void kept_mesh::set_past(std::string why) {
  const std::lock_guard lock(mutex_);
  state_.past = std::move(why);
}

result<frames_read> kept_mesh::frames(time_us from, time_us until, const frame_sink& take,
                                      const std::stop_token& stop) {
  frames_read made;
  const auto begin = frames_.oldest();
  if (archive_ && (!begin || from < *begin)) {
    const auto end = begin ? std::min(until, *begin) : until;
    auto read = archive_->read(from, end, take, stop);
    if (!read) return read;
    made = *std::move(read);
  }
  for (const auto& frame : frames_.frames(from, until)) {
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
