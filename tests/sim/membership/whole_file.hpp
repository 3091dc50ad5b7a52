// tests/sim/membership/whole_file.hpp: a small file that is replaced as a whole, whatever a crash does.
#pragma once
#include "mesh/base/disk.hpp"

#include <string>
#include <vector>

namespace weft::sim {

/// What was saved last, perhaps what was being saved when a crash came.
/// @error errc::not_found, errc::corrupt  no such file, or not one of these
[[nodiscard]] result<std::vector<std::byte>> load_whole(disk& from, const std::string& name);
/// On disk when it returns.
[[nodiscard]] result<void> save_whole(disk& to, const std::string& name, byte_view content);

} // namespace weft::sim
