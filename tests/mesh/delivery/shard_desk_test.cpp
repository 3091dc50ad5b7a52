// tests/mesh/delivery/shard_desk_test.cpp: which program is to have which shards; few move, and none without need.
#include "mesh/base/limits.hpp"
#include "mesh/delivery/shard_desk.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace weft::delivery {
namespace {

constexpr process_id ann{1}, bob{2}, cid{3};
constexpr mono_time start{1'000'000};
constexpr microseconds away = limits::shard_asker_there_for;

std::map<process_id, std::size_t> loads(const shard_desk& desk, std::size_t shards) {
  std::map<process_id, std::size_t> all;
  for (std::size_t shard = 0; shard < shards; ++shard)
    if (const auto who = desk.meant_for(shard)) ++all[*who];
  return all;
}

/// Each has at work what is meant for it.
void all_begin(shard_desk& desk, std::size_t shards, mono_time now) {
  for (std::size_t shard = 0; shard < shards; ++shard)
    if (const auto who = desk.meant_for(shard)) desk.has(*who, shard, now);
}

TEST(shard_desk, nobody_is_meant_for_a_shard_while_nobody_is_there) {
  const shard_desk desk(4);
  EXPECT_EQ(desk.meant_for(0), std::nullopt);
  EXPECT_TRUE(desk.to_give_up().empty());
}

TEST(shard_desk, who_is_alone_has_all_and_who_comes_gets_an_even_share) {
  shard_desk desk(8);
  desk.asks(ann, 0, start);
  EXPECT_EQ(loads(desk, 8), (std::map<process_id, std::size_t>{{ann, 8}}));
  all_begin(desk, 8, start);
  desk.asks(bob, 0, start);
  EXPECT_EQ(loads(desk, 8), (std::map<process_id, std::size_t>{{ann, 4}, {bob, 4}}));
  EXPECT_EQ(desk.to_give_up().size(), 4U);
  desk.asks(cid, 0, start);
  EXPECT_EQ(loads(desk, 8), (std::map<process_id, std::size_t>{{ann, 3}, {bob, 3}, {cid, 2}}));
}

TEST(shard_desk, what_nobody_has_at_work_moves_first) {
  shard_desk desk(4);
  desk.asks(ann, 0, start);
  desk.has(ann, 0, start);
  desk.has(ann, 1, start);
  desk.asks(bob, 0, start);
  EXPECT_EQ(desk.meant_for(2), bob);
  EXPECT_EQ(desk.meant_for(3), bob);
  EXPECT_TRUE(desk.to_give_up().empty());
}

TEST(shard_desk, who_asks_no_more_is_gone_and_who_has_a_shard_is_not) {
  shard_desk desk(2);
  desk.asks(ann, 0, start);
  desk.asks(bob, 0, start);
  desk.has(ann, 0, start);
  desk.tick(start + away);
  EXPECT_EQ(loads(desk, 2), (std::map<process_id, std::size_t>{{ann, 1}, {bob, 1}}));
  desk.tick(start + away + microseconds{1});
  EXPECT_EQ(loads(desk, 2), (std::map<process_id, std::size_t>{{ann, 2}}));
  desk.released(0);
  desk.tick(start + away + microseconds{1});
  EXPECT_EQ(desk.meant_for(0), std::nullopt);
}

TEST(shard_desk, more_programs_than_shards_have_one_each_at_most) {
  shard_desk desk(2);
  for (std::uint64_t who = 1; who <= 5; ++who)
    desk.asks(process_id{who}, 0, start);
  EXPECT_EQ(loads(desk, 2).size(), 2U);
}

TEST(shard_desk, a_shard_that_its_program_does_not_ask_for_goes_to_one_that_does) {
  shard_desk desk(4);
  desk.asks(ann, 0, start);
  desk.asks(bob, 0, start);
  std::size_t of_ann = 0;
  while (desk.meant_for(of_ann) != ann)
    ++of_ann;
  for (std::size_t shard = 0; shard < 4; ++shard)
    if (shard != of_ann) desk.has(*desk.meant_for(shard), shard, start);
  desk.asks(bob, of_ann, start + away);
  EXPECT_EQ(desk.meant_for(of_ann), ann);
  desk.asks(bob, of_ann, start + away + microseconds{1});
  EXPECT_EQ(desk.meant_for(of_ann), bob);
}

/// At a home that has just begun: those who had the shards come again, one by one, while others ask for them.
TEST(shard_desk, at_a_home_that_begins_anew_nobody_gives_up_what_it_has) {
  std::mt19937_64 random(test_seed());
  for (int round = 0; round < 500; ++round) {
    const std::size_t programs = 1 + random() % 5, shards = 1 + random() % 16;
    shard_desk before(shards), desk(shards);
    for (std::size_t who = 1; who <= programs; ++who)
      before.asks(process_id{who}, 0, start);
    std::vector<std::size_t> order(shards);
    for (std::size_t shard = 0; shard < shards; ++shard)
      order[shard] = shard;
    std::ranges::shuffle(order, random);
    for (std::size_t who = 1; who <= programs; ++who)
      if (random() % 2 == 0) desk.asks(process_id{who}, 0, start);
    for (const auto shard : order) {
      desk.has(*before.meant_for(shard), shard, start);
      if (random() % 3 == 0) desk.asks(process_id{1 + random() % programs}, random() % shards, start);
      EXPECT_TRUE(desk.to_give_up().empty()) << "round " << round;
    }
    for (std::size_t shard = 0; shard < shards; ++shard)
      EXPECT_EQ(desk.meant_for(shard), before.meant_for(shard));
  }
}

/// Programs come and go at random, and obey: in the end all is even and at work where it is meant to be.
TEST(shard_desk, is_even_and_at_rest_after_any_history) {
  std::mt19937_64 random(test_seed());
  for (int round = 0; round < 300; ++round) {
    const std::size_t shards = 1 + random() % 20;
    shard_desk desk(shards);
    std::set<process_id> there;
    std::map<std::size_t, process_id> at;
    auto now = start;
    const auto obey = [&] {
      for (const auto shard : desk.to_give_up()) {
        desk.released(shard);
        at.erase(shard);
      }
      for (std::size_t shard = 0; shard < shards; ++shard)
        if (const auto who = desk.meant_for(shard); who && there.contains(*who) && !at.contains(shard)) {
          desk.has(*who, shard, now);
          at[shard] = *who;
        }
    };
    for (int step = 0; step < 40; ++step) {
      now = now + microseconds{1'000'000};
      const process_id who{1 + random() % 6};
      if (random() % 3 > 0) {
        there.insert(who);
      } else {
        there.erase(who);
        for (std::size_t shard = 0; shard < shards; ++shard)
          if (at.contains(shard) && at[shard] == who) {
            desk.released(shard);
            at.erase(shard);
          }
      }
      for (const auto one : there)
        for (std::size_t shard = 0; shard < shards; ++shard)
          if (!at.contains(shard) || at[shard] != one) desk.asks(one, shard, now);
      desk.tick(now);
      if (random() % 2 == 0) obey();
    }
    there.insert(ann);
    for (int step = 0; step < 5; ++step) {
      now = now + microseconds{1'000'000};
      for (const auto one : there)
        for (std::size_t shard = 0; shard < shards; ++shard)
          if (!at.contains(shard) || at[shard] != one) desk.asks(one, shard, now);
      desk.tick(now);
      obey();
    }
    const auto shared = loads(desk, shards);
    const auto by_load = [](const auto& a, const auto& b) { return a.second < b.second; };
    EXPECT_EQ(at.size(), shards);
    EXPECT_EQ(shared.size(), std::min(shards, there.size()));
    EXPECT_LE(std::ranges::max_element(shared, by_load)->second, std::ranges::min_element(shared, by_load)->second + 1);
    EXPECT_TRUE(desk.to_give_up().empty());
  }
}

} // namespace
} // namespace weft::delivery
