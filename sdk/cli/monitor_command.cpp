#include "sdk/cli/commands.hpp"
#include "sdk/cli/monitor_program.hpp"
#include "sdk/cli/output.hpp"

#include <array>
#include <cstdlib>
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

/// Becomes the monitor.
int become_monitor(const monitor_words& words) {
  constexpr auto command = "monitor";
  const auto program = monitor_program();
  if (!program) return report(command, program.error());
  std::string name = *program;
  std::string option = words.demo ? "--demo" : "--data";
  std::string value = words.data;
  const bool chooses = !words.demo && words.data.empty(); // there, among nodes that run here
  std::array<char*, 4> arguments{name.data(), chooses ? nullptr : option.data(), words.demo ? nullptr : value.data(),
                                 nullptr};
  ::execv(name.c_str(), arguments.data());
  const auto why = std::error_code(errno, std::generic_category()).message();
  return report(command, {errc::io_error, fmt::format("cannot start {}: {}", name, why)});
}

} // namespace

void add_monitor(command_line& weft) {
  auto words = std::make_shared<monitor_words>();
  weft.add("monitor", "Opens the desktop monitor on a node of this machine, and through it on its whole mesh")
      .option("--data", "DIR", words->data,
              "The node's data directory; by default $WEFT_DATA, else it is chosen in the window")
      .flag("--demo", words->demo, "A made-up mesh instead")
      .example("weft monitor --data data/a")
      .runs([words] {
        if (const char* set = std::getenv("WEFT_DATA"); words->data.empty() && set != nullptr) words->data = set;
        return become_monitor(*words);
      });
}

} // namespace weft::cli
