// samples/cookbook/state.cpp: keeps the stock, and publishes each change of it once. Usage: state DATA_DIR
#include <cstdio>
#include <semaphore>
#include <string>
#include <weft/weft.hpp>

struct Order {
  std::string id, sku;
  int quantity;
};
WEFT_EVENT(Order, key(sku), id, sku, quantity)
struct Stock {
  std::string sku;
  int left;
};
WEFT_EVENT(Stock, key(sku), sku, left)

inline constexpr weft::topic<Order> orders{"shop.orders"};
inline constexpr weft::topic<Stock> stock{"shop.stock"};

void handle(const Order& order, weft::context& with) {
  const auto left = with.state().table<std::string, int>("left");
  const int now = left.get(order.sku).value_or(100) - order.quantity;
  left.put(order.sku, now);
  with.publish(stock, {order.sku, now}); // one step with the line before
}

/// One life of the program: two orders, and what becomes of them.
weft::result<void> live(weft::node& node, int life) {
  std::counting_semaphore<> told{0};
  auto changes = node.subscribe(stock, [&](const Stock& now) {
    std::printf("%s: %d left\n", now.sku.c_str(), now.left);
    told.release();
  });
  if (!changes) return weft::fail(changes.error());
  weft::service keeping{node, "stock"};
  keeping.on(orders, handle);
  if (auto started = keeping.start(); !started) return started;
  for (int n = 1; n <= 2; ++n) {
    const Order order{std::to_string(life) + std::to_string(n), "tea", n};
    if (const auto ack = node.publish_and_wait(orders, order); !ack) return weft::fail(ack.error());
    told.acquire();
  }
  return {};
}

int main(int argc, char** argv) {
  const weft::node_options options{.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/state"};
  for (int life = 1; life <= 2; ++life) {
    auto node = weft::node::open(options);
    if (!node) return weft::report(node.error());
    if (life == 2) { // all orders come again, as some may after a crash: none counts twice
      const auto moved = node->query("groups.seek", R"({"name": "stock", "to": {"kind": "beginning"}})");
      if (!moved) return weft::report(moved.error());
    }
    if (const auto done = live(*node, life); !done) return weft::report(done.error());
  }
  return 0;
}
