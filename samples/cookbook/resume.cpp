// samples/cookbook/resume.cpp: reads on where it was, in another life of the program. Usage: resume DATA_DIR
#include <cstdio>
#include <string>
#include <weft/weft.hpp>

struct Order {
  std::string id;
  int quantity;
};
WEFT_EVENT(Order, key(id), id, quantity)

inline constexpr weft::topic<Order> orders{"shop.orders"};

/// One life of a consumer: takes so many orders, and ends.
weft::result<void> read(weft::node& node, int count) {
  auto reading = node.subscribe(orders, {.name = "billing"});
  if (!reading) return weft::fail(reading.error());
  while (count > 0) {
    const auto event = reading->poll(std::chrono::seconds(1));
    if (!event) return weft::fail(event.error());
    if (!*event) continue; // nothing new within a second
    const auto order = (*event)->as<Order>();
    if (!order) return weft::fail(order.error());
    std::printf("%s: %d\n", order->id.c_str(), order->quantity);
    --count;
  }
  reading->commit(); // the last one was handled, too
  return {};
}

int main(int argc, char** argv) {
  const weft::node_options options{.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/resume"};
  for (int life = 1; life <= 2; ++life) {
    std::printf("life %d\n", life);
    auto node = weft::node::open(options);
    if (!node) return weft::report(node.error());
    for (int n = 3 * life - 2; n <= 3 * life; ++n)
      if (const auto ack = node->publish_and_wait(orders, {"A" + std::to_string(n), n}); !ack)
        return weft::report(ack.error());
    // The first life leaves one of its three.
    if (const auto done = read(*node, life == 1 ? 2 : 4); !done) return weft::report(done.error());
  }
  return 0;
}
