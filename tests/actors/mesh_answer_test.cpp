#include "actors/mesh_answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

node_answer said(const std::string& node, const json& document) { return {node, document.dump(), {}, {}}; }
node_answer failed(const std::string& node, errc code, const std::string& why, std::optional<wall_time> since = {}) {
  return {node, fail(code, why), {}, since};
}
node_answer stale(const std::string& node, const json& document, wall_time at) {
  return {node, fail(errc::timed_out, "silent"), document.dump(), at};
}
json answer(const std::string& what, const std::vector<node_answer>& all) {
  const auto document = mesh_answer(what, all);
  EXPECT_TRUE(document) << document.error().message();
  return document ? json::parse(*document) : json();
}
json lag_row(const std::string& name, const std::string& topic, int events) {
  return {{"name", name}, {"topic", topic}, {"events", events}};
}
json column(const json& rows, const char* field) {
  auto values = json::array();
  for (const auto& row : rows)
    values.push_back(row.value(field, json()));
  return values;
}

TEST(mesh_answer, has_the_rows_of_all_logs_sorted_and_says_whose_they_are) {
  const auto all = answer("lag", {said("a", {{"lag", {lag_row("z", "t", 1), lag_row("b", "t", 2)}}}),
                                  said("c", {{"lag", {lag_row("b", "s", 3)}}})});
  EXPECT_EQ(column(all["lag"], "events"), (json{2, 3, 1}));
  EXPECT_EQ(column(all["lag"], "log"), (json{"a", "c", "a"}));
  EXPECT_EQ(column(all["lag"], "unknown_since_us"), (json{nullptr, nullptr, nullptr}));
  EXPECT_EQ(column(all["nodes"], "state"), (json{"answered", "answered"}));
}

TEST(mesh_answer, names_a_node_that_can_not_be_asked_and_shows_what_it_said_last_as_old) {
  const auto all =
      answer("lag", {said("a", {{"lag", json::array()}}), stale("b", {{"lag", {lag_row("g", "t", 7)}}}, {5}),
                     failed("c", errc::no_route, "it is dead", wall_time{9})});
  EXPECT_EQ(column(all["lag"], "events"), (json{7}));
  EXPECT_EQ(column(all["lag"], "unknown_since_us"), (json{5}));
  EXPECT_EQ(column(all["nodes"], "state"), (json{"answered", "unknown", "unknown"}));
  EXPECT_EQ(column(all["nodes"], "unknown_since_us"), (json{nullptr, 5, 9}));
  EXPECT_EQ(column(all["nodes"], "why"), (json{nullptr, "silent", "it is dead"}));
}

TEST(mesh_answer, says_where_groups_go_on_at_copies) {
  const json at_b{{"name", "g"}, {"log", "a"}, {"served_at", "?"}};
  const json of_b{{"lag", json::array()}, {"copies", {at_b}}};
  const auto lag = answer("lag", {failed("a", errc::no_route, "it is dead"), said("b", of_b), stale("c", of_b, {5})});
  EXPECT_EQ(column(lag["copies"], "log"), (json{"a"}));
  EXPECT_EQ(column(lag["copies"], "served_at"), (json{"b"}));
  const json own{{"name", "g"},
                 {"pattern", "t"},
                 {"position", "c/1/1"},
                 {"repeats", {{{"events", 4}}}},
                 {"shards", {{{"shard", 2}}}}};
  const json only{{"name", "g"}, {"kind", "group"}, {"pattern", "t"}, {"copies", {at_b}}};
  const auto both = answer("groups.describe", {said("b", only), said("c", own)});
  EXPECT_EQ(column(both["logs"], "log"), (json{"c"}));
  EXPECT_EQ(column(both["copies"], "served_at"), (json{"b"}));
  EXPECT_EQ(column(both["repeats"], "events"), (json{4}));
  EXPECT_EQ(column(both["shards"], "log"), (json{"c"}));
  EXPECT_EQ(column(both["shards"], "shard"), (json{2}));
  EXPECT_EQ(answer("groups.describe", {said("b", only)})["pattern"], "t");
}

TEST(mesh_answer, adds_up_totals) {
  const auto all = answer("letters.list", {said("a", {{"letters", {{{"position", "a/1/2"}}}}, {"total", 300}}),
                                           said("b", {{"letters", json::array()}, {"total", 2}}),
                                           failed("c", errc::not_found, "no group")});
  EXPECT_EQ(all["total"], 302);
  EXPECT_EQ(column(all["nodes"], "state"), (json{"answered", "answered", "none"}));
}

