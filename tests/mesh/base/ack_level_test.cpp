#include "mesh/base/ack_level.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(ack_level, each_text_is_read_as_it_is_written) {
  for (std::uint8_t code = 0; ack_level::is_code(code); ++code) {
    const auto level = ack_level::from_code(code);
    EXPECT_EQ(parse_ack_level(to_string(level)).value(), level);
  }
  EXPECT_EQ(to_string(ack_level::replicated(2)), "replicas=2");
  EXPECT_EQ(ack_level::replicated(2).copies(), 2);
  EXPECT_EQ(ack_level::written.copies(), 0);
}

TEST(ack_level, other_texts_are_refused_with_what_may_be_written) {
  for (const auto* text :
       {"", "sync", "replicas", "replicas=", "replicas=0", "replicas=8", "replicas=10", "replicas=-1"}) {
    const auto read = parse_ack_level(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message().find("replicas=N"), std::string::npos);
  }
}

} // namespace
} // namespace weft
