// tests/sdk/service_moves_test.cpp: a service whose state moves: what it publishes of it, at a real node.
#include "tests/sdk/service_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

namespace weft::testing {
namespace {

using nlohmann::json;

constexpr auto state_topic = "counting.state";

struct service_that_moves : service_at_a_node {
  service moving(service_options options = {}) {
    options.state_topic = state_topic;
    if (options.home.empty()) options.home = "a";
    return counting(std::move(options));
  }
  /// What the topic says of each row now, as a reader of its last events has it.
  std::map<std::string, Total> published(const std::string& step) {
    std::map<std::string, Total> rows;
    auto reading = at->subscribe(state_topic, {.from = start::beginning});
    EXPECT_TRUE(reading);
    for (;;) {
      auto one = reading->poll(hang);
      EXPECT_TRUE(one && *one) << "the mark of step " << step << " does not come";
      if (!one || !*one) return rows;
      const auto key = (*one)->key_text();
      if (key == "mark" && json::parse((*one)->text())["step"] == step) return rows;
      if (!key.starts_with("row/totals/")) continue;
      rows[std::string(key.substr(11))] = *codec<Total>::decode((*one)->value().subspan(1));
    }
  }
  /// Waits until all inputs are finished.
  void finish(service& of, std::size_t outputs) {
    first_of("shop.totals", outputs);
    of.stop();
  }
  /// Of all that the log has.
  json last_mark() {
    json last;
    auto reading = at->subscribe(state_topic, {.from = start::beginning, .key = "mark"});
    EXPECT_TRUE(reading);
    for (;;) {
      auto one = reading->poll(10ms);
      EXPECT_TRUE(one);
      if (!one) return last;
      if (*one) last = json::parse((*one)->text());
      const auto far = reading->progress();
      if (!*one && !far.empty() && far[0].head > seq{0} && far[0].handled.seq >= far[0].head) return last;
    }
  }
};

TEST_F(service_that_moves, publishes_what_each_step_changes_behind_what_it_publishes) {
  auto counts = moving();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  publish("bob", 2);
  publish("ann", 3);
  finish(counts, 3);
  const auto mark = last_mark();
  EXPECT_EQ(mark["service"], "counting");
  EXPECT_TRUE(mark["whole"]);
  const auto rows = published(mark["step"]);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.at("ann").sum, 4);
  EXPECT_EQ(rows.at("bob").sum, 2);

  // An output is in the log before the step that says that its input was handled.
  auto reading = at->subscribe(">", {.from = start::beginning});
  ASSERT_TRUE(reading);
  std::int64_t outputs = 0, counted = 0;
  std::map<std::string, std::int64_t> counts_of;
  while (counted < 3) {
    auto one = reading->poll(hang);
    ASSERT_TRUE(one && *one);
    if ((*one)->topic == "shop.totals") ++outputs;
    if ((*one)->topic != state_topic || !(*one)->key_text().starts_with("row/")) continue;
    const auto total = codec<Total>::decode((*one)->value().subspan(1));
    ASSERT_TRUE(total);
    counts_of[total->customer] = total->count;
    counted = 0;
    for (const auto& [customer, count] : counts_of)
      counted += count;
    EXPECT_LE(counted, outputs) << "the state is ahead of the outputs";
  }

  const auto described = at->query("topics.describe", json{{"name", state_topic}}.dump());
  ASSERT_TRUE(described);
  const auto settings = json::parse(*described)["settings"];
  EXPECT_TRUE(settings["compaction"]);
  EXPECT_EQ(settings["ack"], "synced");
  EXPECT_EQ(settings["description"], "the state of the service counting");
}

TEST_F(service_that_moves, goes_on_with_its_topic_after_a_restart) {
  std::set<std::string> since;
  for (int life = 0; life < 3; ++life) {
    auto counts = moving();
    ASSERT_TRUE(counts.start());
    publish("ann", life);
    finish(counts, static_cast<std::size_t>(life) + 1);
    since.insert(last_mark()["since"].get<std::string>());
    restart();
  }
  EXPECT_EQ(since.size(), 1U) << "all of it was published once";
  EXPECT_EQ(published(last_mark()["step"]).at("ann").count, 3);
}

TEST_F(service_that_moves, publishes_all_of_a_state_that_it_had_before) {
  auto before = counting();
  before.on(reminder, [](const Order&, context&) {});
  ASSERT_TRUE(before.start());
  for (int n = 0; n < 20; ++n)
    publish("c" + std::to_string(n), n);
  finish(before, 20);
  auto counts = moving();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  finish(counts, 21);
  const auto rows = published(last_mark()["step"]);
  EXPECT_EQ(rows.size(), 21U);
  EXPECT_EQ(rows.at("ann").count, 1);
}

TEST_F(service_that_moves, a_state_that_moves_is_not_gone_on_with_in_secret) {
  auto counts = moving();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  finish(counts, 1);
  const auto refused = counting().start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::denied);
  EXPECT_NE(refused.error().message().find("name its state_topic, counting.state"), std::string::npos)
      << refused.error().message();
  auto other = counting({.state_dir = directory.path() + "/other"}); // and its group knows that, too
  ASSERT_TRUE(other.start());
  const auto ended = other.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied) << ended.error().message();
}

