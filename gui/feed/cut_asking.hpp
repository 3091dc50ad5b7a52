// gui/feed/cut_asking.hpp: makes a cut when a page asks for one, which takes more than one question to the node.
#pragma once
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>

namespace weft {
class client;
} // namespace weft

namespace weft::monitor {

/// What pages ask for it.
inline constexpr std::string_view cut_question = "cuts.create";

/// Waits for the answers of all logs, at most 20 s.
/// @param arguments {"name": ..., "pattern": ..., "lease": seconds}; only the name must be there
/// @returns the cut as JSON
/// @error errc::invalid_argument, and those of inspect::create_cut
[[nodiscard]] result<std::string> make_cut(client& node, std::string_view arguments);

} // namespace weft::monitor
