#include "sdk/cli/commands.hpp"

#include <csignal>

int main(int argc, char** argv) {
  // A reader that goes away shows as an error of write(), which ends the command with success.
  std::signal(SIGPIPE, SIG_IGN);
  weft::cli::command_line weft;
  for (const auto add : {weft::cli::add_node, weft::cli::add_invite, weft::cli::add_publish, weft::cli::add_subscribe,
                         weft::cli::add_topics, weft::cli::add_nodes, weft::cli::add_flows, weft::cli::add_lag,
                         weft::cli::add_verify, weft::cli::add_dump, weft::cli::add_bench, weft::cli::add_demo,
                         weft::cli::add_help, weft::cli::add_completions})
    add(weft);
  return weft.run(argc, argv);
}
