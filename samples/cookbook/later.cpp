// samples/cookbook/later.cpp: cancels an order that nobody pays in time. Usage: later DATA_DIR
#include <cstdio>
#include <semaphore>
#include <string>
#include <weft/weft.hpp>

struct Placed {
  std::string order;
  int pay_within_ms;
};
WEFT_EVENT(Placed, key(order), order, pay_within_ms)
struct Paid {
  std::string order;
};
WEFT_EVENT(Paid, key(order), order)
struct Outcome {
  std::string order, what;
};
WEFT_EVENT(Outcome, key(order), order, what)

inline constexpr weft::topic<Placed> placed{"orders.placed"};
inline constexpr weft::topic<Paid> paid{"orders.paid"};
inline constexpr weft::topic<Outcome> outcomes{"shop.outcomes"};
inline constexpr weft::timer<Placed> unpaid{"unpaid"};

/// Says it once for each order, whatever comes first.
void settle(const std::string& order, const std::string& what, weft::context& with) {
  const auto settled = with.state().table<std::string, std::string>("settled");
  if (settled.get(order)) return with.publish(outcomes, {order, what + ", but it was " + *settled.get(order)});
  settled.put(order, what);
  with.publish(outcomes, {order, what});
}

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/later"});
  if (!node) return weft::report(node.error());

  weft::service waiting{*node, "payments", {.pattern = "orders.*"}};
  waiting.on(placed, [](const Placed& order, weft::context& with) {
    with.set(unpaid, order.order, std::chrono::milliseconds(order.pay_within_ms), order);
  });
  waiting.on(paid, [](const Paid& order, weft::context& with) {
    with.cancel(unpaid, order.order);
    settle(order.order, "paid", with);
  });
  waiting.on(unpaid, [](const Placed& order, weft::context& with) { settle(order.order, "cancelled", with); });
  if (const auto started = waiting.start(); !started) return weft::report(started.error());

  std::counting_semaphore<> told{0};
  auto telling = node->subscribe(outcomes, {.from = weft::start::beginning}, [&](const Outcome& outcome) {
    std::printf("%s: %s\n", outcome.order.c_str(), outcome.what.c_str());
    told.release();
  });
  if (!telling) return weft::report(telling.error());
  const auto pay = [&](const std::string& order) { return node->publish_and_wait(paid, {order}); };

  // A1 has an hour.
  if (const auto ack = node->publish_and_wait(placed, {"A1", 3'600'000}); !ack) return weft::report(ack.error());
  if (const auto ack = pay("A1"); !ack) return weft::report(ack.error());
  told.acquire();
  // A2 has a millisecond, and is paid too late.
  if (const auto ack = node->publish_and_wait(placed, {"A2", 1}); !ack) return weft::report(ack.error());
  told.acquire();
  if (const auto ack = pay("A2"); !ack) return weft::report(ack.error());
  told.acquire();
  return 0;
}
