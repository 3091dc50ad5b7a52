#include "gui/feed/event_reader.hpp"

#include "gui/feed/limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

/// Says in a list what is missing at its place.
event_row row_of_gap(const gap& missing) {
  event_row made;
  made.node = missing.node;
  made.position = to_string(named_position{missing.node, missing.from});
  made.topic = missing.topic;
  made.note =
      fmt::format("{}from here to seq {} of {} can't be had: {}", missing.topic.empty() ? "" : missing.topic + " ",
                  missing.until.value(), missing.node, missing.why.message());
  return made;
}

result<start::point> start_of(const event_query& what) {
  if (what.tail) return start::point{start::end};
  if (!what.position.empty()) {
    auto position = parse_position(what.position);
    if (!position) return fail(position.error());
    return start::point{std::move(*position)};
  }
  if (what.from) return start::point{wall_time{*what.from}};
  return start::point{start::beginning};
}

} // namespace

result<event_reader> event_reader::open(client& node, const event_query& what) {
  const auto from = start_of(what);
  if (!from) return fail(from.error());
  subscription_options options{.from = *from};
  if (!what.key.empty()) options.key = what.key;
  options.types = what.types;
  std::vector<inspect::condition> conditions;
  for (const auto& text : what.where) {
    auto test = inspect::parse_condition(text);
    if (!test) return fail(test.error());
    conditions.push_back(std::move(*test));
  }
  event_reader made(node, what, event_matcher(what, inspect::push_down(conditions, options)));
  options.synced = true;
  options.on_gap = [gaps = made.gaps_](const gap& missing) {
    if (gaps->size() < events_at_once) gaps->push_back(row_of_gap(missing));
  };
  auto reading = node.subscribe(what.pattern, options);
  if (!reading) return fail(reading.error());
  made.reading_.emplace(std::move(*reading));
  return made;
}

event_row event_reader::row_of(const event& from) {
  event_row made;
  made.node = from.node;
  made.position = to_string(from.position());
  made.topic = from.topic;
  made.type = from.type;
  made.key = from.key_text();
  for (const auto& [name, value] : from.headers.all())
    made.headers.emplace_back(name, value);
  made.time = from.time.us;
  made.logged_at = from.logged_at.us;
  made.topic_offset = from.offset.value();
  made.producer = fmt::format("{:016x}/{}", from.producer.value(), from.sequence);
  made.value = from.text();
  if (from.contract == contract_id{}) return made;
  made.contract = to_string(from.contract);
  if (auto text = contracts_.decode(from)) made.decoded = std::move(*text);
  return made;
}

std::vector<event_row> event_reader::rows_of(const std::vector<event>& came) {
  std::vector<event_row> rows;
  for (auto& missing : *gaps_)
    if (test_.passes(missing)) rows.push_back(std::move(missing));
  gaps_->clear();
  for (const auto& one : came) {
    if (so_far_.events >= what_.most) break;
    if (what_.until && one.logged_at.us > *what_.until) continue;
    auto row = row_of(one);
    if (!test_.passes(row)) continue;
    rows.push_back(std::move(row));
    ++so_far_.events;
  }
  return rows;
}

void event_reader::note_progress(const std::vector<log_progress>& logs) {
  so_far_.logs = so_far_.logs_read = 0;
  so_far_.scanned = so_far_.events;
  so_far_.away.clear();
  std::uint64_t gone_over = 0;
  all_read_ = !logs.empty();
  for (const auto& one : logs) {
    const bool is_past = what_.until && one.log_time.us > *what_.until;
    const bool is_read = is_past || (one.log_time > wall_time{} && one.handled.seq >= one.head);
    all_read_ = all_read_ && is_read;
    if (!what_.node.empty() && one.node != what_.node) continue;
    ++so_far_.logs;
    so_far_.logs_read += is_read;
    if (!is_read && !one.flowing) so_far_.away.push_back(one.node);
    if (one.log_time == wall_time{}) continue;
    const auto first = begun_.try_emplace(one.log, one.handled.seq).first->second;
    if (one.handled.seq > first) gone_over += one.handled.seq - first;
  }
  so_far_.scanned = std::max(so_far_.scanned, gone_over);
}

bool event_reader::is_over(bool came) {
  const auto now = std::chrono::steady_clock::now();
  if (came) quiet_since_ = now;
  if (what_.tail) return false;
  const bool all = so_far_.logs > 0 ? so_far_.logs_read == so_far_.logs : all_read_;
  return now - quiet_since_ >= (all ? std::chrono::steady_clock::duration(past_least) : past_within);
}

result<void> event_reader::run(const event_sink& take, const std::stop_token& stop) {
  while (!stop.stop_requested() && so_far_.events < what_.most) {
    const auto came = reading_->poll_batch(events_at_once, poll_within);
    if (!came) return fail(came.error());
    auto rows = rows_of(*came);
    const auto scanned = so_far_.scanned;
    note_progress(reading_->progress());
    const bool over = is_over(!came->empty() || so_far_.scanned > scanned);
    const bool found = !rows.empty();
    take(std::move(rows), so_far_); // which may wait for somebody who reads
    if (over) break;
    if (found) quiet_since_ = std::chrono::steady_clock::now();
  }
  return {};
}

} // namespace weft::monitor
