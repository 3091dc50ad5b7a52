// What the log's node gives to holders of copies, and to whom; and what waits for copies in other flows.
#include "tests/actors/copies_fixture.hpp"

#include <nlohmann/json.hpp>

namespace weft::actors::testing {
namespace {

using log::testing::name_of;
using log::testing::orders;
using log::testing::stock;
using names = std::vector<std::string>;

/// The node's log has two topics.
struct copy_demand_test : copies_fixture {
  copy_demand_test() {
    topics.set(name_of(stock), stock, {});
    system.run();
  }
  void append(topic_id topic, const std::string& value) {
    ASSERT_TRUE(log_fixture::append(topic, {value}));
    synced.raise(log->state().synced_end);
    system.run();
  }
  [[nodiscard]] log_position end() const { return {log->state().epoch, log->state().synced_end}; }
  /// An ack that waits for one copy of everything. @returns whether it has come, in the end
  std::shared_ptr<bool> wait_for_copy() {
    auto come = std::make_shared<bool>(false);
    services.copies.wait(
        {name_of(orders), 1, end(), caller, reply<void>([come](const auto& done) { *come = done.has_value(); })});
    system.run();
    return come;
  }

  [[nodiscard]] std::size_t holders() {
    auto count = std::make_shared<std::size_t>(99);
    services.copies.list(reply<std::string>([count](const result<std::string>& text) {
      if (text) *count = nlohmann::json::parse(*text)["holders"].size();
    }));
    system.run();
    return *count;
  }

  std::shared_ptr<const int> caller = std::make_shared<const int>(0);
};

TEST_F(copy_demand_test, a_holder_gets_the_topics_that_it_names_and_hears_first_which_others_there_are) {
  append(orders, "one");
  append(stock, "two");
  link_up(c);
  say(c, copy({name_of(orders)}));
  ASSERT_GE(c.output->said.size(), 2U);
  EXPECT_EQ(c.output->said[0], wire::control(wire::copy_scope{9, {name_of(stock)}}));
  EXPECT_TRUE(std::holds_alternative<wire::flow_opened>(c.output->said[1]));
  ASSERT_FALSE(c.output->runs.empty());
  EXPECT_EQ(c.output->runs.back().until, end().seq);
  const auto bytes = c.output->payload_bytes;
  append(stock, std::string(1000, 'x'));
  EXPECT_EQ(c.output->payload_bytes, bytes);
}

TEST_F(copy_demand_test, a_topic_that_begins_later_is_told_before_a_run_passes_over_it) {
  link_up(c);
  append(orders, "one");
  say(c, copy({name_of(orders)}));
  topics.set("later", topic_id{8}, {});
  append(topic_id{8}, "not for the copy");
  append(orders, "two");
  const auto scopes = c.output->all<wire::copy_scope>();
  ASSERT_EQ(scopes.size(), 2U);
  EXPECT_EQ(scopes.back().others, names{"later"});
}

TEST_F(copy_demand_test, who_has_not_the_role_or_asks_elsewhere_gets_no_copy) {
  link_up(d);
  say(d, copy({name_of(orders)}));
  ASSERT_EQ(d.output->all<wire::refused>().size(), 1U);
  EXPECT_EQ(d.output->all<wire::refused>().back().code, errc::denied);
  link_up(c);
  auto wanted = copy({name_of(orders)});
  wanted.log = log_of(a);
  say(c, wanted);
  ASSERT_EQ(c.output->all<wire::refused>().size(), 1U);
  EXPECT_EQ(c.output->all<wire::refused>().back().code, errc::denied);
  link_up(program);
  say(program, copy({name_of(orders)}));
  EXPECT_EQ(program.output->all<wire::refused>().size(), 1U);
  EXPECT_TRUE(c.output->all<wire::flow_opened>().empty());
  EXPECT_TRUE(d.output->all<wire::flow_opened>().empty());
}

TEST_F(copy_demand_test, what_a_holder_confirms_counts_for_acks_and_only_on_a_demand_for_a_copy) {
  append(orders, "one");
  link_up(c);
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  const auto come = wait_for_copy();
  EXPECT_FALSE(*come);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_confirm{9, end()});
  EXPECT_FALSE(*come) << "it has not said what it holds";
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  EXPECT_TRUE(*come);
}

TEST_F(copy_demand_test, a_holder_that_gave_everything_up_and_withdrew_is_none_any_more) {
  append(orders, "one");
  link_up(c);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::withdraw{9});
  EXPECT_EQ(holders(), 1U) << "its disk has the copy still";
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, false, {}, {name_of(orders)}});
  EXPECT_EQ(holders(), 1U);
  say(c, wire::withdraw{9});
  EXPECT_EQ(holders(), 0U);
}

