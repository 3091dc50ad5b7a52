#include "sdk/cli/commands.hpp"
#include "sdk/cli/output.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <system_error>
#include <unistd.h>

namespace weft::cli {
namespace {

struct monitor_words {
  std::string data;
  bool demo = false;
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// Becomes the monitor, which is a program of its own: its licence and its libraries are not the command's.
int become_monitor(const monitor_words& words) {
  constexpr auto command = "monitor";
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") && !is_set("QT_QPA_PLATFORM"))
    return report(command,
                  {errc::not_found, "there is no display here: start it in a desktop session, or with `ssh -X`"});
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "weft-monitor";
  if (!std::filesystem::exists(program))
    return report(
        command, {errc::not_found, fmt::format("{} is not there: install the package weft-monitor", program.string())});
  std::string name = program.string();
  std::string option = words.demo ? "--demo" : "--data";
  std::string value = words.data;
  std::array<char*, 4> arguments{name.data(), option.data(), words.demo ? nullptr : value.data(), nullptr};
  ::execv(name.c_str(), arguments.data());
  const auto why = std::error_code(errno, std::generic_category()).message();
  return report(command, {errc::io_error, fmt::format("cannot start {}: {}", name, why)});
}

} // namespace

void add_monitor(command_line& weft) {
  auto words = std::make_shared<monitor_words>();
  weft.add("monitor", "Opens the desktop monitor on a node of this machine, and through it on its whole mesh")
      .option("--data", "DIR", words->data, "The node's data directory; by default $WEFT_DATA")
      .flag("--demo", words->demo, "A made-up mesh instead")
      .example("weft monitor --data data/a")
      .runs([words] {
        if (const char* set = std::getenv("WEFT_DATA"); words->data.empty() && set != nullptr) words->data = set;
        if (words->data.empty() && !words->demo)
          throw usage_error{"say which node by --data DIR or WEFT_DATA, or --demo for a made-up mesh"};
        return become_monitor(*words);
      });
}

} // namespace weft::cli
