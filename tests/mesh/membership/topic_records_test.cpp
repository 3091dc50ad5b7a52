// tests/mesh/membership/topic_records_test.cpp: what nodes decide on a topic at once ends the same everywhere, and
// nobody can make them hold what he may not decide.
#include "mesh/membership/topic_records.hpp"

#include "tests/mesh/membership/gossip_testing.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;

/// A node that decides on topics.
struct decider {
  explicit decider(std::uint32_t own_number)
      : number(own_number), id(test_id(own_number)), by(id), records(by, id), chain(chain_of(own_number)) {}

  static shared_bytes chain_of(std::uint32_t number) { return fake_authority::item_of(test_identity(number)).bytes; }

  result<wire::item> decide(const topic_decision& wanted) { return records.decide(wanted, chain, now.wall); }
  /// Decides, and holds it.
  wire::item set(const topic_decision& wanted) {
    auto item = decide(wanted);
    EXPECT_TRUE(item) << item.error().message();
    EXPECT_EQ(records.take(*item, id, now).news.size(), 1U);
    return *item;
  }
  wire::item alter(const std::string& topic, std::uint8_t replicas) { return set({topic, replicated(replicas)}); }
  wire::item remove(const std::string& topic) { return set({.topic = topic, .deleted = true}); }

  taken take(const wire::item& item) { return records.take(item, test_id(99), now); }
  [[nodiscard]] const wire::topic_record& record(std::string_view topic) const {
    const auto* const found = records.find(topic);
    WEFT_ASSERT(found != nullptr);
    return found->record;
  }
  std::vector<std::string> changes() {
    std::vector<std::string> all;
    for (const auto& event : records.take_events())
      if (const auto* one = std::get_if<topic_event::changed>(&event))
        all.push_back(one->topic + (one->deleted ? " deleted" : " " + std::to_string(one->replicas)));
    return all;
  }
  std::vector<errc> refusals() {
    std::vector<errc> all;
    for (const auto& event : records.take_events())
      if (const auto* one = std::get_if<topic_event::refused>(&event)) all.push_back(one->why.code());
    return all;
  }

  static wire::topic_settings replicated(std::uint8_t replicas) {
    wire::topic_settings settings;
    settings.replicas = replicas;
    return settings;
  }

  std::uint32_t number;
  node_id id;
  fake_authority by;
  topic_records records;
  shared_bytes chain;
  instant now{{1'000'000'000}, test_wall};
};

wire::topic_record record_of(std::uint32_t author, std::uint64_t count, wall_time at = test_wall) {
  wire::topic_record made;
  made.topic = "orders";
  made.author = test_id(author);
  made.certificate = decider::chain_of(author);
  made.count = count;
  made.at = hlc::at(at);
  return made;
}
wire::item topic_item(const wire::topic_record& from) {
  return signed_item(wire::item_kind::topic_record, from, from.author);
}

/// Both take what the other one has.
void exchange(decider& a, decider& b) {
  for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)})
    for (const auto& [topic, held] : from->records.all())
      EXPECT_TRUE(to->take(held.item).offences.empty());
}

TEST(topic_records, a_decision_holds_once_it_is_taken_in) {
  decider a(1);
  const auto item = a.decide({"orders", decider::replicated(2)});
  ASSERT_TRUE(item);
  EXPECT_EQ(a.records.find("orders"), nullptr);
  EXPECT_EQ(a.take(*item).news, std::vector{*item});
  EXPECT_EQ(a.record("orders").settings.replicas, 2U);
  EXPECT_EQ(a.record("orders").count, 1U);
  EXPECT_EQ(a.records.find("orders")->author_name, "node-1");
  EXPECT_EQ(a.changes(), std::vector<std::string>{"orders 2"});
  EXPECT_EQ(a.records.find(key_of_topic("orders")), *item);
}

TEST(topic_records, what_was_taken_once_is_no_news_again) {
  decider a(1), b(2);
  const auto item = a.alter("orders", 1);
  EXPECT_EQ(b.take(item).news.size(), 1U);
  EXPECT_TRUE(b.take(item).news.empty());
  EXPECT_EQ(b.changes().size(), 1U);
}

TEST(topic_records, later_decision_beats_an_earlier_one_in_either_order) {
  decider a(1), b(2), c(3);
  const auto first = a.alter("orders", 1);
  b.take(first);
  const auto second = b.alter("orders", 2);
  EXPECT_EQ(b.record("orders").count, 2U);
  a.take(second);
  c.take(second);
  EXPECT_TRUE(c.take(first).news.empty());
  EXPECT_EQ(a.record("orders"), c.record("orders"));
  EXPECT_EQ(a.record("orders").settings.replicas, 2U);
}

