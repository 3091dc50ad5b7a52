// The membership of a node: what it makes of an older life of the node, and of a disk that takes nothing.
#include "actors/membership.hpp"

#include "actors/cursor_book.hpp"
#include "actors/router.hpp"
#include "mesh/membership/held_items.hpp"
#include "tests/actors/services_fixture.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"
#include "tests/mesh/catalog/faulty_vfs.hpp"

#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct no_links final : transport::observer {
  void on_opened(const transport::link_info&) override {}
  void on_frame(transport::link_id, transport::frame) override {}
  void on_closed(transport::link_id, const error&) override {}
  void on_dial_problem(const std::string&, const error&) override {}
  void on_refused(const std::string&, const error&, std::uint64_t) override {}
};

/// Where the catalog is, before the fixture has it.
struct place_of_catalog {
  place_of_catalog() { catalog::install_faulty_vfs(); }
  ~place_of_catalog() { catalog::arm(catalog::fault::none); }
  catalog::memory_directory directory;
};

/// The founder of a mesh that nobody else is in.
struct membership_actor : place_of_catalog, testing::services_fixture {
  membership_actor() : services_fixture(catalog::must_open(directory.path())) {
    services.facts.id = keys.id();
    services.facts.name = "a";
    services.facts.number = certificates.node.number;
    services.facts.mesh = certificates.node.mesh;
    services.roles = certificates.node.roles;
    services.addresses = {"tcp://127.0.0.1:4370"};
    services.readers = log_reader_ref::start(system, services.supervisor, *log, 2);
    services.telemetry = telemetry_ref::start(services);
    services.keeper = start_keeper();
    services.membership = membership_ref::reserve(system);
    router = router_ref::start(services);
    services.copies = copies_ref::start(services, router, "copies");
  }
  void start() {
    services.membership.start(services, router, {keys, certificates, {}, {}, *links});
    system.run();
  }
  /// As it was when the last backup of this node was already made.
  void keep_record_of_a_later_life(std::uint64_t incarnation, epoch at) {
    wire::node_record record;
    record.id = keys.id();
    record.number = certificates.node.number;
    record.name = "a";
    record.incarnation = wire::incarnation{incarnation};
    record.revision = 3;
    record.announced = clock.wall();
    record.epoch = at;
    record.versions_min = record.versions_max = 1;
    const auto bytes = encode(record);
    const auto kind = wire::item_kind::node_record;
    const wire::item item{kind, bytes, node::mesh_authority(keys, services.facts.mesh).sign(kind, bytes.view())};
    ASSERT_TRUE(catalog->items().keep({{membership::key_of(kind, record.id), item}}, catalog::durability::synced));
  }
  json self() {
    std::string document;
    services.membership.nodes(reply<std::string>([&](auto answer) { document = answer.value_or(""); }));
    system.run();
    return json::parse(document)["nodes"][0];
  }
  [[nodiscard]] std::int64_t complaints() const {
    return std::ranges::count_if(
        lines, [](const auto& line) { return line.find("can't keep its incarnation") != std::string::npos; });
  }

  security::root_key root = security::root_key::make(os_random());
  security::certificate_chain certificates = security::found_mesh(root, keys, "a", clock.wall(), os_random()).value();
  no_links nobody;
  std::unique_ptr<transport::transport> links = transport::transport::start({}, nobody).value();
  router_ref router;
};

TEST_F(membership_actor, a_node_that_finds_its_own_later_record_goes_above_its_incarnation_and_epoch) {
  const auto before = log->state().epoch;
  keep_record_of_a_later_life(9, epoch{before.count() + 5, 1});
  start();
  wait(limits::record_interval);
  EXPECT_EQ(self()["incarnation"], 10);
  EXPECT_GT(log->state().epoch.count(), before.count() + 5);
}

TEST_F(membership_actor, an_incarnation_that_the_disk_did_not_take_is_kept_as_soon_as_it_does) {
  catalog::arm(catalog::fault::full);
  start();
  for (int second = 0; second < 300; ++second) {
    services.membership.look_at_facts();
    wait(1s);
  }
  EXPECT_EQ(complaints(), 300s / limits::incarnation_retry + 1);
  EXPECT_EQ(self()["incarnation"], 0) << "nothing is announced";
  catalog::arm(catalog::fault::none);
  wait(limits::incarnation_retry);
  EXPECT_EQ(self()["incarnation"], 1);
}

} // namespace
} // namespace weft::actors
