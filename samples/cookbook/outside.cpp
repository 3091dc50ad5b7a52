// samples/cookbook/outside.cpp: calls a slow system for each order, four at once. Usage: outside DATA_DIR
#include <cstdio>
#include <latch>
#include <map>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <string>
#include <weft/weft.hpp>

struct Order {
  std::string id;
  int cents;
};
WEFT_EVENT(Order, key(id), id, cents)
struct Charged {
  std::string order, receipt;
};
WEFT_EVENT(Charged, key(order), order, receipt)

inline constexpr weft::topic<Order> orders{"shop.orders"};
inline constexpr weft::topic<Charged> charges{"shop.charges"};

/// Stands for a bank: under one key it charges once. It answers no call before four are there, and its first answer
/// to A3 is lost.
struct bank {
  std::string charge(const std::string& key, const Order& order) {
    {
      const std::lock_guard held{mutex};
      ++calls;
      if (!keys.insert(key).second) return "receipt for " + order.id;
      cents += order.cents;
    }
    four.arrive_and_wait();
    if (order.id == "A3") throw std::runtime_error("the connection was lost");
    return "receipt for " + order.id;
  }

  std::latch four{4};
  std::mutex mutex;
  std::set<std::string> keys;
  int calls = 0, cents = 0;
};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/outside"});
  if (!node) return weft::report(node.error());

  bank at;
  weft::service charging{*node, "charging", {.backoff_first = std::chrono::milliseconds(1), .threads = 4}};
  charging.on(orders, [&](const Order& order, weft::context& with) {
    const auto key = to_string(with.what().position()); // the same however often it is tried
    with.publish(charges, {order.id, at.charge(key, order)});
  });
  if (const auto started = charging.start(); !started) return weft::report(started.error());

  std::map<std::string, std::string> receipts;
  std::counting_semaphore<> told{0};
  auto telling = node->subscribe(charges, {.from = weft::start::beginning}, [&](const Charged& one) {
    receipts[one.order] = one.receipt;
    told.release();
  });
  if (!telling) return weft::report(telling.error());
  for (int n = 1; n <= 4; ++n)
    if (const auto ack = node->publish_and_wait(orders, {"A" + std::to_string(n), n * 100}); !ack)
      return weft::report(ack.error());
  for (int n = 1; n <= 4; ++n)
    told.acquire();
  for (const auto& [order, receipt] : receipts)
    std::printf("%s: %s\n", order.c_str(), receipt.c_str());
  std::printf("%d calls, %d cents\n", at.calls, at.cents);
  return 0;
}
