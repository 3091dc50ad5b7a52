// tests/actors/copies_fixture.hpp: a node's links and copies; "c" is a storage node, and may hold the log's topic.
#pragma once
#include "actors/copies.hpp"
#include "tests/actors/relay_fixture.hpp"

#include <string>
#include <vector>

namespace weft::actors::testing {

struct copies_fixture : relay_fixture {
  copies_fixture() {
    c.storage = true; // its certificate says so
    services.readers = log_reader_ref::start(system, services.supervisor, *log, 1);
    services.copies = copies_ref::start(services, router, "no-such-directory");
    topics.set(log::testing::name_of(log::testing::orders), log::testing::orders,
               {ack_level::synced, wire::codec::none, 1});
    topics.on_change([this] { services.copies.look_at_topics(); });
    services.copies.look_at_topics();
    system.run();
  }
  void link_up(party& peer) {
    relay_fixture::link_up(peer);
    if (peer.linked) services.copies.peer_up(*peer.linked);
    system.run();
  }
  [[nodiscard]] wire::demand copy(std::vector<std::string> wanted_topics) const {
    wire::demand wanted;
    wanted.subscription = 9;
    wanted.log = services.own_log;
    wanted.pattern = ">";
    wanted.start = wire::start_kind::beginning;
    wanted.window = limits::flow_window_bytes;
    wanted.topics = std::move(wanted_topics);
    wanted.copy = true;
    return wanted;
  }
};

} // namespace weft::actors::testing
