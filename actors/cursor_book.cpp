#include "actors/cursor_book.hpp"

#include "actors/cursor_topic.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

constexpr std::string_view cursor_type = "weft.cursor";
constexpr std::string_view removed_type = "weft.cursor-removed";

std::string text_in(const json& event, const char* field) {
  if (!event.is_object()) return {};
  const auto found = event.find(field);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What an event of the topic says: whose cursor, and how far it is.
std::optional<std::pair<std::pair<std::string, std::string>, log_position>> cursor_in(const json& event) {
  const auto opening = parse_epoch(text_in(event, "epoch"));
  if (!opening) return std::nullopt;
  const auto at = event.find("seq");
  if (at == event.end() || !at->is_number_unsigned()) return std::nullopt;
  return {{{text_in(event, "name"), text_in(event, "pattern")}, {*opening, seq{at->get<std::uint64_t>()}}}};
}

std::string key_text(const std::string& name, const std::string& pattern) { return name + " " + pattern; }

} // namespace

result<void> cursor_book::load(bool catalog_lost) {
  if (catalog_lost) {
    auto loaded = load_from_log({});
    tell_leases();
    return loaded ? copy_to_catalog() : loaded;
  }
  const auto known = services_.catalog.cursors().list();
  if (!known) return fail(known.error());
  log_position newest;
  for (const auto& record : *known) {
    if (record.log != services_.own_log) continue;
    auto& cursor = cursors_[{record.name, record.topic}];
    cursor.until = record.until;
    cursor.used = record.updated;
    newest = std::max(newest, record.until);
  }
  auto loaded = load_from_log(newest); // what the catalog could not keep was published behind all that it has
  std::set<std::string> in_catalog;
  for (const auto& record : *known)
    in_catalog.insert(record.name);
  if (loaded) loaded = forget_removed(in_catalog);
  tell_leases();
  return loaded;
}

/// A catalog from before a name was deleted has it yet. What came under it since is kept with the next that moves.
result<void> cursor_book::forget_removed(const std::set<std::string>& in_catalog) {
  for (const auto& name : removed_) {
    if (!in_catalog.contains(name)) continue;
    if (const auto forgotten = services_.catalog.cursors().remove(name); !forgotten) return fail(forgotten.error());
  }
  return {};
}

void cursor_book::tell_leases() {
  std::vector<published_cursor> known;
  for (const auto& [key, cursor] : cursors_)
    if (cursor.until) known.push_back({{key.first, key.second}, *cursor.until, 0, cursor.used});
  const auto state = services_.log.state();
  services_.leases.published(known, {state.epoch, state.synced_end});
}

/// The cursors that were published at or after a position.
result<void> cursor_book::load_from_log(log_position since) {
  return each_cursor_event(services_, since, [this](const wire::event_view& event) {
    const auto value = json::parse(as_text(event.value), nullptr, false);
    if (event.type == removed_type) {
      const auto name = text_in(value, "name");
      removed_.insert(name);
      cursors_.erase({name, text_in(value, "pattern")});
      return;
    }
    const auto said = cursor_in(value);
    if (!said) return;
    auto& cursor = cursors_[said->first];
    if (cursor.until && said->second < *cursor.until) return;
    cursor.until = said->second;
    cursor.used = std::max(cursor.used, event.time);
    cursor.to_keep = true;
  });
}

result<void> cursor_book::copy_to_catalog() {
  std::vector<catalog::cursor_record> records;
  for (const auto& [key, cursor] : cursors_)
    if (cursor.until) records.push_back({key.first, services_.own_log, key.second, *cursor.until, 0, cursor.used});
  return services_.catalog.cursors().keep(records);
}

result<std::optional<log_position>> cursor_book::take(const std::string& name, const std::string& pattern,
                                                      const cursor_consumer& by) {
  if (!cursors_.contains({name, pattern}))
    if (const auto* other = pattern_of(name))
      return fail(errc::invalid_argument,
                  fmt::format("the named subscription {} reads '{}': go on with that pattern, or take another name for "
                              "'{}'",
                              name, *other, pattern));
  auto& cursor = cursors_[{name, pattern}];
  if (cursor.consumer)
    return fail(errc::busy, fmt::format("the named subscription {} is in use by {}: stop that one or take another name",
                                        name, *cursor.consumer));
  cursor.consumer = by.who;
  cursor.token = by.token;
  cursor.name_gone = by.name_gone;
  services_.leases.use({name, pattern});
  return cursor.until;
}

/// What the name has read or reads; null: it is free.
const std::string* cursor_book::pattern_of(const std::string& name) const {
  for (auto item = cursors_.lower_bound({name, {}}); item != cursors_.end() && item->first.first == name; ++item)
    if (item->second.until || item->second.consumer) return &item->first.second;
  return nullptr;
}

void cursor_book::commit(const std::string& name, const std::string& pattern, std::uint64_t token, log_position until) {
  const auto found = cursors_.find({name, pattern});
  if (found == cursors_.end() || found->second.token != token) return;
  auto& cursor = found->second;
  if (cursor.until && until <= *cursor.until) return;
  cursor.until = until;
  cursor.moved = true;
}