TEST_F(service_that_moves, publishes_all_anew_when_the_topic_was_deleted) {
  auto counts = moving();
  ASSERT_TRUE(counts.start());
  for (const auto* who : {"ann", "bob", "cid"})
    publish(who, 1);
  finish(counts, 3);
  const auto since = last_mark()["since"];
  ASSERT_TRUE(at->query("topics.delete", json{{"name", state_topic}}.dump()));
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  finish(counts, 4);
  const auto mark = last_mark();
  EXPECT_NE(mark["since"], since);
  EXPECT_EQ(published(mark["step"]).size(), 3U);
}

TEST_F(service_that_moves, a_state_from_a_backup_is_read_anew) {
  const auto state = directory.path() + "/a/services/counting", backup = directory.path() + "/backup";
  auto counts = moving();
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  finish(counts, 1);
  std::filesystem::copy(state, backup, std::filesystem::copy_options::recursive);
  ASSERT_TRUE(counts.start());
  publish("ann", 2);
  finish(counts, 2);
  std::filesystem::remove_all(state);
  std::filesystem::copy(backup, state, std::filesystem::copy_options::recursive);
  ASSERT_TRUE(counts.start());
  const auto ended = counts.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  EXPECT_NE(ended.error().message().find("is left behind"), std::string::npos) << ended.error().message();
  counts.stop();
  auto again = moving({.standby = true});
  ASSERT_TRUE(again.start());
  publish("ann", 3);
  const auto outputs = first_of("shop.totals", 3);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->count, 3);
}

TEST_F(service_that_moves, what_others_publish_to_its_topic_is_passed_over) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  finish(first, 1);
  const topic<std::string> foreign{state_topic};
  for (const auto* text : {"x", R"({"service": "counting"})"})
    ASSERT_TRUE(at->publish_and_wait(foreign, text));
  auto second = moving({.state_dir = directory.path() + "/second"});
  ASSERT_TRUE(second.start());
  publish("ann", 2);
  EXPECT_EQ(first_of("shop.totals", 2).back().as<Total>()->count, 2);
}

TEST_F(service_that_moves, two_services_do_not_share_a_topic) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  finish(first, 1);
  service other(*at, "other", {.state_topic = state_topic, .on_stopped = [](const error&) {}});
  other.on(orders, [](const Order&, context&) {});
  ASSERT_TRUE(other.start());
  const auto ended = other.wait();
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().message().find("has the state of the service counting"), std::string::npos)
      << ended.error().message();
}

TEST_F(service_that_moves, another_home_gives_the_state_only_if_the_one_before_is_named_as_lost) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  finish(first, 1);
  at.reset();
  auto listens = node::open({.name = "a", .data_dir = directory.path() + "/a", .listen = "tcp://127.0.0.1:0"});
  ASSERT_TRUE(listens) << listens.error().message();
  at.emplace(std::move(*listens));
  const auto invitation = directory.path() + "/invitation";
  std::ofstream(invitation) << json::parse(*at->query("invite", R"({"name": "hub"})"))["invitation"].get<std::string>();
  auto hub = node::open(
      {.name = "hub", .data_dir = directory.path() + "/hub", .listen = "tcp://127.0.0.1:0", .join = invitation});
  ASSERT_TRUE(hub) << hub.error().message();
  const auto second = [this](std::string lost) {
    return moving({.state_dir = directory.path() + "/second", .home = "hub", .lost_home = std::move(lost)});
  };
  {
    auto refused = second("");
    ASSERT_TRUE(refused.start());
    const auto ended = refused.wait();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), errc::denied);
    EXPECT_NE(ended.error().message().find("the home of the state of counting is a"), std::string::npos)
        << ended.error().message();
  }
  auto goes_on = second("a");
  ASSERT_TRUE(goes_on.start());
  publish("ann", 2);
  EXPECT_EQ(first_of("shop.totals", 2).back().as<Total>()->count, 2);
}

