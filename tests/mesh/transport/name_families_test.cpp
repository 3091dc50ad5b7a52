#include "mesh/transport/name_families.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::transport {
namespace {

TEST(name_families, name_is_tried_in_the_other_family_after_each_failure) {
  name_families names;
  const std::string name = "tcp://a.example:7600";
  EXPECT_FALSE(names.ipv6(name));
  names.failed(name);
  EXPECT_TRUE(names.ipv6(name));
  EXPECT_FALSE(names.ipv6("tcp://b.example:7600"));
  names.failed(name);
  EXPECT_FALSE(names.ipv6(name));
}

TEST(name_families, numbers_have_their_family) {
  name_families names;
  for (const std::string four : {"tcp://10.0.0.1:7600", "/run/weft/node.sock"}) {
    names.failed(four);
    EXPECT_FALSE(names.ipv6(four));
  }
  EXPECT_TRUE(names.ipv6("tcp://[::1]:7600"));
  names.failed("tcp://[::1]:7600");
  EXPECT_TRUE(names.ipv6("tcp://[::1]:7600"));
}

TEST(name_families, names_without_end_take_no_memory_without_end) {
  name_families names;
  for (std::size_t i = 0; i <= limits::names_by_ipv6_max; ++i)
    names.failed("tcp://n" + std::to_string(i) + ".example:1");
  EXPECT_FALSE(names.ipv6("tcp://n0.example:1"));
  EXPECT_TRUE(names.ipv6("tcp://n" + std::to_string(limits::names_by_ipv6_max) + ".example:1"));
}

} // namespace
} // namespace weft::transport
