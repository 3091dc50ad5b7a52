// Groups at whole nodes: real logs, real links, members as programs.
#include "actors/group_aside.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::batch_of;
using testing::hang;
using testing::program;
using testing::test_node;

/// What all members of a test wait on.
struct crew {
  std::mutex mutex;
  std::condition_variable changed;
  std::multiset<std::string> values; ///< of all members

  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, hang, condition);
  }
};

/// A program that takes part in a group at one log. It finishes what it gets, unless told otherwise.
class member final : public node::visitor {
public:
  member(crew& with, std::uint64_t id, log_id log) : crew_(with), id_(id), log_(log) {}
  ~member() override {
    if (door_) at_->node->close_door(door_);
  }

  void enter(test_node& at) {
    at_ = &at;
    door_ = at.node->open_door(*this, "member");
  }
  /// As when the program ends.
  void crash() { at_->node->close_door(std::exchange(door_, nullptr)); }

  void join(const std::string& group, const std::string& pattern = "t", wire::failure_policy policy = {},
            std::vector<wire::slot_event> begun = {}) {
    wire::demand wanted;
    wanted.subscription = ++demand_;
    wanted.log = log_;
    wanted.pattern = pattern;
    wanted.start = wire::start_kind::beginning;
    wanted.window = limits::flow_window_bytes;
    wanted.member = wire::group_membership{group, wire::member_id{id_}, events_max, policy, std::move(begun), {}};
    door_->send(wanted);
  }
  void join_at(const std::string& group, const log_position& at) {
    wire::demand wanted;
    wanted.subscription = ++demand_;
    wanted.log = log_;
    wanted.pattern = "t";
    wanted.start = wire::start_kind::position;
    wanted.at = at;
    wanted.window = limits::flow_window_bytes;
    wanted.member = wire::group_membership{group, wire::member_id{id_}, events_max, {}};
    door_->send(wanted);
  }
  /// With the group's state, which moves: how far it is with that.
  void join_with_state(const std::string& group, wire::claim_stage stage, std::uint64_t term,
                       wire::state_shard shard = {}, std::uint64_t process = 0) {
    wire::demand wanted;
    wanted.subscription = ++demand_;
    wanted.log = log_;
    wanted.pattern = "t";
    wanted.start = wire::start_kind::beginning;
    wanted.window = limits::flow_window_bytes;
    wanted.member = wire::group_membership{group, wire::member_id{id_}, events_max, {}};
    wanted.member->alone = true;
    wanted.member->claim = stage;
    wanted.member->term = term;
    wanted.member->shard = shard;
    wanted.member->process = wire::process_id{process};
    door_->send(wanted);
  }
  void say(auto word) { say_over(flow(), word); }
  void say_over(std::uint64_t flow, auto word) {
    word.flow = flow;
    door_->send(word);
  }
  void finish(std::uint64_t from, std::uint64_t until) { say(wire::handled{0, {{from, until}}, {}}); }
  void leave() { door_->send(wire::flow_closed{flow(), 0, errc::ok, "left"}); }

  bool wait(const std::function<bool(const member&)>& condition) {
    return crew_.wait([&] { return condition(*this); });
  }
  [[nodiscard]] std::uint64_t flow() {
    const std::lock_guard lock(crew_.mutex);
    return flow_;
  }

  std::uint32_t events_max = 100;
  bool finishes = true;
  std::vector<std::string> values; // in the order they came
  std::vector<std::string> path;
  wire::flow_opened flow_begun; // the last
  std::vector<wire::flow_closed> closed;
  std::vector<wire::verdict> verdicts;
  std::set<std::uint64_t> renewals;
  std::uint64_t opened = 0, revoked = 0, asked_back = 0, gaps = 0;

private:
  void on_connected(const node::node_facts&) override {}
  void on_lost(const error&) override {}
  void on_message(const wire::control& message, const shared_bytes& payload) override {
    std::optional<wire::handled> done;
    {
      const std::lock_guard lock(crew_.mutex);
      if (const auto* begun = std::get_if<wire::flow_opened>(&message)) {
        flow_ = begun->flow;
        path = begun->path;
        flow_begun = *begun;
        ++opened;
      } else if (const auto* run = std::get_if<wire::run>(&message); run && run->number > 0 && run->flow == flow_) {
        done = take(*run, payload);
      } else if (run != nullptr && run->gap_code != errc::ok) {
        ++gaps;
      } else if (const auto* over = std::get_if<wire::flow_closed>(&message)) {
        closed.push_back(*over);
      } else if (const auto* word = std::get_if<wire::verdict>(&message)) {
        verdicts.push_back(*word);
      } else if (const auto* answer = std::get_if<wire::renewal>(&message)) {
        renewals.insert(answer->number);
      } else if (const auto* asks = std::get_if<wire::revoke>(&message)) {
        asks->state ? ++asked_back : ++revoked;
      }
      crew_.changed.notify_all();
    }
    if (done && finishes) door_->send(*done);
  }
  wire::handled take(const wire::run& run, const shared_bytes& payload) {
    const auto before = values.size();
    wire::entry_walker walker(payload, wire::checksum_seed(log_, run.epoch));
    for (auto entry = walker.next(); entry; entry = walker.next()) {
      const auto batch = wire::batch_view::verify(entry->body()).value();
      const auto data = batch.unpack().value();
      for (std::size_t i = 0; i < batch.count(); ++i)
        crew_.values.insert(values.emplace_back(as_text(batch.event(i, data.view()).value)));
    }
    return {run.flow, {{run.number, run.number + values.size() - before}}, {}};
  }

  crew& crew_;
  const std::uint64_t id_;
  const log_id log_;
  test_node* at_ = nullptr;
  std::shared_ptr<node::door> door_;
  std::uint64_t demand_ = 0, flow_ = 0;
};

struct group_at_nodes : ::testing::Test {
  temporary_directory directory;
  test_node a{"a", directory.path() + "/a"}, b{"b", directory.path() + "/b"};
  crew all;

