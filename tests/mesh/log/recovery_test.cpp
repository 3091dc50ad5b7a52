#include "mesh/base/crc32c.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/log/dump.hpp"
#include "mesh/log/log_begin.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/log/verify.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

class recovery_test : public log_fixture {
protected:
  [[nodiscard]] std::vector<std::byte> content(const std::string& path) const { return *disk.content(path); }
  void put(const std::string& path, const std::vector<std::byte>& bytes) { disk.restore(path, bytes); }
  /// Offsets of the entries in a segment file.
  std::vector<std::uint64_t> entries_of(const std::string& path) {
    std::vector<std::uint64_t> offsets;
    EXPECT_TRUE(dump_segment(disk, path, [&](std::uint64_t offset, const wire::stored_entry&) {
      offsets.push_back(offset);
      return true;
    }));
    return offsets;
  }
  void append_values(int count, std::size_t size = 300) {
    for (int i = 0; i < count; ++i) {
      expected.push_back(std::to_string(expected.size()) + "-" + filler(size));
      ASSERT_TRUE(append(orders, {expected.back()}));
    }
  }
  void expect_all_there() { EXPECT_EQ(read_all(), expected); }
  std::size_t damage_found() {
    const auto report = verify_directory(disk, options.directory);
    EXPECT_TRUE(report.has_value());
    return report ? report->damage.size() : 0;
  }

  strings expected;
};

TEST_F(recovery_test, after_a_clean_stop_nothing_is_scanned) {
  open();
  append_values(100);
  open();
  EXPECT_TRUE(log->recovered().clean_stop);
  EXPECT_EQ(log->recovered().entries_scanned, 0U);
  EXPECT_GT(log->recovered().segments, 2U);
  expect_all_there();
}

TEST_F(recovery_test, after_a_kill_only_segments_without_index_are_scanned) {
  open();
  append_values(100);
  log->maintain(clock.mono());
  append_values(3);
  kill();
  open();
  EXPECT_FALSE(log->recovered().clean_stop);
  EXPECT_GE(log->recovered().entries_scanned, 3U);
  EXPECT_LT(log->recovered().entries_scanned, 50U);
  EXPECT_EQ(log->recovered().torn_bytes, 0U);
  expect_all_there();
  append_values(1);
  expect_all_there();
}

TEST_F(recovery_test, what_recovery_served_survives_a_power_failure) {
  open();
  append_values(5);
  ASSERT_TRUE(append(orders, {"written only"}, ack_level::written));
  expected.emplace_back("written only");
  kill();
  open();
  expect_all_there();
  disk.halt();
  log.reset();
  disk.crash_losing_everything_unsynced();
  open();
  expect_all_there();
}

TEST_F(recovery_test, torn_tail_is_cut_and_counted) { // T02 T03
  open();
  append_values(5);
  const auto path = files(".seg").back();
  kill();
  const auto whole = content(path);
  const auto offsets = entries_of(path);
  // The last entry's body is zeros; an entry behind it is cut with it.
  auto torn = whole;
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(offsets[3] + 64),
            torn.begin() + static_cast<std::ptrdiff_t>(offsets[4]), std::byte{0});
  put(path, torn);
  // Entry 4 says that everything below it was synced, so this is damage; it must not be cut.
  open();
  EXPECT_EQ(log->recovered().torn_entries, 0U);
  ASSERT_EQ(log->recovered().quarantined.size(), 1U);
  EXPECT_EQ(log->recovered().quarantined[0].offset, offsets[3]);
  EXPECT_EQ(read_all(), (strings{expected[0], expected[1], expected[2], expected[4]}));
  EXPECT_EQ(damages.size(), 1U);
}

