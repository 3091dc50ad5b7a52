#include "mesh/replication/copy_scope.hpp"

#include <gtest/gtest.h>

namespace weft::replication {
namespace {

topic_pattern pattern(const char* text) { return topic_pattern::parse(text).value(); }

struct copy_scope_test : ::testing::Test {
  copy_scope_test() { scope.hold({"retail.orders", "retail.paid"}); }
  copy_scope scope;
};

TEST_F(copy_scope_test, before_the_logs_node_said_anything_single_topics_are_served) {
  EXPECT_TRUE(scope.serves(pattern("retail.orders")));
  EXPECT_FALSE(scope.serves(pattern("retail.sent")));
  EXPECT_FALSE(scope.serves(pattern("retail.>")));
}

TEST_F(copy_scope_test, a_pattern_is_served_when_it_matches_nothing_that_the_copy_lacks) {
  EXPECT_TRUE(scope.add_others({"scratch.a"}));
  EXPECT_TRUE(scope.serves(pattern("retail.>")));
  EXPECT_FALSE(scope.serves(pattern(">")));
  EXPECT_FALSE(scope.serves(pattern("logistics.>")));
  EXPECT_TRUE(scope.add_others({"retail.sent"}));
  EXPECT_FALSE(scope.serves(pattern("retail.>")));
  EXPECT_FALSE(scope.add_others({"retail.sent"}));
}

TEST_F(copy_scope_test, that_there_are_no_others_is_news_once) {
  EXPECT_TRUE(scope.add_others({}));
  EXPECT_TRUE(scope.serves(pattern(">")));
  EXPECT_FALSE(scope.add_others({}));
}

TEST_F(copy_scope_test, what_the_copy_has_is_no_lack_whatever_was_said_before) {
  scope.add_others({"retail.sent", "retail.orders"});
  EXPECT_FALSE(scope.serves(pattern("retail.>")));
  scope.hold({"retail.orders", "retail.paid", "retail.sent"});
  EXPECT_TRUE(scope.serves(pattern("retail.>")));
}

TEST_F(copy_scope_test, what_it_has_no_longer_it_lacks) {
  scope.add_others({});
  EXPECT_TRUE(scope.serves(pattern("retail.>")));
  EXPECT_TRUE(scope.hold({"retail.orders"}));
  EXPECT_FALSE(scope.serves(pattern("retail.>")));
  EXPECT_EQ(scope.others_text(), "retail.paid\n");
  EXPECT_FALSE(scope.hold({"retail.orders"}));
}

TEST_F(copy_scope_test, what_was_kept_comes_back) {
  scope.add_others({"scratch.a", "scratch.b"});
  copy_scope later;
  ASSERT_TRUE(later.take_others(scope.others_text()));
  later.hold({"retail.orders"});
  EXPECT_TRUE(later.serves(pattern("retail.>")));
  EXPECT_FALSE(later.serves(pattern(">")));
  EXPECT_EQ(later.others_text(), scope.others_text());
}

TEST_F(copy_scope_test, a_text_that_is_none_is_refused_and_nothing_is_known) {
  for (const auto* text : {"no end", "a b\n", "\n"}) {
    const auto taken = scope.take_others(text);
    ASSERT_FALSE(taken) << text;
    EXPECT_EQ(taken.error().code(), errc::corrupt);
    EXPECT_FALSE(scope.serves(pattern("retail.>")));
  }
}

} // namespace
} // namespace weft::replication
