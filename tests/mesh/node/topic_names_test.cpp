// What the publishing path knows of topics.
#include "mesh/node/topic_names.hpp"

#include <gtest/gtest.h>

namespace weft::node {
namespace {

TEST(topic_names, a_topic_is_known_with_its_settings_and_a_change_replaces_them) {
  topic_names topics;
  EXPECT_FALSE(topics.find("t"));
  topics.set("t", topic_id{7}, {ack_level::written, wire::codec::lz4});
  const auto known = topics.find("t");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->id, topic_id{7});
  EXPECT_EQ(known->settings.level, ack_level::written);
  EXPECT_EQ(known->settings.codec, wire::codec::lz4);
  topics.set("t", topic_id{7}, {});
  EXPECT_EQ(topics.find("t")->settings.level, ack_level::synced);
  EXPECT_EQ(topics.find("t")->settings.codec, wire::codec::none);
}

TEST(topic_names, a_forgotten_topic_is_unknown_and_its_number_keeps_its_name) {
  topic_names topics;
  topics.set("t", topic_id{7}, {});
  topics.forget("t");
  EXPECT_FALSE(topics.find("t"));
  EXPECT_EQ(topics.name_of(topic_id{7}), "t");
}

TEST(topic_names, what_the_mesh_agreed_on_makes_no_topic) {
  topic_names topics;
  topics.agree("t", publish_settings{ack_level::written, wire::codec::lz4});
  ASSERT_TRUE(topics.agreed("t"));
  EXPECT_EQ(topics.agreed("t")->codec, wire::codec::lz4);
  EXPECT_FALSE(topics.find("t"));
  EXPECT_TRUE(topics.names().empty());
  topics.agree("t", std::nullopt);
  EXPECT_FALSE(topics.agreed("t"));
}

TEST(topic_names, how_many_copies_come_before_a_read_follows_the_topics_level) {
  topic_names topics;
  topics.set("t", topic_id{7}, {});
  EXPECT_FALSE(topics.any_level_with_copies());
  topics.set("t", topic_id{7}, {ack_level::replicated(2), wire::codec::none, 2});
  EXPECT_TRUE(topics.any_level_with_copies());
  EXPECT_EQ(topics.copies_before_read(topic_id{7}), 2);
  EXPECT_EQ(topics.copies_before_read(topic_id{8}), 0);
  topics.set("t", topic_id{7}, {ack_level::synced, wire::codec::none, 2});
  EXPECT_FALSE(topics.any_level_with_copies());
  EXPECT_EQ(topics.copies_before_read(topic_id{7}), 0);
}

TEST(topic_names, each_change_is_told_and_each_new_name_is_another_version) {
  topic_names topics;
  int told = 0;
  topics.on_change([&] { ++told; });
  topics.set("t", topic_id{7}, {});
  const auto version = topics.version();
  topics.set("t", topic_id{7}, {ack_level::written});
  EXPECT_EQ(topics.version(), version);
  topics.set("u", topic_id{8}, {});
  EXPECT_NE(topics.version(), version);
  topics.forget("u");
  EXPECT_EQ(told, 4);
}

} // namespace
} // namespace weft::node
