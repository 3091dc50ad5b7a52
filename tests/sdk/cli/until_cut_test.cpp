// tests/sdk/cli/until_cut_test.cpp: reading up to a cut ends when nothing of it can follow, and not before.
#include "sdk/cli/until_cut.hpp"

#include <gmock/gmock.h>

namespace weft::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using verdict = until_cut::verdict;

constexpr wall_time bound{1'700'000'000'000'000};

struct until_cut_fixture : ::testing::Test {
  static log_progress log(const std::string& node, std::uint64_t handled, std::uint64_t head,
                          microseconds after_bound) {
    std::array<std::uint8_t, 32> id{};
    id.front() = static_cast<std::uint8_t>(node.front());
    return {node, {node_id{id}, 0}, {epoch{1}, seq{handled}}, seq{head}, bound + after_bound, true};
  }
  verdict after(std::chrono::seconds by, const std::vector<log_progress>& logs) {
    return reading.look(logs, start + by);
  }

  std::chrono::steady_clock::time_point start{1h};
  until_cut reading{{"eod", bound, {"c"}, 0}, {"a", "b"}};
};

TEST_F(until_cut_fixture, ends_when_all_logs_are_handled_as_far_as_they_were_known_at_the_cut) {
  EXPECT_EQ(after(0s, {log("a", 5, 9, 0s), log("b", 3, 3, 1s)}), verdict::reading);
  EXPECT_THAT(reading.unread(), ElementsAre("a"));
  EXPECT_EQ(after(1s, {log("a", 9, 50, 2s), log("b", 3, 3, 1s)}), verdict::reading)
      << "what is 50 now is behind the cut";
  EXPECT_EQ(after(2s, {log("a", 9, 60, 3s), log("b", 3, 3, 1s)}), verdict::whole);
}

TEST_F(until_cut_fixture, a_log_that_is_read_to_its_end_may_have_more_of_the_cut) {
  EXPECT_EQ(after(0s, {log("a", 9, 9, -1ms), log("b", 3, 3, 0s)}), verdict::reading);
  EXPECT_EQ(after(9s, {log("a", 9, 9, -1ms), log("b", 3, 3, 0s)}), verdict::reading);
  EXPECT_EQ(after(10s, {log("a", 9, 9, -1ms), log("b", 3, 3, 0s)}), verdict::lacking);
  EXPECT_THAT(reading.unread(), ElementsAre("a"));
}

TEST_F(until_cut_fixture, one_that_the_cut_lacks_is_read_to_its_end) {
  EXPECT_EQ(after(0s, {log("a", 9, 9, 0s), log("b", 3, 3, 0s), log("c", 1, 1, -1h)}), verdict::reading);
  EXPECT_EQ(after(1s, {log("a", 9, 9, 0s), log("b", 3, 3, 0s), log("c", 1, 1, -1h)}), verdict::whole);
}

TEST_F(until_cut_fixture, one_that_is_expected_and_does_not_come_is_lacking) {
  EXPECT_EQ(after(0s, {log("a", 9, 9, 0s)}), verdict::reading);
  EXPECT_EQ(after(10s, {log("a", 9, 9, 0s)}), verdict::lacking);
  EXPECT_THAT(reading.unread(), ElementsAre("b"));
}

TEST_F(until_cut_fixture, while_something_moves_nothing_is_lacking) {
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_EQ(after(std::chrono::seconds(9 * i), {log("a", i, 100, -1s), log("b", 3, 3, 0s)}), verdict::reading);
}

} // namespace
} // namespace weft::cli
