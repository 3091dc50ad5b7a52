#include "tests/bench/figures.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

namespace weft::bench {
namespace {

nlohmann::json document(const std::vector<figure>& all) {
  auto rows = nlohmann::json::array();
  for (const auto& item : all) {
    nlohmann::json row{{"name", item.name}, {"value", item.value}, {"unit", item.unit},
                       {"limit", nullptr},  {"ratio", nullptr},    {"limit_is", item.limit_is}};
    if (item.limit) {
      row["limit"] = *item.limit;
      if (*item.limit > 0) row["ratio"] = item.value / *item.limit;
    }
    rows.push_back(std::move(row));
  }
  return {{"figures", std::move(rows)}};
}

} // namespace

void figures::print(int argc, char** argv) const {
  const bool json = std::any_of(argv + 1, argv + argc, [](std::string_view argument) { return argument == "--json"; });
  if (json) {
    fmt::print("{}\n", document(all_).dump(2));
    return;
  }
  for (const auto& item : all_) {
    fmt::print("{:100}  {:>14.1f} {:10}", item.name, item.value, item.unit);
    if (item.limit) fmt::print("  limit {:>14.1f}", *item.limit);
    if (item.limit && *item.limit > 0) fmt::print("  ratio {:.2f}", item.value / *item.limit);
    if (!item.limit_is.empty()) fmt::print("  ({})", item.limit_is);
    fmt::print("\n");
  }
}

} // namespace weft::bench
