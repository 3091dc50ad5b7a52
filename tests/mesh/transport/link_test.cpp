// tests/mesh/transport/link_test.cpp: links between two transports over loopback.
#include "tests/mesh/transport/peer.hpp"
#include "tests/support/tcp_tap.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weft::transport {
namespace {

/// A port of this machine at which nobody listens, and which the system gives to nobody who does not ask for it.
class held_port {
public:
  held_port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int shared = 1; // with who asks for it, as libzmq's listeners do
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    auto* const name = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(::bind(socket_, name, length), 0);
    EXPECT_EQ(::getsockname(socket_, name, &length), 0);
    port_ = ntohs(at.sin_port);
  }
  ~held_port() { ::close(socket_); }
  held_port(const held_port&) = delete;
  held_port& operator=(const held_port&) = delete;
  [[nodiscard]] std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

private:
  int socket_;
  int port_ = 0;
};

TEST(link, opens_at_both_ends_and_carries_frames_both_ways) {
  joined pair;
  EXPECT_EQ(pair.b.seen.received().control, "hello");
  pair.expect_alive();
  EXPECT_EQ(pair.a.seen.opened().kind, link_kind::dialled);
  EXPECT_EQ(pair.b.seen.opened().kind, link_kind::accepted);
}

TEST(link, knows_the_peer_by_the_key_that_curve_proved) {
  joined pair;
  EXPECT_EQ(pair.b.seen.opened().peer_key, pair.a.keys.open);
  EXPECT_EQ(pair.a.seen.opened().peer_key, pair.b.keys.open);
  EXPECT_EQ(pair.b.seen.opened().address.substr(0, 10), "127.0.0.1:");
}

TEST(link, keeps_control_and_payload_apart_and_starts_both_aligned) {
  joined pair;
  std::vector<std::size_t> sizes{1,   7,    28,   29,   30,   33,   34,      63,       64,
                                 100, 1000, 4095, 4096, 8191, 8192, 100'000, 1'000'000};
  for (const auto size : sizes)
    pair.a.links->send(pair.at_a, lane{1}, {bytes(std::string(size % 300 + 1, 'c')), bytes(std::string(size, 'p'))});
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto got = pair.b.seen.received(i + 1);
    EXPECT_EQ(got.control.size(), sizes[i] % 300 + 1);
    EXPECT_EQ(got.payload, std::string(sizes[i], 'p'));
    EXPECT_TRUE(got.aligned) << sizes[i];
  }
}

TEST(link, close_reaches_both_ends_and_what_was_sent_before_arrives) {
  joined pair;
  pair.b.links->send(pair.at_b, bytes("go away"));
  pair.b.links->close(pair.at_b, error(errc::denied, "test"));
  EXPECT_EQ(pair.b.seen.closed(pair.at_b).code(), errc::denied);
  EXPECT_EQ(pair.a.seen.closed(pair.at_a).code(), errc::not_connected);
  EXPECT_EQ(pair.a.seen.received(1).control, "go away");
}

TEST(link, last_frames_of_a_peer_that_leaves_come_before_its_end) {
  for (int round = 0; round < 20; ++round) {
    joined pair;
    for (int i = 0; i < 50; ++i)
      pair.a.links->send(pair.at_a, bytes("last"));
    pair.a.stop();
    pair.b.seen.closed(pair.at_b);
    EXPECT_EQ(pair.b.seen.messages().size(), 51U);
  }
}

TEST(link, is_dialled_again_as_a_new_link) {
  peer a, b;
  tcp_tap tap(b.links->address());
  a.links->dial(tap.address(), b.keys.open);
  const auto first = a.seen.opened().id;
  a.links->mark_proven(first);
  a.links->send(first, bytes("one"));
  EXPECT_EQ(b.seen.received(0).control, "one");
  tap.cut();
  a.seen.closed(first);
  const auto second = a.seen.opened(1).id;
  EXPECT_NE(first, second);
  a.links->send(first, bytes("nobody's"));
  a.links->send(second, bytes("two"));
  EXPECT_EQ(b.seen.received(1).control, "two");
  EXPECT_NE(b.seen.received(0).link, b.seen.received(1).link);
  EXPECT_EQ(b.seen.closed(b.seen.opened(0).id).code(), errc::not_connected);
}

