// samples/cookbook/interval.cpp: reports how it stands each second. Usage: interval DATA_DIR
#include <cstdint>
#include <cstdio>
#include <future>
#include <string>
#include <utility>
#include <weft/weft.hpp>

struct Order {
  std::string id;
  int quantity;
};
WEFT_EVENT(Order, key(id), id, quantity)
struct Report {
  int orders, sold;
  std::int64_t at_us;
};
WEFT_EVENT(Report, no_key, orders, sold, at_us)

inline constexpr weft::topic<Order> orders{"shop.orders"};
inline constexpr weft::topic<Report> reports{"shop.reports"};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/interval"});
  if (!node) return weft::report(node.error());

  weft::service counting{*node, "counting"};
  counting.on(orders, [](const Order& order, weft::context& with) {
    const auto sums = with.state().table<std::string, Report>("sums");
    const auto now = sums.get("all").value_or(Report{});
    sums.put("all", {now.orders + 1, now.sold + order.quantity, 0});
  });
  counting.every("report", std::chrono::seconds(1), [](weft::context& with) {
    auto now = with.state().table<std::string, Report>("sums").get("all").value_or(Report{});
    now.at_us = with.what().time.us; // when it was due
    with.publish(reports, now);
  });
  if (const auto started = counting.start(); !started) return weft::report(started.error());

  std::promise<Report> told;
  auto telling =
      node->subscribe(reports, {.from = weft::start::beginning}, [&, done = false](const Report& now) mutable {
        if (now.orders < 3 || std::exchange(done, true)) return; // it may have begun before the orders came
        told.set_value(now);
      });
  if (!telling) return weft::report(telling.error());
  for (int n = 1; n <= 3; ++n)
    if (const auto ack = node->publish_and_wait(orders, {"A" + std::to_string(n), n}); !ack)
      return weft::report(ack.error());

  const auto first = told.get_future().get();
  std::printf("%d orders, %d sold, %d us after a second began\n", first.orders, first.sold,
              static_cast<int>(first.at_us % 1'000'000));
  return 0;
}
