// samples/quickstart/consumer.cpp: prints the orders of the publisher's node. Usage: consumer DATA_DIR [COUNT]
#include "order.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const char* data_dir = argc > 1 ? argv[1] : "data/shop";
  const int count = argc > 2 ? std::atoi(argv[2]) : 0; // 0: for ever

  auto client = weft::client::connect({.data_dir = data_dir});
  if (!client) return weft::report(client.error());

  // From the first event of the log; {} instead would mean from now on.
  auto placed = client->subscribe(orders, {.from = weft::start::beginning});
  if (!placed) return weft::report(placed.error());

  for (int seen = 0; count == 0 || seen < count;) {
    const auto event = placed->poll(std::chrono::seconds(1));
    if (!event) return weft::report(event.error());
    if (!*event) continue; // nothing new within a second
    const auto order = (*event)->as<OrderPlaced>();
    if (!order) return weft::report(order.error());
    std::printf("%s: %d x %s\n", order->id.c_str(), order->quantity, order->sku.c_str());
    ++seen;
  }
  return 0;
}
