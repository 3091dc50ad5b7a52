#include "actors/lag_desk.hpp"

#include "actors/group_desk.hpp"
#include "actors/lease_document.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

/// What a topic has behind a place.
log::topic_backlog left_of(const std::vector<log::topic_backlog>& counted, topic_id topic) {
  const auto found = std::ranges::find(counted, topic, &log::topic_backlog::topic);
  if (found != counted.end()) return *found;
  log::topic_backlog nothing;
  nothing.topic = topic;
  return nothing;
}

/// What the topics have behind where a cursor and the log's end were some time ago.
struct earlier {
  microseconds ago{};
  log_position cursor{};
  std::vector<log::topic_backlog> of_cursor, of_end;
};

/// Nothing: the cursor is not known for long enough, or where it was can't be counted any more.
std::optional<earlier> look_back(const node_services& services, log::node_log& log, const cursor_facts& cursor,
                                 const std::function<bool(topic_id)>& wants) {
  const auto from = services.leases.pace_since({cursor.name, cursor.pattern});
  if (!from) return std::nullopt;
  const auto of_cursor = log.backlog(from->cursor, wants);
  const auto of_end = log.backlog(from->log_end, wants);
  if (!of_cursor || !of_end) return std::nullopt;
  return earlier{services.clock.mono() - from->at, from->cursor, *of_cursor, *of_end};
}

void add_drain(json& row, const std::optional<earlier>& before, const log::topic_backlog& left) {
  for (const auto* field : {"processed_per_s", "arrived_per_s", "drain_s", "drain"})
    row[field] = nullptr;
  if (!before) return;
  const auto then = left_of(before->of_cursor, left.topic).events;
  const auto arrived = left_of(before->of_end, left.topic).events;
  const auto estimate =
      delivery::estimate_drain(left.events, {before->ago, then - std::min(then, left.events), arrived});
  row["processed_per_s"] = estimate.processed_per_s;
  row["arrived_per_s"] = estimate.arrived_per_s;
  if (estimate.seconds)
    row["drain_s"] = *estimate.seconds;
  else
    row["drain"] = "never";
}

/// The rows of one named subscription: one a topic that it means, also those that it has read to the end.
result<void> add_rows(json& rows, const node_services& services, log::node_log& log, const cursor_facts& cursor) {
  const auto pattern = topic_pattern::parse(cursor.pattern);
  if (!pattern) return fail(pattern.error());
  const auto wants = [&](topic_id topic) {
    const auto name = services.topics.living_name_of(topic);
    return name && pattern->matches(*name);
  };
  const auto from = cursor.until.value_or(log.state().begin);
  const auto counted = log.backlog(from, wants);
  if (!counted) return fail(counted.error());
  const auto before = look_back(services, log, cursor, wants);
  const auto now = services.clock.wall();
  const auto starts = log.starts();
  for (const auto& topic : log.topics()) {
    if (!wants(topic.topic)) continue;
    const auto left = left_of(*counted, topic.topic);
    const auto age = left.events == 0 ? microseconds{0} : std::max(microseconds{0}, now - left.oldest.wall());
    auto row = lease_document(services, {cursor.name, cursor.pattern}, topic.topic);
    row.update({{"name", cursor.name},
                {"log", services.facts.name},
                {"topic", topic.name},
                {"events", left.events},
                {"at_most", left.at_most},
                {"bytes", left.bytes},
                {"seconds", static_cast<double>(age.count()) / 1e6},
                {"position", to_string(named_position{services.facts.name, from})},
                {"in_use", cursor.in_use},
                {"consumer", cursor.consumer},
                {"problem", nullptr}});
    const auto start = starts->find(topic.topic);
    // Where its start has passed the place, nobody can count any more what was there.
    const bool is_counted = before && (start == starts->end() || start->second.at <= before->cursor);
    add_drain(row, is_counted ? before : std::nullopt, left);
    rows.push_back(std::move(row));
  }
  return {};
}

/// Of one that can't be counted, such as a cursor of a part of the log that is lost: it must not hide the others.
json unknown_row(const node_services& services, const cursor_facts& cursor, const error& why) {
  json row;
  for (const auto* field : {"topic", "events", "at_most", "bytes", "seconds", "lease", "held_bytes", "held_since_us",
                            "ran_out_us", "ran_out_why", "processed_per_s", "arrived_per_s", "drain_s", "drain"})
    row[field] = nullptr;
  const auto position = cursor.until ? json(to_string(named_position{services.facts.name, *cursor.until})) : json();
  row.update({{"name", cursor.name},
              {"log", services.facts.name},
              {"position", position},
              {"in_use", cursor.in_use},
              {"consumer", cursor.consumer},
              {"problem", why.message()}});
  return row;
}

/// A group as if it were a named subscription at the first place that it still needs: what lies behind it and is
/// finished counts too, so it is behind by at most so much.
cursor_facts facts_of(const known_group& group) {
  const auto members = group.live ? group.live->members.size() : 0;
  return {group.record.name, group.record.pattern, group.cursor().needed_from(), members > 0,
          members == 0 ? std::string() : fmt::format("{} members", members)};
}

void count_lag(node_services& services, const std::vector<cursor_facts>& cursors, const json& at_copies,
               const reply<std::string>& to) {
  services.readers.run([&services, to, cursors, at_copies](log::node_log& log) {
    auto rows = json::array();
    for (const auto& cursor : cursors)
      if (const auto added = add_rows(rows, services, log, cursor); !added)
        rows.push_back(unknown_row(services, cursor, added.error()));
    to(json{{"lag", std::move(rows)}, {"copies", at_copies}}.dump());
  });
}

} // namespace

void answer_lag(node_services& services, const reply<std::string>& to) {
  find_consumers(services, reply<consumers>([&services, to](auto all) {
                   if (!all) return to(fail(all.error()));
                   const auto at_copies = rows_at_copies(services, *all, {});
                   auto cursors = std::move(all->cursors);
                   for (const auto& group : all->groups)
                     cursors.push_back(facts_of(group));
                   count_lag(services, cursors, at_copies, to);
                 }));
}

} // namespace weft::actors
