#include "mesh/wire/batch_stamp.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <gtest/gtest.h>

namespace weft::wire {
namespace {

contract_stamp stamp(std::uint8_t n) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(n);
  return {contract_id{bytes}, "Root"};
}

batch_view batch_of(const std::vector<std::string>& types, codec how = codec::none) {
  batch_builder builder("t", producer_id{7}, how);
  for (const auto& type : types)
    EXPECT_TRUE(builder.add({{1}, type, as_bytes("k" + type), {}, as_bytes("value of " + type)}));
  return batch_view::trusted(builder.seal(100));
}

result<batch_view> stamped(const batch_view& batch, event_range which, const contract_stamp& by) {
  const auto data = batch.unpack();
  auto made = make_stamped(batch, data->view(), which, by);
  if (!made) return fail(made.error());
  return batch_view::verify(*made);
}

TEST(batch_stamp, gives_each_type_the_contract_and_each_event_a_type) {
  const auto batch = batch_of({"a", "", "b", "a"});
  const auto by = stamp(1);
  EXPECT_FALSE(is_stamped(batch, by.id));
  const auto made = stamped(batch, {0, 4}, by);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_TRUE(is_stamped(*made, by.id));
  EXPECT_FALSE(is_stamped(*made, stamp(2).id));
  EXPECT_EQ(made->types(), 3U);
  EXPECT_EQ(made->type(0), "a");
  EXPECT_EQ(made->type(1), "Root");
  EXPECT_EQ(made->type(3), "a");
  EXPECT_EQ(made->producer(), batch.producer());
  EXPECT_EQ(made->first_sequence(), 100U);
}

TEST(batch_stamp, replaces_the_contract_that_a_publisher_named) {
  const auto first = stamped(batch_of({"a"}), {0, 1}, stamp(1));
  ASSERT_TRUE(first);
  const auto second = stamped(*first, {0, 1}, stamp(2));
  ASSERT_TRUE(second);
  EXPECT_TRUE(is_stamped(*second, stamp(2).id));
}

TEST(batch_stamp, takes_a_part_with_its_sequences) {
  const auto made = stamped(batch_of({"a", "b", "c", "d"}), {1, 2}, stamp(1));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->count(), 2U);
  EXPECT_EQ(made->first_sequence(), 101U);
  EXPECT_EQ(made->type(0), "b");
  EXPECT_EQ(made->place(0), 0U);
  EXPECT_FALSE(made->is_extract());
  EXPECT_EQ(as_text(made->key(1)), "kc");
}

TEST(batch_stamp, says_when_a_batch_has_no_room_for_one_more_type) {
  std::vector<std::string> types;
  for (std::size_t i = 0; i < limits::batch_types_max; ++i)
    types.push_back(std::to_string(i));
  types.emplace_back();
  const auto made = stamped(batch_of(types), {0, types.size()}, stamp(1));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), errc::too_large);
}

} // namespace
} // namespace weft::wire