TEST_F(copy_demand_test, an_epoch_that_has_nothing_yet_has_its_copies) {
  append(orders, "one");
  link_up(c);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  ASSERT_TRUE(log->open_above(log->state().epoch.count()));
  for (microseconds passed{0}; passed < 2 * limits::under_replicated_after; passed += limits::copies_tick)
    wait(limits::copies_tick);
  const auto facts = copies_board.find(name_of(orders));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->copies, 1U);
  EXPECT_EQ(facts->behind, 0U);
  EXPECT_FALSE(facts->short_since);
}

TEST_F(copy_demand_test, a_holder_that_left_has_no_copy_any_more) {
  append(orders, "one");
  link_up(c);
  const auto member = [&](replication::storage_nodes::presence seen) {
    services.copies.member({{c.id, {}, true, seen}, [](const std::string&) { return false; }}, "c");
    system.run();
    wait(limits::copy_lists_after);
  };
  member(replication::storage_nodes::presence::alive);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  EXPECT_TRUE(*wait_for_copy());
  services.copies.peer_down(c.id, c.output);
  link_down(c);
  EXPECT_EQ(holders(), 1U) << "a lost link changes nothing";
  EXPECT_TRUE(*wait_for_copy());
  member(replication::storage_nodes::presence::left);
  EXPECT_EQ(holders(), 0U);
  EXPECT_FALSE(*wait_for_copy());
}

TEST_F(copy_demand_test, an_ack_for_what_is_damaged_since_is_unknown) {
  append(orders, "one");
  for (int i = 0; i < 6000; ++i) // more than the tail cache has room for
    EXPECT_TRUE(log_fixture::append(orders, {filler(1000)}));
  ASSERT_TRUE(log->open_above(log->state().epoch.count()));
  disk.flip_bit(files(".seg").front(), 4200, 3);
  read_all();
  ASSERT_EQ(log->damaged().size(), 1U);
  const auto lost = log_position{log->damaged()[0].epoch, log->damaged()[0].until};
  services.copies = copies_ref::start(services, router, "no-such-directory"); // as in the node's next life
  services.copies.look_at_topics();
  link_up(c);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  const auto told = [&](const log_position& until) {
    auto come = std::make_shared<errc>(errc::would_block);
    services.copies.wait({name_of(orders), 1, until, caller,
                          reply<void>([come](const auto& done) { *come = done ? errc::ok : done.error().code(); })});
    system.run();
    return *come;
  };
  EXPECT_EQ(told(lost), errc::outcome_unknown);
  EXPECT_EQ(told({lost.epoch, lost.seq + 1}), errc::ok) << "that one is there";
  EXPECT_EQ(told(end()), errc::ok);
}

struct settled_copies : copy_demand_test, ::testing::WithParamInterface<bool> {};