TEST(mesh_answer, describes_a_group_log_by_log) {
  const auto of = [](const char* at) {
    return json{{"name", "g"},
                {"kind", "group"},
                {"pattern", "t"},
                {"position", at},
                {"member_list", {{{"id", at}}}},
                {"failing", json::array()},
                {"leases", {{{"topic", "t"}}}}};
  };
  const auto two = answer("groups.describe", {said("a", of("a/1/1")), said("b", of("b/1/1"))});
  EXPECT_EQ(two["pattern"], "t");
  EXPECT_FALSE(two.contains("position")) << "each log has its own";
  EXPECT_EQ(column(two["logs"], "position"), (json{"a/1/1", "b/1/1"}));
  EXPECT_EQ(column(two["member_list"], "log"), (json{"a", "b"}));
  EXPECT_EQ(column(two["leases"], "log"), (json{"a", "b"}));
  const auto one = answer("groups.describe", {said("a", of("a/1/1")), failed("b", errc::not_found, "no")});
  EXPECT_EQ(one["position"], "a/1/1");
}

TEST(mesh_answer, tells_a_change_log_by_log_and_leaves_out_who_does_not_know_the_group) {
  const auto all =
      answer("groups.seek", {said("a", {{"position", "a/1/1"}}), failed("b", errc::denied, "not admin"),
                             failed("c", errc::not_found, "no group"), failed("d", errc::no_route, "it is dead")});
  EXPECT_EQ(column(all["results"], "log"), (json{"a", "b", "d"}));
  EXPECT_EQ(column(all["results"], "done"), (json{true, false, false}));
  EXPECT_EQ(column(all["results"], "position"), (json{"a/1/1", nullptr, nullptr}));
  EXPECT_EQ(column(all["results"], "why"), (json{nullptr, "not admin", "it is dead"}));
}

TEST(mesh_answer, shows_a_refusal_though_no_other_log_knows_the_group) {
  const auto all =
      answer("groups.seek", {failed("b", errc::not_found, "no group"), failed("a", errc::denied, "not admin")});
  EXPECT_EQ(column(all["results"], "why"), (json{"not admin"}));
}

TEST(mesh_answer, of_a_group_that_nobody_knows_says_who_was_not_asked) {
  const auto none = mesh_answer("groups.describe",
                                {failed("a", errc::not_found, "the log of a knows no group x"),
                                 failed("b", errc::not_found, "nor b"), failed("c", errc::no_route, "it is dead")});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), errc::not_found);
  EXPECT_EQ(none.error().message(),
            "the log of a knows no group x; nor does 1 other log know it; not to be asked now: c (it is dead)");
}

TEST(mesh_answer, of_one_node_alone_is_its_own) {
  const auto none = mesh_answer("groups.seek", {failed("a", errc::busy, "stop its members")});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(), "stop its members");
}

TEST(mesh_answer, does_not_believe_that_a_document_has_its_form) {
  const auto all = answer("lag", {{"a", std::string("["), {}, {}},
                                  said("b", {{"lag", 3}}),
                                  said("c", {{"lag", {1, "x"}}}),
                                  said("d", json::array())});
  EXPECT_EQ(all["lag"], json::array());
  EXPECT_EQ(column(all["nodes"], "state"), (json{"unknown", "answered", "answered", "unknown"}));
}

TEST(mesh_answer, a_document_that_is_too_deep_is_no_answer) { // written by recursion it would end the process
  constexpr std::size_t levels = 400'000;
  const auto deep = R"({"lag":[{"x":)" + std::string(levels, '[') + std::string(levels, ']') + "}]}";
  for (const auto* what : {"lag", "groups.describe", "groups.delete"}) {
    const auto all = answer(what, {{"a", deep, {}, {}}, said("b", {{"lag", {lag_row("g", "t", 1)}}})});
    EXPECT_EQ(column(all["nodes"], "state"), (json{"unknown", "answered"}));
    EXPECT_EQ(all["nodes"][0]["code"], static_cast<int>(errc::corrupt));
  }
}

TEST(mesh_answer, a_log_that_lacks_what_the_question_names_has_not_done_it) {
  auto lacking = failed("b", errc::not_found, "b/1/9 is no letter here");
  EXPECT_EQ(column(answer("letters.drop", {said("a", {{"letters", 1}}), lacking})["results"], "done"), (json{true}));
  lacking.is_named = true;
  const auto all = answer("letters.drop", {said("a", {{"letters", 1}}), lacking});
  EXPECT_EQ(column(all["results"], "done"), (json{true, false}));
  EXPECT_EQ(all["results"][1]["why"], "b/1/9 is no letter here");
}

} // namespace
} // namespace weft::actors