TEST_F(recovery_test, an_invalid_entry_above_what_is_known_as_synced_is_torn) { // T02 T03
  open();
  append_values(5);
  const auto path = files(".seg").back();
  kill();
  auto torn = content(path);
  const auto offsets = entries_of(path);
  torn[offsets[4] + 70] ^= std::byte{1}; // nothing behind it proves anything
  put(path, torn);
  open();
  EXPECT_EQ(log->recovered().torn_entries, 1U);
  EXPECT_GT(log->recovered().torn_bytes, 300U);
  EXPECT_TRUE(log->recovered().quarantined.empty());
  expected.pop_back();
  expect_all_there();
  EXPECT_EQ(log->state().synced_end, seq{4});
  EXPECT_EQ(damage_found(), 0U);
}

TEST_F(recovery_test, all_that_follows_a_torn_entry_is_cut_even_when_it_is_whole) { // T02
  open();
  append_values(3);
  for (const char* value : {"x", "y", "z"}) // one commit: none of them says that another was synced
    ASSERT_TRUE(queue(orders, {value}));
  log->commit_pending();
  const auto path = files(".seg").back();
  kill();
  auto torn = content(path);
  const auto offsets = entries_of(path);
  ASSERT_EQ(offsets.size(), 6U);
  torn[offsets[3] + 20] ^= std::byte{16};
  put(path, torn);
  open();
  EXPECT_EQ(log->recovered().torn_entries, 2U); // those that can still be recognised
  expect_all_there();
  open(); // and it stays so
  expect_all_there();
  EXPECT_EQ(log->state().synced_end, seq{3});
}

TEST_F(recovery_test, recovering_twice_gives_the_same) {
  open();
  append_values(40);
  kill();
  const auto last = files(".seg").back();
  auto bytes = content(last);
  const auto offsets = entries_of(last);
  bytes[offsets[1] + 80] ^= std::byte{2};       // damage
  bytes[offsets.back() + 80] ^= std::byte{128}; // a torn tail
  put(last, bytes);
  open();
  const auto once = read_all();
  const auto damage_once = damages;
  kill();
  damages.clear();
  open();
  EXPECT_EQ(read_all(), once);
  EXPECT_EQ(damages.size(), damage_once.size());
  EXPECT_EQ(once.size(), expected.size() - 2);
}

TEST_F(recovery_test, a_group_without_its_end_is_cut) { // T02
  open();
  append_values(2);
  append_request group;
  for (int i = 0; i < 3; ++i)
    group.items.push_back({orders, make_batch(orders, {"part"})});
  ASSERT_TRUE(log->append_and_wait(std::move(group)));
  const auto path = files(".seg").back();
  kill();
  auto torn = content(path);
  const auto offsets = entries_of(path);
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(offsets[4]), torn.end(), std::byte{0});
  put(path, torn);
  open();
  EXPECT_EQ(log->recovered().torn_entries, 2U);
  expect_all_there();
}

TEST_F(recovery_test, stale_entries_of_a_recycled_file_are_no_entries) { // T03
  open();
  append_values(10);
  const auto old_path = files(".seg").back();
  open();
  const auto epoch = log->state().epoch;
  ASSERT_TRUE(append(orders, {"new"}));
  const auto path = files(".seg").back();
  kill();
  // As if the new segment lay in the old one's file.
  auto reused = content(old_path);
  const auto fresh = content(path);
  const auto stored = entries_of(old_path)[1] - entries_of(old_path)[0]; // larger than the new entry
  std::copy(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(segment_header_bytes + stored), reused.begin());
  encode({options.id, epoch, seq{10}, std::nullopt, 0, true}, std::span(reused).first<segment_header_bytes>());
  put(path, reused);
  open();
  EXPECT_EQ(log->recovered().torn_entries, 0U);
  EXPECT_EQ(log->state().synced_end, seq{11});
  expected.emplace_back("new");
  expect_all_there();
}

