#include "actors/group_book.hpp"

#include "actors/cursor_topic.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

constexpr std::string_view group_type = "weft.group";

} // namespace

result<void> group_book::load(bool catalog_lost) {
  log_position newest;
  if (!catalog_lost) {
    const auto rows = services_.catalog.groups().list();
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      if (row.log != services_.own_log) continue;
      auto record = delivery::decode_group_record(row.record);
      if (!record) return fail(record.error().within("the catalog's record of the group " + row.name));
      newest = std::max(newest, row.reached);
      learn(std::move(*record));
    }
  }
  // What the catalog could not keep was published behind all that it has.
  return each_cursor_event(services_, newest, [this](const wire::event_view& event) {
    if (event.type != group_type) return;
    auto record = delivery::decode_group_record(shared_bytes::copy(event.value));
    if (record)
      learn(std::move(*record));
    else
      services_.to.warning(fmt::format("an event of {} is passed over: {}", cursors_topic, record.error().message()));
  });
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

void group_book::save(const delivery::group_record& record, std::function<void(result<void>)> done) {
  learn(record);
  append_cursor_events(services_, {{group_type, "group " + record.name, delivery::encode(record)}}, std::move(done));
}

void group_book::keep(const delivery::group_record& record) {
  const catalog::group_row row{record.name, services_.own_log, record.version, delivery::reached(record),
                               delivery::encode(record)};
  if (const auto kept = services_.catalog.groups().keep(row); !kept)
    services_.to.warning(
        fmt::format("the group {} is not in the catalog, only in the log: {}", record.name, kept.error().message()));
}

std::vector<delivery::group_record> group_book::all() const {
  std::vector<delivery::group_record> list;
  list.reserve(groups_.size());
  for (const auto& [name, record] : groups_)
    list.push_back(record);
  return list;
}

} // namespace weft::actors
