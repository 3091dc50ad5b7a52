// What a program gets is counted by how long ago its log took it.
#include "actors/timed_output.hpp"

#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"
#include "tests/mesh/log/piece_of_log.hpp"

#include <chrono>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t flow = 7;

class timed_output_test : public testing::services_fixture {
protected:
  timed_output_test() {
    services.topics.set("orders", topic_id{1}, {});
    services.topics.set("_weft.cursors", topic_id{2}, {});
    piece.id = services.own_log;
  }
  void opened() { output.send(wire::flow_opened{1, flow, piece.id, "a", {}}); }
  /// Batches of `events` events, appended now.
  void append(topic_id topic, int events, const std::string& name = "orders") {
    wire::batch_builder builder(name, producer_id{1}, wire::codec::none);
    for (int i = 0; i < events; ++i)
      ASSERT_TRUE(builder.add({.value = as_bytes("v")}));
    piece.topic = topic;
    piece.appended = next_after(piece.appended, clock.wall());
    piece.append(builder);
  }
  void handed_over() {
    wire::run run;
    run.flow = flow;
    run.epoch = piece.opening;
    output.send_run(run, piece.bytes());
  }
  telemetry::sketch delivered(const std::string& topic) {
    const auto all = services.latencies.all();
    const auto found = all.find({node::latency::delivery, topic});
    return found == all.end() ? telemetry::sketch{} : found->second;
  }

  log::piece_of_log piece;
  std::shared_ptr<testing::recorded_output> to = std::make_shared<testing::recorded_output>();
  timed_output output{services, to};
};

TEST_F(timed_output_test, counts_events_by_topic_and_by_their_age_and_passes_them_on) {
  opened();
  append(topic_id{1}, 3);
  clock.advance(40ms);
  append(topic_id{1}, 2);
  clock.advance(5ms);
  handed_over();
  const auto took = delivered("orders");
  EXPECT_EQ(took.count(), 5U);
  EXPECT_NEAR(*took.quantile_us(0.1), 5'000, 1'200);
  EXPECT_NEAR(*took.quantile_us(1.0), 45'000, 2'500);
  EXPECT_EQ(to->runs.size(), 1U);
  EXPECT_EQ(to->payload_bytes, piece.size());
  EXPECT_EQ(to->all<wire::flow_opened>().size(), 1U);
}

TEST_F(timed_output_test, what_was_in_the_log_before_the_flow_began_is_no_delivery) {
  append(topic_id{1}, 3);
  clock.advance(1h);
  opened();
  append(topic_id{1}, 2);
  handed_over();
  EXPECT_EQ(delivered("orders").count(), 2U);
}

TEST_F(timed_output_test, topics_of_the_mesh_itself_are_not_counted) {
  opened();
  append(topic_id{2}, 3, "_weft.cursors");
  handed_over();
  EXPECT_TRUE(services.latencies.all().empty());
}

TEST_F(timed_output_test, of_another_nodes_log_the_batch_says_the_topic) {
  piece.id = log_id{};
  opened();
  append(topic_id{1}, 2, "their.topic");
  append(topic_id{1}, 2, "their.topic");
  handed_over();
  EXPECT_EQ(delivered("their.topic").count(), 4U);
  EXPECT_EQ(delivered("orders").count(), 0U) << "this number is of another topic here";
}

TEST_F(timed_output_test, damage_and_flows_that_are_not_open_are_passed_on_uncounted) {
  append(topic_id{1}, 3);
  handed_over();
  EXPECT_TRUE(services.latencies.all().empty());
  opened();
  clock.advance(1ms);
  append(topic_id{1}, 1);
  wire::run of_another_epoch;
  of_another_epoch.flow = flow;
  of_another_epoch.epoch = epoch{9, 9};
  output.send_run(of_another_epoch, piece.bytes());
  EXPECT_TRUE(services.latencies.all().empty());
  output.send(wire::flow_closed{flow, 1, errc::cancelled, ""});
  handed_over();
  EXPECT_TRUE(services.latencies.all().empty());
  EXPECT_EQ(to->runs.size(), 3U);
}

TEST_F(timed_output_test, topics_beyond_those_a_flow_knows_have_no_name) {
  piece.id = log_id{};
  opened();
  for (std::size_t i = 0; i < limits::delivery_topics_known_max + 3; ++i)
    append(topic_id{static_cast<std::uint32_t>(i)}, 1, "t" + std::to_string(i));
  handed_over();
  EXPECT_EQ(delivered("").count(), 3U);
}

} // namespace
} // namespace weft::actors
