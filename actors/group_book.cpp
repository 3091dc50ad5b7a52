#include "actors/group_book.hpp"

#include "actors/cursor_topic.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

constexpr std::string_view group_type = "weft.group";
constexpr std::string_view removed_type = "weft.group-removed"; // the value is the name

published_cursor cursor_of(const delivery::group_record& record, wall_time used) {
  return {{record.name, record.pattern}, record.cursor.needed_from(), record.cursor.generation, used};
}

} // namespace

result<void> group_book::load(bool catalog_lost) {
  auto rows = catalog_lost ? std::vector<catalog::group_row>{} : services_.catalog.groups().list();
  if (!rows) return fail(rows.error());
  log_position newest;
  bool all_good = true;
  for (const auto& row : *rows) {
    if (row.log != services_.own_log) continue;
    auto record = delivery::decode_group_record(row.record);
    if (!record) {
      all_good = false;
      services_.to.warning(fmt::format("the catalog's record of the group {} is sought in the log: {}", row.name,
                                       record.error().message()));
      continue;
    }
    newest = std::max(newest, row.reached);
    learn(std::move(*record));
  }
  if (!all_good) newest = {};
  // What the catalog could not keep was published behind all that it has.
  auto loaded = each_cursor_event(services_, newest, [this](const wire::event_view& event) {
    if (event.type == removed_type) {
      unkept_.insert(std::string(as_text(event.value)));
      groups_.erase(std::string(as_text(event.value)));
    }
    if (event.type != group_type) return;
    auto record = delivery::decode_group_record(shared_bytes::copy(event.value));
    if (!record)
      return services_.to.warning(
          fmt::format("an event of {} is passed over: {}", cursors_topic, record.error().message()));
    unkept_.insert(record->name);
    learn(std::move(*record));
  });
  keep_all();
  tell_leases();
  return loaded;
}

void group_book::tell_leases() {
  std::vector<published_cursor> known;
  known.reserve(groups_.size());
  const auto now = services_.clock.wall(); // of when a record does not say it
  for (const auto& [name, record] : groups_)
    known.push_back(cursor_of(record, record.used == wall_time{} ? now : record.used));
  const auto state = services_.log.state();
  services_.leases.published(known, {state.epoch, state.synced_end});
}

void group_book::learn(delivery::group_record record) {
  auto& known = groups_[record.name];
  if (record.version > known.version || known.name.empty()) known = std::move(record);
}

result<std::optional<delivery::group_record>> group_book::find(const std::string& name,
                                                               const std::string& pattern) const {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return std::nullopt;
  if (found->second.pattern != pattern)
    return fail(errc::invalid_argument,
                fmt::format("the group {} reads '{}': join it with that pattern, or take another name for '{}'", name,
                            found->second.pattern, pattern));
  return found->second;
}

/// How many events came twice is counted here, whoever saves it. What is saved later holds.
void group_book::save(const delivery::group_record& said, const std::function<void(result<void>)>& done) {
  auto record = said;
  if (const auto known = groups_.find(record.name); known != groups_.end()) {
    record.repeated = std::max(record.repeated, known->second.repeated);
    record.version = std::max(record.version, known->second.version + 1);
  }
  learn(record);
  append_cursor_events(
      services_, {{group_type, "group " + record.name, delivery::encode(record)}},
      [&services = services_, published = cursor_of(record, record.used), done](result<void> appended) {
        const auto state = services.log.state();
        if (appended) services.leases.published({published}, {state.epoch, state.synced_end});
        done(std::move(appended));
      });
}

void group_book::remove(const std::string& name, const std::function<void(result<void>)>& done) {
  if (const auto removed = services_.catalog.groups().remove(name, services_.own_log); !removed)
    return done(fail(removed.error().within("the group stays: the catalog can't forget it now")));
  groups_.erase(name);
  services_.leases.forget(name);
  append_cursor_events(services_, {{removed_type, "group " + name, shared_bytes::copy(as_bytes(name))}},
                       [&leases = services_.leases, name, done](result<void> appended) {
                         leases.forget(name); // a record of it may have been on its way to the disk
                         done(std::move(appended));
                       });
}

void group_book::add_repeated(const std::string& name, std::uint64_t events) {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.repeated += events;
  ++group->second.version;
  keep(name);
}

void group_book::publish_again() const {
  std::vector<cursor_event> events;
  for (const auto& [name, record] : groups_)
    events.push_back({group_type, "group " + name, delivery::encode(record)});
  if (!events.empty())
    append_cursor_events(services_, events, [&to = services_.to](const result<void>& done) {
      if (!done) to.warning(fmt::format("groups are not in the log again yet: {}", done.error().message()));
    });
}

void group_book::keep(const std::string& name) {
  unkept_.insert(name);
  keep_all();
}

void group_book::keep_all() {
  for (auto name = unkept_.begin(); name != unkept_.end();) {
    if (const auto group = groups_.find(*name); group == groups_.end()) {
      if (!services_.catalog.groups().remove(*name, services_.own_log)) return;
    } else {
      const auto& record = group->second;
      const auto kept = services_.catalog.groups().keep(
          {record.name, services_.own_log, record.version, delivery::reached(record), delivery::encode(record)});
      if (!kept) {
        if (!std::exchange(told_unkept_, true))
          services_.to.warning(fmt::format("the group {} is not in the catalog, only in the log: {}", record.name,
                                           kept.error().message()));
        return;
      }
    }
    name = unkept_.erase(name);
  }
  told_unkept_ = false;
}

std::vector<delivery::group_record> group_book::all() const {
  std::vector<delivery::group_record> list;
  list.reserve(groups_.size());
  for (const auto& [name, record] : groups_)
    list.push_back(record);
  return list;
}

void take_group_event(const wire::event_view& event, const std::string& group,
                      std::optional<delivery::group_record>& last) {
  if (event.type == removed_type && as_text(event.value) == group) last.reset();
  if (event.type != group_type) return;
  auto record = delivery::decode_group_record(shared_bytes::copy(event.value));
  if (record && record->name == group) last = std::move(*record);
}

} // namespace weft::actors
