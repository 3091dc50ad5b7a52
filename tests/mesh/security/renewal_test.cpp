#include "mesh/security/renewal.hpp"

#include "tests/mesh/security/security_testing.hpp"

#include <set>

namespace weft::security {
namespace {

certificate certificate_of(microseconds life) {
  certificate item;
  item.not_before = new_year;
  item.not_after = new_year + life;
  return item;
}

TEST(renewal, is_due_in_the_tenth_of_its_life_behind_its_half) {
  seeded_random random(1);
  const microseconds life = limits::certificate_life;
  const auto item = certificate_of(life);
  std::set<std::int64_t> all;
  for (int i = 0; i < 100; ++i) {
    const renewal machine(random);
    const auto due = machine.until_due(item, new_year);
    EXPECT_GE(due, life / 2);
    EXPECT_LE(due, life / 2 + life / 10);
    EXPECT_EQ(machine.until_due(item, new_year + due), microseconds{0});
    EXPECT_EQ(machine.until_due(item, new_year + life), microseconds{0});
    all.insert(due.count());
  }
  EXPECT_GT(all.size(), 90U); // not together
}

TEST(renewal, waits_longer_after_each_try_that_fails_up_to_a_limit) {
  seeded_random random(2);
  renewal machine(random);
  microseconds full = limits::renewal_retry_first;
  for (int i = 0; i < 12; ++i) {
    const auto wait = machine.failed();
    EXPECT_GE(wait, full / 2);
    EXPECT_LE(wait, full);
    full = std::min<microseconds>(full * 2, limits::renewal_retry_most);
  }
  EXPECT_EQ(full, microseconds(limits::renewal_retry_most));
  machine.succeeded();
  EXPECT_LE(machine.failed(), microseconds(limits::renewal_retry_first));
}

} // namespace
} // namespace weft::security
