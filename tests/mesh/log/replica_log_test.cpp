// A copy of another node's log: what it takes, keeps over crashes, serves, and gives up.
#include "mesh/log/replica_log.hpp"

#include "mesh/log/dump.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

/// `log` on `disk` is the owner's; the copy is on a disk of its own.
class replica_log_test : public log_fixture {
protected:
  replica_log_test() {
    replica_settings.directory = "copy/log";
    replica_settings.id = options.id;
    replica_settings.segment_bytes = 4096;
  }
  void open_copy() {
    copy.reset();
    auto opened = replica_log::open(copy_disk, replica_settings);
    ASSERT_TRUE(opened) << opened.error().message();
    copy = std::move(*opened);
  }
  void append_values(int count, topic_id topic = orders, std::size_t size = 300) {
    for (int i = 0; i < count; ++i) {
      const auto value = std::to_string(number++) + "-" + filler(size);
      ASSERT_TRUE(append(topic, {value}));
      written[topic].push_back(value);
    }
  }
  /// What a source sends of these topics from there on.
  result<copy_run> run_at(log_position from, std::vector<topic_id> topics, std::size_t bytes = 2000) {
    read_request request{from, bytes, 0,
                         [topics](topic_id t) { return std::find(topics.begin(), topics.end(), t) != topics.end(); }};
    const auto read = log->read(request);
    if (!read) return fail(read.error());
    return copy_run{read->epoch, read->from, read->until, read->log_time, read->run()};
  }
  std::vector<copy_run> runs_from(log_position from, const std::vector<topic_id>& topics) {
    std::vector<copy_run> runs;
    while (true) {
      auto run = run_at(from, topics);
      if (!run) return runs;
      from = {run->epoch, run->until};
      runs.push_back(std::move(*run));
    }
  }
  /// Pulls until the owner has no more or `most` runs came. @returns where it stopped
  log_position pull(log_position from, const std::vector<topic_id>& topics, std::optional<std::uint32_t> part = {},
                    int most = 10'000) {
    for (int i = 0; i < most; ++i) {
      auto run = run_at(from, topics);
      if (!run) {
        EXPECT_EQ(run.error().code(), errc::end_of_log) << run.error().message();
        return from;
      }
      run->part = part;
      const auto done = copy->take(*run);
      EXPECT_TRUE(done) << done.error().message();
      if (!done) return from;
      from = {run->epoch, run->until};
    }
    return from;
  }
  void sync() {
    const auto done = copy->sync();
    EXPECT_TRUE(done) << done.error().message();
  }
  /// All values that the copy has, over epochs, holes and damage.
  strings read_copy(const std::function<bool(std::string_view)>& wants = {}) {
    strings values;
    auto from = copy->begin();
    holes = broken = 0;
    for (int i = 0; i < 100'000; ++i) {
      from = copy->go_on_at(from);
      const auto read = copy->read({from, 1500, 0, wants});
      if (code_of(read) == errc::end_of_log) return values;
      if (!read) {
        EXPECT_TRUE(code_of(read) == errc::corrupt || code_of(read) == errc::out_of_range) << read.error().message();
        ++(code_of(read) == errc::corrupt ? broken : holes);
        const auto next = copy->next_readable(from, wants);
        if (!next) return values;
        EXPECT_LT(from, *next);
        from = *next;
        continue;
      }
      EXPECT_GT(read->until, read->from);
      for (const auto& entry : read->entries)
        for (auto& value : values_of(entry))
          values.push_back(std::move(value));
      from = {read->epoch, read->until};
    }
    ADD_FAILURE() << "reading does not end";
    return values;
  }
  [[nodiscard]] static std::function<bool(std::string_view)> only(topic_id topic) {
    return [name = name_of(topic)](std::string_view each) { return each == name; };
  }
  [[nodiscard]] std::vector<std::string> copy_files(std::string_view suffix) const {
    std::vector<std::string> found;
    for (const auto& path : copy_disk.files())
      if (path.ends_with(suffix)) found.push_back(path);
    return found;
  }
  std::size_t damage_found() {
    const auto report = verify_directory(copy_disk, replica_settings.directory);
    EXPECT_TRUE(report) << report.error().message();
    for (const auto& each : report->damage)
      last_damage = each.file + ": " + each.what;
    return report->damage.size();
  }
  void clear_copy() {
    copy.reset();
    for (const auto& path : copy_disk.files()) {
      ASSERT_TRUE(copy_disk.remove(path));
      ASSERT_TRUE(copy_disk.sync_directory(parent_directory(path)));
    }
  }
  void crash_copy(bool everything_unsynced) {
    copy_disk.halt();
    copy.reset();
    if (everything_unsynced)
      copy_disk.crash_losing_everything_unsynced();
    else
      copy_disk.crash(random);
  }

