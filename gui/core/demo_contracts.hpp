// gui/core/demo_contracts.hpp: contracts of a made-up mesh, two topics with some versions each.
#pragma once
#include "gui/core/limits.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

struct demo_version {
  std::string topic, id, root, schema, rules;
  bool holds = false;
  std::string compatibility{}, on_broken{}; ///< of the one that holds
  time_us added = 0;
};

/// Remembers what was added and removed, though events go on by those that were there.
class demo_contracts {
public:
  demo_contracts();
  /// Answers contracts.list, show, add and remove as a node does; what it compares are the fields, no rules.
  /// @param arguments JSON @error errc::not_found, errc::unsupported, errc::invalid_argument
  [[nodiscard]] result<std::string> answer(std::string_view question, std::string_view arguments, time_us now);

private:
  [[nodiscard]] demo_version* held(const std::string& topic);
  [[nodiscard]] result<std::string> add(demo_version next, bool dry_run);

  std::vector<demo_version> versions_; // of each topic the oldest first
};

/// The id of the contract that the n-th event of a topic met; empty: it has none.
[[nodiscard]] std::string demo_contract_of(std::string_view topic, std::uint64_t number);

} // namespace weft::monitor
