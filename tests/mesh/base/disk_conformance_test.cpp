// What every disk does: run on the operating system's and on the virtual one.
#include "mesh/base/os_disk.hpp"
#include "mesh/base/virtual_disk.hpp"

#include "tests/mesh/base/disk_testing.hpp"

#include <array>

namespace weft {
namespace {

struct on_linux {
  temporary_directory place;
  disk& on = os_disk();
  std::string root = place.path();
};

struct in_memory {
  virtual_disk machine;
  disk& on = machine;
  std::string root = "/data";
  in_memory() { EXPECT_TRUE(machine.make_directories(root)); }
};

template <class Kind>
class every_disk : public testing::Test {
protected:
  Kind kind_;
  disk& on_ = kind_.on;
  std::string at(const std::string& name) const { return kind_.root + "/" + name; }
};

struct names {
  template <class Kind>
  static std::string GetName(int) {
    return std::is_same_v<Kind, on_linux> ? "linux" : "virtual";
  }
};
using kinds = testing::Types<on_linux, in_memory>;
TYPED_TEST_SUITE(every_disk, kinds, names);

TYPED_TEST(every_disk, reads_back_what_was_written_in_parts) {
  const auto made = must_open(this->on_, this->at("a"), open_mode::create);
  const std::array<byte_view, 4> parts{as_bytes("one"), byte_view{}, as_bytes("two"), as_bytes("three")};
  ASSERT_TRUE(made->write_at(0, parts));
  EXPECT_EQ(made->size(), 11U);
  EXPECT_EQ(read_text(*made, 0, 11), "onetwothree");
  EXPECT_EQ(read_text(*made, 3, 3), "two");
}

TYPED_TEST(every_disk, writes_any_number_of_parts) {
  const auto made = must_open(this->on_, this->at("a"), open_mode::create);
  std::vector<std::string> texts;
  std::string whole;
  for (int i = 0; i < 3000; ++i)
    whole += texts.emplace_back(static_cast<std::size_t>(i % 50), static_cast<char>('a' + i % 26));
  std::vector<byte_view> parts;
  for (const auto& text : texts)
    parts.push_back(as_bytes(text));
  ASSERT_TRUE(made->write_at(7, parts));
  EXPECT_EQ(read_text(*made, 7, whole.size()), whole);
  EXPECT_EQ(made->size(), whole.size() + 7);
}

TYPED_TEST(every_disk, writes_nothing_when_there_is_nothing) {
  const auto made = must_open(this->on_, this->at("a"), open_mode::create);
  EXPECT_TRUE(made->write_at(100, std::span<const byte_view>{}));
  EXPECT_TRUE(made->write_at(100, byte_view{}));
  EXPECT_EQ(made->size(), 0U);
}

TYPED_TEST(every_disk, reads_fewer_bytes_at_the_end_only) {
  const auto made = make_file(this->on_, this->at("a"), "hello");
  EXPECT_EQ(read_text(*made, 3, 100), "lo");
  EXPECT_EQ(read_text(*made, 5, 100), "");
  EXPECT_EQ(read_text(*made, 500, 100), "");
}

TYPED_TEST(every_disk, fills_a_gap_with_zeros) {
  const auto made = make_file(this->on_, this->at("a"), "x");
  ASSERT_TRUE(made->write_at(1000, as_bytes("y")));
  EXPECT_EQ(made->size(), 1001U);
  EXPECT_EQ(read_text(*made, 1, 999), std::string(999, '\0'));
}

TYPED_TEST(every_disk, overwrites_in_place) {
  const auto made = make_file(this->on_, this->at("a"), std::string(2000, 'a'));
  ASSERT_TRUE(made->write_at(600, as_bytes("bcd")));
  EXPECT_EQ(made->size(), 2000U);
  EXPECT_EQ(read_text(*made, 599, 5), "abcda");
}

TYPED_TEST(every_disk, truncates_and_grows_with_zeros) {
  const auto made = make_file(this->on_, this->at("a"), "hello");
  ASSERT_TRUE(made->truncate(2));
  ASSERT_TRUE(made->truncate(4));
  EXPECT_EQ(read_text(*made, 0, 10), std::string("he\0\0", 4));
  EXPECT_TRUE(made->sync());
  made->drop_cache(0, 0);
  EXPECT_EQ(made->size(), 4U);
}

TYPED_TEST(every_disk, opens_what_exists_and_creates_what_does_not) {
  EXPECT_EQ(code_of(this->on_.open(this->at("a"), open_mode::read)), errc::not_found);
  EXPECT_EQ(code_of(this->on_.open(this->at("a"), open_mode::read_write)), errc::not_found);
  EXPECT_EQ(code_of(this->on_.open(this->at("no/a"), open_mode::create)), errc::not_found);
  make_file(this->on_, this->at("a"), "hello");
  EXPECT_EQ(code_of(this->on_.open(this->at("a"), open_mode::create)), errc::already_exists);
  EXPECT_EQ(read_text(*must_open(this->on_, this->at("a"), open_mode::read), 0, 5), "hello");
}

TYPED_TEST(every_disk, opens_no_directory_as_a_file) {
  ASSERT_TRUE(this->on_.make_directories(this->at("d")));
  EXPECT_EQ(code_of(this->on_.open(this->at("d"), open_mode::read)), errc::io_error);
  EXPECT_EQ(code_of(this->on_.open(this->at("d"), open_mode::read_write)), errc::io_error);
  EXPECT_EQ(code_of(this->on_.open(this->at("d"), open_mode::create)), errc::already_exists);
}

TYPED_TEST(every_disk, refuses_writes_to_a_file_open_for_reading) {
  make_file(this->on_, this->at("a"), "hello");
  const auto opened = must_open(this->on_, this->at("a"), open_mode::read);
  EXPECT_EQ(code_of(opened->write_at(0, as_bytes("x"))), errc::io_error);
  EXPECT_EQ(code_of(opened->truncate(0)), errc::io_error);
  EXPECT_EQ(read_text(this->on_, this->at("a")), "hello");
}

TYPED_TEST(every_disk, renames_over_what_is_there) {
  make_file(this->on_, this->at("a"), "new");
  make_file(this->on_, this->at("b"), "old");
  ASSERT_TRUE(this->on_.rename(this->at("a"), this->at("b")));
  ASSERT_TRUE(this->on_.sync_directory(this->at("")));
  EXPECT_EQ(read_text(this->on_, this->at("b")), "new");
  EXPECT_FALSE(this->on_.exists(this->at("a")));
  EXPECT_EQ(code_of(this->on_.rename(this->at("a"), this->at("c"))), errc::not_found);
  EXPECT_EQ(code_of(this->on_.rename(this->at("b"), this->at("no/b"))), errc::not_found);
}

TYPED_TEST(every_disk, renames_a_file_onto_itself) {
  make_file(this->on_, this->at("a"), "same");
  ASSERT_TRUE(this->on_.rename(this->at("a"), this->at("a")));
  EXPECT_EQ(read_text(this->on_, this->at("a")), "same");
}

TYPED_TEST(every_disk, moves_a_directory_with_what_is_in_it) {
  ASSERT_TRUE(this->on_.make_directories(this->at("d")));
  make_file(this->on_, this->at("d/a"), "hello");
  ASSERT_TRUE(this->on_.rename(this->at("d"), this->at("e")));
  EXPECT_EQ(read_text(this->on_, this->at("e/a")), "hello");
  EXPECT_FALSE(this->on_.exists(this->at("d")));
}

TYPED_TEST(every_disk, goes_on_with_an_open_file_that_was_removed) {
  const auto made = make_file(this->on_, this->at("a"), "hello");
  ASSERT_TRUE(this->on_.remove(this->at("a")));
  EXPECT_FALSE(this->on_.exists(this->at("a")));
  EXPECT_EQ(read_text(*made, 0, 5), "hello");
  EXPECT_EQ(code_of(this->on_.remove(this->at("a"))), errc::not_found);
}

TYPED_TEST(every_disk, lists_names_sorted_and_marks_directories) {
  for (const auto* name : {"b", "a", "c-d"})
    make_file(this->on_, this->at(name), "");
  ASSERT_TRUE(this->on_.make_directories(this->at("c")));
  const auto listed = this->on_.list(this->at(""));
  ASSERT_TRUE(listed);
  EXPECT_EQ(*listed, (std::vector<std::string>{"a", "b", "c-d", "c/"}));
  EXPECT_EQ(this->on_.list(this->at("c")), std::vector<std::string>{});
  EXPECT_EQ(code_of(this->on_.list(this->at("no"))), errc::not_found);
}

TYPED_TEST(every_disk, makes_directories_that_may_be_there) {
  ASSERT_TRUE(this->on_.make_directories(this->at("x/y/z")));
  EXPECT_TRUE(this->on_.make_directories(this->at("x/y/z")));
  EXPECT_TRUE(this->on_.make_directories(this->at("x/y/")));
  EXPECT_TRUE(this->on_.exists(this->at("x/y/z")));
  make_file(this->on_, this->at("x/file"), "");
  EXPECT_EQ(code_of(this->on_.make_directories(this->at("x/file"))), errc::io_error);
  EXPECT_EQ(code_of(this->on_.make_directories(this->at("x/file/z"))), errc::io_error);
}

TYPED_TEST(every_disk, removes_directories_only_when_they_are_empty) {
  ASSERT_TRUE(this->on_.make_directories(this->at("d")));
  make_file(this->on_, this->at("d/a"), "");
  EXPECT_EQ(code_of(this->on_.remove_directory(this->at("d"))), errc::io_error);
  EXPECT_EQ(code_of(this->on_.remove(this->at("d"))), errc::io_error);
  EXPECT_EQ(code_of(this->on_.remove_directory(this->at("d/a"))), errc::io_error);
  ASSERT_TRUE(this->on_.remove(this->at("d/a")));
  EXPECT_TRUE(this->on_.remove_directory(this->at("d")));
  EXPECT_EQ(code_of(this->on_.remove_directory(this->at("d"))), errc::not_found);
}

TYPED_TEST(every_disk, syncs_only_directories_that_exist) {
  EXPECT_TRUE(this->on_.sync_directory(this->at("")));
  EXPECT_EQ(code_of(this->on_.sync_directory(this->at("no"))), errc::not_found);
}

TYPED_TEST(every_disk, tells_free_space) { EXPECT_GT(this->on_.free_space(this->at("")).value_or(0), 0U); }

TYPED_TEST(every_disk, lock_names_its_holder_and_ends_with_it) {
  auto held = this->on_.lock(this->at("lock"), "node shop pid 123");
  ASSERT_TRUE(held);
  const auto second = this->on_.lock(this->at("lock"), "node shop pid 124");
  ASSERT_EQ(code_of(second), errc::locked);
  EXPECT_NE(second.error().message().find("node shop pid 123"), std::string::npos) << second.error().message();
  held->reset();
  EXPECT_TRUE(this->on_.lock(this->at("lock"), "x"));
  EXPECT_EQ(read_text(this->on_, this->at("lock")), "x"); // the shorter note replaced the longer
}

TYPED_TEST(every_disk, lock_holds_when_its_file_is_removed) { // T15
  const auto held = this->on_.lock(this->at("lock"), "first");
  ASSERT_TRUE(held);
  ASSERT_TRUE(this->on_.remove(this->at("lock")));
  EXPECT_EQ(code_of(this->on_.lock(this->at("lock"), "second")), errc::locked);
}

TYPED_TEST(every_disk, lock_wants_a_directory) {
  EXPECT_EQ(code_of(this->on_.lock(this->at("no/lock"), "x")), errc::not_found);
}

TYPED_TEST(every_disk, whole_files_are_read_within_a_limit) {
  make_file(this->on_, this->at("a"), "hello");
  EXPECT_EQ(text_of(read_file(this->on_, this->at("a"), 5).value()), "hello");
  EXPECT_EQ(code_of(read_file(this->on_, this->at("a"), 4)), errc::too_large);
  EXPECT_EQ(code_of(read_file(this->on_, this->at("b"), 4)), errc::not_found);
}

TYPED_TEST(every_disk, whole_files_are_replaced) {
  ASSERT_TRUE(write_file_durably(this->on_, this->at("a"), as_bytes("first")));
  make_file(this->on_, this->at("a.new"), "left by a crash");
  ASSERT_TRUE(write_file_durably(this->on_, this->at("a"), as_bytes("second")));
  EXPECT_EQ(read_text(this->on_, this->at("a")), "second");
  EXPECT_EQ(this->on_.list(this->at("")), std::vector<std::string>{"a"});
}

TEST(disk, parent_is_what_stands_before_the_last_slash) {
  EXPECT_EQ(parent_directory("a"), ".");
  EXPECT_EQ(parent_directory("/a"), "/");
  EXPECT_EQ(parent_directory("a/b"), "a");
  EXPECT_EQ(parent_directory("/a/b/c"), "/a/b");
}

} // namespace
} // namespace weft