TEST(topic_records, of_two_decisions_at_once_the_same_holds_everywhere) {
  for (const auto ahead : {-1s, 0s, 1s}) {
    decider a(1), b(2);
    b.now.wall = b.now.wall + microseconds{ahead};
    a.alter("orders", 1);
    b.alter("orders", 2);
    exchange(a, b);
    EXPECT_EQ(a.record("orders"), b.record("orders"));
    EXPECT_EQ(a.records.held().hashes(), b.records.held().hashes());
    if (ahead == 0s) continue;
    EXPECT_EQ(a.record("orders").settings.replicas, ahead > 0s ? 2U : 1U);
  }
}

TEST(topic_records, a_slow_clock_does_not_make_a_decision_lose) {
  decider a(1), b(2);
  b.now.wall = b.now.wall - 50s;
  b.take(a.alter("orders", 1));
  a.take(b.alter("orders", 2));
  EXPECT_EQ(a.record("orders").settings.replicas, 2U);
}

TEST(topic_records, tombstone_beats_an_older_create_and_is_kept) {
  decider a(1), b(2), c(3);
  const auto create = a.alter("orders", 1);
  b.take(create);
  const auto gone = b.remove("orders");
  c.take(gone);
  c.take(create);
  a.take(gone);
  EXPECT_TRUE(a.record("orders").deleted);
  EXPECT_TRUE(c.record("orders").deleted);
  EXPECT_EQ(a.changes().back(), "orders deleted");
}

TEST(topic_records, topic_is_made_again_after_its_tombstone) {
  decider a(1), b(2);
  b.take(a.alter("orders", 1));
  b.take(a.remove("orders"));
  a.take(b.alter("orders", 3));
  EXPECT_FALSE(a.record("orders").deleted);
  EXPECT_EQ(a.record("orders").count, 3U);
  EXPECT_EQ(a.record("orders").settings.replicas, 3U);
}

TEST(topic_records, what_a_publish_made_loses_to_an_operator_of_the_same_count) {
  decider a(1), b(2);
  b.now.wall = b.now.wall + 10s;
  a.alter("orders", 3);
  b.set({.topic = "orders", .settings = decider::replicated(1), .by_publish = true});
  exchange(a, b);
  EXPECT_EQ(a.record("orders").settings.replicas, 3U);
  EXPECT_EQ(b.record("orders").settings.replicas, 3U);
}

TEST(topic_records, highest_count_still_gives_way_to_a_later_time) {
  decider a(1);
  const auto last = record_of(2, wire::topic_count_max);
  a.take(topic_item(last));
  ASSERT_EQ(a.record("orders").count, wire::topic_count_max);
  a.alter("orders", 2);
  EXPECT_EQ(a.record("orders").settings.replicas, 2U);
}

TEST(topic_records, what_is_dated_ahead_is_refused_without_blame) {
  decider a(1), b(2);
  a.now.wall = a.now.wall + 61s;
  const auto result = b.take(a.alter("orders", 1));
  EXPECT_TRUE(result.news.empty());
  EXPECT_TRUE(result.offences.empty()) << "who hands it on may have another clock";
  EXPECT_EQ(b.refusals(), std::vector{errc::not_yet_valid});
}

TEST(topic_records, what_was_decided_with_a_clock_ahead_is_decided_again_when_it_is_right) {
  decider a(1), b(2);
  a.now.wall = test_wall + 1h;
  const auto ahead = a.alter("orders", 1);
  EXPECT_TRUE(a.records.dated_ahead(a.now.wall).empty());
  decider restarted(1);
  static_cast<void>(restarted.records.take(ahead, restarted.id, restarted.now));
  const auto again = restarted.records.dated_ahead(restarted.now.wall);
  ASSERT_EQ(again.size(), 1U) << "it is held over a restart";
  b.take(restarted.set(again.front()));
  EXPECT_EQ(b.record("orders").settings.replicas, 1U);
  EXPECT_TRUE(restarted.records.dated_ahead(restarted.now.wall).empty());
  b.now.wall = a.now.wall;
  EXPECT_TRUE(b.take(ahead).news.empty()) << "the old one is beaten";
}

TEST(topic_records, clock_guard_refuses_at_its_own_node_first) {
  decider a(1);
  auto last = record_of(2, wire::topic_count_max, test_wall + 60s);
  last.settings.replicas = 1;
  a.take(topic_item(last));
  a.now.wall = test_wall - 1s; // its clock was set back
  const auto refused = a.decide({"orders", {}});
  ASSERT_FALSE(refused) << "it would have to be dated above the one that is held";
  EXPECT_EQ(refused.error().code(), errc::not_yet_valid);
}

TEST(topic_records, what_can_not_be_decided_says_why) {
  decider a(1);
  const auto code = [&](const topic_decision& wanted) { return a.decide(wanted).error().code(); };
  EXPECT_EQ(code({"a..b"}), errc::invalid_name);
  EXPECT_EQ(code({"_weft.cursors"}), errc::denied);
  EXPECT_EQ(code({"orders", decider::replicated(limits::replicas_max + 1)}), errc::invalid_argument);
  a.now.wall = test_wall + 366 * 24h;
  EXPECT_EQ(code({"orders"}), errc::expired);
}