TEST_F(recovery_test, stale_entries_of_the_same_epoch_are_no_entries) { // T03
  open();
  append_values(4);
  const auto path = files(".seg").back();
  const auto epoch = log->state().epoch;
  kill();
  const auto bytes = content(path);
  const auto offsets = entries_of(path);
  // As a file recycled within its epoch: a later segment's begin, then entries 1 to 3 that came before it.
  std::vector<std::byte> reused(bytes.begin() + static_cast<std::ptrdiff_t>(offsets[1]), bytes.end());
  reused.insert(reused.begin(), segment_header_bytes, std::byte{0});
  segment_header head{options.id, epoch, seq{4}, std::nullopt, 0, true};
  encode(head, std::span(reused).first<segment_header_bytes>());
  put(log_paths(options.directory, options.id).segment(epoch, seq{4}), reused);
  open();
  expect_all_there();
  EXPECT_EQ(log->state().synced_end, seq{4});
}

TEST_F(recovery_test, damage_in_a_closed_segment_is_quarantined_and_nothing_else_is_lost) { // T04
  open();
  append_values(100);
  log->maintain(clock.mono());
  const auto path = files(".seg").front();
  const auto offsets = entries_of(path);
  open();
  disk.flip_bit(path, offsets[2] + 100, 3);
  auto found = read_all();
  ASSERT_EQ(damages.size(), 1U);
  EXPECT_NE(damages[0].find(path), std::string::npos);
  EXPECT_NE(damages[0].find(std::to_string(offsets[2])), std::string::npos);
  expected.erase(expected.begin() + 2);
  EXPECT_EQ(found, expected);
  const auto size = content(path).size();
  open();
  EXPECT_EQ(content(path).size(), size);
  EXPECT_EQ(read_all(), expected);
}

TEST_F(recovery_test, a_damaged_header_between_index_points_does_not_hide_what_follows) { // T04
  open();
  append_values(40);
  log->maintain(clock.mono());
  const auto path = files(".seg").front();
  const auto offsets = entries_of(path);
  disk.flip_bit(path, offsets[3] + 30, 0);
  open();
  EXPECT_EQ(read_from({log->state().begin.epoch, seq{6}}), strings(expected.begin() + 6, expected.end()));
}

TEST_F(recovery_test, damage_before_what_is_asked_for_does_not_hide_a_topic_that_is_found_by_its_list) { // T04
  open();
  ASSERT_TRUE(append(stock, {"damaged"}));
  append_values(20);
  ASSERT_TRUE(append(stock, {"behind"}));
  open(); // the segment has an index now
  const auto path = files(".seg").front();
  disk.flip_bit(path, entries_of(path).front() + 30, 0);
  const auto epoch = begin().epoch;
  EXPECT_EQ(read_from({epoch, seq{1}}, {stock}), strings{"behind"});
  EXPECT_TRUE(damages.empty());
  EXPECT_EQ(read_from({epoch, seq{0}}, {stock}), strings{"behind"});
  EXPECT_EQ(damages.size(), 1U);
}

TEST_F(recovery_test, damage_that_has_grown_since_it_was_found_is_passed_over_whole) { // T04
  open();
  ASSERT_TRUE(append(stock, {"damaged"}));
  append_values(20);
  ASSERT_TRUE(append(stock, {"behind"}));
  open(); // the segment has an index now
  const auto path = files(".seg").front();
  const auto offsets = entries_of(path);
  const auto epoch = begin().epoch;
  disk.flip_bit(path, offsets.at(0) + 30, 0);
  EXPECT_EQ(read_from({epoch, seq{0}}, {stock}), strings{"behind"});
  disk.flip_bit(path, offsets.at(1) + 30, 0);
  EXPECT_EQ(read_from({epoch, seq{1}}, {stock}), strings{"behind"});
}

TEST_F(recovery_test, indexes_are_rebuilt_when_wrong_or_gone) { // T05 T06
  open();
  append_values(150);
  log.reset();
  const auto paths = files(".idx");
  ASSERT_GT(paths.size(), 4U);
  disk.flip_bit(paths[0], 120, 1);                          // header
  disk.flip_bit(paths[1], content(paths[1]).size() - 1, 1); // lists: found when they are used
  put(paths[2], {});
  ASSERT_TRUE(disk.remove(paths[3]));
  open();
  EXPECT_GE(log->recovered().rebuilt_indexes.size(), 3U);
  expect_all_there();
  EXPECT_EQ(read_all({orders}), expected);
  log.reset();
  EXPECT_EQ(damage_found(), 1U); // the lists, which nobody needed
}