TEST_F(service_that_moves, waits_for_a_home_that_is_not_known_yet) {
  auto counts = moving({.home = "hub"});
  ASSERT_TRUE(counts.start());
  publish("ann", 1);
  for (std::string why; why.find("hub") == std::string::npos; std::this_thread::yield())
    if (const auto how = counts.health(); how.now == service_health::condition::hindered) why = how.why->message();
  counts.stop();
  EXPECT_EQ(counts.health().handled, 0U);
}

TEST_F(service_that_moves, a_topic_whose_copies_may_lack_what_is_acknowledged_is_refused) {
  const json settings{{"compaction", true}, {"replicas", 2}, {"ack", "replicas=1"}};
  ASSERT_TRUE(at->query("topics.create", json{{"name", state_topic}, {"settings", settings}}.dump()));
  const auto refused = moving().start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("weft topics alter counting.state --ack replicas=2"), std::string::npos)
      << refused.error().message();
}

TEST_F(service_that_moves, a_topic_that_does_not_keep_the_last_events_is_refused) {
  ASSERT_TRUE(at->query("topics.create", json{{"name", state_topic}}.dump()));
  auto counts = moving();
  const auto refused = counts.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::invalid_argument);
  EXPECT_NE(refused.error().message().find("weft topics alter counting.state --compaction on"), std::string::npos)
      << refused.error().message();
}

TEST_F(service_that_moves, another_state_is_refused_while_one_is_at_work) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  auto other = moving({.state_dir = directory.path() + "/other"});
  ASSERT_TRUE(other.start());
  const auto ended = other.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::locked) << ended.error().message();
  EXPECT_NE(ended.error().message().find("is at work at the member"), std::string::npos) << ended.error().message();
}

TEST_F(service_that_moves, an_empty_one_takes_over_from_what_is_published) {
  for (int life = 0; life < 3; ++life) {
    auto counts = moving({.state_dir = directory.path() + "/s" + std::to_string(life)});
    ASSERT_TRUE(counts.start());
    publish("ann", 1);
    publish("bob", life);
    const auto outputs = first_of("shop.totals", 2 * static_cast<std::size_t>(life + 1));
    expect_each_origin_once(outputs);
    const auto ann = counts.read<std::string, Total>("totals", "ann");
    ASSERT_TRUE(ann && *ann);
    EXPECT_EQ((*ann)->count, life + 1);
    counts.stop();
    EXPECT_TRUE(last_mark()["step"].get<std::string>().starts_with(std::to_string(life + 1) + "/"));
  }
}

TEST_F(service_that_moves, a_standby_goes_on_when_the_other_leaves) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  auto second = moving({.state_dir = directory.path() + "/second", .standby = true});
  ASSERT_TRUE(second.start());
  while (second.health().now != service_health::condition::standby)
    std::this_thread::yield();
  publish("ann", 2);
  first_of("shop.totals", 2);
  first.stop();
  publish("ann", 3);
  const auto outputs = first_of("shop.totals", 3);
  expect_each_origin_once(outputs);
  EXPECT_EQ(outputs.back().as<Total>()->count, 3);
  EXPECT_EQ(second.health().now, service_health::condition::running);
}

TEST_F(service_that_moves, one_that_was_left_behind_is_refused_and_gives_up_its_state_as_a_standby) {
  auto first = moving();
  ASSERT_TRUE(first.start());
  publish("ann", 1);
  first_of("shop.totals", 1);
  first.stop();
  {
    auto second = moving({.state_dir = directory.path() + "/second"});
    ASSERT_TRUE(second.start());
    publish("ann", 2);
    first_of("shop.totals", 2);
    second.stop();
  }
  ASSERT_TRUE(first.start());
  const auto ended = first.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  for (const auto* part : {"is left behind", "Remove the directory", "counting.state"})
    EXPECT_NE(ended.error().message().find(part), std::string::npos) << ended.error().message();
  first.stop();
  auto again = moving({.standby = true});
  ASSERT_TRUE(again.start());
  publish("ann", 3);
  EXPECT_EQ(first_of("shop.totals", 3).back().as<Total>()->count, 3);
  const auto sum = again.read<std::string, Total>("totals", "ann")->value().sum;
  EXPECT_EQ(sum, 6);
}

