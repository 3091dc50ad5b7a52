// A year of a certificate, in no time.
#include "actors/certificate_keeper.hpp"

#include "actors/link.hpp"
#include "tests/actors/services_fixture.hpp"
#include "tests/mesh/security/security_testing.hpp"

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using security::certificate_chain;

constexpr auto day = 24h;

struct certificate_keeper : testing::services_fixture {
  certificate_keeper() { clock.jump(security::new_year - clock.wall()); }

  void start() {
    start_certificate_keeper(services, {chain, random, [this](const auto& old) { return obtain(old); },
                                        [this](const auto& made) { return keep(made); }});
    system.run();
  }
  /// An issuer's answer, unless none can be reached.
  result<certificate_chain> obtain(const certificate_chain& old) {
    ++tries;
    if (!reachable) return fail(errc::not_connected, "no issuer answers");
    return mesh.door.renew(old.node, clock.wall());
  }
  result<void> keep(const certificate_chain& made) {
    if (!disk_works) return fail(errc::disk_full, "no space");
    EXPECT_NE(*chain.get(), made) << "used before it was saved";
    kept.push_back(made);
    return {};
  }
  /// Lets whole hours pass, as the keeper's timers see them.
  void pass(microseconds time) {
    for (const auto end = clock.mono() + time; clock.mono() < end;)
      wait(1h);
  }

  security::test_mesh mesh;
  security::credentials member = mesh.member("b", 9);
  security::current_chain chain{member.chain};
  int tries = 0;
  bool reachable = true, disk_works = true;
  std::vector<certificate_chain> kept;
};

TEST_F(certificate_keeper, renews_in_the_second_half_of_its_life_and_uses_what_it_saved) {
  start();
  pass(182 * day);
  EXPECT_EQ(tries, 0);
  pass(38 * day);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(*chain.get(), kept[0]);
  EXPECT_GT(chain.get()->node.not_after, member.chain.node.not_after);
  EXPECT_EQ(tries, 1);
  EXPECT_TRUE(security::check_chain(*chain.get(), mesh.id()));
}

TEST_F(certificate_keeper, renews_year_after_year) {
  start();
  for (int years = 0; years < 3; ++years) {
    pass(365 * day);
    mesh.door.renewed(security::sign_by_root(*mesh.founder.root, mesh.founder.chain.node, clock.wall(), random));
  }
  EXPECT_GE(kept.size(), 4U);
  EXPECT_EQ(security::validity_at(chain.get()->node, clock.wall()), security::validity::valid);
}

TEST_F(certificate_keeper, tries_again_less_and_less_often_until_an_issuer_answers) {
  reachable = false;
  clock.advance(250 * day);
  start();
  EXPECT_EQ(tries, 1);
  wait(1min);
  EXPECT_EQ(tries, 2);
  pass(day);
  EXPECT_GE(tries, 24);
  EXPECT_LE(tries, 60);
  reachable = true;
  pass(1h);
  EXPECT_EQ(kept.size(), 1U);
}

TEST_F(certificate_keeper, one_that_is_over_is_still_renewed) {
  clock.advance(400 * day);
  start();
  EXPECT_EQ(security::validity_at(chain.get()->node, clock.wall()), security::validity::valid);
}

TEST_F(certificate_keeper, what_could_not_be_saved_is_not_used) {
  disk_works = false;
  clock.advance(250 * day);
  start();
  EXPECT_EQ(*chain.get(), member.chain);
  disk_works = true;
  wait(1min);
  EXPECT_NE(*chain.get(), member.chain);
}

TEST_F(certificate_keeper, does_not_ask_on_and_on_for_what_ends_no_later) {
  clock.advance(729 * day); // the issuer's own is nearly over
  start();
  pass(1h); // the one that it gets now lasts a day
  const auto before = tries;
  pass(20h);
  EXPECT_LE(tries - before, 60);
  ASSERT_FALSE(lines.empty());
  EXPECT_NE(lines.back().find("the issuer's own certificate"), std::string::npos) << lines.back();
}

TEST_F(certificate_keeper, goes_on_after_a_crash) {
  start();
  services.supervisor.crash_all(kinds::certificate_keeper.name, [](std::size_t) {});
  system.run();
  wait(limits::restart_backoff_first);
  pass(250 * day);
  EXPECT_EQ(kept.size(), 1U);
}

// --- the peer's

struct closing_output final : link_output {
  void send(const wire::control&) override {}
  void send_run(const wire::run&, const shared_bytes&) override {}
  void send_bytes(shared_bytes) override {}
  void mark_proven() override {}
  void drop_flow(std::uint64_t) override {}
  void close(const error& why) override { closed = why; }
  std::optional<error> closed;
};

struct lasting_admission final : admission {
  explicit lasting_admission(wall_time end) : until(end) {}
  result<std::optional<admitted>> begin(link_output&) override {
    linked_peer peer{node_id{}, node_number{2}, "b", "127.0.0.1:1", {}};
    return admitted{true, "b", std::move(peer), {}, until};
  }
  result<std::optional<admitted>> on_bytes(const shared_bytes&, link_output&) override { return std::nullopt; }
  result<void> tick() override { return {}; }
  wall_time until;
};

TEST_F(certificate_keeper, link_is_closed_when_the_peers_certificate_ends) {
  const auto output = std::make_shared<closing_output>();
  const auto end = clock.wall() + 30 * day;
  start_link(services, router_ref::start(services),
             {output, "b", [end] { return std::make_unique<lasting_admission>(end); }, {}});
  system.run();
  pass(30 * day - 1h);
  EXPECT_FALSE(output->closed);
  wait(1h);
  ASSERT_TRUE(output->closed);
  EXPECT_EQ(output->closed->code(), errc::expired);
}

} // namespace
} // namespace weft::actors
