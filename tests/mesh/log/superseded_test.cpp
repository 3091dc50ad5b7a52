#include "mesh/log/superseded.hpp"

#include "tests/mesh/log/log_fixture.hpp"

#include <algorithm>
#include <set>

namespace weft::log::testing {

/// Rounds over a list of events as a log has them, each in a segment of its own.
class superseded_test : public ::testing::Test {
protected:
  explicit superseded_test(std::size_t keys_max = 1000) : of(random, keys_max) {}

  struct event {
    std::string key;
    std::string value;
    topic_id topic = orders;
    friend bool operator==(const event&, const event&) = default;
  };

  /// @param written_anew  whether what goes is gone afterwards
  bool round(bool written_anew = true) {
    of.begin_round();
    std::vector<std::size_t> gone;
    for (auto i = log.size(); i-- > 0;) {
      const auto& [at, what] = log[i];
      const bool goes = of.goes({what.topic, as_bytes(what.key), {{}, seq{at}}, hlc{at}, what.value.empty()}, ages);
      if (goes && written_anew) gone.push_back(i);
      of.segment_done(written_anew);
    }
    for (const auto i : gone)
      log.erase(log.begin() + static_cast<std::ptrdiff_t>(i));
    return of.end_round();
  }
  void add(const std::string& key, const std::string& value, topic_id topic = orders) {
    log.emplace_back(next++, event{key, value, topic});
  }
  [[nodiscard]] std::vector<std::string> values() const {
    std::vector<std::string> all;
    for (const auto& [at, what] : log)
      all.push_back(what.key + "=" + what.value);
    return all;
  }