  virtual_disk copy_disk;
  replica_options replica_settings;
  std::unique_ptr<replica_log> copy;
  std::map<topic_id, strings> written;
  std::string last_damage;
  int number = 0;
  int holes = 0, broken = 0;
};

TEST_F(replica_log_test, what_is_taken_and_synced_is_served_byte_by_byte) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders), name_of(stock)}));
  append_values(30);
  append_values(30, stock);
  const auto end = pull(begin(), {orders, stock});
  EXPECT_TRUE(copy->dirty());
  EXPECT_EQ(code_of(copy->read({begin(), 1000, 0, {}})), errc::out_of_range);
  sync();
  EXPECT_EQ(copy->state().end(), end);
  EXPECT_EQ(read_copy(only(orders)), written[orders]);
  EXPECT_EQ(read_copy(only(stock)), written[stock]);
  for (auto at = begin(); at < end;) {
    const auto there = log->read({at, 1000, 0, {}});
    const auto here = copy->read({at, 1000, 0, {}});
    ASSERT_TRUE(there);
    ASSERT_TRUE(here) << here.error().message();
    ASSERT_FALSE(here->entries.empty());
    const auto a = there->entries.front().bytes.view();
    const auto b = here->entries.front().bytes.view();
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    at = {here->epoch, here->entries.front().header.end_seq()};
  }
  copy->maintain();
  EXPECT_EQ(damage_found(), 0U) << last_damage;
}

TEST_F(replica_log_test, topics_that_it_must_not_hold_leave_holes_that_are_no_losses) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(stock)}));
  for (int i = 0; i < 20; ++i) {
    append_values(7);
    append_values(1, stock);
  }
  pull(begin(), {orders, stock}); // more than it asked for
  sync();
  EXPECT_EQ(read_copy(), written[stock]);
  EXPECT_EQ(holes, 0);
  EXPECT_EQ(code_of(copy->read({begin(), 1000, 0, only(orders)})), errc::out_of_range);
  open_copy();
  EXPECT_EQ(read_copy(), written[stock]);
  EXPECT_EQ(damage_found(), 0U) << last_damage;
}

TEST_F(replica_log_test, an_empty_range_is_had_too_and_its_time_known) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(stock)}));
  append_values(10);
  const auto end = pull(begin(), {stock});
  sync();
  const auto read = copy->read({begin(), 1000, 0, {}});
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->until, end.seq);
  EXPECT_TRUE(read->entries.empty());
  EXPECT_GT(read->log_time, hlc{});
  EXPECT_EQ(code_of(copy->read({end, 1000, 0, {}})), errc::end_of_log);
  open_copy();
  EXPECT_EQ(copy->state().end(), end);
}

TEST_F(replica_log_test, it_goes_on_after_a_restart_without_a_hole_or_a_repeat) { // T21
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(100);
  auto at = begin();
  for (int i = 0; i < 20; ++i) {
    at = pull(at, {orders}, {}, 2);
    sync();
    if (i % 3 == 0) open_copy();
    EXPECT_EQ(copy->state().end(), at);
  }
  pull(at, {orders});
  sync();
  EXPECT_EQ(read_copy(), written[orders]);
  EXPECT_EQ(damage_found(), 0U) << last_damage;
}

TEST_F(replica_log_test, repeats_and_overlaps_are_passed_over) { // T21
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(40);
  const auto epoch = begin().epoch;
  pull(begin(), {orders}, {}, 3);
  pull(begin(), {orders}, {}, 2); // unsynced ones again
  sync();
  pull({epoch, seq{5}}, {orders}); // begins inside
  pull(begin(), {orders});
  sync();
  EXPECT_EQ(read_copy(), written[orders]);
  EXPECT_EQ(damage_found(), 0U) << last_damage;
}

