#include "mesh/catalog/contract_table.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"

#include <gmock/gmock.h>

namespace weft::catalog {
namespace {

using testing::ElementsAre;

contract_id id_of(std::uint16_t n) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = static_cast<std::uint8_t>(n >> 8U);
  bytes[1] = static_cast<std::uint8_t>(n);
  return contract_id{bytes};
}

contract_row row(const std::string& topic, std::uint16_t n) {
  return {topic, id_of(n), {noon.us + n}, {"schema " + std::to_string(n), "rules"}};
}

TEST(contract_table, keeps_contracts_over_a_restart_in_the_order_in_which_they_came) {
  const memory_directory directory;
  {
    const auto open = must_open(directory.path());
    must(open->contracts().keep(row("b", 2)));
    must(open->contracts().keep(row("a", 3)));
    must(open->contracts().keep(row("b", 1)));
  }
  const auto open = must_open(directory.path());
  EXPECT_THAT(must(open->contracts().of("b")), ElementsAre(row("b", 1), row("b", 2)));
  EXPECT_THAT(must(open->contracts().list()), ElementsAre(row("a", 3), row("b", 1), row("b", 2)));
  EXPECT_THAT(must(open->contracts().of("c")), ElementsAre());
}

TEST(contract_table, never_changes_one_that_is_there) {
  const auto open = in_memory();
  must(open->contracts().keep(row("a", 1)));
  auto later = row("a", 1);
  later.added.us += 1000;
  must(open->contracts().keep(later));
  EXPECT_THAT(must(open->contracts().of("a")), ElementsAre(row("a", 1)));
}

TEST(contract_table, keeps_the_newest_of_a_topic_and_all_of_others) {
  const auto open = in_memory();
  must(open->contracts().keep(row("other", 0)));
  constexpr auto count = static_cast<std::uint16_t>(limits::contract_versions_max + 3);
  for (std::uint16_t n = 0; n < count; ++n)
    must(open->contracts().keep(row("a", n)));
  const auto kept = must(open->contracts().of("a"));
  ASSERT_EQ(kept.size(), limits::contract_versions_max);
  EXPECT_EQ(kept.front(), row("a", 3));
  EXPECT_EQ(kept.back(), row("a", count - 1));
  EXPECT_EQ(must(open->contracts().of("other")).size(), 1U);
}

} // namespace
} // namespace weft::catalog
