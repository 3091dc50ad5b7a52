#include "mesh/routing/shared_demand.hpp"

#include "mesh/base/planted_bug.hpp"

#include <algorithm>
#include <tuple>

namespace weft::routing {

std::optional<std::string> shared_key(const wire::demand& wanted) {
  if (!wanted.log || has_cursor(wanted)) return std::nullopt;
  auto same = wanted.filter; // in one order, and each test once
  std::sort(same.types.begin(), same.types.end());
  same.types.erase(std::unique(same.types.begin(), same.types.end()), same.types.end());
  std::sort(same.headers.begin(), same.headers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.op, a.value) < std::tie(b.name, b.op, b.value);
  });
  same.headers.erase(std::unique(same.headers.begin(), same.headers.end()), same.headers.end());
  if (planted(planted_bug::unequal_demands_merged)) same = {};
  const wire::demand key{.subscription = 0,
                         .log = wanted.log,
                         .pattern = wanted.pattern,
                         .start = {},
                         .time = {},
                         .at = {},
                         .filter = std::move(same),
                         .name = {},
                         .window = 0,
                         .resume = false,
                         .distance = {},
                         .source = wanted.source,
                         .topics = wanted.topics,
                         .copy = wanted.copy,
                         .synced = wanted.synced};
  const auto bytes = wire::encode(key); // the same fields always give the same bytes
  return std::string(as_text(bytes.view()));
}

} // namespace weft::routing