TEST(topic_records, author_needs_a_certificate_of_the_time_only) {
  decider a(1), b(2);
  const auto item = a.alter("orders", 1);
  b.now.wall = test_wall + 3 * 365 * 24h; // long after it expired
  EXPECT_EQ(b.take(item).news.size(), 1U);
}

TEST(topic_records, forged_ones_blame_who_hands_them_on) {
  decider a(1), b(2);
  auto forged = a.alter("orders", 1);
  forged.signature[0] ^= 1;
  EXPECT_EQ(b.take(forged).offences.size(), 1U);
  auto stolen = record_of(1, 1);
  stolen.certificate = decider::chain_of(3);
  EXPECT_EQ(b.take(topic_item(stolen)).offences.size(), 1U);
  stolen.certificate = shared_bytes::copy(as_bytes("of another mesh"));
  EXPECT_EQ(b.take(topic_item(stolen)).offences.size(), 1U);
  const auto late = record_of(1, 1, test_wall - 48h);
  EXPECT_EQ(b.take(topic_item(late)).offences.size(), 1U) << "its certificate was not valid then";
  EXPECT_EQ(b.take({wire::item_kind::topic_record, shared_bytes::copy(as_bytes("x")), {}}).offences.size(), 1U);
  EXPECT_TRUE(b.records.all().empty());
}

TEST(topic_records, settings_of_a_later_build_are_left_out_without_blame) {
  decider b(2);
  auto newer = record_of(1, 1);
  newer.settings.codec = wire::codec{9};
  const auto result = b.take(topic_item(newer));
  EXPECT_TRUE(result.offences.empty());
  EXPECT_TRUE(result.news.empty());
}

TEST(topic_records, past_the_limit_the_author_is_told_and_others_take_some_more) {
  decider a(1), b(2);
  for (std::size_t i = 0; i < limits::topic_records_max; ++i)
    a.alter("t" + std::to_string(i), 0);
  const auto more = a.decide({"one.more"});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), errc::too_large);
  EXPECT_TRUE(a.decide({"t5", decider::replicated(1)})) << "what has a record can be altered";
  (void)a.changes();
  for (std::size_t i = 0; i < limits::topic_records_max / 4; ++i)
    a.take(b.alter("u" + std::to_string(i), 0));
  EXPECT_EQ(a.changes().size(), limits::topic_records_max / 4);
  EXPECT_TRUE(a.take(b.alter("u.one.more", 0)).news.empty());
  EXPECT_EQ(a.refusals(), std::vector{errc::too_large});
  a.take(b.alter("u5", 3));
  EXPECT_EQ(a.record("u5").settings.replicas, 3U) << "what has a record is changed by others too";
}

TEST(topic_records, long_texts_fill_the_room_too) {
  decider a(1);
  wire::topic_settings wordy;
  wordy.description.assign(limits::topic_description_bytes_max, 'x');
  std::size_t count = 0;
  for (std::size_t bytes = 0;; ++count) {
    const auto item = a.decide({std::to_string(count) + std::string(200, 'n'), wordy});
    if (!item) break;
    bytes += item->bytes.size();
    ASSERT_LE(bytes, limits::topic_records_bytes_max);
    a.take(*item);
  }
  EXPECT_GT(count, 9'000U);
}

TEST(topic_records, many_of_one_author_are_taken_and_not_all_flooded) {
  decider a(1), b(2);
  std::size_t news = 0;
  for (int i = 0; i < 2 * limits::topic_news_burst; ++i)
    news += b.take(a.alter("t" + std::to_string(i), 0)).news.size();
  EXPECT_EQ(b.records.all().size(), 2U * limits::topic_news_burst);
  EXPECT_EQ(news, static_cast<std::size_t>(limits::topic_news_burst));
}

TEST(topic_records, gossip_brings_them_everywhere_and_to_who_comes_later) {
  gossip_world world(1);
  world.add_nodes(20);
  world.link_at_random(0, 20, 5);
  for (int i = 0; i < 600; ++i) {
    const auto number = static_cast<std::uint32_t>(i % 2);
    const auto item =
        world.node(number).topics.decide({"t" + std::to_string(i)}, decider::chain_of(number), world.now.wall);
    ASSERT_TRUE(item);
    world.publish(number, *item);
  }
  world.run(1s);
  EXPECT_GE(world.node(19).topics.all().size(), 500U) << "by flooding";
  world.run(120s);
  world.add_nodes(1);
  world.link(20, 7);
  world.run(10s);
  for (std::uint32_t i = 0; i < 21; ++i)
    EXPECT_EQ(world.node(i).topics.held().hashes(), world.node(0).topics.held().hashes()) << i;
  EXPECT_EQ(world.node(20).topics.all().size(), 600U);
  EXPECT_TRUE(world.offences.empty());
}

} // namespace
} // namespace weft::membership
