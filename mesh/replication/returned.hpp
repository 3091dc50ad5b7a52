// mesh/replication/returned.hpp: what each holder has given back of closed epochs, as it has to survive a restart.
#pragma once
#include "mesh/base/position.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::replication {

/// The holder gave back all that it has of the epoch below `until`. Counts while the log's part of the epoch does not
/// end below `end`, where it ended then.
struct returned {
  weft::epoch epoch;
  node_id holder;
  seq until, end;
  friend bool operator==(const returned&, const returned&) = default;
};

/// A line each: epoch, holder, until, end.
[[nodiscard]] std::string to_text(const std::vector<returned>& all);
/// @error errc::corrupt  names the line
[[nodiscard]] result<std::vector<returned>> parse_returned(std::string_view text);

} // namespace weft::replication
