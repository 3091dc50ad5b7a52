#include "gui/core/demo_contracts.hpp"

#include "gui/core/limits.hpp"

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

json row_of(const version& of, std::size_t place) {
  json row{{"topic", of.topic},
           {"id", of.id},
           {"root", of.root},
           {"holds", of.holds},
           {"added_us", 1'799'000'000 * limits::second + static_cast<time_us>(place) * 37 * limits::hour}};
  if (of.holds) row["compatibility"] = of.topic == "retail.orders" ? "backward" : "none";
  if (of.holds) row["on_broken"] = "refuse";
  return row;
}

} // namespace

std::string demo_contract_of(std::string_view topic, std::uint64_t number) {
  std::string_view found;
  for (const auto& one : versions) // one in nine publishers is not of the last version yet
    if (one.topic == topic && (!one.holds || number % 9 != 0)) found = one.id;
  return std::string(found);
}

result<std::string> demo_contract(std::string_view question, const std::string& topic, const std::string& id) {
  auto rows = json::array();
  for (std::size_t i = 0; i < versions.size(); ++i) {
    auto row = row_of(versions[i], i);
    if (question == "contracts.show" &&
        (id.empty() ? versions[i].topic == topic && versions[i].holds : versions[i].id == id)) {
      row["schema"] = versions[i].schema;
      row["rules"] = versions[i].rules;
      return row.dump();
    }
    if (topic.empty() || topic == versions[i].topic) rows.push_back(std::move(row));
  }
  if (question == "contracts.list") return json{{"contracts", rows}, {"total", rows.size()}}.dump();
  if (question == "contracts.show") return fail(errc::not_found, fmt::format("there is no contract {}{}", topic, id));
  return fail(errc::unsupported, fmt::format("a made-up mesh does not answer {}", question));
}

} // namespace weft::monitor
