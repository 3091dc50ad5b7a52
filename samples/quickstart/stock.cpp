// samples/quickstart/stock.cpp: a service at the publisher's node that keeps how much is left of each article, and
// publishes it. Kill it at any point and start it again: no order counts twice. Usage: stock DATA_DIR STATE_DIR
#include "order.hpp"

#include <cstdio>

struct StockChanged {
  std::string sku;
  int left;
};
WEFT_EVENT(StockChanged, key(sku), sku, left)

inline constexpr weft::topic<StockChanged> stock_changes{"retail.stock"};

int main(int argc, char** argv) {
  auto client = weft::client::connect({.data_dir = argc > 1 ? argv[1] : "data/shop"});
  if (!client) return weft::report(client.error());

  weft::service stock{*client, "stock", {.state_dir = argc > 2 ? argv[2] : "data/stock"}};
  stock.on(orders, [](const OrderPlaced& order, weft::context& with) {
    const auto left = with.state().table<std::string, int>("left");
    const int now = left.get(order.sku).value_or(100) - order.quantity;
    left.put(order.sku, now); // one step with the next line: both are done, or none
    with.publish(stock_changes, {order.sku, now});
    std::printf("%s: %d left\n", order.sku.c_str(), now);
    std::fflush(stdout);
  });
  if (const auto started = stock.start(); !started) return weft::report(started.error());
  if (const auto ended = stock.wait(); !ended) return weft::report(ended.error()); // until it is killed
  return 0;
}
