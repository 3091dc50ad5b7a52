#include "mesh/base/utf8.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(utf8, is_told_from_other_bytes) {
  for (const std::string_view good : {"", "plain text of more than eight bytes", "\xC3\xA9", "\xE2\x82\xAC",
                                      "\xF0\x9F\x8D\xB5", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const std::string_view bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                     "\xF5\x80\x80\x80", "12345678\xFF", "1234567\xC3", "\xE2\x82"})
    EXPECT_FALSE(is_utf8(bad));
}

} // namespace
} // namespace weft