TEST_F(replica_log_test, ranges_in_any_order_become_one) { // T21
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(60);
  const auto runs = runs_from(begin(), {orders});
  ASSERT_GT(runs.size(), 8U);
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random chance(seed);
  for (int round = 0; round < 20; ++round) {
    auto order = runs;
    std::shuffle(order.begin(), order.end(), chance);
    clear_copy();
    open_copy();
    ASSERT_TRUE(copy->set_topics({name_of(orders)}));
    for (const auto& run : order) {
      ASSERT_TRUE(copy->take(run));
      if (chance.below(3) == 0) sync();
      if (chance.below(5) == 0) copy->maintain();
      if (chance.below(8) == 0) {
        sync();
        open_copy();
      }
    }
    sync();
    ASSERT_EQ(read_copy(), written[orders]);
    ASSERT_EQ(holes, 0);
    copy->maintain();
    ASSERT_EQ(damage_found(), 0U) << last_damage;
  }
}

TEST_F(replica_log_test, not_had_and_not_readable_are_different_answers) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(60);
  const auto epoch = begin().epoch;
  pull(begin(), {orders}, {}, 2);
  const auto end = pull({epoch, seq{40}}, {orders});
  sync();
  const auto hole = copy->state().parts[0].had.at(epoch).ranges().at(0).until;
  EXPECT_EQ(code_of(copy->read({{epoch, hole}, 1000, 0, {}})), errc::out_of_range);
  EXPECT_EQ(copy->next_readable({epoch, hole}), (log_position{epoch, seq{40}}));
  const auto path = copy_files(".seg").front();
  copy_disk.flip_bit(path, segment_header_bytes + 100, 1);
  EXPECT_EQ(code_of(copy->read({{epoch, seq{0}}, 1000, 0, {}})), errc::corrupt);
  EXPECT_EQ(copy->next_readable({epoch, seq{0}}), (log_position{epoch, seq{1}}));
  EXPECT_EQ(copy->damaged().size(), 1U);
  pull({epoch, hole}, {orders}, {}, 100);
  sync();
  EXPECT_EQ(copy->state().end(), end);
  read_copy();
  EXPECT_EQ(holes, 0);
}

TEST_F(replica_log_test, topics_added_later_are_filled_in_without_the_rest) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  for (int i = 0; i < 40; ++i)
    append_values(1, i % 2 == 0 ? orders : stock);
  auto at = pull(begin(), {orders});
  sync();
  ASSERT_TRUE(copy->set_topics({name_of(orders), name_of(stock)}));
  ASSERT_EQ(copy->state().parts.size(), 2U);
  append_values(10);
  append_values(10, stock);
  at = pull(at, {orders, stock}); // from now on both
  sync();
  EXPECT_EQ(code_of(copy->read({begin(), 1000, 0, only(stock)})), errc::out_of_range);
  EXPECT_EQ(read_copy(only(orders)), written[orders]);
  const auto missing = copy->state().missing_in(1);
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0], (epoch_range{begin().epoch, seq{0}, seq{40}}));
  for (auto run : runs_from({missing[0].epoch, missing[0].from}, {stock})) {
    run.part = copy->state().parts.at(1).id;
    EXPECT_TRUE(copy->take(run));
    if (run.until >= missing[0].until) break;
  }
  sync();
  EXPECT_EQ(copy->state().parts.size(), 1U);
  EXPECT_EQ(read_copy(only(stock)), written[stock]);
  EXPECT_EQ(read_copy(only(orders)), written[orders]);
  for (const bool again : {false, true}) {
    if (again) open_copy();
    EXPECT_EQ(read_copy().size(), 60U);
    copy->maintain();
    EXPECT_EQ(damage_found(), 0U) << last_damage;
  }
}

TEST_F(replica_log_test, the_tail_of_an_epoch_can_be_read_while_it_is_filled_in) {
  open();
  append_values(3);
  append_values(3, stock);
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  pull(copy->begin(), {orders});
  sync();
  ASSERT_TRUE(copy->set_topics({name_of(orders), name_of(stock)}));
  open_copy();
  const auto added = copy->state().parts.back().id;
  const log_position tail{log->state().epoch, seq{3}};
  pull(tail, {stock}, added); // a segment begins here
  const auto read = copy->read({tail, 1500, 0, only(orders)});
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(read->entries.empty());
  EXPECT_EQ(read->until, seq{6});
  sync();
  EXPECT_EQ(read_copy(only(stock)).size(), 3U);
}

