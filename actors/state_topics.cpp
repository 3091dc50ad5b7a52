#include "actors/state_topics.hpp"

#include "mesh/base/limits.hpp"

namespace weft::actors {
namespace {

using nlohmann::json;

constexpr std::string_view gone = R"({"gone":true})";

std::string key_of(const state_topic& of, const json& row) {
  std::string key;
  for (const auto field : of.key) {
    const auto value = row.value(std::string(field), json());
    if (!key.empty()) key += '/';
    if (value.is_string()) key += value.get<std::string>();
  }
  return key;
}

} // namespace

std::span<const state_topic> state_topics() {
  using enum state_kind;
  static const std::vector<state_topic> all{
      {nodes, "_weft.nodes", "weft.node", "nodes", {"name"}, {"state_s", "self", "linked", "neighbor", "head"}},
      {links, "_weft.links", "weft.link", "links", {"name"}},
      {flows, "_weft.flows", "weft.flow", "flows", {"from", "to", "pattern", "name"}},
      {logs, "_weft.logs", "weft.log", "", {"name"}},
      {groups, "_weft.groups", "weft.group-state", "groups", {"name"}},
      {lag, "_weft.lag", "weft.lag", "lag", {"name", "topic"}}};
  return all;
}

/// A node speaks for itself. Of others it says who can't; flows of these topics would be news of themselves.
bool state_rows::is_told(const json& row, const std::string& node) const {
  if (of_->kind == state_kind::nodes)
    return row.value("name", json()) == node ||
           (row.value("state", json()) != "alive" && row.value("state", json()) != "left");
  if (of_->kind != state_kind::flows) return true;
  const auto pattern = row.value("pattern", json());
  return !pattern.is_string() || !pattern.get<std::string>().starts_with("_weft.");
}

std::vector<state_rows::event> state_rows::changes(const json& document, const std::string& node, bool whole) {
  std::map<std::string, std::string> now;
  const auto rows = of_->list.empty() ? json::array({document}) : document.value(std::string(of_->list), json::array());
  for (auto row : rows) {
    if (now.size() == limits::telemetry_rows_max) break;
    if (!row.is_object() || !is_told(row, node)) continue;
    for (const auto field : of_->left_out)
      row.erase(std::string(field));
    now.insert_or_assign(key_of(*of_, row), row.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  std::vector<event> news;
  for (const auto& [key, value] : now) {
    const auto before = told_.find(key);
    if (whole || before == told_.end() || before->second != value) news.push_back({key, value});
  }
  for (const auto& [key, value] : told_)
    if (!now.contains(key)) news.push_back({key, std::string(gone)});
  told_ = std::move(now);
  return news;
}

} // namespace weft::actors