TEST(link, an_attempt_that_became_a_link_is_not_made_again) {
  peer a, b;
  tcp_tap tap(b.links->address());
  a.links->try_dial(dial_attempt{7}, tap.address(), b.keys.open);
  EXPECT_EQ(a.seen.opened().attempt, dial_attempt{7});
  a.links->stop_attempt(dial_attempt{7}); // too late: the link stays
  const auto first = a.seen.opened().id;
  a.links->mark_proven(first);
  a.links->send(first, bytes("one"));
  EXPECT_EQ(b.seen.received(0).control, "one");
  tap.cut();
  a.seen.closed(first);
  a.links->try_dial(dial_attempt{8}, tap.address(), b.keys.open);
  EXPECT_EQ(a.seen.opened(1).attempt, dial_attempt{8});
  EXPECT_EQ(a.seen.count_opened(), 2U);
}

TEST(link, an_attempt_where_nobody_answers_fails_each_time) {
  peer a;
  const held_port nobody;
  for (std::uint64_t number = 1; number <= 2; ++number) {
    a.links->try_dial(dial_attempt{number}, nobody.address(), a.keys.open);
    const auto [attempt, why] = a.seen.failed_attempt(number - 1);
    EXPECT_EQ(attempt, dial_attempt{number});
    EXPECT_EQ(why.code(), errc::not_connected);
  }
}

TEST(link, of_an_attempt_that_was_stopped_nothing_is_heard) {
  peer a, silent;
  tcp_tap tap(silent.links->address());
  tap.freeze(true);
  const held_port nobody;
  a.links->try_dial(dial_attempt{1}, tap.address(), silent.keys.open);
  a.links->stop_attempt(dial_attempt{1});
  a.links->try_dial(dial_attempt{2}, nobody.address(), a.keys.open);
  EXPECT_EQ(a.seen.failed_attempt().first, dial_attempt{2});
}

