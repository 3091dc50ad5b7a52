#include "mesh/catalog/topic_table.hpp"

#include "mesh/base/names.hpp"
#include "mesh/catalog/columns.hpp"
#include "mesh/catalog/numbers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::catalog {
namespace {

topic_record read(const rows& row) {
  topic_record topic{topic_id{static_cast<std::uint32_t>(row.integer(0))},
                     std::string(row.text(1)),
                     {row.integer(2)},
                     std::nullopt,
                     {}};
  if (const auto deleted = row.optional_integer(3)) topic.deleted = wall_time{*deleted};
  if (const auto time = row.optional_integer(4)) topic.settings.keep_time = microseconds{*time};
  if (const auto bytes = row.optional_integer(5)) topic.settings.keep_bytes = from_column(*bytes);
  topic.settings.ack = ack_level::from_code(static_cast<std::uint8_t>(row.integer(6)));
  topic.settings.replicas = static_cast<std::uint8_t>(row.integer(7));
  topic.settings.codec = static_cast<wire::codec>(row.integer(8));
  topic.settings.description = row.text(9);
  topic.settings.contract = {std::string(row.text(10)), std::string(row.text(11))};
  topic.settings.compatibility = static_cast<std::uint8_t>(row.integer(12));
  topic.settings.quarantine = row.integer(13) != 0;
  topic.settings.compaction = row.integer(14) != 0;
  topic.settings.compaction_after = microseconds{row.integer(15)};
  topic.settings.tombstones_kept = microseconds{row.integer(16)};
  topic.settings.until_consumed = row.integer(17) != 0;
  return topic;
}

tl::unexpected<error> no_topic(topic_id id) {
  return fail(errc::not_found, fmt::format("there is no topic with the number {}", id.value()));
}

} // namespace

// --- changes

result<topic_record> topic_table::create(std::string_view name, const wire::topic_settings& settings, wall_time now) {
  if (const auto named = check_topic_name(name); !named) return fail(named.error());
  if (const auto valid = check(settings); !valid) return fail(valid.error());
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto present = find_living(name);
  if (!present) return fail(present.error());
  if (*present) return fail(errc::already_exists, fmt::format("the topic '{}' exists", name));
  const auto number = take_number(db_, counter);
  if (!number) return fail(number.error());
  const topic_record made{topic_id{*number}, std::string(name), now, std::nullopt, settings};
  if (const auto done = put(made); !done) return fail(done.error());
  if (const auto done = change->commit(); !done) return fail(done.error());
  return made;
}

result<void> topic_table::alter(topic_id id, const wire::topic_settings& settings) {
  if (auto valid = check(settings); !valid) return valid;
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  auto topic = find_any(id);
  if (!topic) return fail(topic.error());
  if (!*topic || (*topic)->deleted) return no_topic(id);
  (*topic)->settings = settings;
  if (auto done = put(**topic); !done) return done;
  return change->commit();
}

result<void> topic_table::remove(topic_id id, wall_time now) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  auto topic = find_any(id);
  if (!topic) return fail(topic.error());
  if (!*topic || (*topic)->deleted) return no_topic(id);
  (*topic)->deleted = now;
  if (auto done = put(**topic); !done) return done;
  return change->commit();
}

// --- what the log knows

result<std::size_t> topic_table::restore(std::span<const logged_topic> logged, const wire::topic_settings& settings,
                                         wall_time now) {
  std::vector<logged_topic> ascending(logged.begin(), logged.end());
  std::ranges::sort(ascending, {}, &logged_topic::id);
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  std::size_t added = 0;
  for (const auto& topic : ascending) {
    const auto one = restore_one(topic, settings, now);
    if (!one) return fail(one.error());
    added += *one ? 1 : 0;
  }
  const auto next = ascending.empty() ? 1 : std::uint64_t{ascending.back().id.value()} + 1;
  if (const auto raised = raise_number(db_, counter, next); !raised) return fail(raised.error());
  if (const auto done = change->commit(); !done) return fail(done.error());
  return added;
}

