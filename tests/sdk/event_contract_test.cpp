// Values read by the contract that their event met, at an embedded node.
#include "tests/sdk/service_fixture.hpp"

#include <flatbuffers/flatbuffers.h>

namespace weft {
namespace {

using namespace weft::testing;

inline constexpr topic<raw_bytes> sent{"shop.sent"};

constexpr auto schema = "table Order { customer:string (required); n:long; } root_type Order;";

/// The table that a publisher in another language would make.
raw_bytes order_table(const std::string& customer, std::int64_t n) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(customer);
  const auto begin = builder.StartTable();
  builder.AddOffset(flatbuffers::FieldIndexToOffset(0), text);
  builder.AddElement<std::int64_t>(flatbuffers::FieldIndexToOffset(1), n, 0);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(begin)));
  const auto* const bytes = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {bytes, bytes + builder.GetSize()};
}

struct event_contract_at_a_node : service_at_a_node {
  void add_contract() {
    const auto added = at->query(
        "contracts.add", std::string(R"({"topic": "shop.sent", "rules": "n > 0", "schema": ")") + schema + "\"}");
    ASSERT_TRUE(added) << added.error().message();
  }
  void publish_bytes(const raw_bytes& value) {
    const auto done = at->publish_and_wait(sent, value);
    ASSERT_TRUE(done) << done.error().message();
  }
};

TEST_F(event_contract_at_a_node, reads_tables_and_json_alike) {
  add_contract();
  publish_bytes(order_table("ada", 3));
  const std::string_view json = R"({"customer": "bob", "n": 4})";
  const auto bytes = as_bytes(json);
  publish_bytes({bytes.begin(), bytes.end()});
  const auto all = first_of("shop.sent", 2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(all[0].as<Order>()) << "it is no JSON";
  for (const auto& one : all) {
    const auto by = at->contract_of(one);
    ASSERT_TRUE(by) << by.error().message();
    EXPECT_EQ(by->id(), one.contract);
    EXPECT_EQ(by->schema(), schema);
    EXPECT_EQ(by->rules(), "n > 0");
    EXPECT_EQ(by->root_name(), "Order");
    const auto order = by->as<Order>(one);
    ASSERT_TRUE(order) << order.error().message();
    EXPECT_EQ(order->customer, &one == &all[0] ? "ada" : "bob");
    EXPECT_EQ(order->n, &one == &all[0] ? 3 : 4);
  }
  EXPECT_EQ(*at->contract_of(all[0])->json(all[0]), R"({"customer":"ada","n":3})");
}

TEST_F(event_contract_at_a_node, an_event_keeps_its_contract_when_the_topic_has_none_any_more) {
  add_contract();
  publish_bytes(order_table("ada", 3));
  const auto holds = at->contract_of("shop.sent");
  ASSERT_TRUE(holds) << holds.error().message();
  EXPECT_EQ(holds->check(as_bytes(R"({"customer": "bob", "n": 0})")).error().code(), errc::contract_broken);
  ASSERT_TRUE(at->query("contracts.remove", R"({"topic": "shop.sent"})"));
  EXPECT_EQ(at->contract_of("shop.sent").error().code(), errc::not_found);
  publish_bytes(raw_bytes{std::byte{7}});
  const auto all = first_of("shop.sent", 2);
  ASSERT_EQ(all.size(), 2U);
  ASSERT_TRUE(at->contract_of(all[0]));
  EXPECT_EQ(at->contract_of(all[1]).error().code(), errc::not_found) << "it met none";
  EXPECT_EQ(holds->json(all[1]).error().code(), errc::contract_broken);
}

TEST_F(event_contract_at_a_node, a_contract_that_the_node_does_not_know_is_said_so) {
  event_info made_up{};
  made_up.topic = "shop.sent";
  made_up.contract = contract_id{std::array<std::uint8_t, 32>{1}};
  const auto by = at->contract_of(made_up);
  ASSERT_FALSE(by);
  EXPECT_EQ(by.error().code(), errc::not_found);
  EXPECT_NE(by.error().message().find("01000000"), std::string::npos) << by.error().message();
  EXPECT_EQ(at->contract_of(made_up).error().message(), by.error().message());
}

} // namespace
} // namespace weft
