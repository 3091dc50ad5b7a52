#include "gui/core/demo_contracts.hpp"

#include "gui/core/contract_diff.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::monitor {
namespace {

using nlohmann::json;

struct version {
  std::string_view topic, id, root, schema, rules;
  bool holds;
};

constexpr std::array<version, 5> versions{
    {{"retail.orders", "2a2d6db24ce3f1905be1c7a04d9a2f6613b8a5c07e44d1f8", "Order",
      "table Order {\n  id:string (required);\n  sku:string;\n  quantity:int;\n}\nroot_type Order;\n", "quantity > 0\n",
      false},
     {"retail.orders", "7be0149a33c2d8e6f00b1c9d55a7e3811f6c2b7740d9ce15", "Order",
      "enum Channel : byte { shop, web }\ntable Order {\n  id:string (required);\n  sku:string;\n  quantity:int;\n"
      "  channel:Channel;\n  lines:[Line];\n}\ntable Line {\n  sku:string (required);\n  quantity:int = 1;\n}\n"
      "root_type Order;\n",
      "quantity > 0\n", false},
     {"retail.orders", "c41f88d05e7ab3926d10f4e7b2c95a60d3e81b97fa226c04", "Order",
      "enum Channel : byte { shop, web, phone }\ntable Order {\n  id:string (required);\n  sku:string (deprecated);\n"
      "  quantity:int;\n  channel:Channel;\n  lines:[Line];\n  customer:ulong;\n}\ntable Line {\n"
      "  sku:string (required);\n  quantity:int = 1;\n  price:double;\n}\nroot_type Order;\n",
      "quantity > 0\ncustomer > 0\n", true},
     {"retail.stock", "51e9c7702fb84a6dd3108e95b6f0a2c47d1e3b88c59f6270", "Level",
      "table Level {\n  sku:string (required);\n  place:ushort;\n  count:int;\n}\nroot_type Level;\n", "", false},
     {"retail.stock", "e8037a1dc6b52f49908de4c1733bfa05d62c9e47b81a50f3", "Level",
      "table Level {\n  sku:string (required);\n  place:uint;\n  count:long;\n}\nroot_type Level;\n", "count >= 0\n",
      true}}};

json row_of(const demo_version& of) {
  json row{{"topic", of.topic}, {"id", of.id}, {"root", of.root}, {"holds", of.holds}, {"added_us", of.added}};
  if (of.holds) row["compatibility"] = of.compatibility;
  if (of.holds) row["on_broken"] = of.on_broken;
  return row;
}

std::string text_in(const json& asked, const char* name) {
  const auto value = asked.value(name, json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// Of a made-up mesh: as long as a real one, and the same of the same text.
std::string id_of(const demo_version& of) {
  std::uint64_t sum = 14'695'981'039'346'656'037U; // FNV-1a
  for (const char one : of.topic + '\n' + of.schema + '\n' + of.rules)
    sum = (sum ^ static_cast<unsigned char>(one)) * 1'099'511'628'211U;
  return fmt::format("{:016x}{:016x}{:016x}", sum, sum * 31, sum * 17);
}

result<void> check_next(const demo_version& before, const demo_version& next) {
  const auto diff = compare_contracts(before.schema, next.schema);
  if (!diff) return fail(diff.error());
  const auto& promised = next.compatibility;
  const bool backward = promised == "backward" || promised == "full";
  const bool forward = promised == "forward" || promised == "full";
  for (const auto& change : diff->changes)
    if ((backward && change.breaks_backward) || (forward && change.breaks_forward))
      return fail(errc::invalid_argument,
                  fmt::format("{} is {}: that is not {} compatible", change.name, change.what, promised));
  return {};
}

} // namespace

std::string demo_contract_of(std::string_view topic, std::uint64_t number) {
  std::string_view found;
  for (const auto& one : versions) // one in nine publishers is not of the last version yet
    if (one.topic == topic && (!one.holds || number % 9 != 0)) found = one.id;
  return std::string(found);
}

demo_contracts::demo_contracts() {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& one = versions[i];
    versions_.push_back({std::string(one.topic), std::string(one.id), std::string(one.root), std::string(one.schema),
                         std::string(one.rules), one.holds, one.topic == "retail.orders" ? "backward" : "none",
                         "refuse", 1'799'000'000 * limits::second + static_cast<time_us>(i) * 37 * limits::hour});
  }
}

demo_version* demo_contracts::held(const std::string& topic) {
  const auto found =
      std::ranges::find_if(versions_, [&](const demo_version& one) { return one.topic == topic && one.holds; });
  return found == versions_.end() ? nullptr : &*found;
}

result<std::string> demo_contracts::add(demo_version next, bool dry_run) {
  const auto fields = contract_fields(next.schema);
  if (!fields) return fail(fields.error());
  if (!fields->empty()) next.root = fields->front().name.substr(0, fields->front().name.find('.'));
  next.id = id_of(next);
  next.holds = true;
  auto* before = held(next.topic);
  if (next.compatibility.empty()) next.compatibility = before == nullptr ? "backward" : before->compatibility;
  if (next.on_broken.empty()) next.on_broken = before == nullptr ? "refuse" : before->on_broken;
  if (before != nullptr)
    if (auto fits = check_next(*before, next); !fits) return fail(std::move(fits.error()));
  auto answer = row_of(next).dump();
  if (dry_run) return answer;
  if (before != nullptr) before->holds = false;
  std::erase_if(versions_, [&](const demo_version& one) { return one.topic == next.topic && one.id == next.id; });
  versions_.push_back(std::move(next));
  std::ranges::stable_sort(versions_, {}, &demo_version::topic);
  return answer;
}

result<std::string> demo_contracts::answer(std::string_view question, std::string_view arguments, time_us now) {
  const auto asked = json::parse(arguments, nullptr, false);
  const auto topic = text_in(asked, "topic"), id = text_in(asked, "id");
  if (question == "contracts.add") {
    demo_version next{topic, {}, {}, text_in(asked, "schema"), text_in(asked, "rules")};
    next.compatibility = text_in(asked, "compatibility"), next.on_broken = text_in(asked, "on_broken");
    next.added = now;
    return add(std::move(next), asked.value("dry_run", json(false)) == json(true));
  }
  if (question == "contracts.remove") {
    auto* of = held(topic);
    if (of == nullptr) return fail(errc::not_found, fmt::format("topic {} has no contract", topic));
    of->holds = false;
    return json{{"topic", topic}, {"removed", true}}.dump();
  }
  auto rows = json::array();
  for (const auto& one : versions_) {
    auto row = row_of(one);
    if (question == "contracts.show" && (id.empty() ? one.topic == topic && one.holds : one.id == id)) {
      row["schema"] = one.schema;
      row["rules"] = one.rules;
      return row.dump();
    }
    if (topic.empty() || topic == one.topic) rows.push_back(std::move(row));
  }
  if (question == "contracts.list") return json{{"contracts", rows}, {"total", rows.size()}}.dump();
  if (question == "contracts.show") return fail(errc::not_found, fmt::format("there is no contract {}{}", topic, id));
  return fail(errc::unsupported, fmt::format("a made-up mesh does not answer {}", question));
}

} // namespace weft::monitor
