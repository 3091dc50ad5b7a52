#include "mesh/delivery/slot_assignment.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace weft::delivery {
namespace {

std::vector<std::optional<member_id>> all_of(const slot_assignment& assignment) {
  std::vector<std::optional<member_id>> owners;
  for (std::uint16_t of = 0; of < limits::slots; ++of)
    owners.push_back(assignment.member_of(slot{of}));
  return owners;
}
std::size_t share_of(const slot_assignment& assignment, member_id member) {
  const auto owners = all_of(assignment);
  return static_cast<std::size_t>(std::count(owners.begin(), owners.end(), std::optional(member)));
}
std::size_t moved(const slot_assignment& before, const slot_assignment& after) {
  const auto a = all_of(before), b = all_of(after);
  std::size_t count = 0;
  for (std::size_t of = 0; of < a.size(); ++of)
    count += static_cast<std::size_t>(a[of] != b[of]);
  return count;
}
slot_assignment of_members(std::uint64_t count) {
  slot_assignment made;
  for (std::uint64_t member = 1; member <= count; ++member)
    made.add(member_id{member});
  return made;
}

TEST(slot_assignment, without_members_nobody_has_a_slot) {
  slot_assignment assignment;
  EXPECT_FALSE(assignment.member_of(slot{7}));
  assignment.add(member_id{1});
  assignment.remove(member_id{1});
  EXPECT_FALSE(assignment.member_of(slot{7}));
}

TEST(slot_assignment, shares_differ_by_one_slot_at_most) {
  for (std::uint64_t count = 1; count <= 70; ++count) {
    const auto assignment = of_members(count);
    for (std::uint64_t member = 1; member <= count; ++member) {
      const auto share = share_of(assignment, member_id{member});
      EXPECT_GE(share, limits::slots / count);
      EXPECT_LE(share, (limits::slots + count - 1) / count);
    }
  }
}

TEST(slot_assignment, who_joins_moves_its_own_share_and_no_more) {
  for (std::uint64_t count = 1; count <= 50; ++count) {
    const auto before = of_members(count);
    auto after = before;
    after.add(member_id{1000});
    EXPECT_EQ(moved(before, after), share_of(after, member_id{1000})) << count;
  }
}

TEST(slot_assignment, who_leaves_moves_its_own_share_and_no_more) {
  for (std::uint64_t count = 2; count <= 50; ++count) {
    const auto before = of_members(count);
    auto after = before;
    after.remove(member_id{count / 2 + 1});
    EXPECT_EQ(moved(before, after), share_of(before, member_id{count / 2 + 1})) << count;
  }
}

TEST(slot_assignment, who_comes_back_gets_most_of_what_it_had) {
  const auto before = of_members(10);
  auto after = before;
  after.remove(member_id{4});
  after.add(member_id{4});
  EXPECT_LT(moved(before, after), 110U); // of 102 that went and came, others may have come instead
}

TEST(slot_assignment, equal_histories_give_equal_assignments) { EXPECT_EQ(moved(of_members(13), of_members(13)), 0U); }

TEST(slot_assignment, each_of_1024_members_has_one_slot_and_another_one_is_not_taken) {
  auto assignment = of_members(limits::group_members_max);
  EXPECT_EQ(share_of(assignment, member_id{1}), 1U);
  EXPECT_FALSE(assignment.add(member_id{5000}));
  EXPECT_TRUE(assignment.add(member_id{1})); // it is there
}

TEST(slot_assignment, a_shards_slots_are_its_members_and_nobody_elses) {
  slot_assignment assignment;
  ASSERT_TRUE(assignment.give(member_id{1}, {0, 3}));
  ASSERT_TRUE(assignment.give(member_id{2}, {2, 3}));
  EXPECT_EQ(share_of(assignment, member_id{1}), 342U);
  EXPECT_EQ(share_of(assignment, member_id{2}), 341U);
  EXPECT_FALSE(assignment.member_of(slot{500})) << "of the shard that nobody has";
  ASSERT_TRUE(assignment.give(member_id{3}, {0, 3}));
  EXPECT_EQ(share_of(assignment, member_id{1}), 0U);
  EXPECT_EQ(assignment.member_of(slot{0}), member_id{3});
  assignment.remove(member_id{3});
  EXPECT_FALSE(assignment.member_of(slot{0}));
  EXPECT_EQ(share_of(assignment, member_id{2}), 341U);
}

TEST(slot_assignment, shards_cover_all_slots_once) {
  for (std::uint16_t shards = 1; shards <= limits::state_shards_max; ++shards)
    for (std::size_t of = 0; of < limits::slots; ++of) {
      int has = 0;
      for (std::uint16_t number = 0; number < shards; ++number)
        has += state_shard{number, shards}.has(of) ? 1 : 0;
      ASSERT_EQ(has, 1) << of << " of " << shards;
    }
}

} // namespace
} // namespace weft::delivery