  seeded_random random{7};
  superseded_events of;
  compaction_ages ages{hlc{1000}, hlc{1000}, std::nullopt};
  std::vector<std::pair<std::uint64_t, event>> log;
  std::uint64_t next = 1;
};

TEST_F(superseded_test, the_last_event_of_each_key_and_all_without_a_key_stay) {
  for (const auto* key : {"a", "b", "", "a", "", "b", "a"})
    add(key, "v");
  EXPECT_FALSE(round());
  EXPECT_EQ(values(), (strings{"=v", "=v", "b=v", "a=v"}));
}

TEST_F(superseded_test, a_key_means_another_one_in_each_topic) {
  add("a", "1", orders);
  add("a", "2", stock);
  round();
  EXPECT_EQ(log.size(), 2U);
}

TEST_F(superseded_test, what_is_too_young_stays_and_is_looked_at_again) {
  add("a", "1");
  add("a", "2");
  add("a", "3");
  ages.events = hlc{2}; // the first one alone is older
  round();
  EXPECT_EQ(values(), (strings{"a=2", "a=3"}));
  EXPECT_TRUE(of.waits());
  ages.events = hlc{1000};
  round();
  EXPECT_EQ(values(), (strings{"a=3"}));
  EXPECT_FALSE(of.waits());
}

TEST_F(superseded_test, a_tombstone_goes_only_when_an_earlier_round_found_no_older_event) {
  add("a", "1");
  add("a", "");
  add("b", "2");
  round();
  EXPECT_EQ(values(), (strings{"a=", "b=2"}));
  EXPECT_TRUE(of.waits());
  round();
  EXPECT_EQ(values(), (strings{"b=2"}));
}

TEST_F(superseded_test, a_tombstone_stays_while_an_older_event_could_not_be_removed) {
  add("a", "1");
  add("a", "");
  add("b", "2");
  for (int i = 0; i < 3; ++i)
    round(false);
  round(); // now the value goes, and it was not gone before
  EXPECT_EQ(values(), (strings{"a=", "b=2"}));
  round();
  EXPECT_EQ(values(), (strings{"b=2"}));
}

TEST_F(superseded_test, a_tombstone_stays_while_an_older_event_is_too_young) {
  add("a", "1");
  add("a", "");
  add("b", "2");
  ages.events = hlc{1};
  for (int i = 0; i < 3; ++i)
    round();
  EXPECT_EQ(values(), (strings{"a=1", "a=", "b=2"}));
}

TEST_F(superseded_test, a_tombstone_stays_for_its_time_and_while_somebody_needs_it) {
  add("a", "");
  add("b", "2");
  ages.tombstones = hlc{1};
  round();
  round();
  EXPECT_EQ(log.size(), 2U);
  ages.tombstones = hlc{1000};
  ages.needed_from = log_position{{}, seq{1}};
  round();
  EXPECT_EQ(log.size(), 2U);
  EXPECT_TRUE(of.waits());
  ages.needed_from = log_position{{}, seq{2}};
  round();
  EXPECT_EQ(values(), (strings{"b=2"}));
}

TEST_F(superseded_test, the_last_event_of_a_topic_stays_even_as_a_tombstone) {
  add("a", "1");
  add("a", "");
  for (int i = 0; i < 4; ++i)
    round();
  EXPECT_EQ(values(), (strings{"a="}));
}

TEST_F(superseded_test, behind_a_segment_that_cannot_be_read_no_tombstone_counts_as_alone) {
  add("a", "");
  add("b", "2");
  for (int i = 0; i < 3; ++i) {
    of.begin_round();
    EXPECT_FALSE(of.goes({orders, as_bytes("b"), {{}, seq{2}}, hlc{2}, false}, ages));
    EXPECT_FALSE(of.goes({orders, as_bytes("a"), {{}, seq{1}}, hlc{1}, true}, ages));
    of.segment_unknown();
    EXPECT_FALSE(of.end_round());
  }
}

TEST_F(superseded_test, a_tombstone_stays_after_events_came_back_below_it) {
  add("a", "");
  add("b", "2");
  round();
  of.forget_tombstones();
  log.insert(log.begin(), {0, {"a", "came back"}});
  round();
  EXPECT_EQ(values(), (strings{"a=", "b=2"}));
}

TEST_F(superseded_test, a_tombstone_stays_after_events_came_back_below_it_while_a_round_was_under_way) {
  const keyed_event deleted{orders, as_bytes("a"), {{}, seq{2}}, hlc{2}, true};
  const keyed_event last{orders, as_bytes("b"), {{}, seq{3}}, hlc{3}, false};
  for (const bool before : {false, true}) {
    superseded_events one(random, 100);
    one.begin_round();
    EXPECT_FALSE(one.goes(last, ages));
    if (before) one.forget_tombstones();
    EXPECT_FALSE(one.goes(deleted, ages));
    if (!before) one.forget_tombstones();
    EXPECT_FALSE(one.end_round());
    one.begin_round();
    EXPECT_FALSE(one.goes(last, ages));
    EXPECT_FALSE(one.goes(deleted, ages)) << "nobody looked below it since";
    EXPECT_FALSE(one.end_round());
    one.begin_round();
    EXPECT_FALSE(one.goes(last, ages));
    EXPECT_TRUE(one.goes(deleted, ages)) << "now a whole round has";
    EXPECT_FALSE(one.end_round());
  }
}

TEST_F(superseded_test, what_waits_in_one_part_of_the_keys_is_waited_for_after_all_parts) {
  superseded_events one(random, 1);
  const keyed_event first{orders, as_bytes("a"), {{}, seq{2}}, hlc{2}, true};
  const keyed_event last{orders, as_bytes("b"), {{}, seq{3}}, hlc{3}, false};
  bool more = true;
  for (int rounds = 0; more && rounds < 100; ++rounds) {
    one.begin_round();
    EXPECT_FALSE(one.goes(last, ages));
    EXPECT_FALSE(one.goes(first, ages)) << "no earlier round found it alone";
    more = one.end_round();
  }
  ASSERT_GT(one.parts(), 1U);
  EXPECT_TRUE(one.waits());
}

class superseded_parts_test : public superseded_test {
protected:
  superseded_parts_test() : superseded_test(10) {}
};

TEST_F(superseded_parts_test, more_keys_than_fit_are_looked_at_in_parts) {
  for (int time = 0; time < 2; ++time)
    for (int key = 0; key < 100; ++key)
      add("k" + std::to_string(key), std::to_string(time));
  std::uint64_t rounds = 1;
  while (round() && rounds < 1000)
    ++rounds;
  EXPECT_GT(rounds, 10U);
  EXPECT_LT(rounds, 64U);
  ASSERT_EQ(log.size(), 100U);
  for (const auto& [at, what] : log)
    EXPECT_EQ(what.value, "1");
  log.resize(1);
  for (int i = 0; i < 200; ++i)
    round();
  EXPECT_EQ(of.parts(), 1U); // it has become small
}

} // namespace weft::log::testing