  group_at_nodes() { a.start(); }
  /// @pre a is stopped
  void damage_catalog() const { std::filesystem::resize_file(a.options.data_dir + "/catalog.db", 50); }
  void join_b() {
    b.options.invitation = a.ask("invite", {{"name", "b"}})["invitation"].get<std::string>();
    b.start();
  }
  [[nodiscard]] log_id log() const { return log_of(a); }
  [[nodiscard]] static log_id log_of(const test_node& at) { return {at.node->facts().id, 0}; }
  /// Numbers as values, over 50 keys.
  void publish(int from, int until) {
    for (int n = from; n < until; ++n)
      publish(std::to_string(n), fmt::format("k{}", n % 50));
  }
  void publish(const std::string& value, const std::string& key) {
    const auto done = a.door->publish_and_wait(batch_of("t", value, key), ack_level::synced);
    ASSERT_TRUE(done) << done.error().message();
  }
  void enter(member& who, test_node& at, const std::string& group = "g") {
    who.enter(at);
    who.join(group);
    ASSERT_TRUE(who.wait([](const member& m) { return m.opened == 1; }));
  }
  /// Waits for so many events, and checks that each of them came once.
  void came(std::size_t events) {
    ASSERT_TRUE(all.wait([&] { return all.values.size() >= events; })) << all.values.size() << " of " << events;
    for (std::size_t n = 0; n < events; ++n)
      EXPECT_EQ(all.values.count(std::to_string(n)), 1U) << n;
  }
};

TEST_F(group_at_nodes, each_event_goes_to_one_member_and_all_members_get_some) {
  member one{all, 1, log()}, two{all, 2, log()};
  enter(one, a);
  enter(two, a);
  publish(0, 400);
  came(400);
  EXPECT_FALSE(one.values.empty());
  EXPECT_FALSE(two.values.empty());
}

TEST_F(group_at_nodes, a_state_that_moves_has_one_member_at_a_time_at_any_node) {
  using enum wire::claim_stage;
  join_b();
  member ann{all, 1, log()}, bob{all, 2, log()};
  ann.enter(b);
  bob.enter(a);
  ann.join_with_state("g", asks, 0);
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 1; }));
  EXPECT_EQ(ann.path, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ann.flow_begun.term, 1U);
  EXPECT_EQ(ann.flow_begun.begun, 0U);
  const auto kept = [this] { return a.ask("groups.describe", {{"name", "g"}}); };
  EXPECT_EQ(kept().value("term", 0), 1) << "it is told what the record does not have";
  ann.join_with_state("g", at_work, 1);
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 2; }));
  EXPECT_EQ(kept().value("begun", 0), 1);
  EXPECT_EQ(ann.flow_begun.term, 1U);
  EXPECT_EQ(ann.flow_begun.begun, 1U);
  EXPECT_EQ(ann.flow_begun.begun_by, 1U);

  bob.join_with_state("g", asks, 0);
  ASSERT_TRUE(bob.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(bob.closed[0].code, errc::locked) << bob.closed[0].message;
  bob.join_with_state("g", none, 0);
  ASSERT_TRUE(bob.wait([](const member& m) { return m.closed.size() == 2; }));
  EXPECT_EQ(bob.closed[1].code, errc::denied) << bob.closed[1].message;

  ann.leave();
  for (std::size_t refused = 2; bob.opened == 0; ++refused) { // until a has heard that
    bob.join_with_state("g", asks, 0);
    ASSERT_TRUE(bob.wait([&](const member& m) { return m.opened == 1 || m.closed.size() > refused; }));
  }
  EXPECT_EQ(bob.flow_begun.term, 2U);
  EXPECT_EQ(kept().value("term", 0), 2);
  EXPECT_EQ(bob.flow_begun.begun, 1U);
  EXPECT_EQ(bob.flow_begun.begun_by, 1U);
  const auto told = ann.closed.size();
  ann.join_with_state("g", at_work, 1);
  ASSERT_TRUE(ann.wait([&](const member& m) { return m.closed.size() > told; }));
  EXPECT_EQ(ann.closed.back().code, errc::locked) << ann.closed.back().message;
}

TEST_F(group_at_nodes, shards_go_to_the_programs_that_are_there_and_a_holder_is_asked_until_it_hears) {
  using enum wire::claim_stage;
  member one{all, 1, log()}, two{all, 2, log()}, three{all, 3, log()};
  for (auto* each : {&one, &two, &three})
    each->enter(a);
  one.join_with_state("g", asks, 0, {0, 2}, 77);
  two.join_with_state("g", asks, 0, {1, 2}, 77);
  for (auto* each : {&one, &two})
    ASSERT_TRUE(each->wait([](const member& m) { return m.opened == 1; }));
  three.join_with_state("g", asks, 0, {0, 2}, 88); // its program is to have one of them
  ASSERT_TRUE(three.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(three.closed[0].code, errc::locked) << three.closed[0].message;
  const auto is_asked = [](const member& m) { return m.asked_back > 0; };
  ASSERT_TRUE(all.wait([&] { return is_asked(one) || is_asked(two); }));
  auto& meant = is_asked(one) ? one : two;
  const std::uint16_t shard = &meant == &one ? 0 : 1;
  meant.join_with_state("g", at_work, 1, {shard, 2}, 77); // over a new flow, it has not heard it
  ASSERT_TRUE(meant.wait([](const member& m) { return m.asked_back == 2; }));
  meant.leave();
  for (std::size_t refused = 1; three.opened == 0; ++refused) {
    three.join_with_state("g", asks, 0, {shard, 2}, 88);
    ASSERT_TRUE(three.wait([&](const member& m) { return m.opened == 1 || m.closed.size() > refused; }));
  }
  EXPECT_EQ(three.flow_begun.term, 2U);
  publish(0, 200);
  came(200);
  EXPECT_FALSE(three.values.empty());
}

TEST_F(group_at_nodes, a_program_with_shards_that_is_refused_leaves_nothing_behind) {
  using enum wire::claim_stage;
  {
    member plain{all, 1, log()}, wants{all, 2, log()};
    enter(plain, a);
    wants.enter(a);
    wants.join_with_state("g", asks, 0, {3, 8}, 77);
    ASSERT_TRUE(wants.wait([](const member& m) { return m.closed.size() == 1; }));
    EXPECT_EQ(wants.closed[0].code, errc::busy) << wants.closed[0].message;
    publish(0, 50);
    came(50);
    plain.say(wire::renew{0, 1});
    ASSERT_TRUE(plain.wait([](const member& m) { return m.renewals.contains(1); })); // all before it was heard
    plain.leave();
  }
  a.stop();
  a.start();
  member plain{all, 3, log()};
  enter(plain, a);
  publish(50, 100);
  came(100);

  member eight{all, 4, log()}, sixteen{all, 5, log()};
  eight.enter(a);
  sixteen.enter(a);
  eight.join_with_state("h", asks, limits::state_terms_ahead_max + 1, {3, 8}, 77);
  ASSERT_TRUE(eight.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(eight.closed[0].code, errc::invalid_argument) << eight.closed[0].message;
  sixteen.join_with_state("h", asks, 0, {12, 16}, 88);
  ASSERT_TRUE(sixteen.wait([](const member& m) { return m.opened == 1 || !m.closed.empty(); }));
  EXPECT_EQ(sixteen.opened, 1U) << sixteen.closed[0].message;
}

TEST_F(group_at_nodes, a_node_that_becomes_the_home_lets_nobody_else_in_for_a_lease) {
  using enum wire::claim_stage;
  member ann{all, 1, log()}, bob{all, 2, log()};
  ann.enter(a);
  bob.enter(a);
  ann.join_with_state("g", none, 3); // by the word of another home
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 1; }));
  EXPECT_EQ(a.ask("groups.move", {{"name", "g"}, {"node", "a"}})["home"], "a");
  bob.join_with_state("g", asks, 0);
  ASSERT_TRUE(bob.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(bob.closed[0].code, errc::locked) << bob.closed[0].message;
  ann.join_with_state("g", asks, 3);
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 2; }));
  EXPECT_EQ(ann.flow_begun.home, "a");
  EXPECT_EQ(ann.flow_begun.term, 4U);
  EXPECT_EQ(ann.flow_begun.begun, 0U);
}

