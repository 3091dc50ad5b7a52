#include "gui/feed/live_access.hpp"

#include "gui/feed/limits.hpp"
#include "mesh/base/bytes.hpp"
#include "weft/client.hpp"

#include <fmt/format.h>

namespace weft::monitor {
namespace {

event_row row_of(client& node, const event& from) {
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
  if (from.contract != contract_id{}) {
    made.contract = to_string(from.contract);
    if (const auto by = node.contract_of(from))
      if (auto text = by->json(from)) made.decoded = std::move(*text);
  }
  return made;
}

/// Whether all logs that are known were read to their end, or to `until`.
read_progress progress_of(const std::vector<log_progress>& logs, std::optional<time_us> until) {
  read_progress made{.logs = logs.size()};
  for (const auto& one : logs)
    if ((until && one.log_time.us > *until) || (one.log_time > wall_time{} && one.handled.seq >= one.head))
      ++made.logs_read;
  return made;
}

} // namespace

live_access::live_access(std::string data_dir) : data_dir_(std::move(data_dir)) {}
live_access::~live_access() = default;

result<std::shared_ptr<client>> live_access::node() {
  const std::lock_guard lock(mutex_);
  if (node_ && node_->connected()) return node_;
  auto made = client::connect({.data_dir = data_dir_, .program = "weft-monitor", .within = connect_within});
  if (!made) return fail(made.error());
  node_ = std::make_shared<client>(std::move(*made));
  return node_;
}

result<std::string> live_access::ask(std::string_view question, std::string_view arguments) {
  const auto at = node();
  if (!at) return fail(at.error());
  return (*at)->query(question, arguments);
}

result<void> live_access::read(const event_query& what, const event_sink& take, const std::stop_token& stop) {
  const auto at = node();
  if (!at) return fail(at.error());
  subscription_options options{.from = start::beginning};
  if (what.tail)
    options.from = start::end;
  else if (!what.position.empty()) {
    auto position = parse_position(what.position);
    if (!position) return fail(position.error());
    options.from = std::move(*position);
  } else if (what.from) {
    options.from = wall_time{*what.from};
  }
  if (!what.key.empty()) options.key = what.key;
  options.types = what.types;
  options.synced = true;
  options.on_gap = [](const gap&) {};
  auto reading = (*at)->subscribe(what.pattern, options);
  if (!reading) return fail(reading.error());
  std::uint64_t passed = 0;
  auto quiet_since = std::chrono::steady_clock::now();
  while (!stop.stop_requested() && passed < what.most) {
    const auto came = reading->poll_batch(std::min(events_at_once, what.most - passed), poll_within);
    if (!came) return fail(came.error());
    std::vector<event_row> rows;
    for (const auto& one : *came)
      if (!what.until || one.logged_at.us <= *what.until) rows.push_back(row_of(**at, one));
    passed += rows.size();
    auto so_far = progress_of(reading->progress(), what.until);
    so_far.events = passed;
    if (!came->empty()) quiet_since = std::chrono::steady_clock::now();
    take(std::move(rows), so_far);
    const auto quiet = std::chrono::steady_clock::now() - quiet_since;
    if (what.tail) continue;
    if (so_far.logs > 0 && so_far.logs_read == so_far.logs && quiet >= past_least) break;
    if (quiet >= past_within) break;
  }
  return {};
}

} // namespace weft::monitor
