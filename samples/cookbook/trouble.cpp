// samples/cookbook/trouble.cpp: a service that ends by itself is begun again. Usage: trouble DATA_DIR
#include <atomic>
#include <cstdio>
#include <semaphore>
#include <string>
#include <weft/weft.hpp>

struct Order {
  std::string id;
  int quantity;
};
WEFT_EVENT(Order, key(id), id, quantity)

inline constexpr weft::topic<Order> orders{"shop.orders"}, packages{"shop.packages"};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/trouble"});
  if (!node) return weft::report(node.error());
  // Somebody has said that packages have a weight, which the program does not know.
  const auto ruled = node->query("contracts.add", R"({"topic": "shop.packages",
      "schema": "table Package { id:string; quantity:int; weight:int; } root_type Package;", "rules": "weight > 0"})");
  if (!ruled) return weft::report(ruled.error());

  std::atomic<bool> has_told = false;
  std::binary_semaphore ended{0};
  weft::service_options options;
  options.restart_after = std::chrono::milliseconds(10);
  options.on_gap = [](const weft::gap& lost) { weft::report(lost.why); };  // goes on behind it
  options.on_hindered = [](const weft::error& why) { weft::report(why); }; // and goes on by itself
  options.on_stopped = [&](const weft::error& why) {
    if (has_told.exchange(true)) return; // it is tried again and again
    std::printf("ended: %s\n", why.message().c_str());
    ended.release();
  };
  weft::service packing{*node, "packing", options};
  packing.on(orders, [](const Order& order, weft::context& with) { with.publish(packages, order); });
  if (const auto started = packing.start(); !started) return weft::report(started.error());
  if (const auto ack = node->publish_and_wait(orders, {"A1", 2}); !ack) return weft::report(ack.error());
  ended.acquire();

  // Somebody mends it.
  const auto mended = node->query("contracts.remove", R"({"topic": "shop.packages"})");
  if (!mended) return weft::report(mended.error());
  std::binary_semaphore packed{0};
  auto seen = node->subscribe(packages, {.from = weft::start::beginning}, [&](const Order& one) {
    std::printf("packed: %s\n", one.id.c_str());
    packed.release();
  });
  if (!seen) return weft::report(seen.error());
  packed.acquire();
  const auto health = packing.health();
  const bool runs = health.now == weft::service_health::condition::running;
  std::printf("%s, %d handled\n", runs ? "running" : "not running", static_cast<int>(health.handled));
  return 0;
}