TEST_F(group_at_nodes, the_home_of_a_state_is_moved_to_a_node_that_is_there) {
  using enum wire::claim_stage;
  member ann{all, 1, log()}, bob{all, 2, log()};
  ann.enter(a);
  bob.enter(a);
  ann.join_with_state("g", asks, 0);
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 1; }));
  ann.join_with_state("g", at_work, 1);
  ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 2; }));
  const auto unknown = a.answer("groups.move", {{"name", "g"}, {"node", "nobody"}});
  EXPECT_NE(unknown.message.find("no node named nobody"), std::string::npos) << unknown.message;
  EXPECT_EQ(a.answer("groups.move", {{"name", "h"}, {"node", "a"}}).code, errc::not_found);
  join_b();
  while (a.ask("nodes", json::object())["nodes"].size() < 2)
    std::this_thread::yield();
  EXPECT_EQ(a.ask("groups.move", {{"name", "g"}, {"node", "b"}})["home"], "b");
  ASSERT_TRUE(ann.wait([](const member& m) { return m.asked_back == 1; }));
  bob.join_with_state("g", asks, 0);
  ASSERT_TRUE(bob.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(bob.closed[0].code, errc::locked) << "it is at work: " << bob.closed[0].message;
  ann.leave();
  for (std::size_t refused = 1; bob.opened == 0; ++refused) {
    bob.join_with_state("g", asks, 0);
    ASSERT_TRUE(bob.wait([&](const member& m) { return m.opened == 1 || m.closed.size() > refused; }));
  }
  EXPECT_EQ(bob.flow_begun.home, "b");
  EXPECT_EQ(bob.flow_begun.term, 0U) << "no grant, also for who does not know that";
  EXPECT_EQ(bob.flow_begun.given, 1U);
  EXPECT_EQ(bob.flow_begun.begun, 1U);
  EXPECT_EQ(bob.flow_begun.begun_by, 1U);
}