TEST_F(recovery_test, damaged_tables_are_rebuilt_and_offsets_go_on) { // T05
  open();
  append_values(60);
  ASSERT_TRUE(append_numbered(9, 0, {"numbered"}));
  log.reset();
  const auto path = files(".idx").back();
  disk.flip_bit(path, content(path).size() - 400, 1); // somewhere in its sections
  for (std::uint64_t at = 256; at < content(path).size(); at += 16)
    if (at % 64 == 0) disk.flip_bit(path, at, 2);
  open();
  const auto next = append_numbered(9, 1, {"again"});
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->first_offset, topic_offset{61});
  EXPECT_TRUE(append_numbered(9, 0, {"numbered"})->repeated);
}

TEST_F(recovery_test, truncated_and_emptied_segments_are_damage_not_absence) { // T06
  open();
  append_values(100);
  log.reset();
  const auto paths = files(".seg");
  auto cut = content(paths[1]);
  cut.resize(cut.size() / 2);
  put(paths[1], cut);
  put(paths[2], {});
  open();
  EXPECT_GE(log->recovered().quarantined.size(), 2U);
  const auto found = read_all();
  EXPECT_LT(found.size(), expected.size());
  EXPECT_GT(found.size(), expected.size() / 3);
  EXPECT_EQ(found.front(), expected.front());
  EXPECT_EQ(found.back(), expected.back());
  EXPECT_EQ(disk.content(paths[1])->size(), cut.size());
}

TEST_F(recovery_test, a_lost_segment_is_damage_too) { // T06
  open();
  append_values(100);
  log.reset();
  const auto paths = files(".seg");
  ASSERT_TRUE(disk.remove(paths[1]));
  open();
  EXPECT_EQ(log->recovered().quarantined.size(), 1U);
  const auto found = read_all();
  EXPECT_LT(found.size(), expected.size());
  EXPECT_EQ(found.back(), expected.back());
}

TEST_F(recovery_test, a_damaged_entry_that_does_not_belong_here_does_not_hide_what_follows) { // T04 T07
  open();
  append_values(3);
  open(); // an epoch in which nothing was written: what lies before it was synced
  log.reset();
  const auto path = files(".seg").front();
  const auto offsets = entries_of(path);
  const auto head = decode_segment_header(content(path)).header;
  const auto seed = wire::checksum_seed(head.log, head.epoch);
  auto bytes = content(path);
  auto stray = wire::decode_header(byte_view(bytes).subspan(offsets.at(1)), seed);
  ASSERT_TRUE(stray.has_value());
  stray->first_seq = seq{1000};
  wire::encode(*stray, seed, std::span(bytes).subspan(offsets.at(1)).first<limits::entry_header_bytes>());
  put(path, bytes);
  for (const std::size_t damaged : {0U, 1U})
    disk.flip_bit(path, offsets.at(damaged) + 200, 1);
  ASSERT_TRUE(disk.remove(index_path_of(path)));
  for (int openings = 0; openings < 2; ++openings) {
    open();
    EXPECT_EQ(log->recovered().quarantined.size(), 1U);
    EXPECT_EQ(read_all(), strings{expected.back()});
  }
}

