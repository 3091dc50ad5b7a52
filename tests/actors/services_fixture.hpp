// tests/actors/services_fixture.hpp: what actors share, without a node: nothing runs and no time passes by itself.
#pragma once
#include "actors/mesh_topics.hpp"
#include "actors/node_services.hpp"
#include "actors/takeup_desk.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <string>
#include <vector>

namespace weft::actors::testing {

/// A log on a virtual disk, a catalog in memory, a supervisor on a deterministic system.
struct services_fixture : log::testing::log_fixture {
  services_fixture() : services_fixture(catalog::catalog::in_memory().value()) {}
  explicit services_fixture(std::unique_ptr<catalog::catalog> with) : catalog(std::move(with)) {}
  void TearDown() override {
    bool stopped = false;
    services.supervisor.stop([&] { stopped = true; });
    system.run();
    EXPECT_TRUE(stopped);
  }
  /// A log keeper to which nothing is known.
  log_keeper_ref start_keeper() {
    auto groups = std::make_shared<group_book>(services);
    auto takeups = std::make_shared<takeup_desk>(services, groups);
    return log_keeper_ref::start(services, std::make_shared<cursor_book>(services), std::move(groups),
                                 std::make_shared<cut_book>(services, author), std::move(takeups), author);
  }
  /// Lets time pass on every clock. @returns how many messages were handled then
  std::size_t wait(microseconds time) {
    clock.advance(time);
    system.advance(time);
    return system.run();
  }

  bool log_opened = (open(), true); // before who needs it
  std::vector<std::string> lines;
  diagnostics to{[this](severity, std::string_view line) { lines.emplace_back(line); }};
  port::system system{port::system::deterministic_t{}};
  std::unique_ptr<catalog::catalog> catalog;
  security::node_keys keys = security::node_keys::make(os_random());
  security::current_chain chain{{}};
  topic_author author{keys, chain}; ///< of what the node decides on topics
  node::synced_signal synced;
  node::room_signal room;
  node::topic_names topics;
  node::flow_board flows;
  node::level_gate gate;
  node::copy_board copies_board;
  lease_book cursor_leases{{}, {topics, to, clock, "a"}};
  node_services services{.clock = clock,
                         .to = to,
                         .system = system,
                         .supervisor = supervisor_ref::start(system, to),
                         .facts = {},
                         .own_log = log::testing::test_log(),
                         .settings = {},
                         .addresses = {},
                         .log = *log,
                         .catalog = *catalog,
                         .desk = nullptr,
                         .synced = synced,
                         .room = room,
                         .topics = topics,
                         .flows = flows,
                         .gate = gate,
                         .copies_board = copies_board,
                         .leases = cursor_leases,
                         .readers = {},
                         .keeper = {},
                         .telemetry = {},
                         .membership = {}};
};

} // namespace weft::actors::testing