TEST_F(replica_log_test, an_epoch_may_grow_after_a_later_one_began) { // T16 T20
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(20);
  const auto first = begin().epoch;
  pull(begin(), {orders}, {}, 3);
  sync();
  // The owner loses what it had from 15 on, and goes on.
  log_fixture::disk.halt();
  log.reset();
  log_fixture::disk.crash_losing_nothing();
  const auto before = written[orders];
  open();
  append_values(20);
  const auto second = log->state().epoch;
  pull({first, copy->state().end().seq}, {orders});
  sync();
  ASSERT_EQ(copy->state().end().epoch, second);
  EXPECT_EQ(read_copy(), written[orders]);
  // A batch that only another holder still has.
  auto lost = make_batch(orders, {"late"});
  wire::entry_header header;
  header.epoch = first;
  header.first_seq = seq{20};
  header.count = 1;
  header.topic = orders;
  header.body_length = static_cast<std::uint32_t>(lost.bytes().size());
  const auto seed = wire::checksum_seed(options.id, first);
  header.body_checksum = wire::body_checksum(seed, lost.bytes().view());
  header.appended = hlc{log->state().time.value()};
  header.first_offset = topic_offset{20};
  std::vector<std::byte> bytes(header.stored_bytes());
  wire::encode(header, seed, std::span(bytes).first<limits::entry_header_bytes>());
  std::copy_n(lost.bytes().data(), lost.bytes().size(), bytes.begin() + limits::entry_header_bytes);
  ASSERT_TRUE(copy->take({first, seq{20}, seq{21}, {}, shared_bytes::take(bytes)}));
  sync();
  EXPECT_EQ(code_of(copy->read({{first, seq{21}}, 1000, 0, {}})), errc::epoch_ended);
  EXPECT_EQ(copy->next_readable({first, seq{21}}), std::nullopt);
  EXPECT_EQ(copy->go_on_at({first, seq{21}}), (log_position{second, seq{20}}));
  for (const bool again : {false, true}) {
    if (again) open_copy();
    auto expected = before;
    expected.emplace_back("late");
    expected.insert(expected.end(), written[orders].begin() + 20, written[orders].end());
    EXPECT_EQ(read_copy(), expected);
    copy->maintain();
    EXPECT_EQ(damage_found(), 0U) << last_damage;
  }
}

TEST_F(replica_log_test, two_entries_for_one_position_are_told_and_nothing_changes) { // T18
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(20);
  pull(begin(), {orders});
  sync();
  auto run = *run_at(begin(), {orders}, 1);
  std::vector<std::byte> bytes(run.bytes.view().begin(), run.bytes.view().end());
  const auto seed = wire::checksum_seed(options.id, run.epoch);
  auto header = *wire::decode_header(bytes, seed);
  header.appended = hlc{header.appended.value() + 1};
  wire::encode(header, seed, std::span(bytes).first<limits::entry_header_bytes>());
  run.bytes = shared_bytes::take(bytes);
  ASSERT_TRUE(copy->take(run));
  const auto answer = copy->sync();
  EXPECT_EQ(code_of(answer), errc::diverged);
  EXPECT_NE(answer.error().message().find("checksum"), std::string::npos);
  EXPECT_EQ(read_copy(), written[orders]);
  append_values(5);
  pull(copy->state().end(), {orders});
  sync(); // it goes on
  EXPECT_EQ(read_copy(), written[orders]);
}

