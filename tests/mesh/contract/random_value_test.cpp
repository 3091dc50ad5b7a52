// Random values against FlatBuffers' own readers: what a contract takes they take too, and both forms say the same.
#include "mesh/base/random.hpp"
#include "tests/mesh/contract/contract_fixture.hpp"

#include <nlohmann/json.hpp>

namespace weft::contract {
namespace {

using nlohmann::ordered_json;

/// Orders that are right, and now and then wrong in one place or several.
class orders {
public:
  explicit orders(std::uint64_t seed) : random_(seed) {}

  ordered_json next() {
    ordered_json order;
    if (!once_in(20)) order["id"] = text();
    if (once_in(2)) order["lines"] = list([&] { return line(); });
    if (once_in(3)) {
      const bool card = once_in(2);
      order["paid_type"] = once_in(20) ? "Cheque" : card ? "Card" : "Cash";
      if (!once_in(20)) order["paid"] = card ? ordered_json{{"number", text()}} : ordered_json{{"given", number()}};
    }
    if (once_in(3)) order["where"] = place();
    if (once_in(3)) order["wishes"] = once_in(2) ? ordered_json("gift quiet") : ordered_json(random_.next() % 9);
    if (once_in(3)) order["total"] = number();
    if (once_in(3)) order["count"] = random_.next();
    if (once_in(3)) order["small"] = static_cast<std::int64_t>(random_.next() % 260) - 130;
    if (once_in(3)) order["open"] = once_in(2);
    if (once_in(3)) order["bonus"] = static_cast<std::int32_t>(random_.next());
    if (once_in(3)) order["tags"] = list([&] { return ordered_json(text()); });
    if (once_in(3)) order["places"] = list([&] { return place(); });
    if (once_in(40)) order["unknown"] = 1;
    return order;
  }

private:
  bool once_in(std::uint64_t times) { return random_.next() % times == 0; }
  std::string text() {
    std::string out;
    for (auto left = random_.next() % 8; left > 0; --left)
      out += static_cast<char>('a' + random_.next() % 26);
    return out;
  }
  ordered_json number() { return static_cast<double>(random_.next() % 1000) / 8; }
  ordered_json place() {
    ordered_json out{{"x", number()}};
    if (!once_in(30)) out["y"] = number();
    return out;
  }
  ordered_json line() {
    ordered_json out;
    out["sku"] = once_in(30) ? ordered_json(5) : ordered_json(text());
    if (once_in(2)) out["quantity"] = random_.next() % 100;
    if (once_in(2)) out["colour"] = once_in(30) ? "pink" : "green";
    return out;
  }
  template <class Make>
  ordered_json list(const Make& make) {
    auto out = ordered_json::array();
    for (auto left = random_.next() % 4; left > 0; --left)
      out.push_back(make());
    return out;
  }

  seeded_random random_;
};

TEST(random_values, are_taken_only_when_flatbuffers_takes_them_and_come_back_the_same) {
  constexpr std::uint64_t seed = 20'240'601;
  SCOPED_TRACE(seed);
  const auto by = made({order_schema});
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  flatbuffers::Parser parser(options);
  ASSERT_TRUE(parser.Parse(order_schema));
  orders random(seed);
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    const auto text = random.next().dump();
    if (!by->check(as_bytes(text))) {
      ++refused;
      continue;
    }
    ++taken;
    ASSERT_TRUE(parser.ParseJson(text.c_str())) << text << "\n" << parser.error_;
    const byte_view table{reinterpret_cast<const std::byte*>(parser.builder_.GetBufferPointer()),
                          parser.builder_.GetSize()};
    const auto checked = by->check(table);
    ASSERT_TRUE(checked) << text << "\n" << checked.error().message();
    const auto shown = by->decode(table);
    ASSERT_TRUE(shown);
    ASSERT_TRUE(by->check(as_bytes(*shown))) << text << "\n" << *shown;
    ASSERT_TRUE(parser.ParseJson(shown->c_str())) << *shown << "\n" << parser.error_;
    const byte_view again{reinterpret_cast<const std::byte*>(parser.builder_.GetBufferPointer()),
                          parser.builder_.GetSize()};
    ASSERT_EQ(by->decode(again).value(), *shown) << text;
  }
  EXPECT_GT(taken, 1000);
  EXPECT_GT(refused, 100);
}

TEST(random_values, of_any_bytes_are_answered) {
  const auto by = made({order_schema, "total >= 0"});
  const auto good = table_of(order_schema, R"({"id":"A17","lines":[{"sku":"tea","quantity":2}],"paid_type":"Card",
    "paid":{"number":"4711"},"where":{"x":1.5,"y":-2},"tags":["a"],"payments_type":["Cash"],"payments":[{"given":5}]})");
  seeded_random random(42);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = good;
    for (auto changes = random.next() % 6 + 1; changes > 0; --changes)
      bytes[random.next() % bytes.size()] = static_cast<std::byte>(random.next());
    bytes.resize(bytes.size() - random.next() % 8);
    static_cast<void>(by->check(bytes));
    const auto shown = by->decode(bytes);
    if (shown) {
      ASSERT_TRUE(ordered_json::accept(*shown));
    }
  }
}

} // namespace
} // namespace weft::contract
