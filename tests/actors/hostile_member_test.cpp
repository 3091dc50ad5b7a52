// A member of the mesh that has turned hostile: the node, its log and its other consumers are none the worse.
#include "actors/running_node.hpp"
#include "tests/actors/rogue_peer.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;
using testing::batch_of;
using testing::program;
using testing::rogue_peer;

struct hostile_member : ::testing::Test {
  hostile_member() {
    node_ = start("a");
    door_ = node_->open_door(inside_, "test");
    inside_.use(*door_);
    const json named{{"name", "b"}};
    door_->send(wire::query{1, "invite", named.dump()});
    EXPECT_TRUE(inside_.wait([](const program& p) { return p.answers.contains(1); }));
    const auto invitation = json::parse(inside_.answers[1].document)["invitation"].get<std::string>();
    start("b", invitation)->stop(); // its identity is the rogue's
    publish("before");
    inside_.subscribe("t");
  }
  ~hostile_member() override {
    node_->close_door(door_);
    node_->stop();
  }

  std::unique_ptr<running_node> start(const std::string& name, std::optional<std::string> invitation = {}) {
    node_options options;
    options.name = name;
    options.data_dir = directory_.path() + "/" + name;
    options.listen = "tcp://127.0.0.1:0";
    options.invitation = std::move(invitation);
    return running_node::start(options, to_).value();
  }
  std::unique_ptr<rogue_peer> rogue() {
    const auto own = security::load_credentials(os_disk(), directory_.path() + "/a/keys", os_random()).value();
    auto peer = std::make_unique<rogue_peer>(directory_.path() + "/b/keys", node_->address(), own->keys.curve());
    peer->expect_used(demand(~std::uint64_t{0}));
    return peer;
  }
  void publish(const std::string& value) {
    EXPECT_TRUE(door_->publish_and_wait(batch_of("t", value), ack_level::synced));
    published_.push_back(value);
  }
  /// Publishing and consuming go on, and nothing else was delivered.
  void expect_unharmed() {
    publish(std::to_string(published_.size()));
    EXPECT_TRUE(inside_.wait([&](const program& p) { return p.values.size() >= published_.size(); }));
    EXPECT_EQ(inside_.values, published_);
  }
  log_id own_log() const { return {node_->facts().id, 0}; }
  wire::demand demand(std::uint64_t number) const {
    wire::demand wanted;
    wanted.subscription = number;
    wanted.log = own_log();
    wanted.pattern = "t";
    wanted.start = wire::start_kind::beginning;
    wanted.window = limits::flow_window_bytes_min;
    wanted.distance = wire::distance{0, 1, 1};
    return wanted;
  }

  temporary_directory directory_;
  diagnostics to_{[](severity, std::string_view) {}};
  program inside_;
  std::unique_ptr<running_node> node_;
  std::shared_ptr<node::door> door_;
  std::vector<std::string> published_;
};

