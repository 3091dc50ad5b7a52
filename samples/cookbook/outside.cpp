// samples/cookbook/outside.cpp: has a bank charge for each order, once. Usage: outside DATA_DIR
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
  std::string id, customer;
  int cents;
};
WEFT_EVENT(Order, key(id), id, customer, cents)
struct Receipt {
  int number;
};
WEFT_EVENT(Receipt, no_key, number)

inline constexpr weft::topic<Order> orders{"shop.orders"};
inline constexpr weft::topic<std::string> outcomes{"shop.outcomes"};
inline constexpr weft::errand<Order, Receipt> charge{"charge"};
inline constexpr weft::continuation<Order> charged{"charged"};

/// Stands for a bank: under one key it charges once. It answers none of four customers before all of them have called,
/// and its first answer to ann is lost.
struct bank {
  Receipt charge(const std::string& key, const Order& order) {
    if (order.cents > 1000) throw weft::rejected("that is too much");
    const bool is_first = book(key, order);
    if (is_first && order.id < "A5") four.arrive_and_wait();
    if (is_first && order.id == "A1") throw std::runtime_error("the connection was lost");
    return {order.id[1] - '0'};
  }
  bool book(const std::string& key, const Order& order) {
    const std::lock_guard held{mutex};
    ++calls;
    if (!keys.insert(key).second) return false;
    cents += order.cents;
    return true;
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
  weft::service_options options{.backoff_first = std::chrono::milliseconds(1)};
  options.on_hindered = [](const weft::error&) {}; // a call failed: it is made again
  weft::service selling{*node, "selling", options};
  selling.on(orders, [](const Order& order, weft::context& with) {
    with.outside(charge, order, {.key = order.customer}).then(charged, order); // when the step is on disk
  });
  selling.outside(charge, {.threads = 4},
                  [&](const Order& order, const weft::errand_call& call) { return at.charge(call.id, order); });
  selling.then(charge, charged, [](const Order& order, const weft::result<Receipt>& receipt, weft::context& with) {
    with.publish(outcomes, order.id + (receipt ? " is paid, receipt " + std::to_string(receipt->number)
                                               : " is not paid: " + receipt.error().message()));
  });
  if (const auto started = selling.start(); !started) return weft::report(started.error());

  std::map<std::string, std::string> told; // by order
  std::counting_semaphore<> one_more{0};
  auto telling = node->subscribe(outcomes, {.from = weft::start::beginning}, [&](const std::string& outcome) {
    told.emplace(outcome.substr(0, 2), outcome);
    one_more.release();
  });
  if (!telling) return weft::report(telling.error());
  for (const Order& order :
       {Order{"A1", "ann", 100}, Order{"A2", "bob", 200}, Order{"A3", "cat", 300}, Order{"A4", "dan", 400},
        Order{"A5", "ann", 500} /* after her first */, Order{"A6", "bob", 6000}})
    if (const auto ack = node->publish_and_wait(orders, order); !ack) return weft::report(ack.error());
  for (int n = 1; n <= 6; ++n)
    one_more.acquire();
  for (const auto& [order, outcome] : told)
    std::printf("%s\n", outcome.c_str());
  std::printf("%d calls, %d cents\n", at.calls, at.cents);
  return 0;
}
