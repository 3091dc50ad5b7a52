// samples/cookbook/publish.cpp: publishes, and tells what is kept. Usage: publish DATA_DIR
#include <cstdio>
#include <string>
#include <vector>
#include <weft/weft.hpp>

struct Order {
  std::string id, sku;
  int quantity;
};
WEFT_EVENT(Order, key(id), id, sku, quantity)

inline constexpr weft::topic<Order> orders{"shop.orders"};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/publish"});
  if (!node) return weft::report(node.error());

  // One event: waits until it is on disk.
  const auto first = node->publish_and_wait(orders, {"A1", "tea", 1});
  if (!first) return weft::report(first.error());
  std::printf("A1 is %s\n", to_string(first->level).c_str());

  // Many: what is on its way together shares one write to the disk.
  std::vector<weft::pending<weft::ack>> acks;
  for (int n = 2; n <= 1000; ++n)
    acks.push_back(node->publish(orders, {"A" + std::to_string(n), "tea", n}));
  for (auto& pending : acks)
    if (const auto ack = pending.get(); !ack) return weft::report(ack.error());
  std::printf("%zu more are kept\n", acks.size());

  // Nobody looks at these: errors go to one place, and flush() waits for the rest.
  node->on_publish_error([](const weft::publish_failure& lost) {
    std::printf("%zu of %s failed: %s\n", lost.events, lost.topic.c_str(), lost.why.message().c_str());
  });
  auto publisher = node->publisher(orders, {.level = weft::ack_level::written});
  if (!publisher) return weft::report(publisher.error());
  publisher->publish({"A1001", "tea", 1});
  publisher->publish({"A1002", std::string(2U << 20U, 'x'), 1}); // no event may be so large
  if (const auto done = publisher->flush(); !done) return weft::report(done.error());
  std::printf("nothing is on its way\n");

  // More than the topic can give: refused, not promised.
  const auto copied = node->publish_and_wait(orders, {"A1003", "tea", 1}, {.level = weft::ack_level::replicated(1)});
  std::printf("A1003: %s\n", copied ? to_string(copied->level).c_str() : copied.error().message().c_str());
  return 0;
}
