#include "mesh/log/index.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/log/coding.hpp"

#include <gtest/gtest.h>

namespace weft::log::testing {

/// A topic's part of a segment whose list has these differences of seq and offset.
struct listed {
  explicit listed(const std::vector<std::uint64_t>& differences) {
    for (const auto difference : differences)
      append_varint(list, difference);
    extent.entries = static_cast<std::uint32_t>(differences.size() / 2);
    extent.list_bytes = static_cast<std::uint32_t>(list.size());
    extent.list_checksum = crc32c(0, list);
  }
  [[nodiscard]] result<std::vector<entry_place>> places() const { return decode_places(extent, seq{10}, list); }

  topic_extent extent;
  std::vector<std::byte> list;
};

TEST(index, a_list_gives_each_entrys_place) {
  const listed topic({0, 16, 5, 300});
  const auto places = topic.places();
  ASSERT_TRUE(places.has_value());
  ASSERT_EQ(places->size(), 2U);
  EXPECT_EQ(places->at(0).first, seq{10});
  EXPECT_EQ(places->at(0).offset, 128U);
  EXPECT_EQ(places->at(1).first, seq{15});
  EXPECT_EQ(places->at(1).offset, 128U + 2400U);
}

TEST(index, a_list_that_is_said_to_have_billions_of_entries_takes_no_memory_for_them) {
  listed topic({0, 16});
  topic.extent.entries = UINT32_MAX;
  const auto places = topic.places();
  ASSERT_FALSE(places.has_value());
  EXPECT_EQ(places.error().code(), errc::corrupt);
}

} // namespace weft::log::testing
