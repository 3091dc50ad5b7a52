#include "mesh/delivery/group_run.hpp"

#include "tests/mesh/log/piece_of_log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

namespace weft::delivery {
namespace {

struct group_run_fixture : ::testing::Test {
  log::piece_of_log piece;

  /// A batch whose events have these keys; their values say which one they are.
  void append(const std::vector<std::string>& keys) {
    wire::batch_builder builder("retail.orders", producer_id{7}, wire::codec::none);
    for (std::size_t i = 0; i < keys.size(); ++i)
      EXPECT_TRUE(builder.add({.type = i % 2 == 0 ? "even" : "odd",
                               .key = as_bytes(keys[i]),
                               .value = as_bytes(fmt::format("{}", piece.events() + i))}));
    piece.append(builder);
  }
  group_run run(const wire::event_filter& filter = {}, const slot_set& slots = slot_set().set()) {
    return group_run::of(piece.read(), filter, slots);
  }
  /// Positions and values of a run's events.
  std::vector<std::pair<std::uint64_t, std::string>> events_in(const shared_bytes& bytes) {
    std::vector<std::pair<std::uint64_t, std::string>> all;
    wire::entry_walker walker(bytes, wire::checksum_seed(piece.id, piece.opening));
    for (auto entry = walker.next(); entry; entry = walker.next()) {
      const auto batch = wire::batch_view::verify(entry->body()).value();
      const auto data = batch.unpack().value();
      for (std::size_t i = 0; i < batch.count(); ++i)
        all.emplace_back((entry->header.first_seq + batch.place(i)).value(),
                         std::string(as_text(batch.event(i, data.view()).value)));
    }
    return all;
  }
};

TEST_F(group_run_fixture, events_of_one_key_are_of_one_slot_and_keyless_ones_are_spread) {
  append({"a", "b", "a", "", ""});
  append({"a"});
  const auto offers = run().offers();
  ASSERT_EQ(offers.size(), 6U);
  EXPECT_EQ(offers[0].of, offers[2].of);
  EXPECT_EQ(offers[0].of, offers[5].of);
  EXPECT_EQ(offers[0].key, hashed_key_of(as_bytes(std::string_view("a"))));
  EXPECT_EQ(hash_of(*offers[0].key), wire::key_hash(as_bytes(std::string_view("a")))) << "as its batch has it";
  EXPECT_EQ(offers[0].bytes, 2U);
  EXPECT_FALSE(offers[3].key);
  EXPECT_EQ(offers[3].of, slot{3});
  EXPECT_EQ(offers[4].of, slot{4});
  EXPECT_EQ(offers[5].at, seq{5});
}

TEST_F(group_run_fixture, packed_data_that_can_t_be_unpacked_is_left_out_and_told_and_the_rest_is_offered) {
  append({"a"});
  wire::batch_builder builder("retail.orders", producer_id{7}, wire::codec::lz4);
  const std::string value(1000, 'x');
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(builder.add({.key = as_bytes(std::string_view("a")), .value = as_bytes(value)}));
  const auto sealed = builder.seal(1);
  std::vector<std::byte> broken(sealed.view().begin(), sealed.view().end());
  std::fill(broken.end() - 20, broken.end(), std::byte{0xff});
  piece.append(shared_bytes::take(std::move(broken)), 3);
  append({"a"});
  const auto read = run();
  ASSERT_EQ(read.unreadable().size(), 1U);
  EXPECT_EQ(read.unreadable()[0].first.from, seq{1});
  EXPECT_EQ(read.unreadable()[0].first.until, seq{4});
  ASSERT_EQ(read.offers().size(), 2U);
  EXPECT_EQ(read.offers()[1].at, seq{4});
}

TEST_F(group_run_fixture, other_slots_and_what_the_filter_leaves_out_are_not_offered) {
  append({"a", "a", "b", ""});
  slot_set slots;
  slots.set(wire::slot_of(wire::key_hash(as_bytes(std::string_view("a")))).value());
  wire::event_filter filter;
  filter.types = {"odd"};
  const auto offers = run(filter, slots).offers();
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].at, seq{1});
}

TEST_F(group_run_fixture, a_member_gets_its_events_at_their_positions) {
  append({"a", "b", "c"});
  append({"d", "e"});
  append({"f"});
  const std::vector<std::uint32_t> chosen{1, 2, 5};
  const auto bytes = run().bytes_of(chosen, piece.id).value();
  EXPECT_EQ(events_in(bytes), (std::vector<std::pair<std::uint64_t, std::string>>{{1, "1"}, {2, "2"}, {5, "5"}}));
}

TEST_F(group_run_fixture, who_gets_all_gets_the_entries_as_they_are) {
  append({"a", "b"});
  const std::vector<std::uint32_t> chosen{0, 1};
  const auto read = piece.read();
  const auto bytes = run().bytes_of(chosen, piece.id).value();
  EXPECT_TRUE(std::ranges::equal(bytes.view(), read.entries[0].bytes.view()));
}

} // namespace
} // namespace weft::delivery
