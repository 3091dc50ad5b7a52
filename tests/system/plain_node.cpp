// tests/system/plain_node.cpp: a node whose links are not encrypted, which the product has no switch for: it shows that
// who listens between two nodes finds what is looked for. Usage: plain_node NAME DATA LISTEN [ADVERTISE].
// LISTEN may be empty: then nobody dials it.
#include "actors/running_node.hpp"

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before the node's threads, which inherit it

  weft::actors::node_options options;
  options.name = argv[1];
  options.data_dir = argv[2];
  if (*argv[3] != '\0') options.listen = argv[3];
  if (argc == 5) options.advertise = {argv[4]};
  options.encrypt = false;
  weft::actors::diagnostics diagnostics{options.name, weft::actors::severity::info};
  const auto node = weft::actors::running_node::start(options, diagnostics);
  if (!node) {
    std::fprintf(stderr, "%s\n", node.error().message().c_str());
    return 1;
  }
  std::printf("ready %s\n", (*node)->address().c_str());
  std::fflush(stdout);
  int number = 0;
  sigwait(&stop, &number);
  (*node)->stop();
  return 0;
}
