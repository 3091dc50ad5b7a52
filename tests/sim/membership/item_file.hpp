// tests/sim/membership/item_file.hpp: signed items that a simulated node still has after a restart.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <string>
#include <vector>

namespace weft::sim {

/// Nothing when there is no file, or one that can't be read.
[[nodiscard]] std::vector<wire::item> load_items(disk& from, const std::string& name);
/// On disk when it returns: all of them, or the ones from before.
[[nodiscard]] result<void> save_items(disk& to, const std::string& name, const std::vector<wire::item>& items);

} // namespace weft::sim
