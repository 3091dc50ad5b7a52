// tests/sdk/state_feed_test.cpp: a state that is published step by step, and put together again from any prefix of it.
#include "tests/mesh/base/test_seed.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/random.hpp"
#include "mesh/wire/batch_view.hpp"
#include "sdk/src/service/state_feed.hpp"

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::detail {
namespace {

using state = std::map<std::string, std::string>;

struct logged {
  std::string key;
  std::optional<std::string> value;
  std::string step;
};
/// Each entry of a log is there or not.
using entry = std::vector<logged>;

entry entry_of(const shared_bytes& bytes) {
  const auto batch = wire::batch_view::verify(bytes);
  EXPECT_TRUE(batch) << batch.error().message();
  const auto data = batch->unpack();
  entry events;
  for (std::size_t i = 0; i < batch->count(); ++i) {
    const auto event = batch->event(i, data->view());
    EXPECT_EQ(event.type, state_event_type);
    events.push_back({std::string(as_text(event.key)),
                      event.value.empty() ? std::nullopt : std::optional(std::string(as_text(event.value))),
                      std::string(event.headers.find(state_step_header).value_or(""))});
  }
  return events;
}

/// What compaction leaves of a log: of each key the last event, in some of the entries.
std::vector<entry> compacted(std::vector<entry> log, std::size_t first_kept) {
  std::set<std::string> met;
  for (std::size_t i = log.size(); i-- > 0;)
    for (std::size_t n = log[i].size(); n-- > 0;)
      if (!met.insert(log[i][n].key).second && i < first_kept)
        log[i].erase(log[i].begin() + static_cast<std::ptrdiff_t>(n));
  return log;
}

std::optional<state_mark> last_mark(const std::vector<entry>& log) {
  std::optional<state_mark> last;
  for (const auto& events : log)
    for (const auto& one : events)
      if (one.key == state_mark_key) last = *decode_state_mark(*one.value);
  return last;
}

void apply(state_fold& from, state& to) {
  if (from.takes_all_back()) to.clear();
  for (auto& [name, value] : from.take())
    if (value)
      to[name] = *value;
    else
      to.erase(name);
}

struct state_published : ::testing::Test {
  void step(const state_changes& changes, const timer_changes& timers = {}) {
    for (const auto& [at, value] : changes) {
      if (value)
        now[name_of(at)] = *value;
      else
        now.erase(name_of(at));
    }
    for (const auto& [of, row] : timers) {
      if (row)
        now[name_of(of)] = value_of(*row);
      else
        now.erase(name_of(of));
    }
    keep(feed.step(changes, {}, timers, wall_time{7}));
  }
  void keep(const state_feed::published& what) {
    keep(what.batches);
    after.insert_or_assign(what.place.at, now);
  }
  void keep(const std::vector<shared_bytes>& batches) {
    for (const auto& bytes : batches) {
      const auto batch = wire::batch_view::trusted(bytes);
      EXPECT_EQ(batch.first_sequence(), next) << "dense";
      next += batch.count();
      log.push_back(entry_of(bytes));
    }
  }
  void all_anew() {
    keep(feed.begin_all(wall_time{6}));
    std::vector<state_item> items;
    for (const auto& [name, value] : now)
      items.push_back({name, value});
    keep(feed.some(items, wall_time{6}));
    keep(feed.end_all(wall_time{6}));
  }
  /// What a successor has that reads so much. Nothing: no whole state.
  static std::optional<std::pair<state_step, state>> read(const std::vector<entry>& from, bool knows_the_mark) {
    state_fold fold(knows_the_mark ? last_mark(from) : std::nullopt);
    state all;
    for (const auto& events : from) {
      for (const auto& [key, value, step] : events) {
        const auto done = fold.on(key, value, step);
        EXPECT_TRUE(done) << done.error().message();
      }
      apply(fold, all);
    }
    if (fold.has_missed() && !knows_the_mark) return read(from, true);
    if (!fold.is_whole()) return std::nullopt;
    return std::pair(fold.mark()->at, all);
  }
  /// At every place where the log may end, with and without compaction of what lies before.
  void expect_whole_steps_at_every_end() {
    for (std::size_t end = 1; end <= log.size(); ++end) {
      const std::vector<entry> some(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(end));
      for (const auto kept : {std::size_t{0}, end / 2, end})
        for (const bool knows_the_mark : {false, true}) {
          const auto has = read(compacted(some, kept), knows_the_mark);
          if (const auto mark = last_mark(some); !mark || !mark->whole) {
            EXPECT_FALSE(has);
            continue;
          }
          ASSERT_TRUE(has) << "entry " << end << ", compacted before " << kept;
          EXPECT_EQ(has->first, last_mark(some)->at);
          EXPECT_TRUE(has->second == after.at(has->first))
              << "entry " << end << " of " << log.size() << ", compacted before " << kept;
        }
    }
  }

  state_feed feed{{"stock", "hub", wire::member_id{9}}, {producer_id{5}, 0, {}}, {"shop.state", {1, 0}, {}}};
  std::vector<entry> log;
  std::uint64_t next = 0;
  state now;
  std::map<state_step, state> after; // by the last step
};

TEST_F(state_published, a_step_is_one_batch_that_ends_with_its_mark) {
  all_anew();
  ASSERT_EQ(log.size(), 2U) << "and nothing between, as there is no state";
  step({{{"left", "tea"}, "4"}, {{"a/b%", "k/1"}, ""}});
  ASSERT_EQ(log.size(), 3U);
  const auto& events = log.back();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events.back().key, state_mark_key);
  std::map<std::string, std::optional<std::string>> values;
  for (const auto& one : events) {
    EXPECT_EQ(one.step, "1/2");
    values.emplace(one.key, one.value);
  }
  EXPECT_EQ(values.at("row/left/tea"), "=4");
  EXPECT_EQ(values.at("row/a%2Fb%25/k/1"), "=") << "an empty value is no tombstone";
  const auto mark = decode_state_mark(*events.back().value);
  ASSERT_TRUE(mark);
  EXPECT_EQ(*mark, (state_mark{"stock", "hub", wire::member_id{9}, {1, 2}, {1, 1}, true, 0}));
  step({{{"left", "tea"}, std::nullopt}});
  EXPECT_EQ(log.back().front().value, std::nullopt);
  expect_whole_steps_at_every_end();
}

TEST_F(state_published, a_large_step_counts_whole_or_not_at_all_however_much_is_compacted) {
  step({{{"t", "small"}, "1"}, {{"t", "other"}, "x"}});
  // It has no state from before: all that there is came in steps.
  state_changes large;
  for (int i = 0; i < 6; ++i)
    large[{"t", "k" + std::to_string(i)}] = std::string(200'000, static_cast<char>('a' + i));
  large[{"t", "small"}] = "2";
  const auto before = log.size();
  step(large);
  EXPECT_GT(log.size(), before + 4) << "it does not fit one batch";
  step({{{"t", "small"}, "3"}, {{"t", "k1"}, std::nullopt}});
  expect_whole_steps_at_every_end();
}

TEST_F(state_published, rows_of_any_size_and_keys_of_any_length_come_back_and_go) {
  const std::string long_key(5000, 'k'), longer_key(600'000, 'l');
  step({{{"t", "big"}, std::string(1'700'000, 'x')}, {{"t", long_key}, "1"}, {{"t", longer_key}, "2"}});
  step({{{"t", "big"}, std::string(600'000, 'y')}, {{"t", long_key}, std::nullopt}});
  step({{{"t", "big"}, "small"}, {{"t", longer_key}, std::nullopt}});
  EXPECT_EQ(now.size(), 1U);
  expect_whole_steps_at_every_end();
  const auto left = compacted(log, log.size());
  for (const auto& events : left)
    for (const auto& one : events)
      if (one.key.starts_with("slice/") && one.key.ends_with("row/t/big")) {
        EXPECT_FALSE(one.value) << "slices of the larger ones are taken back: " << one.key;
      }
}

TEST_F(state_published, what_was_published_before_all_was_is_no_part_of_it) {
  step({{{"t", "gone"}, "1"}, {{"t", "stays"}, "1"}});
  now.erase("row/t/gone"); // while nothing was published
  all_anew();
  step({{{"t", "stays"}, "2"}});
  expect_whole_steps_at_every_end();
}

TEST_F(state_published, what_comes_twice_counts_once) {
  step({{{"t", "a"}, "1"}});
  step({{{"t", "a"}, "2"}});
  log.push_back(log.front()); // its acknowledgement was lost, and the log has forgotten the producer
  const auto has = read(log, false);
  ASSERT_TRUE(has);
  EXPECT_EQ(has->second.at("row/t/a"), "2");
}

TEST_F(state_published, random_steps_are_whole_at_every_end) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  seeded_random random(seed);
  all_anew();
  for (int n = 0; n < 12; ++n) {
    state_changes changes;
    timer_changes timers;
    for (auto i = random.below(5) + 1; i-- > 0;) {
      const auto size = random.below(8) == 0 ? random.below(900'000) : random.below(20);
      const state_key at{random.below(2) == 0 ? "t" : "u/v", "k" + std::to_string(random.below(6))};
      changes[at] = random.below(4) == 0 ? std::nullopt
                                         : std::optional(std::string(size, static_cast<char>('a' + random.below(26))));
    }
    if (random.below(3) == 0) {
      const timer_id of{"every hour", std::to_string(random.below(3))};
      if (random.below(2) == 0)
        timers[of] = timer_row{wall_time{n}, 1, "a/1-0/7", "o", sealed_timer("x", {})};
      else
        timers[of] = std::nullopt;
    }
    if (random.below(10) == 0) all_anew();
    step(changes, timers);
  }
  expect_whole_steps_at_every_end();
}

TEST(state_item, says_what_it_was_made_of) {
  const log_id log{node_id{{1, 2, 3}}, 4};
  handled_places places;
  places.note_pieces();
  places.add({log, {epoch{0x3'0000'9f2c}, seq{12}}, slot{1021}, 5}, {{epoch{0x3'0000'9f2c}, seq{10}}});
  places.add({log, {epoch{0x3'0000'9f2c}, seq{14}}, slot{3}, 6}, {});
  places.pass_over(log, epoch{0x3'0000'9f2c});
  handled_places read;
  for (const auto& piece : places.take_pieces()) {
    auto change = change_in({name_of(piece), std::string(as_text(piece.bytes))});
    ASSERT_TRUE(change) << change.error().message();
    ASSERT_TRUE(read.load(std::get<handled_places::piece>(*change)));
  }
  EXPECT_TRUE(places.take_pieces().empty());
  EXPECT_TRUE(read.has(log, {epoch{0x3'0000'9f2c}, seq{12}}, slot{1021}));
  EXPECT_FALSE(read.has(log, {epoch{0x3'0000'9f2c}, seq{10}}, slot{1021}));
  EXPECT_TRUE(read.has(log, {epoch{0x3'0000'9f2c}, seq{14}}, slot{3}));
  const auto whole = places.take_changes(), again = read.take_changes();
  ASSERT_EQ(whole.size(), again.size());
  EXPECT_EQ(whole[0].bytes, again[0].bytes) << "with the range that begins behind what was passed over";

  const timer_row row{wall_time{-5}, 3, "a/1-0/7", "o r", sealed_timer("x", {.key = as_bytes(std::string_view("k"))})};
  auto timer = change_in({name_of(timer_id{"every 1/2%", "a/b"}), value_of(row)});
  ASSERT_TRUE(timer);
  const auto& set = std::get<timer_change>(*timer);
  EXPECT_EQ(set.of, (timer_id{"every 1/2%", "a/b"}));
  EXPECT_EQ(set.row->due, row.due);
  EXPECT_EQ(set.row->tries, 3U);
  EXPECT_EQ(set.row->cause, row.cause);
  EXPECT_EQ(set.row->origin, row.origin);
  EXPECT_EQ(as_text(set.row->event.view()), as_text(row.event.view()));
  EXPECT_EQ(bytes_of(row), value_of(row).size());
  for (const auto* wrong : {"mark", "row", "handled/zz/0/1/8", "handled/", "timer/x/y", "other/x"})
    EXPECT_FALSE(change_in({wrong, std::string("")})) << wrong;
}

} // namespace
} // namespace weft::detail
