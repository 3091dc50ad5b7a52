// samples/quickstart/order.hpp: the event that the publisher and the consumer share.
#pragma once
#include <string>
#include <weft/weft.hpp>

struct OrderPlaced {
  std::string id, sku;
  int quantity;
};
WEFT_EVENT(OrderPlaced, key(id), id, sku, quantity)

inline constexpr weft::topic<OrderPlaced> orders{"retail.orders"};
