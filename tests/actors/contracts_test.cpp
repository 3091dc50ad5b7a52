// Contracts of topics, at one node and in the mesh: whole nodes in one process.
#include "mesh/contract/admission.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <gtest/gtest.h>

namespace weft::actors {
namespace {

using nlohmann::json;
using testing::batch_of;
using testing::test_node;

const std::string first_schema = "table Order { id:string (required); quantity:int; } root_type Order;";
const std::string second_schema = "table Order { id:string (required); quantity:int; note:string; } root_type Order;";
const std::string broken_schema = "table Order { id:string (required); amount:int; } root_type Order;";

struct contracts_fixture : ::testing::Test {
  temporary_directory directory;
  test_node a{"a", directory.path() + "/a"};

  void SetUp() override { a.start(); }

  static json contract(const std::string& schema, json more = json::object()) {
    json arguments{{"topic", "orders"}, {"schema", schema}, {"rules", "quantity > 0"}};
    arguments.update(more);
    return arguments;
  }
  static result<node::publish_outcome> publish(test_node& at, const std::vector<std::string>& values,
                                               std::uint64_t sequence = 0) {
    wire::batch_builder builder("orders", producer_id{9}, wire::codec::none);
    for (const auto& value : values)
      EXPECT_TRUE(builder.add({{1}, {}, {}, {}, as_bytes(value)}));
    return at.door->publish_and_wait(wire::batch_view::trusted(builder.seal(sequence)), ack_level::synced);
  }
  static std::uint64_t count(test_node& at, const std::string& topic) {
    const auto answer = at.answer("topics.describe", {{"name", topic}});
    return answer.code == errc::ok ? json::parse(answer.document)["events"].get<std::uint64_t>() : 0;
  }
};

TEST_F(contracts_fixture, a_contract_makes_its_topic_and_is_shown) {
  const auto added = a.ask("contracts.add", contract(first_schema));
  EXPECT_EQ(added["root"], "Order");
  EXPECT_EQ(added["compatibility"], "backward");
  EXPECT_EQ(added["on_broken"], "refuse");
  EXPECT_EQ(a.ask("topics.describe", {{"name", "orders"}})["settings"]["contract"], added["id"]);
  const auto shown = a.ask("contracts.show", {{"topic", "orders"}});
  EXPECT_EQ(shown["schema"], first_schema);
  EXPECT_EQ(shown["rules"], "quantity > 0");
  EXPECT_EQ(a.ask("contracts.show", {{"id", added["id"].get<std::string>().substr(0, 8)}})["id"], added["id"]);
  EXPECT_EQ(a.ask("contracts.list")["contracts"].size(), 1U);
}

TEST_F(contracts_fixture, what_can_not_be_added_changes_nothing) {
  EXPECT_EQ(a.answer("contracts.add", contract("table Order {")).code, errc::invalid_argument);
  EXPECT_EQ(a.answer("contracts.add", contract(first_schema, {{"rules", "sum > 0"}})).code, errc::invalid_argument);
  EXPECT_EQ(a.answer("contracts.add", contract(first_schema, {{"compatibility", "sideways"}})).code,
            errc::invalid_argument);
  EXPECT_EQ(a.answer("contracts.add", contract(first_schema, {{"on_broken", "ignore"}})).code, errc::invalid_argument);
  EXPECT_EQ(a.answer("contracts.add", contract(first_schema, {{"topic", "_weft.cursors"}})).code, errc::denied);
  EXPECT_EQ(a.answer("contracts.add", contract(first_schema, {{"topic", "a..b"}})).code, errc::invalid_name);
  EXPECT_EQ(a.answer("contracts.show", {{"topic", "orders"}}).code, errc::not_found);
  EXPECT_EQ(a.answer("contracts.show", {{"id", "00000000"}}).code, errc::not_found);
  EXPECT_EQ(a.answer("contracts.remove", {{"topic", "orders"}}).code, errc::not_found);
  EXPECT_TRUE(a.ask("contracts.add", contract(first_schema, {{"dry_run", true}})).contains("id"));
  EXPECT_EQ(a.ask("contracts.list")["contracts"].size(), 0U);
}

TEST_F(contracts_fixture, the_next_version_keeps_what_is_promised) {
  a.ask("contracts.add", contract(first_schema));
  const auto refused = a.answer("contracts.add", contract(broken_schema, {{"rules", ""}}));
  EXPECT_EQ(refused.code, errc::incompatible);
  EXPECT_NE(refused.message.find("the field Order.quantity is gone and amount has its id 1"), std::string::npos)
      << refused.message;
  const auto second = a.ask("contracts.add", contract(second_schema, {{"compatibility", "full"}}));
  EXPECT_EQ(second["compatibility"], "full");
  const auto all = a.ask("contracts.list", {{"topic", "orders"}})["contracts"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["holds"], false);
  EXPECT_EQ(all[1]["holds"], true);
  a.ask("contracts.add", contract(broken_schema, {{"rules", ""}, {"compatibility", "none"}}));
}

TEST_F(contracts_fixture, a_bad_event_is_refused_and_nothing_of_its_batch_is_in_the_log) {
  a.ask("contracts.add", contract(first_schema));
  EXPECT_TRUE(publish(a, {R"({"id":"A1","quantity":1})"}));
  const auto bad = publish(a, {R"({"id":"A2","quantity":1})", R"({"id":"A3","quantity":0})"}, 1);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), errc::contract_broken);
  EXPECT_NE(bad.error().message().find("topic orders, event 2 of 2: the field quantity is 0: the contract's rule is "
                                       "quantity > 0"),
            std::string::npos)
      << bad.error().message();
  EXPECT_EQ(count(a, "orders"), 1U);
  EXPECT_TRUE(publish(a, {R"({"id":"A2","quantity":1})"}, 1)) << "the producer goes on";
}

