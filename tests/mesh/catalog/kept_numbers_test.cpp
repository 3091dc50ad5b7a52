#include "mesh/catalog/kept_numbers.hpp"

#include "mesh/base/os_disk.hpp"
#include "mesh/base/virtual_disk.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"

#include <gtest/gtest.h>

namespace weft::catalog {
namespace {

/// An issuer's directory on a virtual disk, and its catalog in memory, which can be lost.
struct kept_numbers_fixture : ::testing::Test {
  void SetUp() override {
    must(disk.make_directories("keys"));
    must(kept_numbers::begin(disk, "keys"));
    start();
  }
  /// @returns what the operator hears
  std::string start(bool new_catalog = false) {
    numbers.emplace(disk, "keys", in->numbers());
    return must(numbers->restore(new_catalog));
  }
  void lose_catalog() {
    in = in_memory();
    must(in->numbers().forget());
  }
  std::vector<std::byte> file() { return must(read_file(disk, "keys/numbers", 100)); }
  void put(byte_view bytes) { must(write_file_durably(disk, "keys/numbers", bytes)); }

  virtual_disk disk;
  std::unique_ptr<catalog> in = in_memory();
  std::optional<kept_numbers> numbers;
};

TEST_F(kept_numbers_fixture, counts_from_one_over_starts) {
  EXPECT_EQ(must(numbers->next()), 1U);
  EXPECT_EQ(start(), "");
  EXPECT_EQ(must(numbers->next()), 2U);
}

TEST_F(kept_numbers_fixture, a_lost_catalog_is_restored_from_the_file) {
  for (std::uint32_t n = 1; n <= 3; ++n)
    EXPECT_EQ(must(numbers->next()), n);
  lose_catalog();
  EXPECT_EQ(start(), "");
  EXPECT_EQ(must(numbers->next()), 4U);
}

TEST_F(kept_numbers_fixture, a_catalog_made_anew_does_not_begin_again) {
  must(numbers->next());
  in = in_memory();
  EXPECT_EQ(start(true), "");
  EXPECT_EQ(must(numbers->next()), 2U);
}

TEST_F(kept_numbers_fixture, a_catalog_from_a_backup_does_not_take_numbers_back) {
  const auto backup = in_memory();
  for (int i = 0; i < 3; ++i)
    must(numbers->next());
  must(backup->numbers().used_up_to(1));
  numbers.emplace(disk, "keys", backup->numbers());
  must(numbers->restore(false));
  EXPECT_EQ(must(numbers->next()), 4U);
}

TEST_F(kept_numbers_fixture, a_missing_file_is_made_from_the_catalog) {
  must(numbers->next());
  must(disk.remove("keys/numbers"));
  EXPECT_EQ(start(), "");
  lose_catalog();
  EXPECT_EQ(start(), "");
  EXPECT_EQ(must(numbers->next()), 2U);
}

TEST_F(kept_numbers_fixture, every_damaged_byte_is_seen_and_the_file_made_anew) {
  must(numbers->next());
  const auto good = file();
  ASSERT_EQ(good.size(), 20U);
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i == 8 || i == 9) continue; // the version: a newer one is no damage
    auto bad = good;
    bad[i] ^= std::byte{0x10};
    put(bad);
    EXPECT_NE(start().find("made again"), std::string::npos) << i;
    EXPECT_EQ(file(), good);
  }
  put(byte_view(good).first(19));
  EXPECT_NE(start(), "");
  EXPECT_EQ(file(), good);
}

TEST_F(kept_numbers_fixture, a_newer_file_is_left_alone) {
  auto newer = file();
  newer[8] = std::byte{2};
  put(newer);
  EXPECT_EQ(code_of(numbers->restore(false)), errc::version_newer);
  EXPECT_EQ(file(), newer);
}

TEST_F(kept_numbers_fixture, without_both_none_is_given_until_somebody_says_which_are_in_use) {
  must(numbers->next());
  must(disk.remove("keys/numbers"));
  lose_catalog();
  EXPECT_NE(start().find("--used-up-to"), std::string::npos);
  EXPECT_EQ(code_of(numbers->ready()), errc::corrupt);
  EXPECT_EQ(code_of(numbers->next()), errc::corrupt);
  must(numbers->used_up_to(7));
  EXPECT_EQ(must(numbers->next()), 8U);
  lose_catalog();
  start();
  EXPECT_EQ(must(numbers->next()), 9U);
}

TEST_F(kept_numbers_fixture, a_directory_that_had_numbers_and_lost_both_files_is_not_taken_for_a_new_one) {
  must(disk.remove("keys/numbers"));
  in = in_memory();
  EXPECT_NE(start(true), "");
  EXPECT_EQ(code_of(numbers->next()), errc::corrupt);
}

TEST_F(kept_numbers_fixture, a_number_that_is_not_in_the_file_is_not_given) {
  disk.halt();
  EXPECT_FALSE(numbers->next());
  disk.crash_losing_nothing();
  EXPECT_EQ(start(), "");
  EXPECT_EQ(must(numbers->next()), 2U); // the first stays unused
}

} // namespace
} // namespace weft::catalog
