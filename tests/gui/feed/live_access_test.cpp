// A monitor's questions to a real node, in this process and by its socket.
#include "gui/feed/live_access.hpp"

#include "gui/core/limits.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "weft/node.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>

namespace weft::monitor {
namespace {

using names = std::vector<std::string>;

/// A node "a" with orders A0 to A9 of 0 to 9 pieces, half of them from the east, and a monitor there.
struct asked_node : ::testing::Test {
  void SetUp() override {
    auto opened = node::open({.name = "a", .data_dir = directory.path() + "/a"});
    ASSERT_TRUE(opened) << opened.error().message();
    at.emplace(std::move(*opened));
    for (int i = 0; i < 10; ++i)
      publish(fmt::format("A{}", i), fmt::format(R"({{"quantity":{}}})", i),
              {{"region", i % 2 == 0 ? "west" : "east"}});
    access.emplace(directory.path() + "/a");
  }
  /// @returns its position
  std::string publish(const std::string& key, const std::string& value,
                      const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    const topic<std::string> orders{"retail.orders"};
    const auto done = at->publish_and_wait(orders, value, {.key = key, .headers = headers});
    EXPECT_TRUE(done) << (done ? "" : done.error().message());
    return done ? to_string(done->position) : "";
  }
  names keys(const event_query& what) {
    rows.clear();
    const auto read = access->read(what,
                                   [&](std::vector<event_row> came, const read_progress& now) {
                                     so_far = now;
                                     std::ranges::move(came, std::back_inserter(rows));
                                   },
                                   {});
    EXPECT_TRUE(read) << (read ? "" : read.error().message());
    names found;
    for (const auto& row : rows)
      found.push_back(row.key);
    return found;
  }

  temporary_directory directory;
  std::optional<weft::node> at;
  std::optional<live_access> access;
  std::vector<event_row> rows;
  read_progress so_far;
};

TEST_F(asked_node, gives_its_events_with_all_that_is_shown_of_them_and_says_that_all_is_read) {
  EXPECT_EQ(keys({.pattern = "retail.>"}).size(), 10U);
  EXPECT_EQ(so_far.logs, 1U);
  EXPECT_EQ(so_far.logs_read, 1U);
  EXPECT_EQ(so_far.events, 10U);
  EXPECT_GE(so_far.scanned, 10U);
  EXPECT_TRUE(so_far.away.empty());
  const auto& row = rows[3];
  EXPECT_EQ(row.node, "a");
  EXPECT_EQ(row.topic, "retail.orders");
  EXPECT_EQ(row.value, R"({"quantity":3})");
  EXPECT_EQ(row.topic_offset, rows[0].topic_offset + 3);
  EXPECT_EQ(row.headers, (std::vector<std::pair<std::string, std::string>>{{"region", "east"}}));
}

TEST_F(asked_node, filters_at_the_source_and_here) {
  EXPECT_EQ(keys({.pattern = "retail.>", .where = {"header.region = east", "quantity > 5"}}), (names{"A7", "A9"}));
  EXPECT_EQ(so_far.events, 2U);
  EXPECT_EQ(keys({.key = "A4"}), names{"A4"});
  EXPECT_EQ(keys({.pattern = "retail.>", .texts = {"\"QUANTITY\":8"}}), names{"A8"});
  EXPECT_EQ(keys({.pattern = "retail.>", .node = "b"}), names{});
  EXPECT_EQ(keys({.pattern = "retail.>", .most = 4}).size(), 4U);
  event_query none;
  none.where = {"quantity"};
  EXPECT_EQ(access->read(none, [](auto&&...) {}, {}).error().code(), errc::invalid_argument);
}

TEST_F(asked_node, reads_from_a_position_on_and_in_a_span_of_time) {
  keys({.pattern = "retail.>"});
  const auto all = rows;
  EXPECT_EQ(keys({.pattern = "retail.>", .position = all[6].position}), (names{"A6", "A7", "A8", "A9"}));
  const auto until = all[4].logged_at;
  const auto expected = std::ranges::count_if(all, [&](const event_row& row) { return row.logged_at <= until; });
  EXPECT_EQ(keys({.pattern = "retail.>", .until = until}).size(), static_cast<std::size_t>(expected));
  const auto later = std::ranges::count_if(all, [&](const event_row& row) { return row.logged_at >= until; });
  EXPECT_EQ(keys({.pattern = "retail.>", .from = until}).size(), static_cast<std::size_t>(later));
}

TEST_F(asked_node, tells_what_comes_until_it_is_told_to_stop) {
  std::stop_source stop;
  names came;
  int published = 0;
  event_query tail;
  tail.pattern = "retail.>";
  tail.tail = true;
  const auto take = [&](const std::vector<event_row>& some, const read_progress& now) {
    if (now.logs > 0 && published < 3) publish(fmt::format("new{}", published++), "{}"); // the subscription is there
    for (const auto& row : some)
      came.push_back(row.key);
    if (came.size() >= 3) stop.request_stop();
  };
  EXPECT_TRUE(access->read(tail, take, stop.get_token()));
  EXPECT_EQ(came, (names{"new0", "new1", "new2"}));
}

TEST_F(asked_node, finds_what_came_of_an_event_from_either_end) {
  const auto order = publish("B1", "{}");
  const auto payment = publish("B1", "{}", {{"weft-caused-by", order}, {"weft-origin", "payments 7"}});
  const auto stock = publish("B1", "{}", {{"weft-caused-by", order}, {"weft-origin", "inventory 3"}});
  const auto pick =
      publish("B1", "{}", {{"weft-caused-by", payment}, {"weft-caused-by", stock}, {"weft-origin", "picking 1"}});
  publish("B2", "{}", {{"weft-caused-by", "a/1-b/7"}}); // of something else
  for (const auto& of : {order, pick}) {
    const auto found = access->lineage(of, limits::hour, 100, {});
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_TRUE(found->whole);
    ASSERT_EQ(found->events.size(), 4U);
    EXPECT_EQ(found->events[0].position, order);
    EXPECT_EQ(found->events[1].service, "payments");
    EXPECT_EQ(found->events[3].causes, (names{payment, stock}));
  }
  EXPECT_FALSE(access->lineage(order, limits::hour, 1, {})->whole);
  EXPECT_FALSE(access->lineage("somewhere", limits::hour, 100, {}));
}

TEST_F(asked_node, that_is_gone_is_told_as_a_sentence) {
  at.reset();
  const auto read = access->read({}, [](auto&&...) {}, {});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message().find(directory.path()), std::string::npos) << read.error().message();
}

} // namespace
} // namespace weft::monitor
