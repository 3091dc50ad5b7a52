#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/wire/batch_fixture.hpp"
#include "tests/mesh/wire/hex.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/buffer_pool.hpp"
#include "mesh/wire/event_batch_generated.h"

#include <thread>

namespace weft::wire {
namespace {

const plain_event order{.time = 1'700'000'000'000'000,
                        .type = "OrderPlaced",
                        .key = "A17",
                        .headers = {{"traceparent", "00-01"}},
                        .value = R"({"id":"A17","sku":"tea"})",
                        .place = 0};

bool plain_verifier_accepts(const shared_bytes& batch) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(batch.data()), batch.size());
  return fb::VerifyEventBatchBuffer(verifier);
}

TEST(batch, golden_bytes) {
  const auto bytes = batch_of({order, {.time = 0, .key = "B2", .value = "x", .place = 1}});
  EXPECT_EQ(hex(bytes.view()), "300000005745423100002600440008003000380000000600000000000c001000"
                               "140018001c0020002400000028002c0026000000000002003c0000004c000000"
                               "a4000000980000008c0000007c0000006c0000005c000000a0000000a8000000"
                               "07000000000000006400000000000000000000000d00000072657461696c2e6f"
                               "7264657273000000010000000c00000000000600080004000600000004000000"
                               "0b0000004f72646572506c6163656400020000002b0000002c00000002000000"
                               "130000002b000000020000000300000005000000020000000100000002000000"
                               "79010dbb0200000000401e18240a060000000000000000000500000041313742"
                               "320000002c0000000b05007472616365706172656e7430302d30317b22696422"
                               "3a22413137222c22736b75223a22746561227d7800000000");
  EXPECT_EQ(events_of(verified(shared_bytes::take(unhex(hex(bytes.view()))))),
            (std::vector<plain_event>{order, {.time = 0, .key = "B2", .value = "x", .place = 1}}));
}

TEST(batch, one_event_is_small) {
  EXPECT_LE(batch_of({{.time = 1, .key = "A17", .value = "v"}}).size(), 184U);
  EXPECT_LE(batch_of({{.time = 0}}).size(), 104U);
}

TEST(batch, event_with_everything_empty_survives) { // T49
  const auto batch = verified(batch_of({{}}));
  EXPECT_EQ(batch.count(), 1U);
  EXPECT_EQ(events_of(batch), std::vector<plain_event>{{}});
  EXPECT_EQ(batch.hash(0), 0U);
}

TEST(batch, says_whose_it_is) {
  const auto batch = verified(batch_of({order}));
  EXPECT_EQ(batch.topic(), "retail.orders");
  EXPECT_EQ(batch.producer(), producer_id{7});
  EXPECT_EQ(batch.first_sequence(), 100U);
  EXPECT_EQ(batch.codec(), codec::none);
  EXPECT_FALSE(batch.is_extract());
  EXPECT_EQ(batch.hash(0), key_hash(as_bytes("A17")));
}

TEST(batch, columns_of_zeros_are_absent) {
  const auto bytes = batch_of({{.value = "a"}, {.value = "b"}});
  const auto* const root = fb::GetEventBatch(bytes.data());
  EXPECT_EQ(root->time(), nullptr);
  EXPECT_EQ(root->hash(), nullptr);
  EXPECT_EQ(root->type(), nullptr);
  EXPECT_EQ(root->key_end(), nullptr);
  EXPECT_EQ(root->header_end(), nullptr);
  EXPECT_EQ(root->place(), nullptr);
  EXPECT_EQ(root->keys(), nullptr);
  EXPECT_EQ(root->types(), nullptr);
  EXPECT_NE(root->value_end(), nullptr);
}

TEST(batch, column_begins_with_the_first_event_that_needs_it) {
  std::vector<plain_event> events(300);
  for (std::size_t i = 0; i < events.size(); ++i)
    events[i].place = static_cast<std::uint16_t>(i);
  events[299] = {.time = -5, .type = "t", .key = "k", .headers = {{"h", ""}}, .value = "", .place = 299};
  EXPECT_EQ(events_of(verified(batch_of(events))), events);
}

