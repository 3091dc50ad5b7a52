// samples/cookbook/view.cpp: builds a view of the past, and keeps it current. Usage: view DATA_DIR
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <weft/weft.hpp>

struct Price {
  std::string sku;
  int cents;
};
WEFT_EVENT(Price, key(sku), sku, cents)

inline constexpr weft::topic<Price> prices{"shop.prices"};

using view = std::map<std::string, int>;

/// Takes the next change into the view, if one comes soon.
weft::result<void> apply_next(weft::subscription& changes, view& to) {
  const auto event = changes.poll(std::chrono::milliseconds(100));
  if (!event) return weft::fail(event.error());
  if (!*event) return {};
  const auto price = (*event)->as<Price>();
  if (!price) return weft::fail(price.error());
  to[price->sku] = price->cents;
  return {};
}

/// Whether it has all that was in the logs when they were last heard of.
bool is_current(const weft::subscription& changes) {
  const auto logs = changes.progress();
  return !logs.empty() && std::ranges::all_of(logs, [](const weft::log_progress& log) {
    return log.log_time > weft::wall_time{} && log.handled.seq >= log.head; // 0: not heard of yet
  });
}

void print(const char* when, const view& of) {
  std::printf("%s:", when);
  for (const auto& [sku, cents] : of)
    std::printf(" %s %d", sku.c_str(), cents);
  std::printf("\n");
}

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/view"});
  if (!node) return weft::report(node.error());
  for (const auto& price : {Price{"tea", 250}, {"milk", 99}, {"tea", 275}})
    if (const auto ack = node->publish_and_wait(prices, price); !ack) return weft::report(ack.error());

  view now;
  auto changes = node->subscribe(prices, {.from = weft::start::beginning});
  if (!changes) return weft::report(changes.error());
  while (!is_current(*changes))
    if (const auto done = apply_next(*changes, now); !done) return weft::report(done.error());
  print("past", now);

  if (const auto ack = node->publish_and_wait(prices, {"milk", 89}); !ack) return weft::report(ack.error());
  while (now["milk"] != 89)
    if (const auto done = apply_next(*changes, now); !done) return weft::report(done.error());
  print("now", now);
  return 0;
}
