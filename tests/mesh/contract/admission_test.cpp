#include "mesh/contract/admission.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"
#include "tests/mesh/contract/contract_fixture.hpp"

namespace weft::contract {
namespace {

constexpr producer_id producer{7};
constexpr std::uint64_t sequence = 100;
const std::string schema = "table A { x:int; } root_type A;";

struct published {
  std::string value;
  std::string type = {};
  std::string key = {};
};

wire::batch_view batch_of(const std::vector<published>& events, wire::codec codec = wire::codec::none) {
  wire::batch_builder builder("shop.orders", producer, codec);
  for (const auto& event : events) {
    const std::vector<wire::header_view::header> headers{{"trace", "00-01"}};
    EXPECT_TRUE(builder.add({{1000}, event.type, as_bytes(event.key), headers, as_bytes(event.value)}));
  }
  return wire::batch_view::trusted(builder.seal(sequence));
}

topic_rule rule(bool quarantine) { return {made({schema, "x > 0"}), quarantine}; }

std::vector<std::string> values_of(const wire::batch_view& batch) {
  const auto data = batch.unpack();
  std::vector<std::string> values;
  for (std::size_t i = 0; i < batch.count(); ++i)
    values.emplace_back(as_text(batch.event(i, data->view()).value));
  return values;
}

TEST(admission, lets_good_events_in_and_names_their_contract) {
  const auto asked = rule(false);
  const auto batch = batch_of({{R"({"x":1})", "mine", "k"}, {R"({"x":2})"}});
  const auto parts = admit(asked, batch);
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_EQ(parts->size(), 1U);
  const auto& in = parts->front().batch;
  ASSERT_TRUE(wire::batch_view::verify(in.bytes()));
  EXPECT_TRUE(wire::is_stamped(in, (*asked.by)->id()));
  EXPECT_EQ(in.producer(), producer);
  EXPECT_EQ(in.first_sequence(), sequence);
  EXPECT_EQ(values_of(in), values_of(batch));
  EXPECT_EQ(in.type(0), "mine");
  EXPECT_EQ(in.type(1), "A");
  EXPECT_EQ(as_text(in.key(0)), "k");
  const auto data = in.unpack();
  EXPECT_EQ(in.event(0, data->view()).headers.find("trace"), "00-01");
}

TEST(admission, keeps_the_bytes_of_a_batch_that_names_the_contract) {
  const auto asked = rule(false);
  const auto stamped = admit(asked, batch_of({{R"({"x":1})"}}));
  ASSERT_TRUE(stamped);
  const auto again = admit(asked, stamped->front().batch);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->front().batch.bytes().data(), stamped->front().batch.bytes().data());
}

TEST(admission, keeps_the_codec) {
  const auto parts = admit(rule(false), batch_of({{R"({"x":1})" + std::string(5000, ' ')}}, wire::codec::lz4));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->front().batch.codec(), wire::codec::lz4);
  ASSERT_TRUE(wire::batch_view::verify(parts->front().batch.bytes()));
}

TEST(admission, refuses_a_batch_with_a_bad_event_and_names_it) {
  const auto asked = rule(false);
  const auto parts = admit(asked, batch_of({{R"({"x":1})"}, {R"({"x":0})", "", "A17"}}));
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code(), errc::contract_broken);
  EXPECT_EQ(parts.error().message(), "topic shop.orders, event 2 of 2 (key A17): the field x is 0: the contract's rule "
                                     "is x > 0; `weft contracts show " +
                                         to_string((*asked.by)->id()).substr(0, 12) + "` has what it must be");
}

