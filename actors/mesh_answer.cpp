#include "actors/mesh_answer.hpp"

#include "actors/outside_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace weft::actors {
namespace {

using nlohmann::json;

/// A listing's question and its list, sorted by these fields.
struct listing {
  std::string_view what, list;
  std::vector<const char*> by{};
};
const std::vector<listing>& listings() {
  static const std::vector<listing> all{{"lag", "lag", {"name", "log", "topic"}},
                                        {"groups.list", "groups", {"name", "log"}},
                                        {"letters.list", "letters"},
                                        {"letters.parked", "parked"}};
  return all;
}

json since_of(const node_answer& one) { return one.unknown_since ? json(one.unknown_since->us) : json(); }

/// The document that counts for a node; nothing: it said none.
std::optional<json> document_of(const node_answer& one) {
  const auto* text = one.document ? &*one.document : one.last_document ? &*one.last_document : nullptr;
  if (text == nullptr) return std::nullopt;
  auto document = outside_json(*text);
  return document && document->is_object() ? std::move(document) : std::nullopt;
}

/// Its log does not know the group. Of a place in its log that the question names it says more by that.
bool knows_nothing(const node_answer& one) {
  return !one.document && one.document.error().code() == errc::not_found && !one.is_named;
}

std::string_view state_of(const node_answer& one) {
  if (one.document) return "answered";
  return knows_nothing(one) ? "none" : "unknown";
}

/// It was asked, and says something against it: its log may know the group.
bool refuses(const node_answer& one) {
  static constexpr std::array not_reached{errc::no_route, errc::timed_out, errc::not_connected, errc::unsupported,
                                          errc::cancelled};
  return !one.document && !knows_nothing(one) &&
         std::ranges::find(not_reached, one.document.error().code()) == not_reached.end();
}

json nodes_of(const std::vector<node_answer>& all) {
  auto rows = json::array();
  for (const auto& one : all) {
    json row{
        {"node", one.node}, {"state", state_of(one)}, {"unknown_since_us", nullptr}, {"code", 0}, {"why", nullptr}};
    if (!one.document) {
      row["unknown_since_us"] = since_of(one);
      row["code"] = static_cast<int>(one.document.error().code());
      row["why"] = one.document.error().message();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Adds the rows of one node's list, which says "log" and how old they are.
void add_rows(json& to, json& document, const std::string& list, const node_answer& one) {
  auto& rows = document[list];
  if (!rows.is_array()) return;
  for (auto& row : rows) {
    if (!row.is_object()) continue;
    row["log"] = one.node;
    row["unknown_since_us"] = since_of(one);
    to.push_back(std::move(row));
  }
}

/// What goes on at copies at nodes that were asked: nobody else knows of it now.
json at_copies_of(const std::vector<node_answer>& all) {
  auto rows = json::array();
  for (const auto& one : all) {
    auto document = one.document ? document_of(one) : std::nullopt;
    if (!document || !(*document)["copies"].is_array()) continue;
    for (auto& row : (*document)["copies"])
      if (row.is_object()) {
        row["served_at"] = one.node;
        rows.push_back(std::move(row));
      }
  }
  return rows;
}

json listed(const listing& of, const std::vector<node_answer>& all) {
  const std::string list(of.list);
  auto rows = json::array();
  std::uint64_t total = 0;
  bool counted = false;
  for (const auto& one : all) {
    auto document = document_of(one);
    if (!document) continue;
    if (const auto count = document->value("total", json()); count.is_number_unsigned()) {
      total += count.get<std::uint64_t>();
      counted = true;
    }
    add_rows(rows, *document, list, one);
  }
  std::stable_sort(rows.begin(), rows.end(), [&of](const json& a, const json& b) {
    for (const auto* field : of.by)
      if (const auto x = a.value(field, json()), y = b.value(field, json()); x != y) return x < y;
    return false;
  });
  json document{{list, std::move(rows)}};
  if (!of.by.empty()) document["copies"] = at_copies_of(all);
  if (counted) document["total"] = total;
  return document;
}

json described(const std::vector<node_answer>& all) {
  static constexpr std::array<const char*, 5> lists{"member_list", "shards", "failing", "leases", "repeats"};
  json whole = json::object();
  auto logs = json::array();
  std::map<std::string, json> rows;
  for (const auto* list : lists)
    rows[list] = json::array();
  for (const auto& one : all) {
    auto document = document_of(one);
    if (!document) continue;
    const bool only_at_copies = !document->contains("position"); // its log does not know the group
    for (const auto* list : lists) {
      add_rows(rows[list], *document, list, one);
      document->erase(list);
    }
    document->erase("copies");
    if (only_at_copies && document->contains("pattern")) {
      if (whole.empty()) whole = *document;
      continue;
    }
    (*document)["log"] = one.node;
    (*document)["unknown_since_us"] = since_of(one);
    logs.push_back(std::move(*document));
  }
  if (logs.size() == 1) // the group is known to one log: its facts are the group's
    whole = logs.front();
  else if (!logs.empty())
    for (const auto* field : {"name", "kind", "pattern"})
      whole[field] = logs.front().value(field, json());
  for (auto& [list, of_all] : rows)
    whole[list] = std::move(of_all);
  whole["logs"] = std::move(logs);
  whole["copies"] = at_copies_of(all);
  return whole;
}

/// Who does not know the group has nothing to change.
json changed(const std::vector<node_answer>& all) {
  auto rows = json::array();
  for (const auto& one : all) {
    if (knows_nothing(one)) continue;
    auto row = document_of(one).value_or(json::object());
    row["log"] = one.node;
    row["done"] = one.document.has_value();
    if (!one.document) {
      row["code"] = static_cast<int>(one.document.error().code());
      row["why"] = one.document.error().message();
    }
    rows.push_back(std::move(row));
  }
  return {{"results", std::move(rows)}};
}

/// What the first one said, and who could not say it.
error not_found(const std::vector<node_answer>& all) {
  std::vector<std::string> away;
  std::string said;
  std::size_t others = 0;
  for (const auto& one : all) {
    if (state_of(one) == "unknown")
      away.push_back(fmt::format("{} ({})", one.node, one.document.error().message()));
    else if (said.empty())
      said = one.document.error().message();
    else
      ++others;
  }
  if (others > 0)
    said +=
        fmt::format("; nor {} {} other {} know it", others == 1 ? "does" : "do", others, others == 1 ? "log" : "logs");
  if (!away.empty()) said += fmt::format("; not to be asked now: {}", fmt::join(away, ", "));
  return {errc::not_found, std::move(said)};
}

} // namespace

result<std::string> mesh_answer(const std::string& what, std::vector<node_answer> all) {
  for (auto& one : all)
    if (one.document && !document_of(one)) one.document = fail(errc::corrupt, "what it answered is no such document");
  if (all.size() == 1 && !all.front().document && !all.front().last_document) return fail(all.front().document.error());
  const bool any_none = std::ranges::any_of(all, [](const auto& one) { return state_of(one) == "none"; });
  const bool any_known = std::ranges::any_of(
      all, [](const auto& one) { return one.document || one.last_document.has_value() || refuses(one); });
  if (any_none && !any_known) return fail(not_found(all));
  const auto found = std::ranges::find(listings(), what, &listing::what);
  auto document = found != listings().end()   ? listed(*found, all)
                  : what == "groups.describe" ? described(all)
                                              : changed(all);
  document["nodes"] = nodes_of(all);
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace weft::actors