/// Another machine with the node's key went on in an epoch of its own, which ends later than the next one begins.
TEST_F(replica_log_test, epochs_of_two_lives_of_its_node_are_no_damage) { // T18
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(10);
  auto run = *run_at(begin(), {orders}, 1); // its first entry
  append_values(10);
  pull(begin(), {orders});
  sync();
  std::vector<std::byte> bytes(run.bytes.view().begin(), run.bytes.view().end());
  auto header = *wire::decode_header(bytes, wire::checksum_seed(options.id, run.epoch));
  header.epoch = weft::epoch{run.epoch.count() + 1, 7};
  header.first_seq = copy->state().end().seq;
  const auto seed = wire::checksum_seed(options.id, header.epoch);
  header.body_checksum =
      wire::body_checksum(seed, byte_view(bytes).subspan(limits::entry_header_bytes, header.body_length));
  wire::encode(header, seed, std::span(bytes).first<limits::entry_header_bytes>());
  const copy_run other{header.epoch, header.first_seq, header.end_seq(), run.log_time, shared_bytes::take(bytes)};
  ASSERT_TRUE(copy->take(other));
  sync();
  EXPECT_EQ(damage_found(), 0U) << last_damage;
}

TEST_F(replica_log_test, bytes_that_are_no_entries_are_refused_whole) { // T06
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(10);
  const auto good = *run_at(begin(), {orders});
  auto bad = good;
  std::vector<std::byte> bytes(good.bytes.view().begin(), good.bytes.view().end());
  bytes[bytes.size() - 20] ^= std::byte{1};
  bad.bytes = shared_bytes::copy(bytes);
  EXPECT_EQ(code_of(copy->take(bad)), errc::corrupt);
  bytes.resize(50);
  bad.bytes = shared_bytes::copy(bytes);
  EXPECT_EQ(code_of(copy->take(bad)), errc::corrupt);
  bad = good;
  bad.until = seq{good.until.value() - 1};
  EXPECT_EQ(code_of(copy->take(bad)), errc::corrupt);
  bad = good;
  bad.from = good.until;
  EXPECT_EQ(code_of(copy->take(bad)), errc::corrupt);
  bad = good;
  bad.epoch = weft::epoch{9, 9};
  EXPECT_EQ(code_of(copy->take(bad)), errc::corrupt);
  sync();
  EXPECT_EQ(copy->state().ranges(), 0U);
  ASSERT_TRUE(copy->take(good));
  sync();
  EXPECT_EQ(copy->state().end().seq, good.until);
}

TEST_F(replica_log_test, damage_is_quarantined_and_put_back_from_another_holder) { // T04
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(60);
  pull(begin(), {orders});
  sync();
  open_copy();
  const auto epoch = begin().epoch;
  const auto paths = copy_files(".seg");
  ASSERT_GT(paths.size(), 3U);
  copy_disk.flip_bit(paths[0], segment_header_bytes + 100, 1);
  auto cut = *copy_disk.content(paths[1]);
  cut.resize(cut.size() / 2);
  copy_disk.restore(paths[1], cut);
  copy.reset();
  ASSERT_TRUE(copy_disk.remove(paths[2]));
  EXPECT_GE(damage_found(), 2U);
  open_copy();
  EXPECT_LT(read_copy().size(), 60U);
  EXPECT_EQ(holes, 0);
  EXPECT_EQ(copy->damaged().size(), 3U);
  open_copy();
  read_copy();
  for (const auto& each : copy->damaged()) {
    const auto run = log->read({{epoch, each.from}, 1U << 20U, 0, {}});
    ASSERT_TRUE(run);
    std::vector<std::byte> bytes;
    for (const auto& entry : run->entries)
      if (entry.header.end_seq() <= each.until)
        bytes.insert(bytes.end(), entry.bytes.view().begin(), entry.bytes.view().end());
    const auto done = copy->repair(epoch, each.from, each.until, shared_bytes::take(std::move(bytes)));
    ASSERT_TRUE(done) << done.error().message();
  }
  for (const bool again : {false, true}) {
    if (again) open_copy();
    EXPECT_EQ(read_copy(), written[orders]);
    EXPECT_EQ(broken, 0);
    EXPECT_TRUE(copy->damaged().empty());
    copy->maintain();
    EXPECT_EQ(damage_found(), 0U) << last_damage;
  }
}

