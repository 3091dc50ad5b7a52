// sdk/inspect/cut_creation.hpp: makes a cut through the logs of all nodes that answer.
#pragma once
#include "mesh/base/result.hpp"
#include "weft/client.hpp"

#include <optional>
#include <string>

namespace weft::inspect {

struct cut_wish {
  std::string name;
  std::string pattern = ">";               ///< of the topics that it holds
  std::optional<microseconds> lease{};     ///< by default limits::cut_lease
  std::optional<wall_time> at{};           ///< a time that has passed; by default now
  std::chrono::seconds answers_within{10}; ///< of each question; then those that have not answered are absent
};

/// Asks all logs, places the cut above their answers, and waits until each has gone above it. What any of them has
/// acknowledged before the call is in it, what is published there after it is not.
/// @returns the cut as JSON
/// @error as cut_desk::answer
/// @error errc::not_connected  no log answered: nothing was made
[[nodiscard]] result<std::string> create_cut(client& node, const cut_wish& wish);

} // namespace weft::inspect
