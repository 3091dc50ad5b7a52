// tests/mesh/transport/flow_control_test.cpp: how much is inside ZeroMQ, whose turn it is, what overtakes.
#include "mesh/transport/lane_queue.hpp"
#include "tests/mesh/transport/peer.hpp"
#include "tests/support/tcp_tap.hpp"

namespace weft::transport {
namespace {

frame named(std::string_view name) { return {bytes(name), {}}; }

TEST(lane_queue, lanes_take_turns) {
  lane_queue queue;
  for (const auto* name : {"a1", "a2", "a3"})
    queue.push(lane{1}, named(name));
  queue.push(lane{2}, named("b1"));
  queue.push(lane{3}, named("c1"));
  queue.push(lane{2}, named("b2"));
  std::string order;
  while (!queue.empty())
    order += std::string(as_text(queue.pop().control.view())) + " ";
  EXPECT_EQ(order, "a1 b1 c1 a2 b2 a3 ");
}

TEST(lane_queue, a_dropped_lane_loses_its_frames_and_its_turn) {
  lane_queue queue;
  queue.push(lane{1}, named("a1"));
  queue.push(lane{2}, named("b1"));
  queue.push(lane{1}, named("a2"));
  queue.drop(lane{1});
  queue.drop(lane{7});
  EXPECT_EQ(as_text(queue.pop().control.view()), "b1");
  EXPECT_TRUE(queue.empty());
  queue.push(lane{1}, named("a3"));
  EXPECT_EQ(as_text(queue.pop().control.view()), "a3");
}

/// Bytes whose release can be waited for.
struct counted_payloads {
  shared_bytes make(std::size_t size) {
    auto text = std::make_shared<std::string>(size, 'p');
    const auto view = as_bytes(*text);
    alive->fetch_add(1);
    return {std::shared_ptr<const void>(text.get(), [text, count = alive](const void*) { count->fetch_sub(1); }), view};
  }
  std::shared_ptr<std::atomic<int>> alive = std::make_shared<std::atomic<int>>(0);
};

TEST(flow_control, control_overtakes_the_payload_that_waits) {
  peer a, b;
  tcp_tap tap(b.links->address());
  a.links->dial(tap.address(), b.keys.open);
  const auto link = a.seen.opened().id;
  a.links->send(link, bytes("hello"));
  b.links->mark_proven(b.seen.opened().id);
  tap.freeze(true);
  constexpr int many = 120;
  for (int i = 0; i < many; ++i)
    a.links->send(link, lane{1}, {bytes("run"), bytes(std::string(256U << 10U, 'r'))});
  a.links->send(link, bytes("urgent"));
  tap.freeze(false);
  b.seen.received(many + 1);
  const auto all = b.seen.messages();
  const auto place = std::find_if(all.begin(), all.end(), [](const auto& m) { return m.control == "urgent"; });
  // Ahead of it are only the runs that the kernel's buffers and ZeroMQ took.
  EXPECT_LT(place - all.begin(), many - 20);
}

TEST(flow_control, what_is_inside_zeromq_is_bounded_and_the_rest_can_be_dropped) {
  counted_payloads payloads;
  peer a, b;
  tcp_tap tap(b.links->address());
  a.links->dial(tap.address(), b.keys.open);
  const auto link = a.seen.opened().id;
  a.links->send(link, bytes("hello"));
  b.links->mark_proven(b.seen.opened().id);
  tap.freeze(true);
  for (int i = 0; i < 400; ++i)
    a.links->send(link, lane{static_cast<std::uint64_t>(i % 2)}, {bytes("run"), payloads.make(256U << 10U)});
  a.links->drop_lane(link, lane{0});
  a.links->drop_lane(link, lane{1});
  tap.freeze(false);
  a.links->send(link, bytes("end"));
  std::size_t index = 1;
  while (b.seen.received(index).control != "end")
    ++index;
  // The kernel's socket buffers and the budget of 1 MiB had some; nearly all others were dropped.
  EXPECT_LT(index, 100U);
  a.stop();
  EXPECT_EQ(payloads.alive->load(), 0) << "every payload is released";
}

TEST(flow_control, a_peer_that_does_not_read_control_is_closed) {
  peer a, b;
  tcp_tap tap(b.links->address());
  b.links->dial(tap.address(), b.keys.open);
  const auto link = b.seen.opened().id;
  tap.freeze(true);
  for (int i = 0; i < 20'000; ++i)
    b.links->send(link, bytes(std::string(1000, 'c')));
  EXPECT_EQ(b.seen.closed(link).code(), errc::timed_out);
}

TEST(flow_control, everything_arrives_in_order_within_a_lane) {
  joined pair;
  constexpr int each = 300;
  for (int i = 0; i < each; ++i)
    for (std::uint64_t flow = 1; flow <= 3; ++flow)
      pair.a.links->send(pair.at_a, lane{flow},
                         {bytes(std::to_string(flow) + " " + std::to_string(i)), bytes(std::string(20'000, 'x'))});
  pair.b.seen.received(3 * each);
  std::map<char, int> next;
  for (const auto& message : pair.b.seen.messages())
    if (!message.payload.empty()) {
      EXPECT_EQ(message.control.substr(2), std::to_string(next[message.control[0]]++));
    }
  EXPECT_EQ(next.size(), 3U);
}

} // namespace
} // namespace weft::transport