TEST_F(replica_log_test, a_lost_state_costs_no_entry_and_is_had_again) { // T05 T06
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(60);
  pull(begin(), {orders});
  sync();
  copy.reset();
  const auto path = copy_files("/copy").front();
  copy_disk.flip_bit(path, 60, 1);
  const auto segments = copy_files(".seg");
  open_copy();
  EXPECT_EQ(copy->recovered().quarantined.size(), 1U);
  EXPECT_EQ(copy->state().ranges(), 0U);
  EXPECT_EQ(copy_files(".seg"), segments);
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  pull(begin(), {orders});
  sync();
  EXPECT_EQ(copy_files(".seg"), segments);
  EXPECT_EQ(read_copy(), written[orders]);
}

/// Nobody knows any more which bytes of it were confirmed.
TEST_F(replica_log_test, damage_beside_a_lost_state_is_set_aside) {
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(60);
  pull(begin(), {orders});
  sync();
  copy.reset();
  copy_disk.flip_bit(copy_files("/copy").front(), 60, 1);
  const auto segments = copy_files(".seg");
  ASSERT_GE(segments.size(), 3U);
  copy_disk.flip_bit(segments[0], 10, 1);  // its header
  copy_disk.flip_bit(segments[1], 300, 1); // an entry
  open_copy();
  EXPECT_EQ(copy->recovered().set_aside, (strings{segments[0] + ".aside-1", segments[1] + ".aside-1"}));
  for (const auto& path : copy->recovered().set_aside)
    EXPECT_TRUE(copy_disk.exists(path));
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  pull(begin(), {orders});
  sync();
  EXPECT_TRUE(read_copy() == written[orders]);
}

TEST_F(replica_log_test, what_lies_below_a_start_is_not_served_and_goes) { // T12
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders), name_of(stock)}));
  for (int i = 0; i < 60; ++i)
    append_values(1, i % 3 == 0 ? stock : orders);
  pull(begin(), {orders, stock});
  sync();
  open_copy();
  const auto before = copy->bytes();
  const auto epoch = begin().epoch;
  ASSERT_TRUE(copy->move_starts({{name_of(orders), topic_offset{30}, {epoch, seq{45}}}}));
  const strings left(written[orders].begin() + 30, written[orders].end());
  EXPECT_EQ(read_copy(only(orders)), left);
  EXPECT_EQ(read_copy(only(stock)), written[stock]);
  copy->maintain();
  EXPECT_LT(copy->bytes(), before * 2 / 3);
  ASSERT_TRUE(copy->move_starts({{name_of(stock), topic_offset{10}, {epoch, seq{28}}},
                                 {name_of(orders), topic_offset{2}, {epoch, seq{3}}}})); // late, and ignored
  copy->maintain();
  const auto files_left = copy_files(".seg").size();
  for (const bool again : {false, true}) {
    if (again) open_copy();
    EXPECT_EQ(read_copy(only(orders)), left);
    EXPECT_EQ(read_copy(only(stock)), strings(written[stock].begin() + 10, written[stock].end()));
    EXPECT_EQ(copy_files(".seg").size(), files_left);
    EXPECT_EQ(damage_found(), 0U) << last_damage;
  }
  EXPECT_EQ(copy->state().end(), (log_position{epoch, seq{60}}));
}

TEST_F(replica_log_test, a_failed_sync_is_never_taken_for_a_later_one) { // T08
  open();
  open_copy();
  ASSERT_TRUE(copy->set_topics({name_of(orders)}));
  append_values(20);
  const auto at = pull(begin(), {orders}, {}, 2);
  sync();
  pull(at, {orders}, {}, 2);
  disk_fault_plan plan;
  plan.failures.push_back({1, errc::io_error, disk_call::sync, false});
  copy_disk.set_faults(plan);
  EXPECT_FALSE(copy->sync());
  EXPECT_EQ(code_of(copy->sync()), errc::log_frozen);
  EXPECT_EQ(code_of(copy->take(*run_at(at, {orders}))), errc::log_frozen);
  EXPECT_EQ(copy->state().end(), at);
  open_copy();
  EXPECT_EQ(copy->state().end(), at);
  pull(at, {orders});
  sync();
  crash_copy(true);
  open_copy();
  EXPECT_EQ(read_copy(), written[orders]);
}

