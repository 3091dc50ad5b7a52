#include "actors/telemetry_rows.hpp"

#include "mesh/base/limits.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;
using telemetry::Kind;

std::string key_of(const row_list& of, const json& row) {
  std::string key;
  for (const auto field : of.key) {
    const auto value = row.value(std::string(field), json());
    if (!key.empty()) key += '/';
    if (value.is_string()) key += value.get<std::string>();
  }
  return key;
}

/// A node speaks for itself. Of others it says who can't, for a log that takes no writes takes no frames; flows of
/// `_weft.` topics would be news of themselves.
bool is_told(const row_list& of, const json& row, const std::string& node) {
  if (of.kind == Kind::node)
    return row.value("name", json()) == node ||
           (row.value("state", json()) != "alive" && row.value("state", json()) != "left") ||
           row.value("health", json()) == "frozen";
  if (of.kind != Kind::flow) return true;
  const auto pattern = row.value("pattern", json());
  return !pattern.is_string() || !pattern.get<std::string>().starts_with("_weft.");
}

/// Without what is a table of its own in a topic's listing. A topic that is only agreed on has no place in this log.
json flat_topic(const json& row) {
  const auto settings = row.value("settings", json::object());
  const auto copies = row.value("copies", json());
  return {{"name", row.value("name", json())},
          {"start", row.value("start", json())},
          {"end", row.value("end", json())},
          {"events", row.value("events", json())},
          {"bytes", row.value("bytes", json())},
          {"replicas", settings.value("replicas", json())},
          {"contract", settings.value("contract", json())},
          {"copies", copies.is_object() ? copies.value("copies", json()) : json(0)}};
}

/// What is null is absent: FlatBuffers' reader takes it for fields that may be absent, and for no others.
void without_nulls(json& row) {
  for (auto field = row.begin(); field != row.end();)
    field = field->is_null() ? row.erase(field) : std::next(field);
}

} // namespace

std::span<const row_list> row_lists() {
  static const std::vector<row_list> all{
      {Kind::node, "nodes", {"name"}, {"state_s", "self", "linked", "neighbor", "head"}},
      {Kind::link, "links", {"name"}},
      {Kind::flow, "flows", {"from", "to", "pattern", "name"}},
      {Kind::topic, "topics", {"name"}},
      {Kind::group, "groups", {"name"}},
      {Kind::lag, "lag", {"name", "topic"}},
      {Kind::service, "services", {"name"}}};
  return all;
}

told_rows::news told_rows::changes(const json& document, const std::string& node, bool whole) {
  std::map<std::string, std::string> now;
  const auto list = document.find(of_->name);
  const auto rows = list == document.end() || !list->is_array() ? json::array() : *list;
  for (const auto& given : rows) {
    if (now.size() == limits::telemetry_rows_max) break;
    if (!given.is_object() || !is_told(*of_, given, node)) continue;
    auto row = of_->kind == Kind::topic ? flat_topic(given) : given;
    for (const auto field : of_->left_out)
      row.erase(std::string(field));
    without_nulls(row);
    now.insert_or_assign(key_of(*of_, row), row.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  news found;
  for (const auto& [key, value] : now) {
    const auto before = told_.find(key);
    if (whole || before == told_.end() || before->second != value) found.rows.push_back(value);
  }
  for (const auto& [key, value] : told_)
    if (!whole && !now.contains(key)) found.gone.push_back(key);
  told_ = std::move(now);
  return found;
}

} // namespace weft::actors