/// An entry that claims more seqs than its segment has, with checksums that are right.
class reaching_entry_test : public recovery_test {
protected:
  void SetUp() override {
    open();
    append_values(100);
    log.reset();
    paths = files(".seg");
    head = decode_segment_header(content(paths[1])).header;
  }
  void put_entry(std::vector<std::byte> bytes, std::uint64_t offset, const wire::entry_header& header, byte_view body) {
    bytes.resize(std::max(bytes.size(), offset + header.stored_bytes()));
    wire::encode(header, wire::checksum_seed(head.log, head.epoch),
                 std::span(bytes).subspan(offset).first<limits::entry_header_bytes>());
    std::copy(body.begin(), body.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset) + 64);
    put(paths[1], bytes);
  }
  void expect_damage_only_there() {
    const auto found = read_all();
    EXPECT_FALSE(damages.empty());
    EXPECT_LT(found.size(), expected.size());
    EXPECT_EQ(found.front(), expected.front());
    EXPECT_EQ(found.back(), expected.back());
  }

  strings paths;
  segment_header head;
};

TEST_F(reaching_entry_test, recovery_takes_none_of_it) {
  const auto seqs = decode_segment_header(content(paths[2])).header.first - head.first;
  const auto batch = make_batch(orders, strings(seqs + 1, "x"));
  wire::entry_header header;
  header.body_length = static_cast<std::uint32_t>(batch.bytes().size());
  header.body_checksum = wire::body_checksum(wire::checksum_seed(head.log, head.epoch), batch.bytes().view());
  header.epoch = head.epoch;
  header.first_seq = head.first;
  header.topic = orders;
  header.count = static_cast<std::uint32_t>(batch.count());
  auto bytes = content(paths[1]);
  bytes.resize(segment_header_bytes);
  put_entry(std::move(bytes), segment_header_bytes, header, batch.bytes().view());
  ASSERT_TRUE(disk.remove(index_path_of(paths[1])));
  open();
  EXPECT_EQ(log->recovered().quarantined.size(), 1U);
  expect_damage_only_there();
}

TEST_F(reaching_entry_test, a_reader_takes_none_of_it) {
  const auto bytes = content(paths[1]);
  const auto offset = entries_of(paths[1]).at(3);
  auto header = wire::decode_header(byte_view(bytes).subspan(offset), wire::checksum_seed(head.log, head.epoch));
  ASSERT_TRUE(header.has_value());
  header->count = 1000;
  put_entry(bytes, offset, *header, byte_view(bytes).subspan(offset + 64, header->body_length));
  open();
  EXPECT_TRUE(log->recovered().quarantined.empty()); // its index says that all is well
  expect_damage_only_there();
}

/// A log of which every second segment or so was cleaned.
class cleaned_segments_test : public recovery_test {
protected:
  void SetUp() override {
    open();
    log->set_policy(stock, {{}, 1});
    for (int i = 0; i < 40; ++i) {
      append_values(1);
      ASSERT_TRUE(append(stock, {filler(3000)}));
    }
    clock.advance(limits::retention_interval);
    log->maintain(clock.mono());
    log.reset();
  }
  [[nodiscard]] segment_header header_of(const std::string& path) const {
    const auto head = decode_segment_header(content(path));
    EXPECT_EQ(head.state, header_state::valid);
    return head.header;
  }
  /// The index goes, so that the header is what counts.
  void set_header(const std::string& path, const segment_header& header) {
    ASSERT_TRUE(disk.remove(index_path_of(path)));
    auto bytes = content(path);
    encode(header, std::span(bytes).first<segment_header_bytes>());
    put(path, bytes);
  }
};

TEST_F(cleaned_segments_test, a_segment_lost_behind_a_cleaned_one_is_damage_too) { // T06
  const auto paths = files(".seg");
  const auto before = header_of(paths[1]);
  ASSERT_TRUE(before.cleaned_until.has_value());
  ASSERT_TRUE(disk.remove(paths[2]));
  for (int openings = 0; openings < 2; ++openings) {
    open();
    ASSERT_EQ(log->recovered().quarantined.size(), 1U);
    EXPECT_EQ(log->recovered().quarantined[0].from, *before.cleaned_until);
    EXPECT_EQ(log->recovered().quarantined[0].until, header_of(paths[3]).first);
    const auto found = read_all({orders});
    EXPECT_LT(found.size(), expected.size());
    EXPECT_EQ(found.front(), expected.front());
    EXPECT_EQ(found.back(), expected.back());
  }
  log.reset();
  EXPECT_GT(damage_found(), 0U);
}

