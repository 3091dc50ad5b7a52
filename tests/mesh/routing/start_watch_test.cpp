// What a flow's consumer is told about starts that passed it.
#include "mesh/routing/start_watch.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

constexpr epoch opening{1, 7};
constexpr topic_id orders{1}, stock{2}, other{3};

constexpr log_position at(std::uint64_t place) { return {opening, seq{place}}; }

struct start_watch_fixture : ::testing::Test {
  /// A topic's start moves: another map, as the log makes it.
  void move(topic_id topic, std::uint64_t offset, std::uint64_t to) {
    auto changed = std::make_shared<log::known_starts>(*starts);
    (*changed)[topic] = {topic_offset{offset}, at(to)};
    starts = std::move(changed);
  }
  /// Topics that a read from there finds passed.
  std::vector<std::string> read(start_watch& by, std::uint64_t from) {
    std::vector<std::string> topics;
    for (const auto& each : by.passed(at(from), starts))
      topics.push_back(each.topic);
    return topics;
  }
  std::optional<std::string> name_of(topic_id topic) {
    ++names_asked;
    if (topic == orders) return "retail.orders";
    if (topic == stock) return "retail.stock";
    return std::nullopt;
  }
  start_watch watch_from(start_watch::starts accepted) {
    return {std::move(accepted), [this](topic_id topic) { return name_of(topic); }};
  }

  start_watch::starts starts = std::make_shared<const log::known_starts>();
  int names_asked = 0;
};

using names = std::vector<std::string>;

TEST_F(start_watch_fixture, a_position_below_a_topics_start_misses_something_of_it) {
  move(orders, 5, 10);
  auto watch = watch_from(nullptr);
  const auto found = watch.passed(at(9), starts);
  EXPECT_EQ(found, (std::vector<wire::named_start>{{"retail.orders", topic_offset{5}, at(10)}}));
}

TEST_F(start_watch_fixture, it_is_told_once) {
  move(orders, 5, 10);
  auto watch = watch_from(nullptr);
  EXPECT_EQ(read(watch, 3), names{"retail.orders"});
  EXPECT_EQ(read(watch, 3), names{}) << "the same place, as when there was no credit";
  move(stock, 1, 2);
  EXPECT_EQ(read(watch, 4), names{}) << "another topic's start moves";
}

TEST_F(start_watch_fixture, a_copy_is_told_of_every_start_also_below_where_it_is) {
  start_watch watch(
      nullptr, [this](topic_id topic) { return name_of(topic); }, start_watch::told::all);
  move(orders, 5, 10);
  EXPECT_EQ(read(watch, 50), names{"retail.orders"});
  EXPECT_EQ(read(watch, 50), names{});
  move(stock, 1, 2);
  EXPECT_EQ(read(watch, 60), names{"retail.stock"});
}

TEST_F(start_watch_fixture, a_position_at_or_behind_the_start_misses_nothing) {
  move(orders, 5, 10);
  auto at_start = watch_from(nullptr);
  EXPECT_EQ(read(at_start, 10), names{});
  auto in_next_epoch = watch_from(nullptr);
  EXPECT_TRUE(in_next_epoch.passed({epoch{2, 1}, seq{10}}, starts).empty());
}

TEST_F(start_watch_fixture, a_topic_that_only_begins_later_misses_nothing) {
  move(orders, 5, 10); // the stock's first event comes later, and all of it is there
  auto watch = watch_from(nullptr);
  EXPECT_EQ(read(watch, 3), names{"retail.orders"});
}

TEST_F(start_watch_fixture, who_asked_for_what_there_is_misses_only_what_goes_later) {
  move(orders, 5, 10);
  auto watch = watch_from(starts);
  EXPECT_EQ(read(watch, 0), names{});
  move(stock, 2, 4);
  EXPECT_EQ(read(watch, 1), names{"retail.stock"});
  move(orders, 8, 20);
  EXPECT_EQ(read(watch, 12), names{"retail.orders"});
}

TEST_F(start_watch_fixture, all_topics_that_the_flow_wants_are_told_by_name_and_no_others) {
  move(stock, 2, 30);
  move(other, 9, 30);
  move(orders, 5, 30);
  auto watch = watch_from(nullptr);
  EXPECT_EQ(read(watch, 0), (names{"retail.orders", "retail.stock"}));
}

TEST_F(start_watch_fixture, while_no_start_moves_nothing_is_looked_at) {
  move(orders, 5, 10);
  auto watch = watch_from(nullptr);
  static_cast<void>(read(watch, 3));
  const auto asked = names_asked;
  for (std::uint64_t from = 0; from < 1000; ++from)
    EXPECT_EQ(read(watch, from), names{});
  EXPECT_EQ(names_asked, asked);
}

TEST_F(start_watch_fixture, a_read_that_went_by_no_starts_says_nothing) {
  auto watch = watch_from(nullptr);
  EXPECT_TRUE(watch.passed(at(0), nullptr).empty());
  move(orders, 5, 10);
  EXPECT_EQ(read(watch, 0), names{"retail.orders"});
}

TEST(removed_text, names_the_topic_and_how_far) {
  const wire::named_start start{"retail.orders", topic_offset{17}, at(1042)};
  EXPECT_EQ(removed_text(start), "everything of topic retail.orders below its offset 17, up to seq 1042, was removed");
  EXPECT_EQ(removed_text({start, start, start}), removed_text(start) + "; so it is with 2 more topics");
}

} // namespace
} // namespace weft::routing
