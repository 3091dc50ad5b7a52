// tests/actors/relay_fixture.hpp: one node's links, router, relays and subscriptions; its peers are recordings.
#pragma once
#include "actors/link.hpp"
#include "actors/link_room.hpp"
#include "actors/router.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

#include <deque>
#include <memory>

namespace weft::actors::testing {

/// A connection that can stop taking runs: then they wait as in a transport's lanes.
class peer_output final : public recorded_output {
public:
  void send_run(const wire::run& message, const shared_bytes& payload) override {
    if (stuck && !payload.empty()) lanes.push_back(room->counted(payload));
    recorded_output::send_run(message, payload);
    held_most = std::max(held_most, held());
  }
  link_room::place take_room(std::uint64_t flow, const std::function<void(link_room::place)>& granted) override {
    return room->take(flow, granted);
  }
  link_room::place keep(std::uint64_t bytes) override { return room->keep(bytes); }
  void drop_flow(std::uint64_t flow) override { room->leave(flow); }
  void close(const error&) override { closed = true; }
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t bytes = 0;
    for (const auto& payload : lanes)
      bytes += payload.size();
    return bytes;
  }

  std::shared_ptr<link_room> room = std::make_shared<link_room>();
  std::deque<shared_bytes> lanes;
  std::uint64_t held_most = 0;
  bool stuck = false, closed = false;
};

/// Lets anybody in as who it says it is.
class open_door final : public admission {
public:
  explicit open_door(admitted who) : who_(std::move(who)) {}
  result<std::optional<admitted>> begin(link_output&) override { return who_; }
  result<std::optional<admitted>> on_bytes(const shared_bytes&, link_output&) override { return std::nullopt; }
  result<void> tick() override { return {}; }

private:
  admitted who_;
};

inline node_id peer_id(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return node_id{bytes};
}

/// The node is "b"; "a" has a log that others want, "c" and "d" want it.
struct relay_fixture : services_fixture {
  /// Somebody at the other end of a link.
  struct party {
    node_id id;
    std::string name;
    bool is_node = true;
    bool storage = false; ///< its certificate has the role
    std::shared_ptr<peer_output> output{};
    link_ref link{};
    std::optional<linked_peer> linked{}; ///< a node's, as the membership tells it
  };

  relay_fixture() {
    services.facts.name = "b";
    services.facts.id = services.own_log.node;
    services.facts.number = node_number{200};
    services.roles = security::default_roles;
    services.keeper = start_keeper();
    router = router_ref::start(services);
    system.run();
  }

  void link_up(party& peer) {
    const auto before = std::exchange(peer.output, std::make_shared<peer_output>());
    admission::admitted who{peer.is_node, peer.name, {}, {}, {}};
    if (peer.is_node)
      who.peer = linked_peer{peer.id, node_number{peer.id.bytes()[0]}, peer.name, "test", false, true, peer.storage};
    peer.link =
        start_link(services, router, {peer.output, peer.name, [who] { return std::make_unique<open_door>(who); }, {}});
    if (who.peer) { // as the membership would, which is not here
      who.peer->link = std::make_shared<const link_ref>(peer.link);
      who.peer->output = peer.output;
      if (before) router.peer_down(peer.id, before);
      router.peer_up(*who.peer);
      router.cost(peer.id, 0);
      peer.linked = *who.peer;
    }
    system.run();
  }
  void link_down(party& peer) {
    if (peer.is_node) router.peer_down(peer.id, peer.output);
    peer.link.closed(error(errc::not_connected, "cut"));
    system.run();
  }
  void say(party& peer, const wire::control& message, const shared_bytes& payload = {}) {
    peer.link.received(message, payload);
    system.run();
  }

  [[nodiscard]] log_id log_of(const party& peer) const { return {peer.id, 0}; }
  /// A demand for a's log.
  [[nodiscard]] wire::demand demand(std::uint64_t number, const std::string& pattern = "t") const {
    wire::demand wanted;
    wanted.subscription = number;
    wanted.log = log_of(a);
    wanted.pattern = pattern;
    wanted.start = wire::start_kind::beginning;
    wanted.window = limits::flow_window_bytes;
    wanted.distance = wire::distance{0, 1, 2};
    return wanted;
  }
  /// What the peer was demanded and did not have withdrawn.
  [[nodiscard]] static std::vector<wire::demand> standing(const party& peer) {
    auto demands = peer.output->all<wire::demand>();
    for (const auto& gone : peer.output->all<wire::withdraw>())
      std::erase_if(demands, [&](const auto& one) { return one.subscription == gone.subscription; });
    return demands;
  }
  /// a opens the flow that was demanded last. @returns its number
  std::uint64_t open(seq at = seq{0}) {
    const auto wanted = standing(a);
    EXPECT_FALSE(wanted.empty());
    if (wanted.empty()) return 0;
    const auto flow = ++last_flow;
    say(a, wire::flow_opened{wanted.back().subscription, flow, log_of(a), "a", {opening, at}, {"a"}});
    return flow;
  }
  void run(std::uint64_t flow, std::uint64_t from, std::uint64_t until, const shared_bytes& payload = {}) {
    wire::run message;
    message.flow = flow;
    message.epoch = opening;
    message.from = seq{from};
    message.until = seq{until};
    message.head = seq{until};
    say(a, message, payload);
  }
  /// Counted in `bytes_alive` while anybody holds them.
  shared_bytes bytes(std::size_t count) {
    auto content = std::make_unique<std::vector<std::byte>>(count);
    const byte_view view(*content);
    *bytes_alive += count;
    bytes_alive_most = std::max(bytes_alive_most, *bytes_alive);
    return {std::shared_ptr<const void>(content.release(),
                                        [bytes_alive = bytes_alive](const std::vector<std::byte>* gone) {
                                          *bytes_alive -= gone->size();
                                          delete gone;
                                        }),
            view};
  }
  std::size_t crash(std::string_view kind) {
    std::size_t crashed = 0;
    services.supervisor.crash_all(kind, [&](std::size_t count) { crashed = count; });
    system.run();
    wait(limits::restart_backoff_first);
    return crashed;
  }
  std::string ask(const std::function<void(reply<std::string>)>& question) {
    std::string document;
    question(reply<std::string>([&](auto answer) { document = answer.value_or("failed"); }));
    system.run();
    return document;
  }

  static constexpr epoch opening{3, 1};
  router_ref router;
  party a{peer_id(1), "a"}, c{peer_id(3), "c"}, d{peer_id(4), "d"}, program{{}, "program", false};
  std::uint64_t last_flow = 100;
  std::shared_ptr<std::uint64_t> bytes_alive = std::make_shared<std::uint64_t>(0);
  std::uint64_t bytes_alive_most = 0;
};

} // namespace weft::actors::testing