TEST_F(group_at_nodes, who_had_the_state_and_is_gone_without_a_word_has_it_for_its_lease) {
  using enum wire::claim_stage;
  member bob{all, 2, log()};
  bob.enter(a);
  {
    member ann{all, 1, log()};
    ann.enter(a);
    ann.join_with_state("g", asks, 0);
    ASSERT_TRUE(ann.wait([](const member& m) { return m.opened == 1; }));
    ann.crash();
  }
  bob.join_with_state("g", asks, 0);
  ASSERT_TRUE(bob.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(bob.closed[0].code, errc::locked) << bob.closed[0].message;
  a.stop();
  a.start(); // a record says so, too
  member cid{all, 3, log()};
  cid.enter(a);
  cid.join_with_state("g", asks, 0);
  ASSERT_TRUE(cid.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(cid.closed[0].code, errc::locked) << cid.closed[0].message;
}

TEST_F(group_at_nodes, members_at_another_node_share_the_log) {
  join_b();
  member here{all, 1, log()}, there{all, 2, log()};
  enter(here, a);
  enter(there, b);
  EXPECT_EQ(there.path, (std::vector<std::string>{"a", "b"}));
  publish(0, 400);
  came(400);
  EXPECT_FALSE(here.values.empty());
  EXPECT_FALSE(there.values.empty());
}

TEST_F(group_at_nodes, group_goes_on_after_a_restart_of_the_node_where_it_was) {
  {
    member one{all, 1, log()};
    enter(one, a);
    publish(0, 100);
    came(100);
    one.say(wire::renew{0, 1});
    ASSERT_TRUE(one.wait([](const member& m) { return m.renewals.contains(1); })); // all before it was heard
    one.leave();
  }
  a.stop();
  a.start();
  publish(100, 110);
  member next{all, 2, log()};
  enter(next, a);
  came(110);
}

TEST_F(group_at_nodes, what_a_member_did_not_finish_goes_to_another_when_its_program_ends) {
  member lost{all, 1, log()};
  lost.finishes = false;
  enter(lost, a);
  publish(0, 50);
  ASSERT_TRUE(lost.wait([](const member& m) { return m.values.size() == 50; }));
  member next{all, 2, log()};
  enter(next, a);
  lost.crash();
  ASSERT_TRUE(next.wait([](const member& m) { return m.values.size() == 50; }));
}

TEST_F(group_at_nodes, member_that_leaves_at_another_node_is_not_waited_for) {
  join_b();
  member lost{all, 1, log()};
  lost.finishes = false;
  enter(lost, b);
  publish(0, 50);
  ASSERT_TRUE(lost.wait([](const member& m) { return m.values.size() == 50; }));
  member next{all, 2, log()};
  enter(next, a);
  const auto left_at = system_clock().mono();
  lost.crash(); // its node says so
  ASSERT_TRUE(next.wait([](const member& m) { return m.values.size() == 50; }));
  EXPECT_LT(system_clock().mono() - left_at, microseconds(limits::group_lease));
}

TEST_F(group_at_nodes, member_of_a_node_that_is_lost_keeps_its_share_for_its_lease) {
  join_b();
  member lost{all, 1, log()};
  lost.finishes = false;
  enter(lost, b);
  publish(0, 50);
  ASSERT_TRUE(lost.wait([](const member& m) { return m.values.size() == 50; }));
  member next{all, 2, log()};
  enter(next, a);
  ASSERT_EQ(a.node->crash_actors(kinds::link.name), 3U); // b's, and those of both programs at a
  ASSERT_TRUE(lost.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(lost.closed.front().code, errc::not_connected);
}

TEST_F(group_at_nodes, crash_of_the_group_loses_nothing) {
  member one{all, 1, log()};
  enter(one, a);
  publish(0, 50);
  came(50);
  one.say(wire::renew{0, 1});
  ASSERT_TRUE(one.wait([](const member& m) { return m.renewals.contains(1); }));
  ASSERT_EQ(a.node->crash_actors(kinds::group.name), 1U);
  ASSERT_TRUE(one.wait([](const member& m) { return m.closed.size() == 1; }));
  EXPECT_EQ(one.closed.front().code, errc::cancelled);
  publish(50, 100);
  one.join("g");
  ASSERT_TRUE(one.wait([](const member& m) { return m.opened == 2; }));
  ASSERT_TRUE(all.wait([&] { return all.values.contains("99"); }));
  for (int n = 50; n < 100; ++n)
    EXPECT_EQ(all.values.count(std::to_string(n)), 1U) << n;
}

/// Of a node that runs, which makes spare segments at any time, under other names first.
void copy_but_spares(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to);
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const auto name = entry.path().filename();
    if (name.string().starts_with("spare-")) continue;
    if (entry.is_directory())
      copy_but_spares(entry.path(), to / name);
    else
      std::filesystem::copy_file(entry.path(), to / name);
  }
}

TEST_F(group_at_nodes, what_a_member_is_told_was_heard_is_on_disk) {
  a.stop();
  a.options.settings.cursor_publish_interval = 1s;
  a.start();
  member one{all, 1, log()};
  enter(one, a);
  publish(0, 50);
  came(50);
  one.say(wire::renew{0, 1});
  ASSERT_TRUE(one.wait([](const member& m) { return m.renewals.contains(1); }));
  test_node copy{"a", directory.path() + "/copy"}; // what a kill at this moment would leave
  copy_but_spares(a.options.data_dir + "/keys", copy.options.data_dir + "/keys");
  copy_but_spares(a.options.data_dir + "/log", copy.options.data_dir + "/log");
  one.crash();
  a.stop();
  copy.start();
  member again{all, 1, log_of(copy)}; // its slots are still its own
  enter(again, copy);
  for (int n = 50; n < 100; ++n) // of each key one, behind what might come again
    ASSERT_TRUE(
        copy.door->publish_and_wait(batch_of("t", std::to_string(n), fmt::format("k{}", n % 50)), ack_level::synced));
  came(100);
}

TEST_F(group_at_nodes, another_pattern_is_refused_and_the_first_named) {
  member one{all, 1, log()}, two{all, 2, log()};
  enter(one, a);
  two.enter(a);
  two.join("g", "t.>");
  ASSERT_TRUE(two.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(two.closed.front().code, errc::invalid_argument);
  EXPECT_NE(two.closed.front().message.find("reads 't'"), std::string::npos) << two.closed.front().message;
}

TEST_F(group_at_nodes, another_way_with_failures_is_refused_while_others_are_at_work) {
  member one{all, 1, log()}, two{all, 2, log()};
  enter(one, a);
  two.enter(a);
  two.join("g", "t", {wire::after_failing::skip});
  ASSERT_TRUE(two.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(two.closed.front().code, errc::invalid_argument);
  one.leave();
  ASSERT_TRUE(two.wait([&](const member& m) {
    if (m.opened == 0) two.join("g", "t", {wire::after_failing::skip});
    return m.opened > 0;
  }));
}

TEST_F(group_at_nodes, name_of_a_subscription_is_no_group_and_the_other_way_round) {
  a.inside.subscribe("t", wire::start_kind::beginning, "taken");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.opened.size() == 1; }));
  member one{all, 1, log()};
  one.enter(a);
  one.join("taken");
  ASSERT_TRUE(one.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(one.closed.front().code, errc::invalid_argument);
  one.join("g");
  ASSERT_TRUE(one.wait([](const member& m) { return m.opened == 1; }));
  publish(0, 1);
  came(1);
  a.inside.subscribe("t", wire::start_kind::beginning, "g");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.closed.empty(); }));
  EXPECT_EQ(a.inside.closed.front().code, errc::invalid_argument);
}

TEST_F(group_at_nodes, event_that_keeps_failing_becomes_a_dead_letter_with_its_cause) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 2, microseconds{1}, microseconds{1}});
  publish("bad", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no stock"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_TRUE(one.verdicts[0].again);
  one.say(wire::failed{0, 1, "no stock, again"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 2; }));
  EXPECT_FALSE(one.verdicts[1].again);
  a.inside.synced = true;
  a.inside.subscribe(aside_topic("g", false));
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  EXPECT_EQ(a.inside.values[0], "bad");
  const auto listed = a.ask("letters.list", {{"group", "g"}});
  ASSERT_EQ(listed["letters"].size(), 1U) << listed.dump();
  const auto& letter = listed["letters"][0];
  EXPECT_EQ(letter["topic"], "t");
  EXPECT_EQ(letter["key"], "k");
  EXPECT_EQ(letter["cause"], "no stock, again");
  EXPECT_EQ(letter["deliveries"], "2");
}

TEST_F(group_at_nodes, event_that_a_member_at_another_node_rejects_is_a_dead_letter_after_one_delivery) {
  join_b();
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(b);
  one.join("g", "t", {wire::after_failing::dead_letter, 5, microseconds{1}, microseconds{1}});
  publish("bad", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no such item", true});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_FALSE(one.verdicts[0].again);
  const auto letter = a.ask("letters.list", {{"group", "g"}})["letters"].at(0);
  EXPECT_EQ(letter["cause"], "no such item");
  EXPECT_EQ(letter["deliveries"], "1");
  EXPECT_EQ(letter["rejected"], true);
  EXPECT_TRUE(a.ask("groups.describe", {{"name", "g"}})["failing"].empty());
}

TEST_F(group_at_nodes, event_that_a_blocking_group_rejects_is_described_as_that) {
  member one{all, 1, log()};
  one.finishes = false;
  enter(one, a);
  publish("bad", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "\xC3\xA4" + std::string(500, 'x') + "\xFF", true});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_TRUE(one.verdicts[0].again);
  const auto failing = a.ask("groups.describe", {{"name", "g"}})["failing"];
  ASSERT_EQ(failing.size(), 1U);
  EXPECT_EQ(failing[0]["state"], "rejected");
  EXPECT_EQ(failing[0]["deliveries"], 1);
  EXPECT_EQ(failing[0]["position"], a.ask("groups.list")["groups"][0]["position"]);
  EXPECT_LT(failing[0]["cause"].get<std::string>().size(), 300U);
  one.finish(1, 2);
  one.say(wire::renew{0, 1});
  ASSERT_TRUE(one.wait([](const member& m) { return m.renewals.contains(1); }));
  EXPECT_TRUE(a.ask("groups.describe", {{"name", "g"}})["failing"].empty());
}