TEST(link, frames_that_waited_for_a_lost_link_never_leave_on_the_next) {
  peer a, b;
  tcp_tap tap(b.links->address());
  a.links->dial(tap.address(), b.keys.open);
  const auto first = a.seen.opened().id;
  a.links->send(first, bytes("one"));
  b.seen.received(0);
  tap.freeze(true);
  for (int i = 0; i < 100; ++i)
    a.links->send(first, lane{1}, {bytes("old"), bytes(std::string(100'000, 'o'))});
  tap.cut();
  a.seen.closed(first);
  tap.freeze(false);
  const auto second = a.seen.opened(1).id;
  a.links->send(second, bytes("new"));
  std::size_t index = 1;
  while (b.seen.received(index).control == "old")
    ++index; // some of the old may have arrived over the old link
  EXPECT_EQ(b.seen.received(index).control, "new");
  for (const auto& message : b.seen.messages())
    EXPECT_TRUE(message.control != "old" || message.link == b.seen.opened(0).id);
}

TEST(link, each_connection_of_one_key_is_a_link_of_its_own) {
  peer b;
  peer first;
  transport_options options;
  options.public_key = first.keys.open;
  options.secret_key = first.keys.secret;
  record seen;
  auto second = transport::start(options, seen);
  ASSERT_TRUE(second);
  first.dial(b);
  (*second)->dial(b.links->address(), b.keys.open);
  first.links->send(first.seen.opened().id, bytes("from first"));
  (*second)->send(seen.opened().id, bytes("from second"));
  const auto one = b.seen.received(0), two = b.seen.received(1);
  EXPECT_NE(one.link, two.link);
  EXPECT_EQ(b.seen.opened(0).peer_key, b.seen.opened(1).peer_key);
  b.links->close(one.link, error(errc::cancelled, "newest wins"));
  b.seen.closed(one.link);
  b.links->send(two.link, bytes("you stay"));
  EXPECT_EQ((one.control == "from first" ? seen : first.seen).received().control, "you stay");
}

TEST(link, addresses_of_one_node_are_tried_in_turn_and_make_one_link) {
  peer a;
  peer b;
  a.links->dial("tcp://127.0.0.1:1", b.keys.open, {"tcp://127.0.0.1:2", b.links->address()});
  const auto there = a.seen.opened();
  EXPECT_EQ(there.address, b.links->address());
  a.links->close(there.id, error(errc::cancelled, "again"));
  EXPECT_EQ(a.seen.opened(1).address, b.links->address()); // where it was found last comes first
  a.links->undial("tcp://127.0.0.1:1");
  a.seen.closed(a.seen.opened(1).id);
  EXPECT_EQ(a.seen.count_opened(), 2U);
}

TEST(link, undial_closes_and_does_not_come_back) {
  joined pair;
  pair.a.links->undial(pair.b.links->address());
  EXPECT_EQ(pair.a.seen.closed(pair.at_a).code(), errc::cancelled);
  pair.b.seen.closed(pair.at_b);
  EXPECT_EQ(pair.a.seen.count_opened(), 1U);
}

TEST(link, dialling_before_anybody_listens_succeeds_when_somebody_does) {
  const held_port port; // nobody else gets it meanwhile
  const auto address = port.address();
  peer a;
  const auto keys = key_pair::make();
  a.links->dial(address, keys.open);
  EXPECT_EQ(a.seen.problem().code(), errc::not_connected);
  record seen;
  transport_options options;
  options.listen = address;
  options.public_key = keys.open;
  options.secret_key = keys.secret;
  auto late = transport::start(options, seen);
  ASSERT_TRUE(late) << late.error().message();
  a.links->send(a.seen.opened().id, bytes("hello"));
  EXPECT_EQ(seen.received().control, "hello");
}

/// Whether this machine has ::1.
bool has_ipv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 at{};
  at.sin6_family = AF_INET6;
  at.sin6_addr = in6addr_loopback;
  const bool bound = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  if (fd >= 0) ::close(fd);
  return bound;
}

TEST(link, listens_and_dials_at_ipv6_where_the_machine_has_it) {
  record seen;
  const auto keys = key_pair::make();
  transport_options options;
  options.listen = "tcp://[::1]:0";
  options.public_key = keys.open;
  options.secret_key = keys.secret;
  auto started = transport::start(options, seen);
  ASSERT_EQ(started.has_value(), has_ipv6());
  if (!started) return;
  EXPECT_EQ((*started)->address().substr(0, 12), "tcp://[::1]:");
  peer a;
  a.links->dial((*started)->address(), keys.open);
  a.links->send(a.seen.opened().id, bytes("hello"));
  EXPECT_EQ(seen.received().control, "hello");
  EXPECT_EQ(seen.opened().address.substr(0, 6), "[::1]:");
}

TEST(link, a_dial_problem_is_told_once_and_not_at_each_try) {
  peer a, b;
  const auto other = key_pair::make();
  a.links->dial(b.links->address(), other.open);
  EXPECT_EQ(a.seen.problem().code(), errc::bad_proof);
  b.seen.refused(1); // told once a second: several tries later there is still one problem
  EXPECT_EQ(a.links->counters().dialled, 0U);
  a.links->dial("tcp://127.0.0.1:1", other.open);
  EXPECT_EQ(a.seen.problem(1).code(), errc::not_connected);
}

// T24
TEST(link, a_peer_that_vanishes_without_a_word_is_noticed_by_heartbeats) {
  const auto quick = [](transport_options& options) {
    options.heartbeat_interval = std::chrono::milliseconds(50);
    options.heartbeat_timeout = std::chrono::milliseconds(300);
  };
  peer a(quick), b(quick);
  tcp_tap tap(b.links->address());
  a.links->dial(tap.address(), b.keys.open);
  const auto link = a.seen.opened().id;
  a.links->send(link, bytes("hello"));
  const auto at_b = b.seen.opened().id;
  b.links->mark_proven(at_b);
  tap.freeze(true);
  EXPECT_EQ(a.seen.closed(link).code(), errc::not_connected);
  EXPECT_EQ(b.seen.closed(at_b).code(), errc::not_connected);
  tap.freeze(false);
}

TEST(link, a_bad_address_is_an_error_and_not_a_crash) {
  record seen;
  transport_options options;
  options.listen = "tcp://no.such.host.invalid:0";
  const auto started = transport::start(options, seen);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message().find("no.such.host.invalid"), std::string::npos);
  peer a;
  a.links->dial("nonsense", {});
  EXPECT_NE(a.seen.problem().message().find("nonsense"), std::string::npos);
}

TEST(link, commands_for_links_that_are_gone_are_ignored) {
  peer a;
  a.links->send(link_id{99}, bytes("x"));
  a.links->send(link_id{99}, lane{1}, {bytes("x"), bytes("y")});
  a.links->drop_lane(link_id{99}, lane{1});
  a.links->close(link_id{99}, error(errc::cancelled, ""));
  a.links->mark_proven(link_id{99});
  a.links->undial("tcp://127.0.0.1:1");
  peer b;
  a.dial(b);
  EXPECT_EQ(a.seen.opened().kind, link_kind::dialled);
}

TEST(link, a_tap_sees_nothing_of_what_is_published) {
  for (const bool encrypt : {true, false}) {
    const auto choose = [encrypt](transport_options& options) { options.encrypt = encrypt; };
    peer a(choose), b(choose);
    tcp_tap tap(b.links->address());
    a.links->dial(tap.address(), b.keys.open);
    const auto link = a.seen.opened().id;
    a.links->send(link, bytes("the-secret-word"));
    EXPECT_EQ(b.seen.received().control, "the-secret-word");
    EXPECT_EQ(b.seen.opened().peer_key, a.keys.open);
    EXPECT_EQ(tap.seen().find("the-secret-word") == std::string::npos, encrypt);
  }
}

} // namespace
} // namespace weft::transport
