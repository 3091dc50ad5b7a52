#include "tests/mesh/base/test_seed.hpp"

#include "mesh/base/random.hpp"
#include "sdk/src/service/handled_places.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

namespace weft::detail {
namespace {

const log_id ours{node_id{{1}}, 0}, theirs{node_id{{2}}, 0};
log_position at(std::uint64_t in_epoch, std::uint64_t n) { return {epoch{in_epoch}, seq{n}}; }

/// What a restart finds when all was saved.
class saved_places {
public:
  handled_places reloaded(handled_places& from) {
    for (auto& part : from.take_changes())
      parts_.insert_or_assign({part.log, part.epoch}, std::move(part.bytes));
    handled_places read;
    for (const auto& [of, bytes] : parts_)
      EXPECT_TRUE(read.load(of.first, of.second, bytes));
    return read;
  }

private:
  std::map<std::pair<log_id, epoch>, std::vector<std::byte>> parts_;
};

TEST(handled_places, know_what_was_added_and_nothing_else) {
  handled_places places;
  EXPECT_FALSE(places.has(ours, at(1, 5), slot{3}));
  places.add({ours, at(1, 5), slot{3}, 0}, {});
  EXPECT_TRUE(places.has(ours, at(1, 5), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 4), slot{3})) << "before the first";
  places.add({ours, at(1, 9), slot{3}, 0}, {});
  EXPECT_TRUE(places.has(ours, at(1, 8), slot{3})) << "it would have come between, in its slot";
  EXPECT_FALSE(places.has(ours, at(1, 10), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 5), slot{4}));
  EXPECT_FALSE(places.has(ours, at(0, 5), slot{3}));
  EXPECT_FALSE(places.has(theirs, at(1, 2), slot{3}));
}

TEST(handled_places, what_waits_behind_a_failure_is_not_handled) {
  handled_places places;
  places.add({ours, at(1, 12), slot{3}, 0}, {at(1, 10), at(1, 11)});
  for (auto known = places; const auto* one : {&known, &places}) {
    EXPECT_FALSE(one->has(ours, at(1, 10), slot{3}));
    EXPECT_FALSE(one->has(ours, at(1, 11), slot{3}));
    EXPECT_TRUE(one->has(ours, at(1, 12), slot{3}));
  }
  places = saved_places().reloaded(places);
  places.add({ours, at(1, 10), slot{3}, 0}, {});
  EXPECT_TRUE(places.has(ours, at(1, 10), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 11), slot{3})) << "behind it, and after a restart too";
  places.add({ours, at(1, 11), slot{3}, 0}, {});
  EXPECT_TRUE(places.has(ours, at(1, 11), slot{3}));
}

TEST(handled_places, what_is_no_such_record_is_refused) {
  handled_places places;
  places.add({ours, at(1, 12), slot{3}, 0}, {at(1, 10)});
  const auto bytes = places.take_changes().at(0).bytes;
  EXPECT_EQ(bytes.size(), 8U + 4 + 18 + 4 + 10);
  handled_places read;
  EXPECT_EQ(read.load(ours, epoch{1}, byte_view(bytes).first(bytes.size() - 1)).error().code(), errc::corrupt);
  EXPECT_EQ(read.load(ours, epoch{1}, byte_view(bytes).first(8)).error().code(), errc::corrupt);
  auto wrong = bytes;
  wrong[8 + 4 + 18 + 4 + 1] = std::byte{4}; // slot 1024 + 3
  EXPECT_EQ(read.load(ours, epoch{1}, wrong).error().code(), errc::corrupt);
  EXPECT_FALSE(read.has(ours, at(1, 12), slot{3}));
}

TEST(handled_places, what_a_moved_cursor_passed_over_is_not_handled) {
  handled_places places;
  places.add({ours, at(1, 5), slot{3}, 0}, {});
  places.add({ours, at(1, 30), slot{3}, 1}, {}); // an operator moved it ahead
  places = saved_places().reloaded(places);
  EXPECT_FALSE(places.has(ours, at(1, 10), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 5), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 30), slot{3}));
  places.add({ours, at(1, 10), slot{3}, 2}, {}); // and back
  EXPECT_TRUE(places.has(ours, at(1, 10), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 20), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 30), slot{3}));
}

TEST(handled_places, what_could_not_be_had_is_not_handled) {
  handled_places places;
  places.add({ours, at(1, 5), slot{3}, 0}, {});
  places.pass_over(ours, epoch{1});
  places.pass_over(ours, epoch{2}); // nothing is known of it
  places = saved_places().reloaded(places);
  places.add({ours, at(1, 30), slot{3}, 0}, {});
  EXPECT_TRUE(places.has(ours, at(1, 5), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 10), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 30), slot{3}));
}

TEST(handled_places, group_that_begins_anew_before_its_first_event_is_another_range) {
  handled_places places;
  places.add({ours, at(1, 30), slot{3}, 0}, {});
  places.add({ours, at(1, 5), slot{3}, 0}, {at(1, 2)}); // deleted, and started from the beginning
  EXPECT_FALSE(places.has(ours, at(1, 2), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 5), slot{3}));
  EXPECT_FALSE(places.has(ours, at(1, 6), slot{3}));
  EXPECT_TRUE(places.has(ours, at(1, 30), slot{3}));
}

/// Events of one slot arrive in order. Any of those that came may be handled next; what came before it and was not is
/// told. Restarts lose what was not saved, and what is not known to be handled arrives again.
TEST(handled_places, any_order_and_any_restart_handles_each_event_once) {
  seeded_random random(test_seed());
  for (int round = 0; round < 200; ++round) {
    handled_places places;
    saved_places disk;
    std::map<std::uint64_t, int> counted;
    const std::uint64_t events = 1 + random.next() % 30;
    std::set<std::uint64_t> waiting;
    std::uint64_t next = 0;
    while (next < events || !waiting.empty()) {
      if (next < events && random.next() % 2 == 0) waiting.insert(next++);
      if (random.next() % 16 == 0) { // what waits is lost with the process, and all comes again from the start
        places = disk.reloaded(places);
        waiting.clear();
        next = 0;
      }
      if (waiting.empty()) continue;
      auto one = waiting.begin();
      std::advance(one, static_cast<std::ptrdiff_t>(random.next() % waiting.size()));
      const auto handled = *one;
      if (!places.has(ours, at(1, handled), slot{0})) {
        ++counted[handled];
        std::vector<log_position> before;
        for (auto earlier = waiting.begin(); earlier != one; ++earlier)
          before.push_back(at(1, *earlier));
        places.add({ours, at(1, handled), slot{0}, 0}, before);
      }
      waiting.erase(handled);
    }
    EXPECT_EQ(counted.size(), events);
    for (const auto& [n, times] : counted)
      EXPECT_EQ(times, 1) << "event " << n << " of round " << round;
  }
}

} // namespace
} // namespace weft::detail
