// tests/sdk/errand_row_test.cpp: errands as rows of a state: who is due, who stands in line, and what an end changes.
#include "tests/mesh/base/disk_testing.hpp"

#include "mesh/base/random.hpp"
#include "sdk/src/service/errand_row.hpp"
#include "sdk/src/service/request_row.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <utility>

namespace weft::detail {
namespace {

constexpr wall_time noon{1'800'000'000'000'000}, later{noon.us + 5}, not_yet{std::numeric_limits<std::int64_t>::max()};

struct lines : ::testing::Test {
  lines() {
    auto opened = state_store::open(directory.path(), "charging", random);
    EXPECT_TRUE(opened) << opened.error().message();
    store = std::move(*opened);
  }
  [[nodiscard]] timer_view known() const { return {*store, {&step, &being_written}}; }
  /// An event gives out errands with these keys, and is that of the origin.
  std::vector<timer_id> give(const std::vector<std::string>& keys, const std::string& origin = "0") {
    std::vector<one_event::errand> errands;
    errands.reserve(keys.size());
    for (const auto& key : keys)
      errands.push_back({{"charge", "T", key, "value of " + key, {}, noon},
                         std::nullopt,
                         "a/1-9f2c/7",
                         "charge/" + std::to_string(errands.size()) + "/" + origin});
    auto rows = rows_of(errands, "charging", noon, known());
    EXPECT_TRUE(rows);
    std::vector<timer_id> ids;
    for (auto& [id, row] : *rows) {
      ids.push_back(id);
      step.insert_or_assign(id, std::move(row));
    }
    return ids;
  }
  [[nodiscard]] due_timer due(const timer_id& id) const {
    const auto row = known().find(id);
    EXPECT_TRUE(row && *row);
    auto has = timer_reader::read(**row);
    EXPECT_TRUE(has);
    return {id, **row, std::move(has->what), std::move(has->behind)};
  }
  void end(const timer_id& id, const result<encoded_result>& with = encoded_result{"R", "done"}) {
    auto rows = rows_of_end(due(id), with, "charging", later, known());
    ASSERT_TRUE(rows);
    for (auto& [of, row] : *rows)
      step.insert_or_assign(of, std::move(row));
  }
  void commit() {
    ASSERT_TRUE(store->commit({{}, {}, {}, {}, step}, {}));
    step.clear();
  }
  [[nodiscard]] wall_time due_at(const timer_id& id) const { return due(id).row.due; }

  temporary_directory directory;
  seeded_random random{7};
  std::unique_ptr<state_store> store;
  timer_changes step, being_written;
};

TEST_F(lines, only_the_first_of_a_key_is_due_wherever_the_others_are) {
  const auto first = give({"ann"})[0];
  const auto of_bob = give({"bob"}, "1")[0];
  EXPECT_EQ(due_at(first), noon);
  EXPECT_EQ(due_at(of_bob), noon);
  const auto second = give({"ann"}, "2")[0]; // in one step
  EXPECT_EQ(due_at(second), not_yet);
  being_written = std::exchange(step, {});
  const auto third = give({"ann"}, "3")[0]; // behind one that is being written
  EXPECT_EQ(due_at(third), not_yet);
  ASSERT_TRUE(store->commit({{}, {}, {}, {}, being_written}, {}));
  being_written.clear();
  commit();
  const auto fourth = give({"ann"}, "4")[0]; // behind one on disk
  EXPECT_EQ(due_at(fourth), not_yet);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_LT(third, fourth);
}

TEST_F(lines, several_of_one_handler_stand_in_its_order) {
  const auto ids = give({"ann", "ann", "ann"});
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(due(ids[0]).row.origin, "charge/0/0");
  EXPECT_EQ(due(ids[2]).row.origin, "charge/2/0");
  EXPECT_EQ(due_at(ids[0]), noon);
  EXPECT_EQ(due_at(ids[1]), not_yet);
  EXPECT_EQ(due_at(ids[2]), not_yet);
}

TEST_F(lines, an_end_makes_the_next_one_due_and_an_empty_line_begins_anew) {
  const auto ids = give({"ann", "ann"});
  const auto of_bob = give({"bob", "bob"}, "1");
  commit();
  end(ids[0]);
  EXPECT_FALSE(*known().find(ids[0]));
  EXPECT_EQ(due_at(ids[1]), later);
  EXPECT_EQ(due_at(of_bob[0]), noon);
  EXPECT_EQ(due_at(of_bob[1]), not_yet);
  end(ids[1]); // both in one step, which is not on disk
  const auto next = give({"ann"}, "2")[0];
  EXPECT_EQ(next, ids[0]);
  EXPECT_EQ(due_at(next), noon);
  commit();
  EXPECT_EQ(due_at(next), noon);
}

TEST_F(lines, what_is_given_out_in_the_step_of_an_end_stands_behind_those_that_are_left) {
  const auto ids = give({"ann", "ann"});
  commit();
  end(ids[0]);
  const auto third = give({"ann"}, "1")[0];
  EXPECT_EQ(due_at(third), not_yet);
  EXPECT_LT(ids[1], third);
  commit();
  end(ids[1]);
  EXPECT_EQ(due_at(third), later);
}

TEST_F(lines, keys_that_begin_alike_are_two_lines) {
  const auto ids = give({"a", std::string("a\0b", 3), "ab"});
  for (const auto& id : ids)
    EXPECT_EQ(due_at(id), noon);
}

TEST_F(lines, without_a_key_there_is_none_and_the_same_one_is_given_out_once) {
  const auto ids = give({"", ""});
  ASSERT_EQ(ids.size(), 2U);
  for (const auto& id : ids)
    EXPECT_EQ(due_at(id), noon);
  EXPECT_TRUE(give({"", ""}).empty()) << "its event is handled anew, on a state that has them";
  EXPECT_EQ(give({"", ""}, "another").size(), 2U);
}

TEST_F(lines, its_id_is_of_the_service_the_event_and_which_it_is) {
  const timer_row row{noon, 3, "a/1-9f2c/7", "charge/0/0000000000000000", {}};
  EXPECT_EQ(errand_id_of("charging", row), "f085e9bef70d65b120934ac8e0157450")
      << "what systems outside have on their disks";
  auto other = row;
  other.tries = 9;
  other.due = later;
  EXPECT_EQ(errand_id_of("charging", other), errand_id_of("charging", row));
  EXPECT_NE(errand_id_of("mailing", row), errand_id_of("charging", row));
  other.origin = "charge/1/0000000000000000";
  EXPECT_NE(errand_id_of("charging", other), errand_id_of("charging", row));
  other = row;
  other.cause = "a/1-9f2c/8";
  EXPECT_NE(errand_id_of("charging", other), errand_id_of("charging", row));
}

TEST_F(lines, the_continuation_gets_what_was_kept_and_the_end) {
  const one_event::errand of{{"charge", "T", "ann", "value", {}, noon},
                             one_event::output{"charged", "K", "k", "kept", {{"weft-then", "charged"}}, noon},
                             "a/1-9f2c/7",
                             "charge/0/0"};
  for (const bool is_done : {true, false}) {
    const auto given = rows_of({of}, "charging", noon, known());
    ASSERT_TRUE(given && given->size() == 1);
    step = *given;
    const auto at_work = due(step.begin()->first);
    EXPECT_EQ(at_work.what.text(), "value");
    EXPECT_EQ(continuation_of(at_work), "charged");
    end(at_work.id, is_done ? result<encoded_result>(encoded_result{"R", "receipt"})
                            : result<encoded_result>(fail(errc::rejected, "no such account")));
    step.erase(at_work.id);
    ASSERT_EQ(step.size(), 1U);
    const auto told = due(step.begin()->first);
    EXPECT_TRUE(is_request(told.id)) << told.id.name;
    EXPECT_FALSE(is_errand(told.id));
    EXPECT_EQ(requests_of(told.id), errand_name("charge"));
    EXPECT_EQ(told.id.key, errand_id_of("charging", at_work.row));
    EXPECT_EQ(told.row.due, later);
    EXPECT_EQ(told.row.origin, at_work.row.origin);
    EXPECT_EQ(told.row.cause, at_work.row.cause);
    EXPECT_EQ(told.what.topic, "charged");
    EXPECT_EQ(told.what.text(), "kept");
    const auto outcome = outcome_of(told);
    ASSERT_EQ(outcome.has_value(), is_done);
    if (is_done)
      EXPECT_EQ(outcome->text(), "receipt");
    else
      EXPECT_EQ(outcome.error().message(), "no such account");
  }
}

} // namespace
} // namespace weft::detail
