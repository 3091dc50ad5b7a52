#include "gui/core/demo_values.hpp"

#include <array>
#include <fmt/format.h>

namespace weft::monitor::demo {
namespace {

constexpr std::array<std::string_view, 8> goods{"tea-green", "tea-black",  "cup-blue",    "pot-iron",
                                                "honey",     "filter-100", "tray-bamboo", "scoop"};
constexpr std::array<std::string_view, 6> countries{"DE", "FR", "GB", "NL", "PL", "SE"};
constexpr std::array<std::string_view, 5> hubs{"Leipzig", "Lille", "Malmo", "Utrecht", "Poznan"};
constexpr std::array<std::string_view, 5> looked_for{"green tea", "blue cup", "gift for a friend", "th\u00e9 noir",
                                                     "iron pot 1 l"};

template <std::size_t Size>
std::string_view one_of(const std::array<std::string_view, Size>& of, std::uint64_t drawn) {
  return of[drawn % Size];
}

std::string price(std::uint64_t cents) { return fmt::format("{}.{:02}", cents / 100, cents % 100); }

std::uint64_t total_cents(std::uint64_t order) { return 890 + mix(order, 7) % 9000; }

std::string order_value(std::uint64_t order) {
  std::string lines;
  const auto count = 1 + mix(order, 1) % 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto drawn = mix(order, 20 + i);
    lines += fmt::format(R"({}{{"sku":"{}","quantity":{},"price":"{}"}})", i == 0 ? "" : ",", one_of(goods, drawn),
                         1 + drawn / 8 % 6, price(190 + drawn / 64 % 2400));
  }
  return fmt::format(
      R"({{"order":"{}","customer":{{"id":"c-{}","country":"{}","since":{}}},"lines":[{}],"total":"{}","gift":{},"note":null}})",
      order_id(order), 1000 + mix(order, 2) % 9000, one_of(countries, mix(order, 3)), 2009 + mix(order, 4) % 18, lines,
      price(total_cents(order)), mix(order, 5) % 9 == 0);
}

/// Bytes as of a table: its values are read by the contract alone.
made_value forecast(std::uint64_t drawn) {
  made_value made;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const auto word = i == 0 ? 0x10ULL : mix(drawn, i) & 0xffff'00ff'00ffULL;
    for (unsigned shift = 0; shift < 64; shift += 8)
      made.bytes += static_cast<char>(word >> shift & 0xffU);
  }
  made.decoded = fmt::format(R"({{"sku":"{}","days":[{},{},{}],"sure":0.{:02}}})", one_of(goods, drawn), drawn % 90,
                             drawn / 90 % 90, drawn / 8100 % 90, 50 + drawn % 49);
  return made;
}

std::string plain_value(std::string_view topic, std::uint64_t order, std::uint64_t drawn) {
  const auto id = order_id(order);
  if (topic.ends_with("payments"))
    return fmt::format(
        R"({{"order":"{}","amount":"{}","currency":"EUR","method":"{}","authorised":true,"risk":0.{:02}}})", id,
        price(total_cents(order)), drawn % 3 == 0 ? "invoice" : "card", drawn % 40);
  if (topic.ends_with("stock"))
    return fmt::format(R"({{"order":"{}","sku":"{}","reserved":{},"left":{}}})", id, one_of(goods, mix(order, 20)),
                       1 + mix(order, 20) / 8 % 6, drawn % 400);
  if (topic.ends_with("picks"))
    return fmt::format(R"({{"order":"{}","bin":"{}-{:02}-{}","picker":"p-{}"}})", id,
                       static_cast<char>('A' + drawn % 6), drawn % 40, drawn % 4, 10 + drawn % 30);
  if (topic.ends_with("parcels"))
    return fmt::format(R"({{"parcel":"P{}","order":"{}","weight_g":{},"carrier":"north-post"}})",
                       700000 + order % 99999, id, 200 + drawn % 4000);
  if (topic.ends_with("scans"))
    return fmt::format(R"({{"parcel":"P{}","hub":"{}","belt":{},"readable":{}}})", 700000 + order % 99999,
                       one_of(hubs, drawn), 1 + drawn % 9, drawn % 17 != 0);
  if (topic.ends_with("ledger"))
    return fmt::format(R"({{"entry":{},"order":"{}","debit":"1200","credit":"4000","amount":"{}"}})",
                       40000 + order % 900000, id, price(total_cents(order)));
  if (topic.ends_with("invoices"))
    return fmt::format(R"({{"invoice":"R-{}","order":"{}","total":"{}","due_days":14}})", 90000 + order % 9999, id,
                       price(total_cents(order)));
  if (topic.ends_with("reports"))
    return fmt::format(R"({{"report":"revenue","country":"{}","orders":{},"sum":"{}"}})",
                       one_of(countries, mix(order, 3)), 100 + drawn % 900, price(100'000 + drawn % 9'000'000));
  if (topic.ends_with("carts"))
    return fmt::format(R"({{"cart":"k-{}","sku":"{}","quantity":{}}})", 10'000 + drawn % 5000, one_of(goods, drawn),
                       1 + drawn % 4);
  if (topic.ends_with("prices"))
    return fmt::format(R"({{"sku":"{}","price":"{}","from":"2027-02-01"}})", one_of(goods, drawn),
                       price(190 + drawn % 2400));
  return fmt::format(R"({{"session":"s-{:x}","page":"/{}","ms":{}}})", drawn % 0xfffff, one_of(goods, drawn),
                     20 + drawn % 900);
}

} // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  auto x = a * 0x9e37'79b9'7f4a'7c15ULL + b * 0xbf58'476d'1ce4'e5b9ULL + 0x2545'f491'4f6c'dd1dULL; // splitmix64
  x = (x ^ x >> 30U) * 0xbf58'476d'1ce4'e5b9ULL;
  x = (x ^ x >> 27U) * 0x94d0'49bb'1331'11ebULL;
  return x ^ x >> 31U;
}

std::string order_id(std::uint64_t order) {
  return fmt::format("A{}-{:05}", 10 + order / 100'000 % 90, order % 100'000);
}

made_value value_of(std::string_view topic, std::uint64_t order, std::uint64_t drawn) {
  if (topic.ends_with("forecasts")) return forecast(drawn);
  if (topic.ends_with("searches")) return {std::string(one_of(looked_for, drawn)), {}};
  if (topic.ends_with("orders")) return {order_value(order), {}};
  return {plain_value(topic, order, drawn), {}};
}

} // namespace weft::monitor::demo
