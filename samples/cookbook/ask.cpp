// samples/cookbook/ask.cpp: asks a server in the mesh, and takes no answer for one. Usage: ask DATA_DIR
#include <cstdio>
#include <string>
#include <weft/weft.hpp>

using namespace std::chrono_literals;

struct Question {
  std::string sku;
  int quantity;
};
WEFT_EVENT(Question, key(sku), sku, quantity)
struct Price {
  int cents;
};
WEFT_EVENT(Price, no_key, cents)

inline constexpr weft::endpoint<Question, Price> prices{"shop.prices"}, discounts{"shop.discounts"};

int main(int argc, char** argv) {
  auto node = weft::node::open({.name = "shop", .data_dir = argc > 1 ? argv[1] : "data/ask"});
  if (!node) return weft::report(node.error());

  // Any number of programs may serve, each a member of the group.
  auto serving = node->serve(prices, {.name = "pricing", .threads = 4}, [](const Question& of) -> weft::result<Price> {
    if (of.sku != "tea") return weft::fail(weft::errc::not_found, "there is no " + of.sku);
    return Price{of.quantity * 250};
  });
  if (!serving) return weft::report(serving.error());

  const auto tea = node->request(prices, {"tea", 2}, {.within = 1min});
  if (!tea) return weft::report(tea.error());
  std::printf("tea: %d cents\n", tea->cents);

  const auto gold = node->request(prices, {"gold", 2}, {.within = 1min});
  std::printf("gold: %s\n", gold ? "has a price" : gold.error().message().c_str());

  const auto discount = node->request(discounts, {"tea", 2}, {.within = 10ms}); // nobody serves these
  std::printf("discount: %s\n", discount ? "has a price" : discount.error().message().c_str());
  return 0;
}
