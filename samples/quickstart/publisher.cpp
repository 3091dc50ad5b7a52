// samples/quickstart/publisher.cpp: a node of its own, which publishes a few orders. Usage: publisher DATA_DIR [COUNT]
#include "order.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const char* data_dir = argc > 1 ? argv[1] : "data/shop";
  const int count = argc > 2 ? std::atoi(argv[2]) : 3;

  auto node = weft::node::open({.name = "shop", .data_dir = data_dir});
  if (!node) return weft::report(node.error());

  // Does not wait: orders that are on their way together share one write to the disk.
  std::vector<weft::pending<weft::ack>> acks;
  for (int i = 1; i <= count; ++i)
    acks.push_back(node->publish(orders, {"A" + std::to_string(i), "tea", i}));

  for (auto& pending : acks) {
    const auto ack = pending.get(); // on disk now
    if (!ack) return weft::report(ack.error());
    std::printf("%s\n", to_string(ack->position).c_str());
  }
  std::fflush(stdout);

  node->run(); // serves until Ctrl-C, so that the consumer finds its node
  return 0;
}
