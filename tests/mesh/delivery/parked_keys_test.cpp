#include "mesh/delivery/parked_keys.hpp"

#include "mesh/wire/batch_view.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weft::delivery {
namespace {

const hashed_key one{class_of(7).value() + 1}, two{class_of(7).value() + 2}, far{class_of(8).value() + 1};

TEST(parked_keys, a_key_is_known_by_its_whole_hash_whose_top_its_batch_has) {
  for (int n = 0; n < 1000; ++n) {
    const auto key = "A" + std::to_string(n);
    EXPECT_EQ(hash_of(hashed_key_of(as_bytes(key))), wire::key_hash(as_bytes(key)));
    EXPECT_FALSE(is_class(hashed_key_of(as_bytes(key))));
  }
  EXPECT_EQ(hashed_key_of(as_bytes(std::string_view("A17"))).value(), 106'196'330'919'120'417U)
      << "what records have on their disks";
}

TEST(parked_keys, a_key_is_parked_as_itself_before_its_class) {
  EXPECT_EQ(parked_as({}, one), std::nullopt);
  EXPECT_EQ(parked_as({two, far}, one), std::nullopt);
  EXPECT_EQ(parked_as({class_of(7)}, one), class_of(7));
  EXPECT_EQ(parked_as({class_of(7), one}, one), one);
  EXPECT_EQ(parked_as({class_of(8)}, one), std::nullopt);
}

TEST(parked_keys, what_fails_is_parked_as_itself_or_as_it_is) {
  EXPECT_EQ(to_park_as({}, one), one);
  EXPECT_EQ(to_park_as({two}, one), one);
  EXPECT_EQ(to_park_as({class_of(7)}, one), class_of(7));
}

TEST(parked_keys, a_class_covers_its_keys) {
  EXPECT_TRUE(covers(one, one));
  EXPECT_FALSE(covers(one, two));
  EXPECT_TRUE(covers(class_of(7), one));
  EXPECT_FALSE(covers(class_of(7), far));
}

TEST(parked_keys, too_many_to_know_each_are_known_by_their_classes) {
  parked_keys parked;
  for (std::uint64_t n = 0; n < keys_parked_each_max; ++n)
    parked.insert(to_park_as(parked, hashed_key{n << 32U | 1U}));
  EXPECT_EQ(parked.size(), keys_parked_each_max);
  const hashed_key next{class_of(65'535).value() + 1};
  EXPECT_EQ(to_park_as(parked, next), class_of(65'535));
  EXPECT_EQ(to_park_as(parked, *parked.begin()), *parked.begin());
}

} // namespace
} // namespace weft::delivery