TEST_F(cleaned_segments_test, one_that_reaches_into_the_next_does_not_hide_it) {
  const auto paths = files(".seg");
  auto header = header_of(paths[1]);
  header.cleaned_until = *header.cleaned_until + 1;
  set_header(paths[1], header);
  open();
  EXPECT_EQ(read_all({orders}), expected);
}

TEST_F(cleaned_segments_test, one_that_ends_before_it_begins_hides_nothing) {
  const auto paths = files(".seg");
  auto header = header_of(paths[1]);
  header.cleaned_until = seq{0};
  set_header(paths[1], header);
  open();
  EXPECT_EQ(read_all({orders}), expected);
}

TEST_F(recovery_test, a_lost_segment_at_either_end_is_damage_and_seqs_go_on_behind_it) { // T06
  for (const bool first : {true, false}) {
    SCOPED_TRACE(first ? "first" : "last");
    options.directory = first ? "data/first" : "data/last";
    open();
    const auto mine = [&](std::string_view suffix) {
      strings found;
      for (const auto& path : files(suffix))
        if (path.starts_with(options.directory)) found.push_back(path);
      return found;
    };
    expected.clear();
    append_values(100);
    const auto end = log->state().synced_end;
    log.reset();
    const auto path = first ? mine(".seg").front() : mine(".seg").back();
    const auto bytes = content(path);
    ASSERT_TRUE(disk.remove(path));
    strings rest;
    for (int openings = 0; openings < 3; ++openings) { // it is not forgotten
      open();
      ASSERT_EQ(log->recovered().quarantined.size(), 1U);
      EXPECT_EQ(log->recovered().quarantined[0].file, path);
      EXPECT_EQ(log->recovered().quarantined[0].what, "the file is missing");
      EXPECT_EQ(log->state().synced_end, end);
      damages.clear();
      rest = read_all();
      EXPECT_EQ(damages.size(), 1U);
      EXPECT_LT(rest.size(), expected.size());
      EXPECT_EQ(first ? rest.back() : rest.front(), first ? expected.back() : expected.front());
    }
    EXPECT_EQ(append(orders, {"next"})->first_offset, topic_offset{100});
    log.reset();
    put(path, bytes); // an operator restores it from a backup
    open();
    EXPECT_TRUE(log->recovered().quarantined.empty());
    expected.emplace_back("next");
    expect_all_there();
  }
}

TEST_F(recovery_test, a_damaged_segment_that_is_restored_is_served_again) { // T06
  open();
  append_values(100);
  log.reset();
  const auto paths = files(".seg");
  const auto whole = content(paths[1]), header = content(paths[2]);
  put(paths[1], std::vector<std::byte>(whole.begin(), whole.begin() + 1000));
  put(paths[2], {});
  open();
  EXPECT_LT(read_all().size(), expected.size());
  log.reset();
  put(paths[1], whole);
  put(paths[2], header);
  open();
  EXPECT_TRUE(log->recovered().quarantined.empty());
  expect_all_there();
}

TEST_F(recovery_test, an_index_that_retention_left_without_its_segment_is_no_loss) { // T06
  open();
  append_values(100);
  log.reset();
  const auto path = files(".seg").front();
  const auto index = content(index_path_of(path));
  open();
  log->set_policy(orders, {{}, 4000});
  log->maintain(clock.mono());
  log.reset();
  ASSERT_FALSE(disk.content(path));
  put(index_path_of(path), index); // its removal was not synced when the power failed
  open();
  EXPECT_TRUE(log->recovered().quarantined.empty());
  EXPECT_FALSE(disk.content(index_path_of(path)));
}