TEST(batch, any_events_survive_a_round_trip) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  batch_builder reused("retail.orders", producer_id{7}, codec::none);
  for (int round = 0; round < 200; ++round) {
    const auto events = random_events(random, round % 10 == 0 ? 800 : 12);
    for (const auto how : {codec::none, codec::lz4}) {
      const auto bytes = batch_of(events, how);
      ASSERT_TRUE(plain_verifier_accepts(bytes));
      ASSERT_EQ(bytes.size() % 8, 0U);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 8, 0U);
      ASSERT_EQ(events_of(verified(bytes)), events);
    }
    for (const auto& event : events)
      ASSERT_TRUE(add(reused, event));
    const auto said = reused.bytes();
    const auto sealed = reused.seal(100);
    EXPECT_EQ(hex(sealed.view()), hex(batch_of(events).view())) << "a reused builder makes the same bytes";
    EXPECT_GE(said, sealed.size());
    EXPECT_LE(said, sealed.size() + 120);
  }
}

TEST(batch, lz4_shrinks_what_repeats_and_leaves_what_does_not) {
  const std::vector<plain_event> events{{.key = "k", .headers = {{"n", "v"}}, .value = std::string(10'000, 'a')}};
  const auto packed = batch_of(events, codec::lz4);
  EXPECT_LT(packed.size(), 400U);
  EXPECT_EQ(verified(packed).codec(), codec::lz4);
  EXPECT_EQ(events_of(verified(packed)), events);
  EXPECT_EQ(verified(batch_of({{.value = "short"}}, codec::lz4)).codec(), codec::none);
}

TEST(batch, holds_the_most_events) {
  batch_builder builder("t", producer_id{1}, codec::none);
  for (std::size_t i = 0; i < limits::batch_events_max; ++i)
    ASSERT_TRUE(builder.add({.time = {}, .type = {}, .key = {}, .headers = {}, .value = {}}));
  EXPECT_TRUE(builder.full());
  EXPECT_EQ(builder.add({}).error().code(), errc::would_block);
  const auto batch = verified(builder.seal(0));
  EXPECT_EQ(batch.count(), limits::batch_events_max);
  EXPECT_EQ(batch.place(65'534), 65'534U);
  EXPECT_EQ(builder.count(), 0U);
}

TEST(batch_builder, is_full_at_its_target_and_takes_no_more) {
  batch_builder builder("t", producer_id{1}, codec::none);
  const std::string value(1000, 'v');
  while (!builder.full())
    ASSERT_TRUE(builder.add({.time = {1}, .type = {}, .key = {}, .headers = {}, .value = as_bytes(value)}));
  const auto count = builder.count();
  EXPECT_EQ(builder.add({}).error().code(), errc::would_block);
  EXPECT_EQ(builder.count(), count);
  const auto bytes = builder.seal(0);
  EXPECT_GE(bytes.size() + 120, limits::batch_bytes_target);
  EXPECT_LE(bytes.size(), limits::batch_bytes_target + 1100);
}

TEST(batch_builder, never_makes_a_batch_over_the_limit) {
  const std::string largest(limits::event_value_bytes_max, 'v');
  batch_builder builder("t", producer_id{1}, codec::none);
  const std::string most(limits::batch_bytes_target - 1000, 'v');
  ASSERT_TRUE(builder.add({.time = {}, .type = {}, .key = {}, .headers = {}, .value = as_bytes(most)}));
  ASSERT_FALSE(builder.full());
  EXPECT_EQ(builder
                .add({.time = {1},
                      .type = "t",
                      .key = as_bytes(std::string(4000, 'k')),
                      .headers = {},
                      .value = as_bytes(largest)})
                .error()
                .code(),
            errc::would_block);
  EXPECT_EQ(events_of(verified(builder.seal(0))).size(), 1U);
}

TEST(batch_builder, event_at_every_limit_fits_and_beyond_does_not) { // T49
  plain_event event{.time = 1,
                    .type = std::string(limits::event_type_bytes_max, 't'),
                    .key = std::string(limits::event_key_bytes_max, 'k'),
                    .headers = {{"h", std::string(limits::event_headers_bytes_max - 4, 'x')}},
                    .value = std::string(limits::event_value_bytes_max, 'v')};
  EXPECT_EQ(events_of(verified(batch_of({event}))), std::vector{event});
  batch_builder builder("t", producer_id{1}, codec::none);
  const auto refused = [&](auto change) {
    auto changed = event;
    change(changed);
    return add(builder, changed).error().code();
  };
  EXPECT_EQ(refused([](auto& e) { e.type += 't'; }), errc::too_large);
  EXPECT_EQ(refused([](auto& e) { e.key += 'k'; }), errc::too_large);
  EXPECT_EQ(refused([](auto& e) { e.headers[0].second += 'x'; }), errc::too_large);
  EXPECT_EQ(refused([](auto& e) { e.value += 'v'; }), errc::too_large);
  EXPECT_EQ(refused([](auto& e) { e.headers.assign(65, {"h", ""}); }), errc::too_large);
  EXPECT_EQ(refused([](auto& e) { e.headers[0] = {"", "x"}; }), errc::invalid_argument);
  EXPECT_EQ(refused([](auto& e) { e.headers[0] = {std::string(256, 'n'), "x"}; }), errc::invalid_argument);
  EXPECT_EQ(refused([](auto& e) { e.type = "a\nb"; }), errc::invalid_argument);
  EXPECT_EQ(builder.count(), 0U) << "what is refused leaves nothing behind";
}

TEST(batch_builder, takes_no_more_types_than_a_batch_may_have) {
  batch_builder builder("t", producer_id{1}, codec::none);
  for (std::size_t i = 0; i < limits::batch_types_max; ++i)
    ASSERT_TRUE(add(builder, {.type = "type" + std::to_string(i)}));
  EXPECT_EQ(add(builder, {.type = "another"}).error().code(), errc::would_block);
  EXPECT_TRUE(add(builder, {.type = "type17"}));
  const auto batch = verified(builder.seal(0));
  EXPECT_EQ(batch.types(), limits::batch_types_max);
  EXPECT_EQ(batch.type(limits::batch_types_max), "type17");
}

TEST(batch_builder, small_batch_after_a_large_one_does_not_hold_its_memory) {
  batch_builder builder("t", producer_id{1}, codec::none);
  ASSERT_TRUE(add(builder, {.value = std::string(200'000, 'v')}));
  (void)builder.seal(0);
  const auto pooled = pooled_bytes();
  EXPECT_GE(pooled, 200'000U);
  ASSERT_TRUE(add(builder, {.value = "v"}));
  const auto small = builder.seal(1);
  EXPECT_EQ(pooled_bytes(), pooled) << "the large piece went back at once";
  EXPECT_EQ(events_of(verified(small)), std::vector<plain_event>{{.value = "v"}});
}

TEST(buffer_pool, is_bounded_and_takes_back_from_any_thread) {
  std::vector<shared_bytes> held;
  for (std::size_t i = 0; i < 80; ++i)
    held.push_back(pooled_buffer(300'000).share(0, 300'000));
  std::thread([dropped = std::move(held)]() mutable { dropped.clear(); }).join();
  EXPECT_LE(pooled_bytes(), limits::batch_pool_bytes_max);
  EXPECT_GE(pooled_bytes(), limits::batch_pool_bytes_max - 2 * 327'680);
  const pooled_buffer again(300'000);
  EXPECT_GE(again.capacity(), 300'000U);
}

TEST(header_view, finds_the_first_of_a_name_and_stops_at_a_cut) {
  const auto bytes = unhex("01 0100 61 31"
                           "01 0100 62 32"
                           "01 0100 61 33");
  header_view headers(bytes);
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.find("c"), std::nullopt);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    header_view cut(byte_view{bytes}.first(size));
    std::size_t whole = 0;
    while (cut.next())
      ++whole;
    EXPECT_EQ(whole, size / 5);
    EXPECT_EQ(cut.empty(), size % 5 == 0);
  }
}

} // namespace
} // namespace weft::wire
