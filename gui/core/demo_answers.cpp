#include "gui/core/demo_answers.hpp"

#include "gui/core/demo_replay.hpp"
#include "gui/core/figures.hpp"
#include "gui/core/limits.hpp"
#include "gui/core/replay_question.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::monitor {
namespace {

using nlohmann::json;

constexpr std::string_view epoch = "1-de30"; // of all logs: a place in it is an offset of the topic asked for

std::string place(const std::string& node, std::uint64_t at) { return fmt::format("{}/{}/{}", node, epoch, at); }

/// Text of an argument, or nothing.
std::string text_in(const json& asked, const char* name) {
  const auto found = asked.find(name);
  return found != asked.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json node_rows(const std::vector<std::string>& logs) {
  auto rows = json::array();
  for (const auto& log : logs)
    rows.push_back(
        {{"node", log}, {"state", "answered"}, {"unknown_since_us", nullptr}, {"code", 0}, {"why", nullptr}});
  return rows;
}

const group_view* find_group(const snapshot& now, const std::string& name) {
  const auto found = std::ranges::find(now.groups, name, &group_view::name);
  return found == now.groups.end() ? nullptr : &*found;
}

const lag_view* lag_of(const snapshot& now, const std::string& group, const std::string& log) {
  const auto found =
      std::ranges::find_if(now.lag, [&](const auto& row) { return row.group == group && row.log == log; });
  return found == now.lag.end() ? nullptr : &*found;
}

json described(const snapshot& now, const group_view& group) {
  auto logs = json::array(), members = json::array();
  for (const auto& log : group.logs) {
    const auto* lag = lag_of(now, group.name, log);
    logs.push_back({{"log", log},
                    {"position", place(log, lag == nullptr ? 0 : lag->processed)},
                    {"unknown_since_us", nullptr},
                    {"kind", group.kind},
                    {"pattern", group.pattern}});
  }
  for (std::uint32_t i = 0; i < group.members && !group.logs.empty(); ++i)
    members.push_back(
        {{"log", group.logs[i % group.logs.size()]}, {"consumer", group.name + "-service"}, {"state", "here"}});
  return {{"name", group.name}, {"kind", "group"},        {"pattern", group.pattern},
          {"logs", logs},       {"member_list", members}, {"nodes", node_rows(group.logs)}};
}

/// How many letters a group has; most have none.
std::size_t letters_of(const snapshot& now, const std::string& group) {
  const auto* known = find_group(now, group);
  if (known == nullptr) return 0;
  const auto place_of = static_cast<std::size_t>(known - now.groups.data());
  return place_of % 3 == 0 || group == "packers" ? 7 + place_of * 29 % 61 : 0;
}

constexpr std::array<std::string_view, 4> causes{
    "the handler rejected it: no such article", "the handler failed: the ledger is closed for the day",
    "the handler failed: quantity is below the stock", "the handler failed: connection to the printer was refused"};

json letter_row(const snapshot& now, const std::string& group, std::size_t number, bool parked) {
  const auto& logs = find_group(now, group)->logs;
  const auto log = logs.empty() ? std::string("nowhere") : logs[number % logs.size()];
  const auto* lag = lag_of(now, group, log);
  const auto began = now.at - now.at % limits::minute - static_cast<time_us>(number + 2) * limits::minute;
  json row{{"log", log},
           {"position", place(log, 900'000'000 + number)},
           {"of", place(log, 100'000 + number * 31)},
           {"topic", lag == nullptr ? std::string("retail.orders") : lag->topic},
           {"type", "changed"},
           {"key", fmt::format("A{}", 1000 + number * 7919 % 977)},
           {"cause", causes[number % causes.size()]},
           {"deliveries", parked            ? "2"
                          : number % 4 == 0 ? "1"
                                            : "5"},
           {"rejected", number % 4 == 0},
           {"first", figures::utc(began + 7'104'000)},
           {"last", figures::utc(began + 41'377'000)},
           {"bytes", 120 + number * 13 % 400},
           {"unknown_since_us", nullptr}};
  if (parked) row["events"] = 1 + number * 17 % 240;
  return row;
}

std::string settled_name(const std::string& group, const json& row, bool parked) {
  return group + (parked ? fmt::format("/parked/{}/{}", row.value("log", ""), row.value("key", ""))
                         : "/" + row.value("position", ""));
}

json letters(const snapshot& now, const std::string& group, const std::set<std::string>& settled, bool parked) {
  auto rows = json::array();
  const auto all = parked ? letters_of(now, group) / 9 : letters_of(now, group);
  for (std::size_t i = 0; i < all; ++i)
    if (auto row = letter_row(now, group, i, parked); !settled.contains(settled_name(group, row, parked)))
      rows.push_back(std::move(row));
  const auto* known = find_group(now, group);
  const auto total = rows.size();
  return {{parked ? "parked" : "letters", std::move(rows)},
          {"total", total},
          {"nodes", node_rows(known == nullptr ? std::vector<std::string>() : known->logs)}};
}

/// A row for each log of the group, or for that of the position alone which is asked for.
json results(const group_view& group, const json& asked, const json& row) {
  const auto position = parse_position(text_in(asked.value("to", json::object()), "position"));
  auto rows = json::array();
  for (const auto& log : group.logs) {
    if (position && log != position->node) continue;
    auto one = row;
    one["log"] = log;
    one["done"] = true;
    rows.push_back(std::move(one));
  }
  return {{"results", std::move(rows)}, {"nodes", node_rows(group.logs)}};
}

json sought(const snapshot& now, const group_view& group, const json& asked) {
  const auto to = asked.value("to", json::object());
  const auto position = parse_position(text_in(to, "position"));
  auto made = results(group, asked, {{"name", group.name}});
  for (auto& row : made["results"]) {
    const auto log = text_in(row, "log");
    const auto* lag = lag_of(now, group.name, log);
    const auto end = lag == nullptr ? 0 : lag->end;
    row["position"] = position ? text_in(to, "position") : place(log, text_in(to, "kind") == "end" ? end : 0);
  }
  return made;
}

/// Each log settles its own letters.
json settle(const json& asked, const std::string& group, std::set<std::string>& settled) {
  std::map<std::string, int> by_log;
  for (const auto& item : asked.value("positions", json::array())) {
    const auto text = item.is_string() ? item.get<std::string>() : std::string();
    settled.insert(fmt::format("{}/{}", group, text));
    ++by_log[text.substr(0, text.find('/'))];
  }
  auto rows = json::array();
  for (const auto& [log, count] : by_log)
    rows.push_back({{"log", log}, {"done", true}, {"letters", count}});
  return {{"results", std::move(rows)}};
}

json default_settings(const std::string& topic) {
  return {{"ack", "synced"},
          {"codec", "none"},
          {"compaction", false},
          {"compaction_after", 0.0},
          {"description", "what happens in " + topic.substr(topic.rfind('.') + 1)},
          {"replicas", 2},
          {"retention_bytes", nullptr},
          {"retention_time", 604800.0},
          {"retention_until", nullptr},
          {"tombstones", 86400.0}};
}

json cut_rows(const snapshot& now, std::map<std::string, time_us> made, const std::set<std::string>& gone) {
  auto rows = json::array();
  const auto hour = now.at / limits::hour * limits::hour;
  made.insert({{"end-of-day", hour - 9 * limits::hour}, {"before-release", hour}});
  for (const auto& [name, at] : made)
    if (!gone.contains(name))
      rows.push_back({{"name", name},
                      {"state", "made"},
                      {"pattern", ">"},
                      {"at_us", at},
                      {"author", now.nodes.empty() ? "" : now.nodes.front().name},
                      {"lease_until_us", at + time_us{7} * 24 * limits::hour}});
  return {{"cuts", std::move(rows)}};
}

} // namespace

result<std::string> demo_answers::ask(std::string_view question, std::string_view arguments) {
  const std::lock_guard lock(mutex_);
  const auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object()) return fail(errc::invalid_argument, "the arguments are not a JSON object");
  const auto now = mesh_.latest();
  const auto name = text_in(asked, asked.contains("group") ? "group" : "name");
  if (question == "nodes")
    return json{{"nodes",
                 {{{"name", now->nodes.empty() ? "" : now->nodes.front().name},
                   {"self", true},
                   {"roles", "storage,relay,issuer,admin"}}}}}
        .dump();
  if (question == replay_question) return demo_replay(*now, arguments, replayed_);
  if (question == "cuts.list") return cut_rows(*now, cuts_made_, cuts_gone_).dump();
  if (question == "cuts.create") {
    cuts_made_[name] = now->at;
    cuts_gone_.erase(name);
    return json{{"name", name}, {"state", "made"}}.dump();
  }
  if (question == "cuts.delete") {
    cuts_gone_.insert(name);
    return json{{"name", name}, {"deleted", true}}.dump();
  }
  if (question.starts_with("contracts.")) return contracts_.answer(question, arguments, now->at);
  if (question.starts_with("topics.")) {
    auto kept = settings_.contains(name) ? json::parse(settings_[name]) : default_settings(name);
    if (question != "topics.describe") kept.update(asked.value("settings", json::object()));
    if (question != "topics.describe") settings_[name] = kept.dump();
    return json{{"name", name}, {"settings", kept}}.dump();
  }
  if (question == "mesh.letters.list" || question == "mesh.letters.parked")
    return letters(*now, name, settled_, question.ends_with("parked")).dump();
  if (question == "mesh.letters.replay" || question == "mesh.letters.drop") return settle(asked, name, settled_).dump();
  const auto* group = find_group(*now, name);
  if (group == nullptr && question.starts_with("mesh.groups."))
    return fail(errc::not_found, fmt::format("no log knows a group {}", name));
  if (question == "mesh.groups.describe") return described(*now, *group).dump();
  if (question == "mesh.groups.seek") return sought(*now, *group, asked).dump();
  if (question == "mesh.groups.unpark") {
    auto made = results(*group, asked, {{"keys", 1}, {"key", text_in(asked, "key")}});
    for (const auto& row : made["results"])
      settled_.insert(settled_name(name, row, true));
    return made.dump();
  }
  if (question == "mesh.groups.move") return results(*group, asked, {{"home", text_in(asked, "node")}}).dump();
  if (question == "mesh.groups.delete") return results(*group, asked, {{"deleted", true}}).dump();
  return fail(errc::unsupported, fmt::format("a made-up mesh does not answer {}", question));
}

std::optional<event_row> demo_answers::event_at(const event_query& what) const {
  const auto at = parse_position(what.position);
  if (!at || what.position != place(at->node, at->at.seq.value())) return std::nullopt;
  event_row made;
  made.node = at->node;
  made.position = what.position;
  made.topic = what.pattern;
  made.topic_offset = at->at.seq.value();
  made.type = "changed";
  made.time = made.logged_at = mesh_.latest()->at - limits::minute;
  constexpr std::string_view letters_topic = "_weft.dead-letters.";
  if (!what.pattern.starts_with(letters_topic)) return made;
  const auto now = mesh_.latest();
  const auto group = what.pattern.substr(letters_topic.size());
  if (find_group(*now, group) == nullptr) return std::nullopt;
  const auto row = letter_row(*now, group, made.topic_offset % 1000, false);
  made.key = text_in(row, "key");
  for (const auto* header : {"of", "topic", "cause", "deliveries", "first", "last"})
    made.headers.emplace_back(std::string("weft-") + (std::string_view(header) == "of" ? "position" : header),
                              text_in(row, header));
  made.value = fmt::format(R"({{"id":"{}","quantity":{},"price":{}.50,"shop":"north"}})", made.key,
                           1 + made.topic_offset % 7, made.topic_offset % 90);
  return made;
}

} // namespace weft::monitor