TEST_P(settled_copies, displaced_ones_may_go_unless_the_node_has_lost_something) {
  const bool lost = GetParam();
  if (lost) services.copies.left(log->state().epoch);
  append(orders, "one");
  link_up(c);
  services.copies.member(
      {{c.id, {}, true, replication::storage_nodes::presence::alive}, [](const std::string&) { return false; }}, "c");
  wait(limits::copy_lists_after);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  wait(limits::copies_tick);
  wait(limits::copies_tick);
  EXPECT_EQ(c.output->all<wire::copies_settled>().size(), lost ? 0U : 1U);
  c.output->said.clear();
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}}); // it begins again
  EXPECT_TRUE(c.output->all<wire::copies_settled>().empty()) << "nobody knows what it has now";
  say(c, wire::copy_confirm{9, end()});
  wait(limits::copies_tick);
  EXPECT_EQ(c.output->all<wire::copies_settled>().empty(), lost);
}
INSTANTIATE_TEST_SUITE_P(lost, settled_copies, ::testing::Bool());

TEST_F(copy_demand_test, a_confirmation_of_what_was_never_there_ends_the_copy) {
  append(orders, "one");
  link_up(c);
  say(c, copy({name_of(orders)}));
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, {end().epoch, end().seq + 1}});
  const auto closed = c.output->all<wire::flow_closed>();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].code, errc::ack_beyond_end);
  EXPECT_FALSE(*wait_for_copy());
}

TEST_F(copy_demand_test, a_copy_that_the_node_ends_is_read_for_no_longer_and_leaves_its_place_on_the_link) {
  services.settings.demands_per_link_max = 1;
  append(orders, "one");
  link_up(c);
  say(c, copy({name_of(orders)}));
  ASSERT_FALSE(c.output->runs.empty());
  c.link.demand_ended(9, error(errc::ack_beyond_end, "that was never there"));
  system.run();
  ASSERT_EQ(c.output->all<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(c.output->all<wire::flow_closed>()[0].subscription, 9U);
  EXPECT_EQ(c.output->all<wire::flow_closed>()[0].code, errc::ack_beyond_end);
  EXPECT_TRUE(flows.all().empty());
  const auto runs = c.output->runs.size();
  append(orders, "two");
  EXPECT_EQ(c.output->runs.size(), runs);
  auto next = copy({name_of(orders)});
  next.subscription = 10;
  say(c, next);
  EXPECT_TRUE(c.output->all<wire::refused>().empty());
  EXPECT_GT(c.output->runs.size(), runs);
}

TEST_F(copy_demand_test, an_ack_whose_caller_is_gone_is_forgotten) {
  append(orders, "one");
  const auto come = wait_for_copy();
  EXPECT_EQ(services.acks_waiting, 1U);
  caller.reset();
  wait(limits::copies_tick);
  EXPECT_EQ(services.acks_waiting, 0U);
  EXPECT_FALSE(*come);
}

TEST_F(copy_demand_test, what_has_not_reached_its_level_goes_to_copies_and_who_asks_for_synced_only) {
  topics.set(name_of(orders), orders, {ack_level::replicated(1), wire::codec::none, 1});
  append(stock, "free");
  append(orders, "waits");
  link_up(c);
  link_up(program);
  say(c, copy({name_of(orders)}));
  wire::demand plain;
  plain.subscription = 1;
  plain.pattern = "retail.>";
  plain.start = wire::start_kind::beginning;
  plain.window = limits::flow_window_bytes;
  say(program, plain);
  auto eager = plain;
  eager.subscription = 2;
  eager.synced = true;
  say(program, eager);
  ASSERT_EQ(c.output->runs.back().until, end().seq);
  std::map<std::uint64_t, seq> until;
  for (const auto& run : program.output->runs)
    until[run.flow] = run.until;
  ASSERT_EQ(until.size(), 2U);
  EXPECT_EQ(until.begin()->second, seq{1});
  EXPECT_EQ(until.rbegin()->second, seq{2});
  say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  say(c, wire::copy_confirm{9, end()});
  EXPECT_EQ(program.output->runs.back().flow, until.begin()->first);
  EXPECT_EQ(program.output->runs.back().until, seq{2});
}

} // namespace
} // namespace weft::actors::testing