void cursor_book::release(const std::string& name, const std::string& pattern, std::uint64_t token) {
  const auto found = cursors_.find({name, pattern});
  if (found == cursors_.end() || found->second.token != token) return;
  found->second.consumer.reset();
  found->second.name_gone = nullptr;
  services_.leases.unused({name, pattern}, found->second.until.has_value());
  if (!found->second.until) cursors_.erase(found); // names that come and go leave nothing behind
}

void cursor_book::remove(const std::string& name, bool force, const std::function<void(result<void>)>& done) {
  if (!has(name))
    return done(fail(errc::not_found, fmt::format("the log of {} knows no group and no named subscription {}: `weft "
                                                  "groups` lists them",
                                                  services_.facts.name, name)));
  const auto first = cursors_.lower_bound({name, {}});
  auto last = first;
  for (; last != cursors_.end() && last->first.first == name; ++last)
    if (last->second.consumer && !force)
      return done(fail(errc::busy, fmt::format("the named subscription {} is in use by {}: stop that one, or say "
                                               "--force",
                                               name, *last->second.consumer)));
  if (const auto removed = services_.catalog.cursors().remove(name); !removed)
    return done(fail(removed.error().within("the named subscription stays: the catalog can't forget it now")));
  std::vector<cursor_event> events;
  for (auto at = first; at != last; ++at) {
    const auto& pattern = at->first.second;
    const auto value = json{{"name", name}, {"pattern", pattern}}.dump();
    events.push_back({removed_type, key_text(name, pattern), shared_bytes::copy(as_bytes(value))});
    if (at->second.name_gone)
      at->second.name_gone(
          error(errc::cursor_moved, fmt::format("an operator deleted the named subscription {}", name)));
  }
  cursors_.erase(first, last);
  services_.leases.forget(name);
  append_cursor_events(services_, events, [&leases = services_.leases, name, done](result<void> appended) {
    leases.forget(name); // a cursor of it may have been on its way to the disk
    done(std::move(appended));
  });
}

void cursor_book::publish() {
  std::vector<const std::pair<const cursor_key, place>*> moved;
  std::vector<catalog::cursor_record> records;
  const auto now = services_.clock.wall();
  for (auto& item : cursors_) {
    auto& cursor = item.second;
    if (cursor.moved) {
      moved.push_back(&item);
      cursor.used = now;
    }
    cursor.to_keep = cursor.to_keep || cursor.moved;
    cursor.moved = false;
    if (cursor.to_keep)
      records.push_back({item.first.first, services_.own_log, item.first.second, *cursor.until, 0, cursor.used});
  }
  if (moved.empty()) return;
  append(moved);
  if (const auto kept = services_.catalog.cursors().keep(records); !kept)
    return services_.to.warning(
        fmt::format("cursors are not in the catalog, only in the log: {}", kept.error().message()));
  for (auto& item : cursors_)
    item.second.to_keep = false;
}

bool cursor_book::note_use() {
  bool any = false;
  for (auto& [key, cursor] : cursors_) {
    if (!cursor.consumer) continue;
    any = true;
    cursor.moved = cursor.moved || cursor.until;
  }
  publish();
  return any;
}

/// With the time at which each was known to be in use: this is none.
void cursor_book::publish_again() {
  std::vector<const std::pair<const cursor_key, place>*> known;
  for (const auto& item : cursors_)
    if (item.second.until) known.push_back(&item);
  if (!known.empty()) append(known);
}

void cursor_book::append(const std::vector<const std::pair<const cursor_key, place>*>& moved) {
  std::vector<cursor_event> events;
  events.reserve(moved.size());
  std::vector<published_cursor> published;
  for (const auto* item : moved) {
    const auto& [name, pattern] = item->first;
    const auto at = *item->second.until;
    const auto value =
        json{{"name", name}, {"pattern", pattern}, {"epoch", to_string(at.epoch)}, {"seq", at.seq.value()}}.dump();
    const auto used = item->second.used == wall_time{} ? services_.clock.wall() : item->second.used;
    published.push_back({{name, pattern}, at, 0, used});
    events.push_back({cursor_type, key_text(name, pattern), shared_bytes::copy(as_bytes(value)), used});
  }
  append_cursor_events(services_, events, [&services = services_, published](const result<void>& done) {
    if (!done) return services.to.warning(fmt::format("cursors are not in the log: {}", done.error().message()));
    const auto state = services.log.state();
    services.leases.published(published, {state.epoch, state.synced_end});
  });
}

std::vector<cursor_facts> cursor_book::all() const {
  std::vector<cursor_facts> list;
  list.reserve(cursors_.size());
  for (const auto& [key, cursor] : cursors_)
    list.push_back({key.first, key.second, cursor.until, cursor.consumer.has_value(), cursor.consumer.value_or("")});
  return list;
}

} // namespace weft::actors
