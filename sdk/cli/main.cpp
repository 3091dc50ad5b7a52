#include "sdk/cli/commands.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace {

/// Fills the places of standard streams that the caller closed, so that no socket and no file of the log gets their
/// numbers and with them what is printed. What fills them fails as a closed one does: input can't be read, output not
/// written.
void fill_closed_streams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF)
      (void)::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY); // takes the lowest free number
}

} // namespace

int main(int argc, char** argv) {
  fill_closed_streams();
  // A reader that goes away shows as an error of write(), which ends the command with success.
  std::signal(SIGPIPE, SIG_IGN);
  // Neither does a limit on the size of files (ulimit -f) end a node: writing fails, and the log says so.
  std::signal(SIGXFSZ, SIG_IGN);
  weft::cli::command_line weft;
  for (const auto add :
       {weft::cli::add_node,         weft::cli::add_invite,    weft::cli::add_publish,    weft::cli::add_subscribe,
        weft::cli::add_topics,       weft::cli::add_contracts, weft::cli::add_groups,     weft::cli::add_cuts,
        weft::cli::add_dead_letters, weft::cli::add_trace,     weft::cli::add_nodes,      weft::cli::add_flows,
        weft::cli::add_links,        weft::cli::add_route,     weft::cli::add_leave,      weft::cli::add_lag,
        weft::cli::add_verify,       weft::cli::add_dump,      weft::cli::add_bench,      weft::cli::add_demo,
        weft::cli::add_monitor,      weft::cli::add_help,      weft::cli::add_completions})
    add(weft);
  return weft.run(argc, argv);
}
