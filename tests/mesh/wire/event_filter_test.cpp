#include "mesh/wire/event_filter.hpp"

#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/wire/batch_fixture.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/event_batch_generated.h"

#include <algorithm>

namespace weft::wire {
namespace {

using indexes = std::vector<std::uint16_t>;

const std::vector<plain_event> orders{
    {.type = "Placed", .key = "a", .headers = {{"total", "9"}, {"country", "de"}}, .value = "0", .place = 0},
    {.type = "Paid", .key = "b", .headers = {{"total", "10"}}, .value = "1", .place = 1},
    {.key = "a", .headers = {{"total", "100.5"}, {"total", "1"}}, .value = "2", .place = 2},
    {.type = "Placed", .key = "", .headers = {{"total", "many"}}, .value = "3", .place = 3},
    {.type = "Shipped", .key = "c", .headers = {}, .value = "4", .place = 4}};

indexes selected(const event_filter& filter, codec how = codec::none) {
  auto chosen = select(verified(batch_of(orders, how)), filter);
  if (chosen) return *chosen;
  ADD_FAILURE() << chosen.error().message();
  return {};
}

event_filter header_is(const std::string& name, comparison op, const std::string& value) {
  event_filter filter;
  filter.headers = {{name, op, value}};
  return filter;
}

TEST(event_filter, that_is_empty_passes_all) {
  EXPECT_TRUE(event_filter{}.passes_all());
  EXPECT_EQ(selected({}), (indexes{0, 1, 2, 3, 4}));
}

TEST(event_filter, slots_pass_events_of_their_keys) {
  event_filter filter;
  filter.slots.emplace();
  EXPECT_EQ(selected(filter), indexes{});
  filter.slots->set(slot_of(key_hash(as_bytes("a"))).value());
  EXPECT_EQ(selected(filter), (indexes{0, 2}));
  filter.slots->set();
  EXPECT_EQ(selected(filter), (indexes{0, 1, 2, 3, 4}));
}

TEST(event_filter, key_compares_bytes_not_hashes) {
  event_filter filter;
  filter.key = "a";
  EXPECT_EQ(selected(filter), (indexes{0, 2}));
  filter.key = "";
  EXPECT_EQ(selected(filter), (indexes{3}));
  std::string twin; // another key with the hash of "a"
  for (int i = 0; twin.empty(); ++i)
    if (const auto text = std::to_string(i); key_hash(as_bytes(text)) == key_hash(as_bytes("a"))) twin = text;
  filter.key = twin;
  EXPECT_EQ(selected(filter), indexes{});
}

TEST(event_filter, types_pass_by_name) {
  event_filter filter;
  filter.types = {"Placed"};
  EXPECT_EQ(selected(filter), (indexes{0, 3}));
  filter.types = {"Shipped", "Paid", "Unheard"};
  EXPECT_EQ(selected(filter), (indexes{1, 4}));
  filter.types = {"Unheard"};
  EXPECT_EQ(selected(filter), indexes{});
  filter.types = {""};
  EXPECT_EQ(selected(filter), indexes{}) << "no type is no type's name";
}

TEST(event_filter, headers_compare_as_numbers_when_both_are) {
  EXPECT_EQ(selected(header_is("total", comparison::less, "10")), (indexes{0}));
  EXPECT_EQ(selected(header_is("total", comparison::less_equal, "10")), (indexes{0, 1}));
  EXPECT_EQ(selected(header_is("total", comparison::equal, "10.0")), (indexes{1}));
  EXPECT_EQ(selected(header_is("total", comparison::not_equal, "10")), (indexes{0, 2, 3}));
  EXPECT_EQ(selected(header_is("total", comparison::greater, "9.5")), (indexes{1, 2, 3})) << "'many' > '9.5' as texts";
  EXPECT_EQ(selected(header_is("total", comparison::greater_equal, "100.5")), (indexes{2, 3}));
  EXPECT_EQ(selected(header_is("total", comparison::equal, "nan")), indexes{});
  EXPECT_EQ(selected(header_is("country", comparison::equal, "de")), (indexes{0}));
  EXPECT_EQ(selected(header_is("total", comparison(77), "9")), indexes{}) << "an unknown comparison passes nothing";
}

TEST(event_filter, whole_numbers_compare_exactly) {
  const auto batch = verified(batch_of({{.headers = {{"n", "9007199254740993"}}}}));
  EXPECT_EQ(*select(batch, header_is("n", comparison::equal, "9007199254740992")), indexes{});
  EXPECT_EQ(*select(batch, header_is("n", comparison::equal, "9007199254740993")), indexes{0});
}

TEST(event_filter, event_without_the_header_does_not_pass) {
  EXPECT_EQ(selected(header_is("country", comparison::not_equal, "fr")), (indexes{0}));
}

TEST(event_filter, tests_are_joined_by_and) {
  event_filter filter;
  filter.key = "a";
  filter.types = {"Placed"};
  filter.headers = {{"total", comparison::less, "100"}, {"country", comparison::equal, "de"}};
  EXPECT_EQ(selected(filter), (indexes{0}));
  filter.headers[1].value = "fr";
  EXPECT_EQ(selected(filter), indexes{});
}

TEST(event_filter, reads_headers_of_packed_data) {
  auto events = orders;
  events[0].value = std::string(5000, 'x');
  const auto batch = verified(batch_of(events, codec::lz4));
  ASSERT_EQ(batch.codec(), codec::lz4);
  EXPECT_EQ(*select(batch, header_is("total", comparison::less, "10")), (indexes{0}));
}

TEST(extract, has_the_chosen_events_at_their_places) {
  const auto original = verified(batch_of(orders));
  const auto bytes = make_extract(original, indexes{1, 3});
  ASSERT_TRUE(bytes);
  const auto extract = verified(*bytes);
  EXPECT_TRUE(extract.is_extract());
  EXPECT_EQ(extract.topic(), "retail.orders");
  EXPECT_EQ(extract.producer(), producer_id{7});
  EXPECT_EQ(extract.first_sequence(), 100U);
  EXPECT_EQ(events_of(extract), (std::vector{orders[1], orders[3]}));
  EXPECT_EQ(extract.hash(0), key_hash(as_bytes("b")));
  EXPECT_EQ(extract.types(), 2U) << "only types that it uses";
}

TEST(extract, of_an_extract_keeps_the_places_of_the_entry) {
  const auto first = verified(*make_extract(verified(batch_of(orders)), indexes{1, 3, 4}));
  const auto second = verified(*make_extract(first, indexes{0, 2}));
  EXPECT_EQ(events_of(second), (std::vector{orders[1], orders[4]}));
  EXPECT_EQ(second.place(1), 4U);
}

TEST(extract, of_the_first_events_needs_no_column_of_places) {
  const auto bytes = *make_extract(verified(batch_of(orders)), indexes{0, 1});
  EXPECT_EQ(fb::GetEventBatch(bytes.data())->place(), nullptr);
  EXPECT_TRUE(verified(bytes).is_extract());
}

TEST(extract, keeps_contracts_of_types) {
  const auto bytes = batch_of(orders);
  std::unique_ptr<fb::EventBatchT> object(fb::UnPackEventBatch(bytes.data()));
  object->types[1]->contract.assign(32, 0xab);
  flatbuffers::FlatBufferBuilder builder;
  builder.Align(8);
  builder.Finish(fb::EventBatch::Pack(builder, object.get()), fb::EventBatchIdentifier());
  const auto original =
      verified(shared_bytes::copy({reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()}));
  const auto extract = verified(*make_extract(original, indexes{1, 3}));
  EXPECT_EQ(extract.type_contract(0).size(), 32U);
  EXPECT_EQ(extract.type_contract(1).size(), 0U);
}

TEST(extract, of_packed_data_is_not_packed) {
  auto events = orders;
  events[0].value = std::string(5000, 'x');
  const auto original = verified(batch_of(events, codec::lz4));
  const auto extract = verified(*make_extract(original, indexes{0, 2}));
  EXPECT_EQ(extract.codec(), codec::none);
  EXPECT_EQ(events_of(extract), (std::vector{events[0], events[2]}));
}

TEST(extract, of_the_largest_batch_is_within_the_limit) {
  batch_builder builder("t", producer_id{1}, codec::none);
  while (builder.bytes() < limits::batch_bytes_target - 100)
    ASSERT_TRUE(add(builder, {.time = 1}));
  std::string largest(limits::event_value_bytes_max, 'v');
  while (!add(builder, {.key = "k", .value = largest})) // the largest value that the builder takes
    largest.resize(largest.size() - 64);
  ASSERT_LT(largest.size(), limits::event_value_bytes_max);
  const auto original = verified(builder.seal(0));
  indexes but_first(original.count() - 1);
  for (std::size_t i = 0; i < but_first.size(); ++i)
    but_first[i] = static_cast<std::uint16_t>(i + 1);
  EXPECT_EQ(verified(*make_extract(original, but_first)).count(), but_first.size());
}

TEST(extract, of_any_events_reads_as_they_were) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  for (int round = 0; round < 200; ++round) {
    const auto events = random_events(random, round % 20 == 0 ? 700 : 20);
    auto batch = verified(batch_of(events, random.below(2) == 0 ? codec::none : codec::lz4));
    auto expected = events;
    for (int depth = 0; depth < 3; ++depth) {
      indexes chosen;
      std::vector<plain_event> kept;
      for (std::size_t i = 0; i < batch.count(); ++i)
        if (random.below(3) != 0) {
          chosen.push_back(static_cast<std::uint16_t>(i));
          kept.push_back(expected[i]);
        }
      if (chosen.empty()) break;
      batch = verified(*make_extract(batch, chosen));
      ASSERT_EQ(events_of(batch), kept);
      expected = kept;
    }
  }
}

TEST(event_filter, selects_the_same_as_looking_at_each_event) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  for (int round = 0; round < 100; ++round) {
    const auto events = random_events(random, 200);
    const auto batch = verified(batch_of(events));
    event_filter filter;
    filter.slots.emplace();
    for (int i = 0; i < 512; ++i)
      filter.slots->set(random.below(limits::slots));
    filter.types = {"type-1", "type-2"};
    indexes expected;
    for (std::size_t i = 0; i < events.size(); ++i)
      if (filter.slots->test(slot_of(key_hash(as_bytes(events[i].key))).value()) &&
          (events[i].type == "type-1" || events[i].type == "type-2"))
        expected.push_back(static_cast<std::uint16_t>(i));
    ASSERT_EQ(*select(batch, filter), expected);
  }
}

} // namespace
} // namespace weft::wire
