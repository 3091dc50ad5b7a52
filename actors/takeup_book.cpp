#include "actors/takeup_book.hpp"

#include "actors/cursor_topic.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

constexpr std::string_view taken_type = "weft.group-taken-up";
constexpr std::string_view over_type = "weft.group-taken-over"; // the value is the key

std::string text_of(const takeup_book::key& of) {
  return fmt::format("taken-up {} {}", of.second, to_string(of.first));
}

takeup_book::key key_of(const delivery::group_record& record) { return {record.takeup->log, record.name}; }

cursor_event event_of(const delivery::group_record& record) {
  return {taken_type, text_of(key_of(record)), delivery::encode(record)};
}

} // namespace

result<void> takeup_book::load(bool catalog_lost) {
  auto rows = catalog_lost ? std::vector<catalog::group_row>{} : services_.catalog.groups().list();
  if (!rows) return fail(rows.error());
  for (const auto& row : *rows) {
    if (row.log == services_.own_log) continue;
    auto record = delivery::decode_group_record(row.record);
    if (!record || !record->takeup) continue; // the log has it
    learn(std::move(*record));
  }
  auto loaded = each_cursor_event(services_, {}, [this](const wire::event_view& event) {
    if (event.type == over_type)
      std::erase_if(records_, [&](const auto& item) {
        if (text_of(item.first) != as_text(event.value)) return false;
        unkept_.insert(item.first);
        return true;
      });
    if (event.type != taken_type) return;
    auto record = delivery::decode_group_record(shared_bytes::copy(event.value));
    if (!record || !record->takeup)
      return services_.to.warning(
          fmt::format("an event of {} is passed over: it is no group that was taken up", cursors_topic));
    unkept_.insert(key_of(*record));
    learn(std::move(*record));
  });
  keep_all();
  return loaded;
}

void takeup_book::learn(delivery::group_record record) {
  auto& known = records_[key_of(record)];
  if (record.version > known.version || known.name.empty()) known = std::move(record);
}

std::optional<delivery::group_record> takeup_book::find(const key& of) const {
  const auto found = records_.find(of);
  return found == records_.end() ? std::nullopt : std::optional(found->second);
}

void takeup_book::save(const delivery::group_record& record, const std::function<void(result<void>)>& done) {
  learn(record);
  append_cursor_events(services_, {event_of(record)}, done);
}

void takeup_book::keep(const key& of) {
  unkept_.insert(of);
  keep_all();
}

void takeup_book::forget(const key& of) {
  if (records_.erase(of) == 0) return;
  const auto text = text_of(of);
  append_cursor_events(services_, {{over_type, text, shared_bytes::copy(as_bytes(text))}},
                       [&to = services_.to](const result<void>& done) {
                         if (!done)
                           to.warning(
                               fmt::format("that a group is given back is not in the log: {}", done.error().message()));
                       });
  keep(of);
}

void takeup_book::keep_all() {
  for (auto of = unkept_.begin(); of != unkept_.end();) {
    const auto found = records_.find(*of);
    if (found == records_.end()) {
      if (const auto removed = services_.catalog.groups().remove(of->second, of->first); !removed)
        return services_.to.warning(fmt::format("the group {}, which went on at a copy here, is still in the catalog, "
                                                "though not in the log: {}",
                                                of->second, removed.error().message()));
    } else {
      const auto& record = found->second;
      const auto kept = services_.catalog.groups().keep(
          {record.name, of->first, record.version, delivery::reached(record), delivery::encode(record)});
      if (!kept)
        return services_.to.warning(fmt::format("the group {}, which goes on at a copy here, is not in the catalog, "
                                                "only in the log: {}",
                                                record.name, kept.error().message()));
    }
    of = unkept_.erase(of);
  }
}

void takeup_book::publish_again() const {
  std::vector<cursor_event> events;
  for (const auto& [of, record] : records_)
    events.push_back(event_of(record));
  if (!events.empty())
    append_cursor_events(services_, events, [&to = services_.to](const result<void>& done) {
      if (!done)
        to.warning(
            fmt::format("groups that go on at copies here are not in the log again yet: {}", done.error().message()));
    });
}

std::vector<delivery::group_record> takeup_book::all() const {
  std::vector<delivery::group_record> list;
  for (const auto& [of, record] : records_)
    list.push_back(record);
  return list;
}

} // namespace weft::actors
