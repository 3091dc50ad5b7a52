#include "gui/core/group_places.hpp"

#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

TEST(group_places, say_which_groups_of_the_events_log_and_topic_are_past_it) {
  snapshot now;
  const auto add = [&](const char* group, const char* log, const char* topic, std::uint64_t processed) {
    auto& row = now.lag.emplace_back();
    row.group = group, row.log = log, row.topic = topic, row.processed = processed;
  };
  add("behind", "a", "orders", 5);
  add("elsewhere", "b", "orders", 99);
  add("of-another", "a", "stock", 99);
  add("past", "a", "orders", 8);
  add("silent", "a", "orders", 99);
  now.lag.back().unknown_since = 1;
  event_row event;
  event.node = "a", event.topic = "orders", event.topic_offset = 7;
  const auto places = groups_at(event, now);
  ASSERT_EQ(places.size(), 3U);
  EXPECT_EQ(places[0].group, "behind");
  EXPECT_EQ(places[0].before, 3U); // 5, 6 and 7
  EXPECT_EQ(places[1].before, 0U);
  EXPECT_EQ(places[2].before, std::nullopt);
  event.note = "a gap";
  EXPECT_TRUE(groups_at(event, now).empty());
}

} // namespace
} // namespace weft::monitor
