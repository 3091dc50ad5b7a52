#include "gui/core/trace.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

using names = std::vector<std::string>;

caused_event event(std::string position, time_us at, names causes, std::string node = "a", std::string service = "s") {
  caused_event made;
  made.position = std::move(position), made.node = std::move(node), made.service = std::move(service);
  made.logged_at = at, made.causes = std::move(causes);
  return made;
}

/// An order; of it a payment and stock; a pick waits for both; a report comes of the payment.
event_lineage order() {
  event_lineage made;
  made.events = {event("order", 1000, {}), event("stock", 1300, {"order"}, "b"), event("payment", 1200, {"order"}),
                 event("pick", 1900, {"payment", "stock"}, "c", "picking"), event("report", 1400, {"payment"})};
  return made;
}

names positions(const trace_picture& of) {
  names made;
  for (const auto& row : of.rows)
    made.push_back(std::string(row.depth, ' ') + row.what.position);
  return made;
}

const trace_row& row_of(const trace_picture& of, std::string_view position) {
  return *std::ranges::find(of.rows, position, [](const trace_row& row) { return row.what.position; });
}

TEST(trace, effects_stand_below_their_cause_by_time_with_bars_from_its_append_to_their_own) {
  const auto shown = trace_of(order(), "pick", {}, false);
  EXPECT_EQ(positions(shown), (names{"order", " payment", "  report", "  pick", " stock"}));
  EXPECT_EQ(row_of(shown, "pick").begin, 200);
  EXPECT_EQ(row_of(shown, "pick").end, 900);
  EXPECT_EQ(shown.first, 1000);
  EXPECT_EQ(shown.end, 900);
  EXPECT_EQ(shown.nodes, 3U);
  EXPECT_EQ(shown.services, 2U);
  EXPECT_TRUE(row_of(shown, "pick").asked);
  EXPECT_FALSE(row_of(shown, "order").asked);
}

TEST(trace, an_event_of_two_causes_joins_and_the_critical_path_goes_by_the_later) {
  const auto shown = trace_of(order(), "", {}, false);
  const auto& pick = row_of(shown, "pick");
  ASSERT_EQ(pick.joins.size(), 1U);
  EXPECT_EQ(shown.rows[pick.joins[0]].what.position, "stock");
  EXPECT_EQ(row_of(shown, "order").effects, 2U);
  EXPECT_EQ(row_of(shown, "payment").effects, 2U);
  EXPECT_EQ(row_of(shown, "stock").effects, 1U);
  for (const auto& [position, critical] : std::vector<std::pair<std::string, bool>>{
           {"order", true}, {"stock", true}, {"pick", true}, {"payment", false}, {"report", false}})
    EXPECT_EQ(row_of(shown, position).critical, critical) << position;
}

TEST(trace, a_cause_that_is_gone_has_a_row_that_says_so) {
  auto of = order();
  of.events[0].causes = {"cart"};
  const auto shown = trace_of(of, "", {}, false);
  EXPECT_EQ(positions(shown)[0], "cart");
  EXPECT_EQ(positions(shown)[1], " order");
  EXPECT_EQ(shown.rows[0].fate, trace_fate::missing);
  EXPECT_FALSE(shown.rows[0].why.empty());
  EXPECT_EQ(shown.rows[1].begin, shown.rows[1].end); // nobody knows how long
}

TEST(trace, of_further_causes_one_that_is_gone_is_named) {
  auto of = order();
  of.events[3].causes.push_back("gift");
  const auto shown = trace_of(of, "", {}, false);
  EXPECT_NE(row_of(shown, "pick").why.find("gift"), std::string::npos);
}

TEST(trace, what_groups_set_aside_is_marked) {
  auto of = order();
  of.aside = {{"pick", "packers", "no such bin", true}, {"report", "readers", "", false}, {"other", "x", "", false}};
  const auto shown = trace_of(of, "", {}, false);
  EXPECT_EQ(row_of(shown, "pick").fate, trace_fate::parked);
  EXPECT_EQ(row_of(shown, "pick").why, "parked by packers: no such bin");
  EXPECT_EQ(row_of(shown, "report").fate, trace_fate::dead_letter);
  EXPECT_EQ(row_of(shown, "stock").fate, trace_fate::passed);
}

TEST(trace, clocks_that_differ_are_seen_raw_and_mended_when_asked) {
  auto of = order();
  of.events[1].logged_at -= 5000; // b is 5 ms behind
  const clock_offsets clocks{{"b", -0.005}, {"a", 0.0001}};
  const auto raw = trace_of(of, "", clocks, false);
  EXPECT_TRUE(row_of(raw, "stock").is_backwards());
  EXPECT_EQ(raw.backwards, 1U);
  EXPECT_TRUE(raw.can_correct);
  EXPECT_LT(raw.begin, 0);
  const auto mended = trace_of(of, "", clocks, true);
  EXPECT_FALSE(row_of(mended, "stock").is_backwards());
  EXPECT_TRUE(row_of(mended, "stock").corrected);
  EXPECT_FALSE(row_of(mended, "payment").corrected); // 0.1 ms is what measuring is wrong by
  EXPECT_EQ(row_of(mended, "stock").end - row_of(mended, "stock").begin, 300 + 100);
  EXPECT_FALSE(trace_of(of, "", {}, false).can_correct);
}

TEST(trace, circles_and_doubles_end) {
  event_lineage of;
  of.events = {event("a", 1, {"c"}), event("b", 2, {"a"}), event("c", 3, {"b"}), event("b", 9, {"a"}),
               event("d", 4, {"d"})};
  const auto shown = trace_of(of, "", {}, false);
  EXPECT_EQ(shown.rows.size(), 5U); // a missing row for c is right: it was named before a; b, its double, and c
  EXPECT_TRUE(trace_of({}, "", {}, true).rows.empty());
}

} // namespace
} // namespace weft::monitor