TEST_F(group_at_nodes, letter_of_a_deleted_group_or_with_a_key_that_is_no_text_is_listed) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 1, microseconds{1}, microseconds{1}});
  publish("bad", "k\xFF");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, std::string(limits::group_cause_bytes_max - 1, 'x') + "\xC3"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_EQ(a.ask("letters.list", {{"group", "g"}})["letters"].at(0)["key"], "k\xEF\xBF\xBD");
  a.ask("groups.delete", {{"name", "g"}, {"force", true}});
  EXPECT_EQ(a.ask("letters.list", {{"group", "g"}})["total"], 1);
}

TEST_F(group_at_nodes, dead_letter_is_replayed_once_or_dropped) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 1, microseconds{1}, microseconds{1}});
  for (std::uint64_t n = 1; n <= 3; ++n) {
    publish(fmt::format("bad {}", n), "k");
    ASSERT_TRUE(one.wait([&](const member& m) { return m.values.size() == n; }));
    one.say(wire::failed{0, n, "no stock"});
    ASSERT_TRUE(one.wait([&](const member& m) { return m.verdicts.size() == n; }));
  }
  const auto letters = a.ask("letters.list", {{"group", "g"}})["letters"];
  ASSERT_EQ(letters.size(), 3U);
  const json first{{"group", "g"}, {"positions", {letters[0]["position"]}}};
  EXPECT_EQ(a.ask("letters.replay", first)["letters"], 1);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 4; }));
  EXPECT_EQ(one.values.back(), "bad 1");
  EXPECT_EQ(a.answer("letters.replay", first).code, errc::not_found); // it is settled
  EXPECT_EQ(a.ask("letters.drop", {{"group", "g"}, {"positions", {letters[1]["position"]}}})["letters"], 1);
  const auto left = a.ask("letters.list", {{"group", "g"}});
  ASSERT_EQ(left["letters"].size(), 1U);
  EXPECT_EQ(left["letters"][0]["position"], letters[2]["position"]);
  EXPECT_EQ(a.ask("letters.replay", {{"group", "g"}, {"all", true}})["letters"], 1);
  EXPECT_EQ(a.ask("letters.list", {{"group", "g"}})["total"], 0);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 5; }));
}

TEST_F(group_at_nodes, letter_that_fails_again_says_where_it_was_published_first) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 1, microseconds{1}, microseconds{1}});
  publish("bad", "k");
  std::string first;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    ASSERT_TRUE(one.wait([&](const member& m) { return m.values.size() == n; }));
    one.say(wire::failed{0, n, fmt::format("no stock {}", n)});
    ASSERT_TRUE(one.wait([&](const member& m) { return m.verdicts.size() == n; }));
    const auto letters = a.ask("letters.list", {{"group", "g"}})["letters"];
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0]["topic"], "t");
    EXPECT_EQ(letters[0]["cause"], fmt::format("no stock {}", n));
    if (n == 1) first = letters[0]["of"];
    EXPECT_EQ(letters[0]["of"], first);
    a.ask("letters.replay", {{"group", "g"}, {"all", true}});
  }
}

/// Two keys whose batches have one hash.
std::pair<std::string, std::string> keys_of_one_hash() {
  std::map<std::uint16_t, std::string> known;
  for (int n = 0;; ++n) {
    auto key = "k" + std::to_string(n);
    const auto [at, is_first] = known.emplace(wire::key_hash(as_bytes(key)), key);
    if (!is_first) return {at->second, std::move(key)};
  }
}

TEST_F(group_at_nodes, parked_key_does_not_keep_another_of_its_hash) {
  const auto [fails, other] = keys_of_one_hash();
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::park, 1, microseconds{1}, microseconds{1}});
  publish("0", fails);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no stock"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  publish("1", fails);
  publish("2", other);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 2; }));
  EXPECT_EQ(one.values.back(), "2");
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}, {"key", other}})["keys"], 0);
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}, {"key", fails}})["keys"], 1);
  one.finishes = true;
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 4; }));
  EXPECT_EQ(std::vector(one.values.end() - 2, one.values.end()), (std::vector<std::string>{"0", "1"}));
}

TEST_F(group_at_nodes, parked_key_goes_on_in_order_when_an_operator_says_so) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::park, 1, microseconds{1}, microseconds{1}});
  publish("k 0", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no stock"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_FALSE(one.verdicts[0].again);
  publish("k 1", "k");
  publish("other", "j");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 2; }));
  EXPECT_EQ(one.values.back(), "other"); // the key's next one is behind the first
  json parked;
  while ((parked = a.ask("letters.parked", {{"group", "g"}})["parked"]).empty() || parked[0]["events"] != 2)
    ASSERT_LE(parked.size(), 1U);
  EXPECT_EQ(parked[0]["key"], "k");
  EXPECT_EQ(parked[0]["cause"], "no stock");
  EXPECT_EQ(a.ask("groups.list")["groups"][0]["parked_keys"], 1);
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}, {"key", "nobody's"}})["keys"], 0);
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}, {"key", "k"}})["keys"], 1);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 4; }));
  publish("k 2", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 5; }));
  EXPECT_EQ(std::vector(one.values.end() - 3, one.values.end()), (std::vector<std::string>{"k 0", "k 1", "k 2"}));
  EXPECT_EQ(a.ask("letters.parked", {{"group", "g"}})["total"], 0);
  EXPECT_EQ(a.ask("groups.list")["groups"][0]["parked_keys"], 0);
}