TEST_F(replica_log_test, whatever_call_fails_or_is_the_last_what_was_confirmed_stays) { // T01 T02 T21
  open();
  for (int i = 0; i < 60; ++i)
    append_values(1, i % 3 == 0 ? stock : orders, 200);
  const auto epoch = begin().epoch;
  copy_state confirmed;
  const auto note = [&] {
    if (copy->sync()) confirmed = copy->state();
  };
  const auto quiet_pull = [&](log_position from, std::vector<topic_id> topics, std::optional<std::uint32_t> part,
                              int most) {
    for (int i = 0; i < most; ++i) {
      auto run = run_at(from, topics, 1500);
      if (!run) return;
      run->part = part;
      if (!copy->take(*run)) return;
      from = {run->epoch, run->until};
      if (i % 2 == 1) note();
    }
    note();
  };
  const auto work = [&] {
    auto opened = replica_log::open(copy_disk, replica_settings);
    if (!opened) return;
    copy = std::move(*opened);
    confirmed = copy->state();
    if (!copy->set_topics({name_of(orders)})) return;
    confirmed = copy->state();
    quiet_pull({epoch, seq{0}}, {orders}, {}, 100);
    copy->maintain();
    if (!copy->set_topics({name_of(orders), name_of(stock)})) return;
    confirmed = copy->state();
    quiet_pull({epoch, seq{0}}, {stock}, 1, 100);
    copy->maintain();
    if (!copy->move_starts({{name_of(orders), topic_offset{20}, {epoch, seq{30}}}})) return;
    copy->maintain();
  };
  const auto has_confirmed = [&]() -> std::string {
    const auto now = copy->state();
    const auto below_start = now.starts.contains(name_of(orders)) ? 20U : 0U;
    for (const auto& part : confirmed.parts)
      for (const auto& topic : part.topics) {
        const auto until = part.had.contains(epoch) ? part.had.at(epoch).ranges().back().until : seq{0};
        const auto covered = now.covered_until({epoch, seq{0}}, [&](std::string_view t) { return t == topic; });
        if (until > seq{0} && (!covered || *covered < until)) return topic + " is covered less far";
        const auto& all = written[topic == name_of(orders) ? orders : stock];
        std::size_t expected = 0; // of the topic below `until`
        for (std::size_t s = 0; s < until.value(); ++s)
          expected += (s % 3 == 0) == (topic == name_of(stock)) ? 1 : 0;
        const auto found = read_copy([&](std::string_view t) { return t == topic; });
        if (broken != 0) return "damaged";
        const auto skipped = topic == name_of(orders) ? below_start : 0;
        if (found.size() + skipped < expected) return topic + " has too few";
        for (std::size_t i = 0; i < found.size(); ++i)
          if (found[i] != all.at(i + skipped)) return topic + " has another value";
      }
    return {};
  };
  enum class kind { failure, power, unsynced_lost };
  std::uint64_t tried = 0;
  for (const auto how : {kind::failure, kind::power, kind::unsynced_lost})
    for (std::uint64_t n = 1;; ++n) {
      copy_disk.set_faults({});
      clear_copy();
      confirmed = {};
      std::uint64_t calls = 0;
      if (how == kind::failure) {
        disk_fault_plan plan;
        plan.failures.push_back({n, n % 2 == 0 ? errc::io_error : errc::disk_full, {}, n % 3 == 0});
        copy_disk.set_faults(plan);
      } else {
        copy_disk.set_hook([&](disk_call, const std::string&) {
          if (++calls == n) copy_disk.halt();
        });
      }
      work();
      const bool through = how == kind::failure ? copy_disk.faults_hit() == 0 : calls < n;
      copy_disk.set_hook({});
      copy_disk.set_faults({});
      if (how != kind::failure) crash_copy(how == kind::unsynced_lost);
      open_copy();
      ASSERT_EQ(has_confirmed(), "") << "call " << n;
      ASSERT_EQ(damage_found(), 0U) << "call " << n << ": " << last_damage;
      // The rest comes as if nothing had been.
      ASSERT_TRUE(copy->set_topics({name_of(orders), name_of(stock)}));
      pull({epoch, seq{0}}, {orders, stock});
      sync();
      ASSERT_EQ(read_copy(only(stock)), written[stock]) << "call " << n;
      ASSERT_EQ(damage_found(), 0U) << "call " << n << ": " << last_damage;
      ++tried;
      if (through) break;
    }
  EXPECT_GT(tried, 300U);
}

} // namespace weft::log::testing
