#include "sdk/cli/commands.hpp"
#include "sdk/cli/output.hpp"

#include <memory>

namespace weft::cli {

void add_help(command_line& weft) {
  auto words = std::make_shared<std::vector<std::string>>();
  weft.add("help", "Explains a command")
      .operands("COMMAND", *words, "The command, such as topics create")
      .example("weft help publish")
      .runs([&weft, words] { return print(weft.help(*words)); });
}

void add_completions(command_line& weft) {
  auto shell = std::make_shared<std::string>("bash");
  weft.add("completions", "Prints a script that completes commands and options")
      .operand("SHELL", *shell, "bash")
      .hidden()
      .example("weft completions bash > ~/.local/share/bash-completion/completions/weft")
      .runs([&weft, shell] {
        if (*shell != "bash") throw usage_error{"SHELL: '" + *shell + "' is not bash"};
        return print(weft.bash_completions());
      });
}

} // namespace weft::cli
