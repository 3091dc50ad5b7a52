#include "sdk/cli/monitor_program.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>

namespace weft::cli {
namespace {

bool has_display() {
  return std::ranges::any_of(std::array{"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}, [](const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
  });
}

} // namespace

result<std::string> monitor_program() {
  if (!has_display())
    return fail(errc::not_found, "there is no display here: start it in a desktop session, or with `ssh -X`");
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "weft-monitor";
  if (!std::filesystem::exists(program))
    return fail(errc::not_found, fmt::format("{} is not there: install the package weft-monitor", program.string()));
  return program.string();
}

} // namespace weft::cli
