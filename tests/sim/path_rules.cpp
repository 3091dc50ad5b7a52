#include "tests/sim/path_rules.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>

namespace weft::sim {

path_rule path_rules::remove(rule_id id) {
  const auto found = std::ranges::find(rules_, id, &entry::id);
  WEFT_ASSERT(found != rules_.end());
  auto rule = std::move(found->rule);
  rules_.erase(found);
  return rule;
}

std::uint32_t path_rules::blocks(host_index from, host_index to) const noexcept {
  return count(path_effect::cut, from, to) + count(path_effect::clog, from, to);
}

std::uint32_t path_rules::count(path_effect effect, host_index from, host_index to) const noexcept {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      rules_, [&](const entry& e) { return e.rule.effect == effect && e.rule.covers(from, to); }));
}

} // namespace weft::sim