TEST_F(group_at_nodes, groups_that_come_and_go_leave_their_place_to_others) {
  for (std::size_t n = 0; n < limits::groups_max + 2; ++n) {
    const auto name = fmt::format("g{}", n);
    a.ask("groups.create", {{"name", name}, {"pattern", "t"}});
    a.ask("groups.delete", {{"name", name}});
  }
  member one{all, 1, log()};
  enter(one, a);
  publish(0, 5);
  came(5);
}

TEST_F(group_at_nodes, group_that_was_deleted_does_not_come_back_when_another_has_its_name) {
  publish(0, 10);
  {
    member one{all, 1, log()};
    enter(one, a);
    came(10);
    one.say(wire::renew{0, 1});
    ASSERT_TRUE(one.wait([](const member& m) { return m.renewals.contains(1); }));
    one.leave();
  }
  while (a.answer("groups.delete", {{"name", "g"}}).code == errc::busy) // until it has left
    continue;
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  a.stop();
  a.start();
  member next{all, 2, log()};
  enter(next, a);
  ASSERT_TRUE(next.wait([](const member& m) { return m.values.size() == 10; }));
}

TEST_F(group_at_nodes, place_in_an_epoch_that_never_was_is_where_the_log_goes_on) {
  publish(0, 3);
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}, {"from", {{"kind", "position"}, {"position", "a/1-0/2"}}}});
  member one{all, 1, log()};
  enter(one, a);
  came(3);
}

/// What a batch does not take goes with the next.
TEST_F(group_at_nodes, more_than_a_batch_takes_is_set_aside_and_goes_on_in_order) {
  constexpr std::size_t events = 12;
  const std::string large(limits::batch_bytes_target / 3, 'x');
  for (std::size_t n = 0; n < events; ++n)
    publish(std::to_string(n) + large, "k");
  member one{all, 1, log()};
  one.events_max = 1; // the others are read when the first is parked, all at once
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::park, 1, microseconds{1}, microseconds{1}});
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no stock"});
  const auto parked = [this] {
    const auto keys = a.ask("letters.parked", {{"group", "g"}})["parked"];
    return keys.empty() ? std::size_t{0} : keys[0]["events"].get<std::size_t>();
  };
  while (parked() < events)
    std::this_thread::yield();
  {
    const std::lock_guard held(all.mutex);
    one.finishes = true;
  }
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}})["keys"], 1);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1 + events; }));
  for (std::size_t n = 0; n < events; ++n)
    EXPECT_EQ(std::stoul(one.values[1 + n]), n);
}

TEST_F(group_at_nodes, without_members_nothing_is_unparked) {
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  EXPECT_EQ(a.ask("groups.unpark", {{"name", "g"}})["keys"], 0);
  EXPECT_EQ(a.answer("groups.unpark", {{"name", "none"}}).code, errc::not_found);
}

TEST_F(group_at_nodes, group_can_t_read_what_the_mesh_keeps_of_itself) {
  member one{all, 1, log()};
  one.enter(a);
  one.join("g", "_weft.>");
  ASSERT_TRUE(one.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(one.closed.front().code, errc::invalid_argument);
  EXPECT_EQ(a.answer("groups.create", {{"name", "g"}, {"pattern", "_weft.cursors"}}).code, errc::invalid_argument);
}

TEST_F(group_at_nodes, place_that_no_log_has_is_refused_and_kept_nowhere) {
  member one{all, 1, log()};
  one.enter(a);
  one.join_at("g", {epoch{0xffffffff, 1}, seq{5}});
  ASSERT_TRUE(one.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(one.closed.front().code, errc::out_of_range);
  one.join("g");
  ASSERT_TRUE(one.wait([](const member& m) { return m.opened == 1; }));
  one.say(wire::handled{0, {}, {}, {{{epoch{0xffffffff, 1}, seq{5}}, slot{3}}}, {}});
  publish(0, 60);
  came(60);
  const auto epoch_now = a.node->facts().epoch;
  one.leave();
  a.stop();
  a.start();
  EXPECT_EQ(a.node->facts().epoch.count(), epoch_now.count() + 1);
}

TEST_F(group_at_nodes, letters_are_replayed_many_at_once_and_however_large) {
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 1, microseconds{1}, microseconds{1}});
  const std::string large(limits::event_value_bytes_max, 'x');
  constexpr std::uint64_t count = 20;
  for (std::uint64_t n = 1; n <= count; ++n)
    publish(n == 7 ? large : fmt::format("bad {}", n), fmt::format("k{}", n));
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == count; }));
  for (std::uint64_t n = 1; n <= count; ++n)
    one.say(wire::failed{0, n, "no stock"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == count; }));
  EXPECT_EQ(a.ask("letters.replay", {{"group", "g"}, {"all", true}})["letters"], count);
  EXPECT_EQ(a.ask("letters.list", {{"group", "g"}})["total"], 0);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 2 * count; }));
  EXPECT_EQ(all.values.count(large), 2U);
}

