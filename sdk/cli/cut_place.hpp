// sdk/cli/cut_place.hpp: cuts as places in all logs: cut:NAME.
#pragma once
#include "mesh/base/result.hpp"
#include "weft/client.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace weft::cli {

/// A cut that may be used.
struct known_cut {
  std::string name;
  wall_time bound;                           ///< the first time that is not in it
  std::set<std::string, std::less<>> absent; ///< nodes of whose logs it says nothing
  std::uint32_t absent_more = 0;             ///< how many there are beside them
};

/// The name in cut:NAME, or nothing when the text is something else. @throws usage_error  a name that no cut can have
[[nodiscard]] std::optional<std::string> cut_named_in(const std::string& option, std::string_view text);
/// @error errc::not_found, errc::not_yet_valid  it is not made yet  @error errc::expired  its lease has ended
[[nodiscard]] result<known_cut> find_cut(client& node, const std::string& name);
/// For cut:NAME the time from which on nothing is in the cut, as text; other texts as they are.
/// @throws as cut_named_in  @error as find_cut
[[nodiscard]] result<std::string> place_text(client& node, const std::string& option, const std::string& text);
/// Names of the nodes that may have topics of the pattern in their logs, those that have left the mesh not.
[[nodiscard]] result<std::set<std::string>> nodes_with(client& node, const std::string& pattern);
/// What to tell people of the logs that a cut lacks; empty: it lacks none.
[[nodiscard]] std::string lacks_text(const known_cut& cut);

} // namespace weft::cli
