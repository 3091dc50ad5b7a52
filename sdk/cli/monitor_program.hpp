// sdk/cli/monitor_program.hpp: finds the desktop monitor, a program of its own: its licence and libraries are not the
// command's.
#pragma once
#include "mesh/base/result.hpp"

#include <string>

namespace weft::cli {

/// Its path, beside this program.
/// @error errc::not_found  there is no display to open a window on, or the monitor is not installed: what to do
[[nodiscard]] result<std::string> monitor_program();

} // namespace weft::cli
