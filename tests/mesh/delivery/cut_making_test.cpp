// tests/mesh/delivery/cut_making_test.cpp: a cut has what was acknowledged before it, and nothing of what came after,
// however far the clocks of the logs are apart.
#include "mesh/delivery/cut_making.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/log.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <gmock/gmock.h>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using phase = cut_making::phase;

constexpr wall_time noon{1'700'000'000'000'000};

TEST(cut_making, lies_above_all_answers_and_is_done_when_all_have_gone_above_it) {
  cut_making cut({"a", "b"}, {});
  cut.answered("a", noon + 5ms, {}, noon);
  EXPECT_EQ(cut.at(), phase::asked);
  cut.answered("b", noon, {}, noon);
  EXPECT_EQ(cut.at(), phase::placed);
  EXPECT_EQ(cut.bound(), noon + 6ms);
  cut.answered("a", noon + 6ms, cut.bound(), noon);
  EXPECT_THAT(cut.awaited(), ElementsAre("b"));
  cut.answered("b", noon + 7ms, cut.bound(), noon);
  EXPECT_EQ(cut.at(), phase::done);
  EXPECT_THAT(cut.absent(), IsEmpty());
}

TEST(cut_making, an_answer_below_the_bound_or_of_another_one_says_nothing) {
  cut_making cut({"a"}, {});
  cut.answered("a", noon, {}, noon);
  cut.answered("a", noon, cut.bound(), noon);
  cut.answered("a", noon + 1s, noon, noon);
  cut.answered("a", noon + 1s, {}, noon);
  cut.answered("stranger", noon + 1s, cut.bound(), noon);
  EXPECT_EQ(cut.at(), phase::placed);
}

TEST(cut_making, who_does_not_answer_is_absent) {
  cut_making cut({"a", "b", "c"}, {"z"});
  cut.answered("a", noon, {}, noon);
  cut.answered("b", noon, {}, noon);
  cut.give_up();
  EXPECT_EQ(cut.at(), phase::placed);
  EXPECT_THAT(cut.absent(), ElementsAre("c", "z"));
  EXPECT_THAT(cut.awaited(), ElementsAre("a", "b"));
  cut.answered("c", noon + 1s, cut.bound(), noon); // too late: it was not asked
  cut.answered("a", noon + 1s, cut.bound(), noon);
  cut.give_up();
  EXPECT_EQ(cut.at(), phase::done);
  EXPECT_THAT(cut.absent(), ElementsAre("b", "c", "z"));
}

TEST(cut_making, without_any_answer_there_is_no_cut) {
  cut_making cut({"a"}, {});
  cut.give_up();
  EXPECT_EQ(cut.at(), phase::done);
  EXPECT_FALSE(cut.has_answers());
}

TEST(cut_making, a_log_beyond_the_clock_guard_is_absent_and_does_not_draw_the_cut_ahead) {
  cut_making cut({"a", "b"}, {});
  cut.answered("b", noon + microseconds(limits::hlc_lead_max) + 1ms, {}, noon);
  cut.answered("a", noon, {}, noon);
  EXPECT_EQ(cut.bound(), noon + 1ms);
  EXPECT_THAT(cut.absent(), ElementsAre("b"));
}

TEST(cut_making, one_that_is_placed_stays_there) {
  cut_making cut({"a"}, {});
  cut.place_at(noon - 1h + 7us);
  cut.answered("a", noon, {}, noon);
  EXPECT_EQ(cut.bound(), noon - 1h);
  cut.answered("a", noon + 1ms, cut.bound(), noon);
  EXPECT_EQ(cut.at(), phase::done);
}

/// Three logs; two of the clocks are apart by almost what the clock guard allows.
struct logs_apart : ::testing::Test {
  static constexpr topic_id orders{1}, replies{2};
  struct node : log::testing::log_fixture {
    using log_fixture::clock;
    using log_fixture::log;
    using log_fixture::lose_power;
    using log_fixture::open;
    void TestBody() override {}
    [[nodiscard]] wall_time answer() {
      const auto made = append(replies, {"answer"});
      EXPECT_TRUE(made);
      return made->at.wall();
    }
    void go_above(wall_time bound) { log->go_above(hlc{hlc::at(bound).value() - 1}); }
    [[nodiscard]] hlc publish() {
      const auto made = append(orders, {"order"});
      EXPECT_TRUE(made);
      return made->at;
    }
  };
  logs_apart() {
    ahead.clock.jump(30s);
    behind.clock.jump(-29s);
    for (auto* one : {&ahead, &right, &behind})
      one->open();
  }
  /// Makes a cut; all publish at full speed meanwhile.
  wall_time cut() {
    cut_making making({"ahead", "right", "behind"}, {});
    for (const auto& [name, one] : all()) {
      making.answered(name, one->answer(), {}, right.clock.wall());
      static_cast<void>(one->publish());
    }
    EXPECT_EQ(making.at(), phase::placed);
    const auto bound = making.bound();
    for (const auto& [name, one] : all()) {
      one->go_above(bound);
      making.answered(name, one->answer(), bound, right.clock.wall());
      static_cast<void>(one->publish());
    }
    EXPECT_EQ(making.at(), phase::done);
    EXPECT_THAT(making.absent(), IsEmpty());
    return bound;
  }
  std::vector<std::pair<std::string, node*>> all() {
    return {{"ahead", &ahead}, {"right", &right}, {"behind", &behind}};
  }
  node ahead, right, behind;
};

TEST_F(logs_apart, what_was_acknowledged_before_is_in_the_cut_and_what_comes_after_is_not) {
  for (int round = 0; round < 3; ++round) {
    std::vector<hlc> before, after;
    for (const auto& [name, one] : all())
      before.push_back(one->publish());
    const auto bound = cut();
    for (const auto& [name, one] : all())
      after.push_back(one->publish());
    for (const auto at : before)
      EXPECT_LT(at, hlc::at(bound));
    for (const auto at : after)
      EXPECT_GE(at, hlc::at(bound));
    for (const auto& [name, one] : all())
      one->clock.advance(10ms);
  }
}

TEST_F(logs_apart, a_log_that_lost_power_stays_above_the_cut) {
  const auto before = behind.publish();
  const auto bound = cut();
  behind.lose_power();
  behind.open();
  EXPECT_GE(behind.publish(), hlc::at(bound));
  EXPECT_LT(before, hlc::at(bound));
}

} // namespace
} // namespace weft::delivery