TEST_F(recovery_test, a_segment_from_elsewhere_is_set_aside) { // T07
  open();
  append_values(100);
  log.reset();
  const auto paths = files(".seg");
  put(paths[2], content(paths[1])); // an operator restored the wrong one
  open();
  ASSERT_EQ(log->recovered().set_aside.size(), 1U);
  EXPECT_EQ(disk.content(log->recovered().set_aside[0])->size(), content(paths[1]).size());
  EXPECT_EQ(read_all().back(), expected.back());
  EXPECT_EQ(log->recovered().quarantined.size(), 1U);
}

TEST_F(recovery_test, a_segment_from_elsewhere_in_the_first_or_last_place_hides_nothing) { // T07
  open();
  append_values(100);
  log.reset();
  const auto paths = files(".seg");
  put(paths.front(), content(paths[1]));
  put(paths.back(), content(paths[1]));
  open();
  EXPECT_EQ(log->recovered().set_aside.size(), 2U);
  ASSERT_EQ(log->recovered().quarantined.size(), 2U);
  EXPECT_EQ(log->recovered().quarantined[0].file, paths.front());
  EXPECT_EQ(log->recovered().quarantined[1].file, paths.back());
  EXPECT_EQ(log->state().synced_end, seq{100});
}

TEST_F(recovery_test, an_older_state_of_a_segment_put_back_by_an_operator_is_damage) { // T07
  open();
  append_values(10);
  const auto path = files(".seg").back();
  kill();
  const auto older = content(path);
  open();
  log.reset();
  disk.restore(path, older);
  open();
  expect_all_there();
  append_values(60);
  log.reset();
  const auto full = files(".seg")[1];
  const auto offsets = entries_of(full);
  auto stale = content(full); // as it was before the last entries came
  stale.resize(offsets[3]);
  put(full, stale);
  open();
  ASSERT_EQ(log->recovered().quarantined.size(), 1U);
  EXPECT_EQ(log->recovered().quarantined[0].file, full);
  EXPECT_EQ(read_all().back(), expected.back());
  EXPECT_LT(read_all().size(), expected.size());
}

TEST_F(recovery_test, a_misdirected_write_is_found_by_its_seq) { // T07
  open();
  append_values(6);
  const auto path = files(".seg").back();
  kill();
  auto bytes = content(path);
  const auto offsets = entries_of(path);
  ASSERT_EQ(offsets[2] - offsets[1], offsets[4] - offsets[3]);
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(offsets[3]),
            bytes.begin() + static_cast<std::ptrdiff_t>(offsets[4]),
            bytes.begin() + static_cast<std::ptrdiff_t>(offsets[1]));
  put(path, bytes);
  open();
  EXPECT_EQ(log->recovered().quarantined.size(), 1U);
  expected.erase(expected.begin() + 1); // seq 3 in its place does not count; seq 2 behind it does
  EXPECT_EQ(read_all(), expected);
}

TEST_F(recovery_test, a_later_format_is_refused_and_left_alone) { // T14
  open();
  append_values(3);
  log.reset();
  const auto path = files(".seg").back();
  auto bytes = content(path);
  bytes[8] = std::byte{2};
  const auto sum = crc32c(0, byte_view(bytes).first(124));
  std::memcpy(bytes.data() + 124, &sum, 4);
  put(path, bytes);
  const auto before = disk.files();
  EXPECT_EQ(open_error(), errc::version_newer);
  EXPECT_EQ(disk.files(), before);
  EXPECT_EQ(content(path), bytes);
}

TEST_F(recovery_test, an_index_of_a_later_format_is_refused_and_left_alone) { // T14
  for (const bool with_segment : {true, false}) {
    disk = virtual_disk{};
    expected.clear();
    open();
    append_values(60);
    log.reset();
    const auto path = files(".idx").front();
    auto bytes = content(path);
    bytes[8] = std::byte{2};
    const auto sum = crc32c(0, byte_view(bytes).first(252));
    std::memcpy(bytes.data() + 252, &sum, 4);
    put(path, bytes);
    if (!with_segment) {
      ASSERT_TRUE(disk.remove(files(".seg").front()));
    }
    const auto before = disk.files();
    EXPECT_EQ(open_error(), errc::version_newer);
    EXPECT_EQ(disk.files(), before);
    EXPECT_EQ(content(path), bytes);
  }
}

