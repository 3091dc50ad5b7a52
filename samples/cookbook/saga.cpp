// samples/cookbook/saga.cpp: asks for a payment, and goes on when the reply is there. Usage: saga DATA_DIR
#include <cstdio>
#include <semaphore>
#include <string>
#include <weft/weft.hpp>

using namespace std::chrono_literals;

struct Order {
  std::string id;
  int cents;
};
WEFT_EVENT(Order, key(id), id, cents)
struct Charge {
  std::string order;
  int cents;
};
WEFT_EVENT(Charge, key(order), order, cents)
struct Receipt {
  int left;
};
WEFT_EVENT(Receipt, no_key, left)

inline constexpr weft::topic<Order> orders{"shop.orders"};
inline constexpr weft::topic<std::string> outcomes{"shop.outcomes"};
inline constexpr weft::endpoint<Charge, Receipt> payments{"shop.payments"};
inline constexpr weft::continuation<Order> charged{"charged"};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/saga"});
  if (!node) return weft::report(node.error());

  // Answers with the step in which it takes the money.
  weft::service paying{*node, "paying"};
  paying.answer(payments, [](const Charge& charge, weft::context& with) {
    auto accounts = with.state().table<std::string, int>("accounts");
    const int left = accounts.get("ada").value_or(1000) - charge.cents;
    if (left >= 0) accounts.put("ada", left);
    return Receipt{left};
  });
  if (const auto started = paying.start(); !started) return weft::report(started.error());

  // Waits for nothing: the order is kept with the request, through restarts.
  weft::service selling{*node, "selling"};
  selling.on(orders, [](const Order& order, weft::context& with) {
    with.request(payments, {order.id, order.cents}, {.within = 1min}).then(charged, order);
  });
  selling.then(payments, charged, [](const Order& order, const weft::result<Receipt>& receipt, weft::context& with) {
    if (!receipt)
      with.publish(outcomes, order.id + " is not paid: " + receipt.error().message());
    else if (receipt->left < 0)
      with.publish(outcomes, order.id + " is refused");
    else
      with.publish(outcomes, order.id + " is paid, " + std::to_string(receipt->left) + " cents are left");
  });
  if (const auto started = selling.start(); !started) return weft::report(started.error());

  std::counting_semaphore<> told{0};
  auto telling = node->subscribe(outcomes, {.from = weft::start::beginning}, [&](const std::string& outcome) {
    std::printf("%s\n", outcome.c_str());
    told.release();
  });
  if (!telling) return weft::report(telling.error());
  for (const Order& order : {Order{"A1", 700}, Order{"A2", 700}}) {
    if (const auto ack = node->publish_and_wait(orders, order); !ack) return weft::report(ack.error());
    told.acquire();
  }
  return 0;
}
