// Drawn faults: the budget holds, and each kind does to a world what it says, and undoes it.
#include "tests/mesh/base/test_seed.hpp"
#include "tests/sim/fault_player.hpp"
#include "tests/sim/stage_fixture.hpp"

namespace weft::sim {
namespace {

TEST(sim_fault, longer_run_has_the_same_faults_and_more) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  const auto options = fault_options::everything(100);
  const auto few = draw_faults(options, 7, 30s, seed);
  const auto many = draw_faults(options, 7, 600s, seed);
  ASSERT_LT(few.size(), many.size());
  for (std::size_t i = 0; i < few.size(); ++i)
    EXPECT_EQ(to_string(few[i]), to_string(many[i]));
}

TEST(sim_fault, budget_of_hosts_and_disks_is_kept) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  auto options = fault_options::everything(0);
  options.of(fault_kind::power).per_hour = options.of(fault_kind::disk_wiped).per_hour = 10'000;
  options.hosts_at_once = 2;
  options.disks_lost = 3;
  const auto drawn = draw_faults(options, 9, 600s, seed);
  for (const auto& f : drawn) {
    std::vector<host_index> down;
    for (const auto& other : drawn)
      if (other.at <= f.at && f.at < other.until()) down.push_back(other.hosts.front());
    std::ranges::sort(down);
    EXPECT_LE(down.size(), 2U);
    EXPECT_EQ(std::ranges::adjacent_find(down), down.end()) << "two faults on one host";
  }
  EXPECT_EQ(std::ranges::count(drawn, fault_kind::disk_wiped, &fault::kind), 3);
  EXPECT_GT(drawn.size(), 50U);
}

TEST(sim_fault, names_are_read_back) {
  for (std::size_t i = 0; i < fault_kinds; ++i)
    EXPECT_EQ(fault_kind_of(to_string(static_cast<fault_kind>(i))), static_cast<fault_kind>(i));
  EXPECT_FALSE(fault_kind_of("earthquake"));
  EXPECT_EQ(to_string(fault{fault_kind::clog, {1'500'000}, 2s, {host_index{1}, host_index{0}}, 0}),
            "1.500000 clog h1 h0 for 2.000000");
}

struct sim_fault_player : stage_fixture {
  std::unique_ptr<fault_player> player;
  /// From now for two seconds.
  void play(fault_kind kind, std::vector<host_index> hosts = {host_index{0}}, std::int64_t value = 0) {
    player = std::make_unique<fault_player>(
        w(), std::vector{fault{kind, w().now() + microseconds{1ms}, 2s, std::move(hosts), value}});
    run(5ms);
  }
  host_state state() { return w().state(host_index{0}); }
};

TEST_F(sim_fault_player, node_that_went_down_comes_back) {
  for (const auto& [kind, down] :
       {std::pair{fault_kind::kill, host_state::down}, std::pair{fault_kind::stop, host_state::down},
        std::pair{fault_kind::power, host_state::vanished}, std::pair{fault_kind::pause, host_state::paused},
        std::pair{fault_kind::disk_wiped, host_state::down}, std::pair{fault_kind::readdressed, host_state::down}}) {
    SCOPED_TRACE(to_string(kind));
    play(kind);
    EXPECT_EQ(state(), down);
    run(3s);
    EXPECT_EQ(state(), host_state::running);
  }
}

TEST_F(sim_fault_player, clocks_and_disks_are_set_right_again) {
  const auto wall = w().clock(host_index{0}).wall();
  const auto before = w().now();
  play(fault_kind::wall_jump, {host_index{0}}, 3'600'000'000);
  EXPECT_GT(w().clock(host_index{0}).wall() - wall, microseconds{1h});
  run(3s);
  EXPECT_EQ(w().clock(host_index{0}).wall() - wall, w().now() - before);

  play(fault_kind::disk_full, {host_index{0}}, 0);
  auto file = on(0).env.disk().open("file", open_mode::create);
  const byte_view part = as_bytes("content");
  EXPECT_EQ((*file)->write_at(0, {&part, 1}).error().code(), errc::disk_full);
  run(3s);
  EXPECT_EQ(times_heard(0, "start"), 2U); // the operator restarted it
  file = on(0).env.disk().open("file", open_mode::read_write);
  EXPECT_TRUE((*file)->write_at(0, {&part, 1}));
}

TEST_F(sim_fault_player, one_disk_call_fails) {
  play(fault_kind::disk_error, {host_index{0}}, 2);
  auto& disk = on(0).env.disk();
  EXPECT_TRUE(disk.open("a", open_mode::create));
  EXPECT_EQ(disk.open("b", open_mode::create).error().code(), errc::io_error);
  EXPECT_TRUE(disk.open("b", open_mode::create));
}

TEST_F(sim_fault_player, old_disk_is_that_of_the_beginning) {
  play(fault_kind::disk_old);
  w().disk(host_index{0}).restore("new", as_bytes("x"));
  run(3s);
  EXPECT_FALSE(w().disk(host_index{0}).content("new"));
  EXPECT_EQ(times_heard(0, "start"), 2U);
}

TEST_F(sim_fault_player, clone_runs_for_a_while_and_does_not_come_back_when_healed) {
  play(fault_kind::cloned);
  ASSERT_EQ(w().hosts(), 4U);
  EXPECT_EQ(w().state(host_index{3}), host_state::running);
  player->heal();
  EXPECT_EQ(w().state(host_index{3}), host_state::vanished);
}

TEST_F(sim_fault_player, ways_that_are_cut_open_again) {
  for (const auto& [kind, hosts] : {std::pair{fault_kind::cut_one_way, std::vector{host_index{0}}},
                                    std::pair{fault_kind::cut_pair, std::vector{host_index{0}, host_index{1}}},
                                    std::pair{fault_kind::split, std::vector{host_index{0}, host_index{2}}},
                                    std::pair{fault_kind::clog, std::vector{host_index{0}, host_index{1}}}}) {
    SCOPED_TRACE(to_string(kind));
    link(0, 1);
    records[1].clear();
    play(kind, hosts);
    on(0).say("x");
    run(1s);
    EXPECT_EQ(frames(1), "");
    run(2s);
    EXPECT_EQ(frames(1), "x ");
    w().network().break_links(host_index{0}, host_index{1});
    run(1s);
    for (auto& [host, record] : records)
      record.clear();
  }
}

TEST_F(sim_fault_player, healing_ends_faults_and_starts_everybody) {
  player = std::make_unique<fault_player>(w(), std::vector{fault{fault_kind::power, {1}, 1h, {host_index{0}}},
                                                           fault{fault_kind::split, {1}, 1h, {host_index{1}}},
                                                           fault{fault_kind::kill, {30'000'000}, 1h, {host_index{2}}}});
  run(1s);
  player->heal();
  EXPECT_EQ(state(), host_state::running);
  link(0, 1);
  run(60s);
  EXPECT_EQ(w().state(host_index{2}), host_state::running) << "no fault begins after healing";
}

} // namespace
} // namespace weft::sim