result<bool> topic_table::restore_one(const logged_topic& topic, const wire::topic_settings& settings, wall_time now) {
  const auto same = find_any(topic.id);
  if (!same) return fail(same.error());
  if (*same && (*same)->name != topic.name)
    return fail(errc::corrupt, fmt::format("{}: topic {} is '{}' here and '{}' in the log", db_.path(),
                                           topic.id.value(), (*same)->name, topic.name));
  if (*same) return false;
  auto namesake = find_living(topic.name);
  if (!namesake) return fail(namesake.error());
  topic_record restored{topic.id, topic.name, now, std::nullopt, settings};
  if (*namesake && (*namesake)->id > topic.id) restored.deleted = now;
  if (*namesake && (*namesake)->id < topic.id) {
    (*namesake)->deleted = now;
    if (const auto done = put(**namesake); !done) return fail(done.error());
  }
  if (const auto done = put(restored); !done) return fail(done.error());
  return true;
}

// --- rows

/// A new one, or the settings and the end of one that is there.
result<void> topic_table::put(const topic_record& topic) {
  const auto& has = topic.settings;
  return db_.run(
      "INSERT INTO topics (id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, "
      "description, schema, rules, compatibility, quarantine, compaction, compaction_after, tombstones_kept, "
      "until_consumed, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)) "
      "ON CONFLICT (id) DO UPDATE SET deleted = ?4, keep_time = ?5, keep_bytes = ?6, ack = ?7, replicas = ?8, "
      "codec = ?9, description = ?10, schema = ?11, rules = ?12, compatibility = ?13, quarantine = ?14, "
      "compaction = ?15, compaction_after = ?16, tombstones_kept = ?17, until_consumed = ?18, sum = excluded.sum",
      {to_column(topic.id.value()), topic.name, topic.created.us,
       to_column(topic.deleted, [](wall_time at) { return at.us; }),
       to_column(has.keep_time, [](microseconds time) { return time.count(); }),
       to_column(has.keep_bytes, [](std::uint64_t bytes) { return to_column(bytes); }), to_column(has.ack.code()),
       to_column(has.replicas), to_column(static_cast<std::uint8_t>(has.codec)), has.description, has.contract.schema,
       has.contract.rules, to_column(has.compatibility), to_column(has.quarantine ? 1U : 0U),
       to_column(has.compaction ? 1U : 0U), has.compaction_after.count(), has.tombstones_kept.count(),
       to_column(has.until_consumed ? 1U : 0U)});
}

result<std::optional<topic_record>> topic_table::find_living(std::string_view name) {
  return first(
      db_.ask(
          "SELECT id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules, "
          "compatibility, quarantine, compaction, compaction_after, tombstones_kept, until_consumed FROM topics WHERE "
          "name = ?1 AND deleted IS NULL",
          {name}),
      read);
}

result<std::optional<topic_record>> topic_table::find_any(topic_id id) {
  return first(
      db_.ask(
          "SELECT id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules, "
          "compatibility, quarantine, compaction, compaction_after, tombstones_kept, until_consumed FROM topics WHERE "
          "id = ?1",
          {to_column(id.value())}),
      read);
}

result<std::optional<topic_record>> topic_table::find(std::string_view name) {
  const auto held = db_.hold();
  return find_living(name);
}

result<std::optional<topic_record>> topic_table::find(topic_id id) {
  const auto held = db_.hold();
  return find_any(id);
}

result<std::vector<topic_record>> topic_table::list(bool with_deleted) {
  const auto held = db_.hold();
  return every(
      db_.ask(
          "SELECT id, name, created, deleted, keep_time, keep_bytes, ack, replicas, codec, description, schema, rules, "
          "compatibility, quarantine, compaction, compaction_after, tombstones_kept, until_consumed FROM topics WHERE "
          "?1 OR deleted IS NULL ORDER BY id",
          {to_column(with_deleted ? 1U : 0U)}),
      read);
}

} // namespace weft::catalog