TEST_F(group_at_nodes, what_is_set_aside_has_no_retention_whatever_new_topics_have) {
  a.stop();
  a.options.settings.new_topics.keep_bytes = 65'536;
  a.start();
  member one{all, 1, log()};
  one.finishes = false;
  one.enter(a);
  one.join("g", "t", {wire::after_failing::dead_letter, 1, microseconds{1}, microseconds{1}});
  publish("bad", "k");
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  one.say(wire::failed{0, 1, "no stock"});
  ASSERT_TRUE(one.wait([](const member& m) { return m.verdicts.size() == 1; }));
  EXPECT_EQ(a.ask("letters.replay", {{"group", "g"}, {"all", true}})["letters"], 1);
  EXPECT_EQ(a.ask("topics.describe", {{"name", "t"}})["settings"]["retention_bytes"], 65'536);
  for (const auto* kept : {"_weft.dead-letters.g", "_weft.replay.g", "_weft.cursors"})
    EXPECT_TRUE(a.ask("topics.describe", {{"name", kept}})["settings"]["retention_bytes"].is_null()) << kept;
}

TEST_F(group_at_nodes, questions_about_letters_that_make_no_sense_are_refused) {
  EXPECT_EQ(a.answer("letters.list", json::object()).code, errc::invalid_argument);
  EXPECT_EQ(a.answer("letters.list", {{"group", "Not A Name"}}).code, errc::invalid_name);
  for (const auto* what : {"letters.list", "letters.parked", "letters.drop"}) {
    const auto none = a.answer(what, {{"group", "g"}, {"all", true}});
    EXPECT_EQ(none.code, errc::not_found);
    EXPECT_EQ(none.message, "the log of a knows no group g: there are none");
  }
  for (const auto* name : {"g", "h"})
    a.ask("groups.create", {{"name", name}, {"pattern", "t"}});
  EXPECT_EQ(a.answer("letters.list", {{"group", "k"}}).message, "the log of a knows no group k: there are g, h");
  EXPECT_EQ(a.answer("groups.seek", {{"name", "k"}}).message,
            "the log of a knows no group and no named subscription k: there are g, h");
  EXPECT_EQ(a.ask("letters.list", {{"group", "g"}})["total"], 0);
  EXPECT_EQ(a.ask("letters.parked", {{"group", "g"}})["total"], 0);
  EXPECT_EQ(a.answer("letters.drop", {{"group", "g"}, {"all", true}}).code, errc::not_found);
  EXPECT_EQ(a.answer("letters.burn", {{"group", "g"}}).code, errc::unsupported);
}

TEST_F(group_at_nodes, operator_moves_a_group_and_its_members_begin_anew) {
  member one{all, 1, log()};
  enter(one, a);
  publish(0, 10);
  came(10);
  EXPECT_EQ(a.answer("groups.seek", {{"name", "g"}, {"to", {{"kind", "beginning"}}}}).code, errc::busy);
  a.ask("groups.seek", {{"name", "g"}, {"to", {{"kind", "beginning"}}}, {"force", true}});
  ASSERT_TRUE(one.wait([](const member& m) { return !m.closed.empty(); }));
  EXPECT_EQ(one.closed.front().code, errc::cursor_moved);
  member next{all, 2, log()};
  enter(next, a);
  ASSERT_TRUE(next.wait([](const member& m) { return m.values.size() == 10; }));
}

TEST_F(group_at_nodes, operator_sees_who_has_what) {
  member one{all, 1, log()}, two{all, 2, log()};
  one.finishes = false;
  enter(one, a);
  publish(0, 5);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 5; }));
  enter(two, a);
  const auto row = a.ask("groups.list")["groups"][0];
  EXPECT_EQ(row["name"], "g");
  EXPECT_EQ(row["members"], 2);
  EXPECT_EQ(row["pattern"], "t");
  const auto about = a.ask("groups.describe", {{"name", "g"}});
  ASSERT_EQ(about["member_list"].size(), 2U);
  std::size_t slots = 0, events = 0;
  for (const auto& who : about["member_list"]) {
    slots += who["slots"].get<std::size_t>();
    events += who["events"].get<std::size_t>();
  }
  EXPECT_EQ(slots, limits::slots);
  EXPECT_EQ(events, 5U);
  EXPECT_EQ(a.ask("lag")["lag"][0]["events"], 5);
}