TEST(admission, keeps_bad_events_aside_and_all_in_their_order) {
  const auto batch =
      batch_of({{R"({"x":1})"}, {R"({"x":2})"}, {R"({"x":0})", "mine", "k"}, {"no"}, {R"({"x":3})"}, {""}});
  const auto asked = rule(true);
  const auto parts = admit(asked, batch);
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_EQ(parts->size(), 4U);
  auto expected = sequence;
  for (const auto& part : *parts) {
    ASSERT_TRUE(wire::batch_view::verify(part.batch.bytes()));
    EXPECT_EQ(part.batch.producer(), producer);
    EXPECT_EQ(part.batch.first_sequence(), expected);
    EXPECT_EQ(part.batch.topic(), part.aside ? "_weft.quarantine.shop.orders" : "shop.orders");
    expected += part.batch.count();
  }
  EXPECT_EQ(expected, sequence + batch.count());
  EXPECT_EQ(values_of((*parts)[0].batch), (std::vector<std::string>{R"({"x":1})", R"({"x":2})"}));
  EXPECT_EQ(values_of((*parts)[1].batch), (std::vector<std::string>{R"({"x":0})", "no"}));
  EXPECT_EQ(values_of((*parts)[2].batch), (std::vector<std::string>{R"({"x":3})"}));
  EXPECT_EQ(values_of((*parts)[3].batch), (std::vector<std::string>{""}));
  const auto data = (*parts)[1].batch.unpack();
  const auto aside = (*parts)[1].batch.event(0, data->view());
  EXPECT_EQ(aside.type, "mine");
  EXPECT_EQ(as_text(aside.key), "k");
  EXPECT_EQ(aside.headers.find("trace"), "00-01");
  EXPECT_EQ(aside.headers.find("weft-topic"), "shop.orders");
  EXPECT_EQ(aside.headers.find("weft-contract"), to_string((*asked.by)->id()));
  EXPECT_EQ(aside.headers.find("weft-cause"), "the field x is 0: the contract's rule is x > 0");
}

TEST(admission, keeps_a_bad_event_aside_whose_headers_leave_no_room) {
  wire::batch_builder builder("shop.orders", producer, wire::codec::none);
  const std::string large(limits::event_headers_bytes_max - 16, 'h');
  const std::vector<wire::header_view::header> headers{{"h", large}};
  ASSERT_TRUE(builder.add({{1000}, {}, {}, headers, as_bytes("bad")}));
  const auto parts = admit(rule(true), wire::batch_view::trusted(builder.seal(0)));
  ASSERT_TRUE(parts) << parts.error().message();
  const auto data = parts->front().batch.unpack();
  const auto aside = parts->front().batch.event(0, data->view());
  EXPECT_EQ(aside.headers.find("h"), std::nullopt);
  EXPECT_EQ(aside.headers.find("weft-topic"), "shop.orders");
}

TEST(admission, takes_a_full_batch) {
  wire::batch_builder builder("shop.orders", producer, wire::codec::none);
  while (builder.add({{1000}, {}, {}, {}, as_bytes(R"({"x":1})")}))
    ;
  const auto batch = wire::batch_view::trusted(builder.seal(0));
  const auto parts = admit(rule(true), batch);
  ASSERT_TRUE(parts) << parts.error().message();
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ(parts->front().batch.count(), batch.count());
  EXPECT_TRUE(wire::batch_view::verify(parts->front().batch.bytes()));
}

TEST(admission, keeps_many_bad_events_aside) {
  wire::batch_builder builder("shop.orders", producer, wire::codec::none);
  while (builder.add({{1000}, {}, {}, {}, as_bytes("bad")}))
    ;
  const auto batch = wire::batch_view::trusted(builder.seal(0));
  const auto parts = admit(rule(true), batch);
  ASSERT_TRUE(parts) << parts.error().message();
  std::size_t count = 0;
  for (const auto& part : *parts) {
    EXPECT_TRUE(part.aside);
    EXPECT_EQ(part.batch.first_sequence(), count);
    EXPECT_TRUE(wire::batch_view::verify(part.batch.bytes()));
    count += part.batch.count();
  }
  EXPECT_EQ(count, batch.count());
}

TEST(admission, has_a_quarantine_for_names_that_leave_room_for_it) {
  EXPECT_TRUE(check_quarantine(std::string(limits::topic_name_bytes_max - 17, 'a')));
  EXPECT_FALSE(check_quarantine(std::string(limits::topic_name_bytes_max - 16, 'a')));
}

} // namespace
} // namespace weft::contract