TEST_F(hostile_member, garbage_after_the_proof_closes_its_link_only) { // T41
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (const std::size_t size : {0U, 1U, 7U, 64U, 5000U, 200'000U}) {
    std::vector<std::byte> bytes(size);
    for (auto& each : bytes)
      each = static_cast<std::byte>(random());
    const auto peer = rogue();
    peer->say_bytes(bytes);
    peer->expect_closed();
    expect_unharmed();
  }
  const auto peer = rogue();
  peer->say_bytes(std::vector<std::byte>(limits::control_bytes_max + 1));
  peer->expect_closed();
  expect_unharmed();
}

TEST_F(hostile_member, truncated_messages_of_every_kind_close_or_are_refused) { // T41
  const std::vector<wire::control> kinds{demand(1),
                                         wire::withdraw{1},
                                         wire::flow_opened{1, 2, own_log(), "a", {}},
                                         wire::credit{},
                                         wire::run{},
                                         wire::commit{},
                                         wire::publish{},
                                         wire::published{},
                                         wire::ask_codec{1, "t"},
                                         wire::topic_codec{},
                                         wire::query{1, "nodes", "{}"},
                                         wire::answer{},
                                         wire::refused{},
                                         wire::goodbye{"bye"},
                                         wire::ping{},
                                         wire::pong{},
                                         wire::flow_closed{1, 1, errc::busy, "x"},
                                         wire::local_hello{1, 1, "x"},
                                         wire::local_welcome{}};
  for (const auto& kind : kinds) {
    const auto whole = wire::encode(kind);
    const auto peer = rogue();
    const auto half = whole.view().first(whole.size() / 2);
    peer->say_bytes({half.begin(), half.end()});
    peer->expect_closed();
  }
  expect_unharmed();
}

TEST_F(hostile_member, credit_that_overflows_or_is_for_others_flows_is_harmless) { // T42
  const auto peer = rogue();
  for (const std::uint64_t flow : {std::uint64_t{0}, std::uint64_t{1} << 32U, ~std::uint64_t{0}})
    for (const std::uint64_t limit : {std::uint64_t{1} << 63U, ~std::uint64_t{0}})
      peer->say(wire::credit{flow, limit});
  peer->say(demand(1));
  const auto flow = peer->hear<wire::flow_opened>().flow;
  for (const std::uint64_t limit : {std::uint64_t{1} << 63U, ~std::uint64_t{0}, std::uint64_t{0}})
    peer->say(wire::credit{flow, limit});
  peer->hear<wire::run>();
  peer->expect_served();
  expect_unharmed();
}

TEST_F(hostile_member, commits_for_what_it_does_not_have_move_no_cursor) { // T42
  inside_.commit = true;
  inside_.subscribe("t", wire::start_kind::beginning, "reader");
  EXPECT_TRUE(inside_.wait([](const program& p) { return p.values.size() == 2; })); // twice: it has two subscriptions
  const auto peer = rogue();
  for (std::uint64_t flow = 0; flow < 64; ++flow)
    peer->say(wire::commit{flow << 32U, {node_->log().state().epoch, seq{1'000'000}}});
  auto named = demand(1);
  named.name = "reader";
  peer->say(named);
  peer->expect_served();
  publish("after");
  EXPECT_TRUE(inside_.wait([](const program& p) { return p.values.size() == 4; }));
}

TEST_F(hostile_member, commits_beyond_what_was_sent_end_its_flow_and_move_no_cursor) { // T42
  const auto state = node_->log().state();
  const log_position largest{epoch{~std::uint64_t{0}}, seq{~std::uint64_t{0}}};
  const log_position later_epoch{largest.epoch, seq{0}}, later_seq{state.epoch, state.synced_end + 1};
  std::uint64_t number = 0;
  for (const auto& until : {largest, later_epoch, later_seq}) {
    const auto peer = rogue();
    auto named = demand(++number);
    named.name = "reader";
    peer->say(named);
    peer->say(wire::commit{peer->hear<wire::flow_opened>().flow, until});
    EXPECT_EQ(peer->hear<wire::flow_closed>().code, errc::ack_beyond_end);
  }
  const auto peer = rogue(); // one that was "there already"
  auto resumed = demand(++number);
  resumed.name = "reader";
  resumed.resume = true;
  resumed.start = wire::start_kind::position;
  resumed.at = largest;
  peer->say(resumed);
  EXPECT_EQ(peer->hear<wire::flow_closed>().code, errc::out_of_range); // so there is no flow to commit for
  peer->say(wire::withdraw{number});
  peer->expect_served();
  inside_.subscribe("t", wire::start_kind::beginning, "reader");
  EXPECT_TRUE(inside_.wait([](const program& p) { return p.values.size() == 2; })); // twice: it has two subscriptions
}

TEST_F(hostile_member, demands_without_end_are_refused_as_busy) { // T42
  const auto peer = rogue();
  for (std::uint64_t number = 1; number <= limits::flows_per_link_max + 50; ++number)
    peer->say(demand(number));
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(peer->hear<wire::refused>().code, errc::busy);
  expect_unharmed();
}

TEST_F(hostile_member, what_a_node_may_not_do_is_denied) { // T42
  const auto peer = rogue();
  peer->say(wire::publish{7, ack_level::synced}, as_text(batch_of("t", "forged").bytes().view()));
  EXPECT_EQ(peer->hear<wire::refused>().code, errc::denied);
  peer->say(wire::ask_codec{6, "t"});
  EXPECT_EQ(peer->hear<wire::refused>().request, 6U);
  peer->say(wire::query{8, "topics", "{}"});
  EXPECT_EQ(peer->hear<wire::answer>().code, errc::denied);
  const auto ask = [&](std::uint64_t request, const std::string& what, const std::string& proof = {}) {
    peer->say(wire::query{request, what, R"({"name":"g"})", true, node_->facts().id, 3, proof});
    return peer->hear<wire::answer>().code;
  };
  EXPECT_EQ(ask(10, "lag"), errc::ok) << "it could read the same from the log";
  for (const auto* what : {"invite", "leave", "topics.delete", "groups.create", "mesh.lag", "nodes"})
    EXPECT_EQ(ask(11, what), errc::denied) << what;
  EXPECT_EQ(ask(12, "groups.delete"), errc::bad_proof);
  EXPECT_EQ(ask(13, "groups.delete", std::string(limits::question_proof_bytes_max, 'x')), errc::bad_certificate);
  auto others = demand(9);
  others.log.reset();
  peer->say(others);
  EXPECT_EQ(peer->hear<wire::refused>().code, errc::denied);
  peer->expect_served();
  expect_unharmed();
}

TEST_F(hostile_member, runs_that_nobody_asked_for_reach_nobody) { // T42
  const auto peer = rogue();
  peer->say(wire::flow_opened{1, 1, own_log(), "a", {}});
  wire::run forged;
  forged.flow = 1;
  forged.epoch = node_->log().state().epoch;
  forged.until = seq{10};
  peer->say(forged, std::string(1000, 'x'));
  peer->expect_served();
  expect_unharmed();
}

} // namespace
} // namespace weft::actors
