#include "actors/telemetry_rows.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/telemetry/frame_text.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;
using telemetry::Kind;
using rows = std::vector<std::string>;

const row_list& list(Kind kind) { return *std::ranges::find(row_lists(), kind, &row_list::kind); }
json lag(const std::vector<std::pair<std::string, int>>& behind) {
  auto all = json::array();
  for (const auto& [name, events] : behind)
    all.push_back({{"name", name}, {"topic", "t"}, {"events", events}});
  return {{"lag", all}};
}

TEST(told_rows, tell_what_is_new_or_has_changed) {
  told_rows told(list(Kind::lag));
  EXPECT_EQ(told.changes(lag({{"g", 1}, {"h", 2}}), "a", false).rows.size(), 2U);
  EXPECT_EQ(told.changes(lag({{"g", 1}, {"h", 3}}), "a", false).rows, (rows{R"({"events":3,"name":"h","topic":"t"})"}));
  EXPECT_EQ(told.changes(lag({{"g", 1}, {"h", 3}}), "a", false), told_rows::news{});
}

TEST(told_rows, tell_all_when_the_frame_is_whole) {
  told_rows told(list(Kind::lag));
  EXPECT_EQ(told.changes(lag({{"g", 1}}), "a", false).rows.size(), 1U);
  EXPECT_EQ(told.changes(lag({{"g", 1}}), "a", true).rows.size(), 1U);
}

TEST(told_rows, tell_once_that_a_row_is_gone) {
  told_rows told(list(Kind::lag));
  (void)told.changes(lag({{"g", 1}, {"h", 2}}), "a", false);
  EXPECT_EQ(told.changes(lag({{"h", 2}}), "a", false), (told_rows::news{{}, {"g/t"}}));
  EXPECT_EQ(told.changes(lag({{"h", 2}}), "a", false), told_rows::news{});
}

TEST(told_rows, in_a_whole_frame_what_is_not_there_is_gone) {
  told_rows told(list(Kind::lag));
  (void)told.changes(lag({{"g", 1}, {"h", 2}}), "a", false);
  EXPECT_TRUE(told.changes(lag({{"h", 2}}), "a", true).gone.empty());
}

TEST(told_rows, of_nodes_are_the_own_one_and_those_that_are_not_well) {
  told_rows told(list(Kind::node));
  json all{{"nodes",
            {{{"name", "a"}, {"state", "alive"}, {"state_s", 1.5}},
             {{"name", "b"}, {"state", "alive"}},
             {{"name", "c"}, {"state", "dead"}},
             {{"name", "d"}, {"state", "left"}}}}};
  EXPECT_EQ(told.changes(all, "a", false).rows,
            (rows{R"({"name":"a","state":"alive"})", R"({"name":"c","state":"dead"})"}));
  all["nodes"][0]["state_s"] = 7;
  EXPECT_EQ(told.changes(all, "a", false), told_rows::news{}) << "time that passes is no news";
}

TEST(told_rows, of_flows_do_not_speak_of_their_own_readers) {
  told_rows told(list(Kind::flow));
  const json all{{"flows",
                  {{{"from", "a"}, {"to", "monitor"}, {"pattern", "_weft.>"}, {"events", 3}},
                   {{"from", "a"}, {"to", "b"}, {"pattern", "orders"}, {"name", ""}}}}};
  EXPECT_EQ(told.changes(all, "a", false).rows.size(), 1U);
  EXPECT_EQ(told.changes({{"flows", json::array()}}, "a", false).gone, (rows{"a/b/orders/"}));
}

TEST(told_rows, of_topics_have_what_their_settings_say) {
  told_rows told(list(Kind::topic));
  const json all{{"topics",
                  {{{"name", "orders"},
                    {"start", 1},
                    {"end", 4},
                    {"events", 3},
                    {"bytes", 90},
                    {"settings", {{"replicas", 2}, {"contract", "c0"}}},
                    {"copies", {{"wanted", 2}, {"copies", 1}}}},
                   {{"name", "elsewhere"}, {"settings", {{"replicas", 0}}}}}}};
  const auto news = told.changes(all, "a", false).rows;
  ASSERT_EQ(news.size(), 2U);
  const auto frame = telemetry::frame_reader().read("{\"topics\":[" + news[0] + "," + news[1] + "]}");
  ASSERT_TRUE(frame) << frame.error().message();
  EXPECT_EQ(frame->topics[0]->name, "elsewhere");
  const auto& orders = *frame->topics[1];
  EXPECT_EQ(std::tuple(orders.end, orders.replicas, orders.copies, orders.contract), std::tuple(4U, 2U, 1U, "c0"));
}

TEST(told_rows, are_bounded) {
  std::vector<std::pair<std::string, int>> many;
  for (std::size_t i = 0; i < limits::telemetry_rows_max + 10; ++i)
    many.emplace_back("g" + std::to_string(i), 1);
  told_rows told(list(Kind::lag));
  EXPECT_EQ(told.changes(lag(many), "a", false).rows.size(), limits::telemetry_rows_max);
}

} // namespace
} // namespace weft::actors
