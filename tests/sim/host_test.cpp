// What befalls machines: crashes, pauses, clocks, slow disks; and what their peers notice.
#include "tests/sim/stage_fixture.hpp"

namespace weft::sim {
namespace {

constexpr host_index h0{0};
constexpr host_index h1{1};

struct sim_host : stage_fixture {
  void write(std::uint32_t host, const std::string& path, bool sync) {
    auto file = on(host).env.disk().open(path, open_mode::create);
    ASSERT_TRUE(file);
    const byte_view part = as_bytes("content");
    ASSERT_TRUE((*file)->write_at(0, {&part, 1}));
    if (!sync) return;
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(on(host).env.disk().sync_directory(""));
  }
};

TEST_F(sim_host, killed_process_breaks_its_links_and_keeps_what_it_wrote) {
  link(0, 1);
  write(0, "unsynced", false);
  w().kill(h0);
  run(2 * one_way);
  EXPECT_TRUE(heard(1, "closed broken"));
  EXPECT_EQ(w().process_of(h0), nullptr);
  w().start(h0);
  EXPECT_EQ(times_heard(0, "start"), 2U);
  EXPECT_TRUE(w().disk(h0).content("unsynced"));
}

TEST_F(sim_host, frames_that_had_not_left_die_with_their_sender) {
  options.network.bandwidth = 1'000'000;
  link(0, 1);
  on(0).say("left");
  on(0).say(std::string(100'000, 'x'));
  on(0).say("never");
  run(10us);
  w().kill(h0);
  run(1s);
  EXPECT_EQ(frames(1), "left ");
}

TEST_F(sim_host, power_failure_loses_what_was_not_synced) {
  bool lost = false;
  for (options.seed = 1; options.seed < 20; ++options.seed) {
    made.reset();
    write(0, "synced", true);
    write(0, "unsynced", false);
    w().power_off(h0);
    w().start(h0);
    EXPECT_TRUE(w().disk(h0).content("synced"));
    lost = lost || !w().disk(h0).content("unsynced");
  }
  EXPECT_TRUE(lost);
}

TEST_F(sim_host, vanished_peer_is_noticed_by_the_heartbeat_timeout) { // T24
  link(0, 1);
  const auto before = w().now();
  w().power_off(h0);
  dial(1, 0);
  run(30s);
  EXPECT_EQ(heard_at(1, "closed silent") - before, options.network.heartbeat_timeout);
  EXPECT_TRUE(heard(1, "dial_failed no_reply"));
}

TEST_F(sim_host, vanished_peer_is_never_noticed_without_heartbeats) { // T24
  options.network.heartbeat_timeout = 0s;
  link(0, 1);
  w().power_off(h0);
  for (int i = 0; i < 100; ++i) {
    on(1).say("x");
    run(60s);
  }
  EXPECT_FALSE(heard(1, "closed silent"));
  EXPECT_FALSE(heard(1, "closed broken"));
  w().start(h0);
  on(1).say("x");
  run(1s);
  EXPECT_TRUE(heard(1, "closed broken")); // the restarted machine knows no such link
  EXPECT_FALSE(heard(0, "frame x"));
}

TEST_F(sim_host, clean_stop_closes_links_after_what_was_sent) {
  link(0, 1);
  on(0).say("bye");
  w().stop(h0);
  run(1s);
  EXPECT_TRUE(heard(0, "stop"));
  EXPECT_EQ(frames(1), "bye ");
  EXPECT_TRUE(heard(1, "closed closed"));
}

TEST_F(sim_host, restart_does_not_get_timers_and_answers_of_the_process_before) {
  on(0).env.arm(on(0).env.clock().mono() + 10ms);
  on(0).env.wake_after(10ms, 7);
  dial(0, 1);
  run(500us);
  w().kill(h0);
  w().start(h0);
  run(1s);
  EXPECT_FALSE(heard(0, "timer"));
  EXPECT_FALSE(heard(0, "woken 7"));
  EXPECT_FALSE(heard(0, "opened"));
}

TEST_F(sim_host, paused_process_gets_everything_later_and_its_clocks_go_on) {
  link(0, 1);
  const auto mono = on(1).env.clock().mono();
  const auto paused_at = w().now();
  on(1).env.arm(mono + 1s);
  w().pause(h1);
  on(0).say("a");
  on(0).say("b");
  run(3s);
  EXPECT_EQ(frames(1), "");
  EXPECT_FALSE(heard(1, "timer"));
  w().resume(h1);
  run(1ms);
  EXPECT_EQ(frames(1), "a b ");
  EXPECT_EQ(heard_at(1, "timer") - paused_at, microseconds{3s});
  EXPECT_EQ(on(1).env.clock().mono() - mono, microseconds{3s + 1ms});
}

TEST_F(sim_host, long_pause_is_silence_to_the_peers) { // T26
  link(0, 1);
  w().pause(h1);
  run(10s);
  EXPECT_TRUE(heard(0, "closed silent"));
  w().resume(h1);
  run(10ms);
  EXPECT_TRUE(heard(1, "closed broken"));
}

TEST_F(sim_host, unsent_bytes_to_a_paused_peer_are_bounded) {
  options.network.unsent_bytes_max = 1000;
  options.network.heartbeat_timeout = 0s;
  link(0, 1);
  w().pause(h1);
  for (int i = 0; i < 100; ++i) {
    on(0).say(std::string(100, 'x'));
    run(10ms);
  }
  EXPECT_EQ(w().network().of(h0).sent.frames, 10U);
  w().resume(h1);
  run(10ms);
  EXPECT_EQ(w().network().of(h1).received.frames, 10U);
}

TEST_F(sim_host, killed_while_paused_it_starts_anew) {
  link(0, 1);
  w().pause(h1);
  on(0).say("lost");
  run(10ms);
  w().kill(h1);
  w().start(h1);
  run(10ms);
  EXPECT_EQ(frames(1), "");
  EXPECT_TRUE(heard(0, "closed broken"));
  link(0, 1);
  on(0).say("a");
  run(10ms);
  EXPECT_EQ(frames(1), "a ");
}

TEST_F(sim_host, slow_disk_keeps_the_process_busy_and_delays_what_it_sends) { // T11
  link(0, 1);
  w().set_disk_slow(h0, 2s);
  const auto before = w().now();
  w().visit(h0, [&](process&) {
    write(0, "file", true);
    on(0).say("synced");
  });
  on(1).say("hello");
  run(10s);
  EXPECT_GT(heard_at(1, "frame synced") - before, microseconds{4s}); // a file and its directory
  EXPECT_GT(heard_at(0, "frame hello") - before, microseconds{4s});
  EXPECT_FALSE(heard(1, "closed silent"));
}

TEST_F(sim_host, process_that_takes_the_disk_delay_goes_on_beside_it) { // T11
  link(0, 1);
  w().set_disk_slow(h0, 2s);
  const auto before = w().now();
  w().visit(h0, [&](process&) {
    write(0, "file", true);
    on(0).env.wake_after(on(0).env.take_disk_delay(), 1);
  });
  on(1).say("hello");
  run(10s);
  EXPECT_EQ(heard_at(0, "frame hello") - before, one_way);
  EXPECT_GT(heard_at(0, "woken 1") - before, microseconds{4s});
}

TEST_F(sim_host, timer_counts_as_armed_last) {
  auto& env = on(0).env;
  const auto now = env.clock().mono();
  env.arm(now + 10ms);
  env.arm(now + 5ms);
  env.arm(now + 20ms);
  run(100ms);
  ASSERT_EQ(times_heard(0, "timer"), 1U);
  EXPECT_EQ(heard_at(0, "timer"), virtual_time{20'000});
  env.arm(env.clock().mono() + 10ms);
  env.disarm();
  run(100ms);
  EXPECT_EQ(times_heard(0, "timer"), 1U);
}

TEST_F(sim_host, wall_clock_jumps_and_the_monotonic_one_does_not) { // T30
  const auto mono = on(0).env.clock().mono();
  const auto wall = on(0).env.clock().wall();
  w().jump_wall(h0, -1h);
  run(1s);
  EXPECT_EQ(on(0).env.clock().wall() - wall, microseconds{1s - 1h});
  EXPECT_EQ(on(0).env.clock().mono() - mono, microseconds{1s});
}

TEST_F(sim_host, drifting_clock_arms_by_its_own_time) {
  options.clocks.drift_per_million_max = 1000;
  for (options.seed = 1; options.seed < 30; ++options.seed) {
    made.reset();
    records.clear();
    w();
    const auto armed = on(0).env.clock().mono() + 3600s;
    on(0).env.arm(armed);
    run(4000s);
    const auto fired = heard_at(0, "timer");
    EXPECT_GE(w().clock(h0).mono_at(fired), armed);
    EXPECT_LT(w().clock(h0).mono_at({fired.us - 1}), armed);
    EXPECT_LE(std::abs(fired.us - 3'600'000'000), 3'700'000);
  }
}

TEST_F(sim_host, clone_has_identity_and_disk_and_an_address_of_its_own) { // T18
  write(0, "file", true);
  const auto twin = w().clone(h0);
  w().start(twin);
  EXPECT_EQ(w().identity(twin), w().identity(h0));
  EXPECT_NE(w().address(twin), w().address(h0));
  EXPECT_TRUE(w().disk(twin).content("file"));
  write(0, "later", true);
  EXPECT_FALSE(w().disk(twin).content("later"));
  link(1, twin.value());
}

TEST_F(sim_host, old_disk_has_what_it_had) { // T17
  write(0, "before", true);
  auto backup = w().disk(h0).clone();
  write(0, "after", true);
  w().power_off(h0);
  w().restore(h0, std::move(backup));
  w().start(h0);
  EXPECT_EQ(w().disk(h0).files(), std::vector<std::string>{"before"});
  w().kill(h0);
  w().wipe(h0);
  w().start(h0);
  EXPECT_TRUE(w().disk(h0).files().empty());
}

TEST_F(sim_host, new_address_leads_there_and_the_old_one_nowhere) { // T27
  const auto old = w().address(h1);
  w().kill(h1);
  w().readdress(h1);
  w().start(h1);
  on(0).env.dial(old);
  run(10s);
  EXPECT_TRUE(heard(0, "dial_failed no_reply"));
  link(0, 1);
}

TEST_F(sim_host, name_leads_there_whatever_the_address) {
  w().kill(h1);
  w().readdress(h1);
  w().start(h1);
  on(0).env.dial(world::dns_name(h1));
  run(10s);
  EXPECT_TRUE(heard(0, "opened"));
}

TEST_F(sim_host, what_is_done_by_a_process_that_ends_has_no_effect) {
  struct last_words final : observer {
    std::vector<host_change> changes;
    void on_host(host_index, host_change change) override { changes.push_back(change); }
  } seen;
  link(0, 1);
  w().observe(seen);
  w().kill(h0);
  w().kill(h0);
  w().resume(h0);
  w().start(h0);
  w().start(h0);
  EXPECT_EQ(seen.changes, (std::vector{host_change::killed, host_change::started}));
}

} // namespace
} // namespace weft::sim