TEST_F(contracts_fixture, a_publish_that_does_not_wait_is_refused_too) {
  a.ask("contracts.add", contract(first_schema));
  const auto taken = a.door->publish(batch_of("orders", "{}"), {ack_level::synced}, [](const auto&) {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code(), errc::contract_broken);
}

TEST_F(contracts_fixture, bad_events_are_kept_aside_when_the_topic_says_so_and_all_have_their_places) {
  a.ask("contracts.add", contract(first_schema, {{"on_broken", "quarantine"}}));
  const std::vector<std::string> values{R"({"id":"A1","quantity":1})", "bad", R"({"id":"A3","quantity":3})"};
  const auto taken = publish(a, values);
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->at.count, 3U);
  EXPECT_EQ(count(a, "orders"), 2U);
  EXPECT_EQ(count(a, contract::quarantine_topic("orders")), 1U);
  a.inside.subscribe("orders");
  ASSERT_TRUE(a.inside.wait([](const auto& p) { return p.values.size() == 2; }));
  EXPECT_EQ(a.inside.values[1], values[2]);
  EXPECT_EQ(a.inside.positions[1].seq, taken->at.first + 2U);
  a.inside.subscribe("_weft.quarantine.>");
  ASSERT_TRUE(a.inside.wait([](const auto& p) { return p.values.size() == 3; }));
  EXPECT_EQ(a.inside.values[2], "bad");
  EXPECT_EQ(a.inside.positions[2].seq, taken->at.first + 1U);
}

TEST_F(contracts_fixture, a_repeat_of_a_batch_that_was_parted_is_known) {
  a.ask("contracts.add", contract(first_schema, {{"on_broken", "quarantine"}}));
  const std::vector<std::string> values{R"({"id":"A1","quantity":1})", "bad", R"({"id":"A3","quantity":3})"};
  const auto taken = publish(a, values);
  const auto again = publish(a, values);
  ASSERT_TRUE(taken && again);
  EXPECT_TRUE(again->at.repeated);
  EXPECT_EQ(again->at.first, taken->at.first);
  EXPECT_EQ(count(a, "orders"), 2U);
}

TEST_F(contracts_fixture, a_contract_holds_after_a_restart_and_until_it_is_removed) {
  a.ask("contracts.add", contract(first_schema));
  a.stop();
  a.start();
  EXPECT_FALSE(publish(a, {"bad"}));
  a.ask("contracts.remove", {{"topic", "orders"}});
  EXPECT_TRUE(publish(a, {"bad"}));
  EXPECT_EQ(a.ask("contracts.list")["contracts"].size(), 1U) << "events in the log name it";
}

TEST_F(contracts_fixture, a_contract_of_one_node_holds_at_another) {
  test_node b{"b", directory.path() + "/b"};
  b.options.invitation = a.ask("invite", {{"name", "b"}})["invitation"].get<std::string>();
  b.start();
  const auto added = a.ask("contracts.add", contract(first_schema));
  const auto deadline = std::chrono::steady_clock::now() + testing::hang;
  while (b.answer("contracts.show", {{"topic", "orders"}}).code != errc::ok &&
         std::chrono::steady_clock::now() < deadline) {}
  EXPECT_EQ(b.ask("contracts.show", {{"topic", "orders"}})["id"], added["id"]);
  const auto bad = publish(b, {"bad"});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), errc::contract_broken);
  EXPECT_TRUE(publish(b, {R"({"id":"A1","quantity":1})"}));
}

} // namespace
} // namespace weft::actors
