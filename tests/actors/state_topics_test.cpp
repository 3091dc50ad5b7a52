#include "actors/state_topics.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::actors {
namespace {

using nlohmann::json;
using events = std::vector<state_rows::event>;

const state_topic& topic(std::string_view name) { return *std::ranges::find(state_topics(), name, &state_topic::name); }
json lag(const std::vector<std::pair<std::string, int>>& rows) {
  auto list = json::array();
  for (const auto& [name, behind] : rows)
    list.push_back({{"name", name}, {"topic", "t"}, {"events", behind}});
  return {{"lag", list}};
}

TEST(state_rows, tells_what_is_new_or_has_changed) {
  state_rows rows(topic("_weft.lag"));
  EXPECT_EQ(rows.changes(lag({{"g", 1}, {"h", 2}}), "a", false).size(), 2U);
  EXPECT_EQ(rows.changes(lag({{"g", 1}, {"h", 3}}), "a", false),
            (events{{"h/t", R"({"events":3,"name":"h","topic":"t"})"}}));
  EXPECT_EQ(rows.changes(lag({{"g", 1}, {"h", 3}}), "a", false), events{});
}

TEST(state_rows, tells_all_when_it_is_to_be_whole) {
  state_rows rows(topic("_weft.lag"));
  EXPECT_EQ(rows.changes(lag({{"g", 1}}), "a", false).size(), 1U);
  EXPECT_EQ(rows.changes(lag({{"g", 1}}), "a", true).size(), 1U);
}

TEST(state_rows, tells_once_that_a_row_is_gone) {
  state_rows rows(topic("_weft.lag"));
  (void)rows.changes(lag({{"g", 1}, {"h", 2}}), "a", false);
  EXPECT_EQ(rows.changes(lag({{"h", 2}}), "a", false), (events{{"g/t", R"({"gone":true})"}}));
  EXPECT_EQ(rows.changes(lag({{"h", 2}}), "a", false), events{});
}

TEST(state_rows, of_nodes_has_the_own_one_and_those_that_are_not_well) {
  state_rows rows(topic("_weft.nodes"));
  json all{{"nodes",
            {{{"name", "a"}, {"state", "alive"}, {"state_s", 1.5}},
             {{"name", "b"}, {"state", "alive"}},
             {{"name", "c"}, {"state", "dead"}},
             {{"name", "d"}, {"state", "left"}}}}};
  EXPECT_EQ(rows.changes(all, "a", false),
            (events{{"a", R"({"name":"a","state":"alive"})"}, {"c", R"({"name":"c","state":"dead"})"}}));
  all["nodes"][0]["state_s"] = 7;
  EXPECT_EQ(rows.changes(all, "a", false), events{}) << "time that passes is no news";
}

TEST(state_rows, of_flows_does_not_speak_of_its_own_readers) {
  state_rows rows(topic("_weft.flows"));
  const json all{{"flows",
                  {{{"from", "a"}, {"to", "monitor"}, {"pattern", "_weft.>"}, {"events", 3}},
                   {{"from", "a"}, {"to", "b"}, {"pattern", "orders"}, {"name", ""}}}}};
  const auto told = rows.changes(all, "a", false);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].key, "a/b/orders/");
}

TEST(state_rows, of_the_log_is_one) {
  state_rows rows(topic("_weft.logs"));
  EXPECT_EQ(rows.changes({{"name", "a"}, {"head", 3}}, "a", false), (events{{"a", R"({"head":3,"name":"a"})"}}));
}

TEST(state_rows, is_bounded) {
  std::vector<std::pair<std::string, int>> many;
  for (std::size_t i = 0; i < limits::telemetry_rows_max + 10; ++i)
    many.emplace_back("g" + std::to_string(i), 1);
  state_rows rows(topic("_weft.lag"));
  EXPECT_EQ(rows.changes(lag(many), "a", false).size(), limits::telemetry_rows_max);
}

} // namespace
} // namespace weft::actors
