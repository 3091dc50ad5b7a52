#include "mesh/node/service_board.hpp"

#include <gtest/gtest.h>

namespace weft::node {
namespace {

constexpr int one = 1, other = 2;

told_service well(const std::string& name, std::uint64_t handled = 0) {
  told_service made;
  made.name = name;
  made.handled = handled;
  return made;
}

TEST(service_board, has_what_each_program_told_last) {
  service_board board;
  board.tell(&one, {well("till", 1), well("depot")});
  board.tell(&one, {well("till", 5)});
  const auto all = board.all();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].handled, 5U);
}

TEST(service_board, what_a_program_told_goes_with_it) {
  service_board board;
  board.tell(&one, {well("till")});
  board.tell(&other, {well("depot")});
  board.forget(&one);
  ASSERT_EQ(board.all().size(), 1U);
  EXPECT_EQ(board.all()[0].name, "depot");
  board.tell(&other, {});
  EXPECT_TRUE(board.all().empty());
}

TEST(service_board, a_service_in_two_programs_is_as_the_worst_and_its_figures_are_sums) {
  service_board board;
  board.tell(&one, {{"till", service_state::running, "", 1, 2, 10, 3}});
  board.tell(&other, {{"till", service_state::waiting, "the disk is full", 4, 0, 20, 1}});
  EXPECT_EQ(board.all(),
            (std::vector<told_service>{{"till", service_state::waiting, "the disk is full", 5, 2, 30, 4}}));
}

} // namespace
} // namespace weft::node
