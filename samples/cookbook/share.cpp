// samples/cookbook/share.cpp: members of a group share the work, of each key in order. Usage: share DATA_DIR
#include <iostream>
#include <map>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <weft/weft.hpp>

struct Order {
  std::string customer;
  int n;
};
WEFT_EVENT(Order, key(customer), customer, n)

inline constexpr weft::topic<Order> orders{"shop.orders"};

/// What the members have packed. They call it on eight threads, but for a customer one at a time.
struct packed_orders {
  void add(const Order& order) {
    if (order.customer == "bob" && order.n == 2) throw std::runtime_error("no such article");
    const std::lock_guard held{mutex};
    numbers[order.customer] += " " + std::to_string(order.n);
    added.release();
  }

  std::mutex mutex;
  std::map<std::string, std::string> numbers; // by customer
  std::counting_semaphore<> added{0};
};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/share"});
  if (!node) return weft::report(node.error());

  packed_orders packed;
  weft::subscription_options options;
  options.group = {.name = "packers",
                   .on_failing = weft::failing_event::dead_letter,
                   .deliveries_max = 2,
                   .backoff_first = std::chrono::milliseconds(1),
                   .threads = 4};
  const auto join = [&] { // here, or at any other node
    return node->subscribe(orders, options, [&](const Order& order) { packed.add(order); });
  };
  const auto one = join(), another = join();
  for (const auto* member : {&one, &another})
    if (!*member) return weft::report(member->error());

  for (int n = 1; n <= 3; ++n)
    for (const char* customer : {"ann", "bob", "eve"})
      if (const auto ack = node->publish_and_wait(orders, {customer, n}); !ack) return weft::report(ack.error());
  for (int n = 0; n < 8; ++n)
    packed.added.acquire();
  for (const auto& [customer, numbers] : packed.numbers)
    std::cout << customer << ':' << numbers << '\n';

  auto letters = node->subscribe("_weft.dead-letters.packers", {.from = weft::start::beginning});
  if (!letters) return weft::report(letters.error());
  const auto letter = letters->poll(std::chrono::minutes(1));
  if (!letter) return weft::report(letter.error());
  if (!*letter) return weft::report({weft::errc::timed_out, "there is no dead letter"});
  const auto header = [&](const char* name) { return (*letter)->headers.find(name).value_or("?"); };
  const auto cause = header("weft-cause");
  std::cout << "dead letter of " << header("weft-topic") << ": " << (*letter)->text() << '\n'
            << header("weft-deliveries") << " tries: " << cause.substr(cause.rfind(':') + 2) << '\n';
  return 0;
}