/// Topic t keeps little, and a group is at its beginning.
struct leased_group : group_at_nodes {
  leased_group() {
    a.stop();
    a.options.segment_bytes = 64U << 10U;
    a.start();
    for (const auto* topic : {"t", "free"})
      a.ask("topics.create", {{"name", topic}, {"settings", {{"retention_bytes", 10'000}}}});
    publish("first", "k");
    a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  }
  [[nodiscard]] std::uint64_t start_of(const std::string& topic) {
    return a.ask("topics.describe", {{"name", topic}})["start"].get<std::uint64_t>();
  }
  /// Publishes until retention has taken more of a topic than it had.
  void retain(const std::string& topic) {
    const auto before = start_of(topic);
    for (int i = 0; i < 10'000 && start_of(topic) == before; ++i)
      for (const auto* each : {"t", "free"})
        ASSERT_TRUE(a.door->publish_and_wait(batch_of(each, std::string(10'000, 'x'), "k"), ack_level::synced));
    ASSERT_GT(start_of(topic), before);
  }
  nlohmann::json lag() { return a.ask("lag")["lag"][0]; }
};

TEST_F(leased_group, holds_its_topic_back_and_no_other_also_after_a_start) {
  retain("free");
  EXPECT_EQ(start_of("t"), 0U);
  EXPECT_EQ(lag()["lease"], "holds");
  EXPECT_GT(lag()["held_bytes"], 0);
  EXPECT_GT(lag()["held_since_us"], 0);
  a.stop();
  damage_catalog();
  a.start();
  for (const auto* topic : {"t", "free"}) // the settings were in the catalog
    a.ask("topics.alter", {{"name", topic}, {"settings", {{"retention_bytes", 10'000}}}});
  retain("free");
  EXPECT_EQ(start_of("t"), 0U);
  const auto leases = a.ask("groups.describe", {{"name", "g"}})["leases"];
  ASSERT_EQ(leases.size(), 1U);
  EXPECT_EQ(leases[0]["topic"], "t");
  EXPECT_EQ(leases[0]["lease"], "holds");
}

TEST_F(leased_group, that_is_moved_lets_go) {
  retain("free");
  a.ask("groups.seek", {{"name", "g"}, {"to", {{"kind", "end"}}}});
  EXPECT_EQ(lag()["lease"], "ready");
  retain("t");
  EXPECT_NE(lag()["lease"], "ran-out");
}

TEST_F(leased_group, that_is_deleted_lets_go) {
  retain("free");
  EXPECT_EQ(start_of("t"), 0U);
  a.ask("groups.delete", {{"name", "g"}});
  retain("t");
}

TEST_F(leased_group, that_needs_more_than_it_may_hold_is_passed_and_all_are_told) {
  a.stop();
  a.options.settings.lease_bytes = 100'000;
  a.start();
  retain("t");
  EXPECT_TRUE(a.says("the lease of g on t ran out: it needs events from a/"));
  EXPECT_EQ(lag()["lease"], "ran-out");
  EXPECT_EQ(lag()["ran_out_why"], "bytes");
  EXPECT_GT(lag()["held_bytes"], 0); // the newest of what it needs
  EXPECT_LE(lag()["held_bytes"], 100'000);
  member one{all, 1, log()};
  enter(one, a);
  ASSERT_TRUE(one.wait([](const member& m) { return m.gaps > 0; }));
}

TEST_F(group_at_nodes, lag_says_how_fast_a_group_is_once_it_is_known) {
  publish(0, 5);
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  auto row = a.ask("lag")["lag"][0];
  for (const auto* field : {"processed_per_s", "arrived_per_s", "drain_s", "drain"})
    ASSERT_TRUE(row.contains(field)) << field;
  while (row["processed_per_s"].is_null()) // it stands still
    row = a.ask("lag")["lag"][0];
  EXPECT_EQ(row["processed_per_s"], 0);
  EXPECT_TRUE(row["drain_s"].is_null());
  EXPECT_EQ(row["drain"], "never");
  EXPECT_GT(row["seconds"], 0);
}

TEST_F(group_at_nodes, group_is_created_before_it_has_members_and_forgotten_after) {
  publish(0, 5);
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}, {"from", {{"kind", "end"}}}});
  EXPECT_EQ(a.answer("groups.create", {{"name", "g"}, {"pattern", "t"}}).code, errc::already_exists);
  EXPECT_EQ(a.answer("groups.create", {{"name", "G"}, {"pattern", "t"}}).code, errc::invalid_name);
  member one{all, 1, log()};
  enter(one, a);
  publish(5, 6);
  ASSERT_TRUE(one.wait([](const member& m) { return !m.values.empty(); }));
  EXPECT_EQ(one.values.front(), "5");
  EXPECT_EQ(a.answer("groups.delete", {{"name", "g"}}).code, errc::busy);
  one.leave();
  a.stop();
  a.start();
  EXPECT_EQ(a.ask("groups.list")["groups"].size(), 1U);
  a.ask("groups.delete", {{"name", "g"}});
  EXPECT_EQ(a.ask("groups.list")["groups"].size(), 0U);
  a.stop();
  damage_catalog();
  a.start(); // the log knows that it is gone
  EXPECT_EQ(a.ask("groups.list")["groups"].size(), 0U);
}

/// A named subscription that read half of ten events, and is not in use.
struct named_at_node : group_at_nodes {
  named_at_node() {
    publish(0, 5);
    a.inside.commit = true;
    const auto number = a.inside.subscribe("t", wire::start_kind::beginning, "audit");
    EXPECT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 5; }));
    const auto used = rows("audit");
    EXPECT_EQ(used["members"], 1);
    EXPECT_EQ(a.answer("groups.delete", {{"name", "audit"}}).code, errc::busy);
    a.door->send(wire::withdraw{number});
    while (rows("audit")["members"] != 0) {}
    publish(5, 10);
  }
  /// Of a list. @returns null when the name has none
  json rows(const std::string& name, const std::string& what = "groups.list", const std::string& list = "groups") {
    const auto answer = a.ask(what);
    for (const auto& row : answer[list])
      if (row["name"] == name) return row;
    return nullptr;
  }
};

TEST_F(named_at_node, is_listed_and_described_as_what_it_is) {
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  EXPECT_EQ(rows("g")["kind"], "group");
  EXPECT_EQ(rows("audit")["kind"], "subscription");
  EXPECT_EQ(rows("audit")["pattern"], "t");
  EXPECT_EQ(rows("audit")["position"], rows("audit", "lag", "lag")["position"]);
  const auto free = a.ask("groups.describe", {{"name", "audit"}});
  EXPECT_TRUE(free["member_list"].empty());
  ASSERT_EQ(free["leases"].size(), 1U);
  EXPECT_EQ(free["leases"][0]["topic"], "t");
  a.inside.subscribe("t", wire::start_kind::beginning, "audit");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 10; }));
  const auto used = a.ask("groups.describe", {{"name", "audit"}});
  ASSERT_EQ(used["member_list"].size(), 1U);
  EXPECT_EQ(used["member_list"][0]["consumer"], "test");
}

TEST_F(named_at_node, is_deleted_as_a_group_is_and_begins_anew) {
  const auto refused = a.answer("groups.seek", {{"name", "audit"}, {"to", {{"kind", "beginning"}}}});
  EXPECT_EQ(refused.code, errc::invalid_argument);
  EXPECT_NE(refused.message.find("audit is a named subscription"), std::string::npos) << refused.message;
  const auto done = a.ask("groups.delete", {{"name", "audit"}});
  EXPECT_EQ(done["kind"], "subscription");
  EXPECT_EQ(a.answer("groups.delete", {{"name", "audit"}}).code, errc::not_found);
  for (const auto& damage : std::vector<std::function<void()>>{[] {}, [this] { damage_catalog(); }}) {
    EXPECT_EQ(rows("audit"), nullptr);
    EXPECT_EQ(rows("audit", "lag", "lag"), nullptr);
    a.stop();
    damage();
    a.start();
  }
  EXPECT_EQ(rows("audit"), nullptr);
  a.inside.values.clear();
  a.inside.subscribe("t", wire::start_kind::beginning, "audit");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 10; }));
}

TEST_F(named_at_node, that_is_in_use_is_deleted_by_force_and_its_name_is_free_for_a_group) {
  a.inside.subscribe("t", wire::start_kind::beginning, "audit");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 10; }));
  EXPECT_EQ(a.answer("groups.delete", {{"name", "audit"}}).code, errc::busy);
  a.ask("groups.delete", {{"name", "audit"}, {"force", true}});
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.closed.empty(); }));
  EXPECT_EQ(a.inside.closed.back().code, errc::cursor_moved);
  EXPECT_EQ(a.ask("groups.create", {{"name", "audit"}, {"pattern", "t"}})["name"], "audit");
}

TEST_F(named_at_node, has_no_lag_of_a_topic_that_is_deleted) {
  EXPECT_EQ(rows("audit", "lag", "lag")["events"], 5);
  a.ask("topics.delete", {{"name", "t"}});
  EXPECT_EQ(rows("audit", "lag", "lag"), nullptr);
  EXPECT_TRUE(a.ask("groups.describe", {{"name", "audit"}})["leases"].empty());
  publish(10, 11); // another topic of the same name
  EXPECT_EQ(rows("audit", "lag", "lag")["events"], 1);
}

TEST_F(group_at_nodes, word_over_an_older_flow_counts_for_nothing) {
  member one{all, 1, log()};
  one.finishes = false;
  enter(one, a);
  publish(0, 1);
  ASSERT_TRUE(one.wait([](const member& m) { return m.values.size() == 1; }));
  const auto old = one.flow();
  one.join("g");
  ASSERT_TRUE(one.wait([](const member& m) { return m.opened == 2 && m.values.size() == 2; })); // it comes anew
  one.say_over(old, wire::handled{0, {{1, 2}}, {}});
  one.join("g");
  ASSERT_TRUE(one.wait([](const member& m) { return m.opened == 3 && m.values.size() == 3; }));
}

} // namespace
} // namespace weft::actors