TEST_F(recovery_test, a_damaged_segment_header_does_not_cost_its_entries) { // T04
  open();
  append_values(100);
  log.reset();
  disk.flip_bit(files(".seg")[1], 30, 1);
  open();
  EXPECT_EQ(log->recovered().quarantined.size(), 1U);
  expect_all_there();
}

TEST_F(recovery_test, what_lies_behind_a_damaged_segment_header_is_the_same_each_time) { // T04
  open();
  append_values(100);
  log.reset();
  const auto path = files(".seg")[1];
  disk.flip_bit(path, entries_of(path).at(2) + 200, 1);
  disk.flip_bit(path, 30, 1);
  ASSERT_TRUE(disk.remove(index_path_of(path)));
  open();
  const auto first = log->recovered();
  EXPECT_GT(first.entries_scanned, 0U);
  EXPECT_EQ(first.quarantined.size(), 2U);
  const auto found = read_all();
  open(); // it is looked at again: it may have been repaired meanwhile
  EXPECT_EQ(log->recovered().quarantined.size(), 2U);
  EXPECT_EQ(read_all(), found);
}

TEST_F(cleaned_segments_test, a_damaged_header_does_not_make_damage_of_what_was_cleaned) { // T04
  disk.flip_bit(files(".seg")[1], 30, 1);
  open();
  ASSERT_EQ(log->recovered().quarantined.size(), 1U);
  EXPECT_EQ(log->recovered().quarantined[0].what, "segment header");
  EXPECT_EQ(read_all({orders}), expected);
}

TEST_F(recovery_test, a_segment_in_which_nothing_was_synced_goes_away) { // T10
  open();
  append_values(3);
  const auto epoch = log->state().epoch;
  kill();
  put(log_paths(options.directory, options.id).segment(epoch, seq{3}), std::vector<std::byte>(16U << 10U));
  open();
  expect_all_there();
  EXPECT_EQ(files(".seg").size(), 1U);
  EXPECT_EQ(log->state().synced_end, seq{3});
}

TEST_F(recovery_test, unfinished_files_go_away) { // T10
  open();
  append_values(3);
  const auto folder = parent_directory(files(".seg").back());
  log.reset();
  put(folder + "/spare-1.zero.new", std::vector<std::byte>(100));
  put(folder + "/00000000000000000009.idx", std::vector<std::byte>(100));
  open();
  EXPECT_TRUE(files(".new").empty());
  expect_all_there();
}

TEST_F(recovery_test, what_is_not_ours_stays) {
  open();
  append_values(3);
  const auto folder = parent_directory(files(".seg").back());
  log.reset();
  put(folder + "/notes.txt", std::vector<std::byte>(100));
  put(options.directory + "/lost+found/x", std::vector<std::byte>(100));
  open();
  EXPECT_EQ(files("notes.txt").size(), 1U);
  expect_all_there();
}

TEST_F(recovery_test, empty_epochs_leave_nothing_behind) {
  for (int i = 0; i < 5; ++i)
    open();
  EXPECT_EQ(log->state().epoch.count(), 5U);
  const auto names = disk.list(log_paths(options.directory, options.id).log());
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 2U); // and where the log begins
}

TEST_F(recovery_test, a_begin_that_says_nothing_is_set_aside_and_written_anew) {
  open();
  append_values(20);
  log.reset();
  const auto begin = log_begin_path(log_paths(options.directory, options.id));
  const auto before = *disk.content(begin);
  disk.restore(begin, std::vector<std::byte>(10));
  open();
  EXPECT_EQ(log->recovered().set_aside.size(), 1U);
  EXPECT_EQ(*disk.content(begin), before);
  expect_all_there();
}

} // namespace weft::log::testing
