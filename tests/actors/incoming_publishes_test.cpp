// What a link publishes, and what it is answered.
#include "actors/incoming_publishes.hpp"

#include "actors/publishing.hpp"
#include "mesh/contract/admission.hpp"
#include "tests/actors/door_testing.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

struct incoming_publishes_fixture : testing::services_fixture {
  incoming_publishes_fixture() {
    EXPECT_TRUE(append(log::testing::orders, {"the log has its files"}));
    topics.set("t", topic_id{7}, {ack_level::written, wire::codec::lz4});
  }
  /// The answer to one publish.
  wire::published publish(std::optional<ack_level> level) {
    EXPECT_TRUE(publishes.take(wire::publish{++requests, level}, testing::batch_of("t", "x").bytes()));
    log->commit_pending();
    const auto given = output->all<wire::published>();
    EXPECT_EQ(given.size(), requests);
    return given.back();
  }
  [[nodiscard]] bool synced_to(const wire::published& answer) const { return log->state().synced_end > answer.first; }

  std::shared_ptr<testing::recorded_output> output = std::make_shared<testing::recorded_output>();
  incoming_publishes publishes{services, output, [] {}};
  std::uint64_t requests = 0;
};

TEST_F(incoming_publishes_fixture, a_publish_without_a_level_is_answered_at_the_topics_and_told_which_that_was) {
  const auto written = publish(std::nullopt);
  EXPECT_EQ(written.code, errc::ok);
  EXPECT_EQ(written.level, ack_level::written);
  EXPECT_EQ(written.codec, wire::codec::lz4);
  EXPECT_FALSE(synced_to(written));
  topics.set("t", topic_id{7}, {}); // while the link goes on
  const auto safe = publish(std::nullopt);
  EXPECT_EQ(safe.level, ack_level::synced);
  EXPECT_EQ(safe.codec, wire::codec::none);
  EXPECT_TRUE(synced_to(safe));
}

TEST_F(incoming_publishes_fixture, a_level_that_a_publish_names_holds) {
  const auto safe = publish(ack_level::synced);
  EXPECT_EQ(safe.level, ack_level::synced);
  EXPECT_TRUE(synced_to(safe));
  topics.set("t", topic_id{7}, {});
  const auto written = publish(ack_level::written);
  EXPECT_EQ(written.level, ack_level::written);
  EXPECT_FALSE(synced_to(written));
}

TEST_F(incoming_publishes_fixture, what_comes_later_than_it_was_to_is_not_taken) {
  const auto say = [this](mono_time until) {
    EXPECT_TRUE(publishes.take(wire::publish{++requests, {}, until}, testing::batch_of("t", "x").bytes()));
    log->commit_pending();
    return output->all<wire::published>().back();
  };
  const auto end = log->state().written_end;
  const auto late = say(clock.mono() + microseconds{-1});
  EXPECT_EQ(late.code, errc::timed_out);
  EXPECT_EQ(log->state().written_end, end);
  EXPECT_EQ(say(clock.mono()).code, errc::ok);
}

TEST_F(incoming_publishes_fixture, what_is_not_as_the_topics_contract_says_is_refused) {
  const auto by = contract::contract::make({"table A { x:int; } root_type A;"});
  node::publish_settings settings;
  settings.contract = std::make_shared<const contract::topic_rule>(contract::topic_rule{by, false});
  topics.set("t", topic_id{7}, settings);
  const auto end = log->state().written_end;
  const auto answer = publish(std::nullopt);
  EXPECT_EQ(answer.code, errc::contract_broken);
  EXPECT_TRUE(answer.message.starts_with("topic t, event 1 of 1: the value is not JSON")) << answer.message;
  EXPECT_EQ(log->state().written_end, end);
}

TEST_F(incoming_publishes_fixture, what_is_kept_aside_counts_as_published) {
  const auto by = contract::contract::make({"table A { x:int; } root_type A;"});
  node::publish_settings settings;
  settings.contract = std::make_shared<const contract::topic_rule>(contract::topic_rule{by, true});
  topics.set("t", topic_id{7}, settings);
  EXPECT_EQ(publish(std::nullopt).code, errc::not_found) << "nobody has made its topic";
  topics.set(contract::quarantine_topic("t"), topic_id{8}, {});
  const auto answer = publish(std::nullopt);
  EXPECT_EQ(answer.code, errc::ok);
  EXPECT_EQ(answer.count, 1U);
}

TEST_F(incoming_publishes_fixture, a_contract_that_this_build_can_not_read_lets_nothing_in) {
  wire::topic_settings newer;
  newer.contract = {"a language of later days"};
  topics.set("t", topic_id{7}, publishing_of("t", newer));
  const auto answer = publish(std::nullopt);
  EXPECT_EQ(answer.code, errc::unsupported);
  EXPECT_TRUE(answer.message.starts_with("topic t takes no events: this node can't read its contract"))
      << answer.message;
}

} // namespace
} // namespace weft::actors