TEST_F(service_that_moves, timers_and_places_move_with_it) {
  const auto reminding = [this](const std::string& state, bool succeeds) {
    auto made = service(
        *at, "counting",
        {.state_dir = directory.path() + state, .state_topic = state_topic, .on_hindered = [](const error&) {}});
    made.on(orders, [](const Order& order, context& with) { with.set(reminder, order.customer, 1ms, order); });
    made.on(reminder, [succeeds](const Order& order, context& with) {
      if (!succeeds) throw std::runtime_error("not here");
      with.publish(totals, {order.customer, 1, order.n});
    });
    return made;
  };
  auto first = reminding("/first", false);
  ASSERT_TRUE(first.start());
  for (int n = 0; n < 5; ++n)
    publish("c" + std::to_string(n), n);
  while (first.health().handled < 5)
    std::this_thread::yield();
  first.stop();
  const auto moved = at->query("groups.seek", R"({"name": "counting", "to": {"kind": "beginning"}})");
  ASSERT_TRUE(moved) << moved.error().message();
  auto second = reminding("/second", true);
  ASSERT_TRUE(second.start());
  publish("last", 9);
  const auto outputs = first_of("shop.totals", 6);
  expect_each_origin_once(outputs);
  EXPECT_LE(second.health().handled, 1U + 6) << "what was handled before is known, and its timers come";
}

/// Keeps a large row for each order: such steps go in parts, and publishing all takes a while.
service keeping(node& at, const std::string& state) {
  service made(at, "keeping", {.state_dir = state, .state_topic = state_topic, .on_hindered = [](const error&) {}});
  made.on(orders, [](const Order& order, context& with) {
    with.state().table<std::string, std::string>("large").put(std::to_string(order.n), std::string(400'000, 'x'));
    with.publish(notes, order.customer);
  });
  return made;
}

TEST_F(service_that_moves, one_that_ends_while_it_publishes_all_of_a_state_that_it_took_over_has_it_yet) {
  constexpr int rows = 24;
  {
    auto first = keeping(*at, directory.path() + "/first");
    ASSERT_TRUE(first.start());
    for (int n = 0; n < rows; ++n)
      publish("ann", n);
    first_of("shop.notes", rows);
    first.stop();
  }
  ASSERT_GT(last_mark()["parts"], 0) << "its log can't just be gone on with";
  const auto state = directory.path() + "/second";
  {
    auto marks = at->subscribe(state_topic, {.from = start::end, .key = "mark"});
    ASSERT_TRUE(marks);
    auto second = keeping(*at, state);
    ASSERT_TRUE(second.start());
    for (json mark; mark.is_null() || mark["whole"];) {
      auto one = marks->poll(hang);
      ASSERT_TRUE(one && *one);
      mark = json::parse((*one)->text());
    }
    second.stop();
  }
  auto again = keeping(*at, state);
  ASSERT_TRUE(again.start());
  publish("bob", rows);
  EXPECT_EQ(first_of("shop.notes", rows + 1).back().text(), "bob");
  for (int n = 0; n <= rows; ++n) {
    const auto row = again.read<std::string, std::string>("large", std::to_string(n));
    ASSERT_TRUE(row && *row) << n;
    EXPECT_EQ((*row)->size(), 400'000U);
  }
}

TEST_F(service_that_moves, options_that_contradict_each_other_are_refused) {
  const auto refused = [this](service_options options, const char* part) {
    auto counts = counting(std::move(options));
    const auto started = counts.start();
    ASSERT_FALSE(started) << part;
    EXPECT_NE(started.error().message().find(part), std::string::npos) << started.error().message();
  };
  refused({.pattern = "shop.*", .state_topic = "shop.state"}, "in which its state's topic shop.state is");
  refused({.state_topic = "_weft.state"}, "choose a name that does not start with _weft");
  refused({.state_copies = 1}, "wants copies of its state, and names no state_topic");
  refused({.home = "a"}, "wants a home for its state, and names no state_topic");
  refused({.standby = true}, "wants to stand by, and names no state_topic");
  refused({.state_topic = "s.t", .standby = true}, "wants to stand by, and names no home");
  refused({.lost_home = "a"}, "wants a home for its state, and names no state_topic");
  refused({.state_topic = "s.t", .state_copies = 8}, "0 to 7 are possible");
}

TEST_F(service_that_moves, a_handler_can_not_publish_into_its_state) {
  service writer(*at, "counting", {.on_failing = failing_event::skip, .deliveries_max = 1, .state_topic = state_topic});
  writer.on(orders, [](const Order& order, context& with) {
    if (order.n == 0) with.publish(topic<std::string>{state_topic}, "x");
    with.publish(totals, {order.customer, 1, order.n});
  });
  ASSERT_TRUE(writer.start());
  publish("ann", 0);
  publish("bob", 1);
  EXPECT_EQ(first_of("shop.totals", 1).front().as<Total>()->customer, "bob");
  EXPECT_EQ(writer.health().failed, 1U);
}

} // namespace
} // namespace weft::testing
