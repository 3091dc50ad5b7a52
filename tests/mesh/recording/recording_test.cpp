#include "mesh/base/crc32c.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/virtual_disk.hpp"
#include "mesh/recording/blocks.hpp"
#include "mesh/recording/limits.hpp"
#include "mesh/recording/recording_reader.hpp"
#include "mesh/recording/recording_writer.hpp"
#include "mesh/wire/little_endian.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::recording {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t start = 1'800'000'000'000'000, second = 1'000'000;

class recordings : public ::testing::Test {
protected:
  /// The `i`-th event: one each second, of three logs in turn.
  static recorded_event event(std::uint64_t i, std::size_t bytes = 300) {
    recorded_event made;
    std::array<std::uint8_t, 32> id{};
    id[0] = static_cast<std::uint8_t>(1 + i % 3);
    made.log = {node_id(id), 0};
    made.node = fmt::format("node-{}", i % 3);
    made.at = {epoch(3, 0x9f2c), seq{1000 + i}};
    made.offset = topic_offset{i};
    made.time = {start + static_cast<std::int64_t>(i) * second + 17};
    made.logged_at = {start + static_cast<std::int64_t>(i) * second + 2000};
    made.topic = "_weft.telemetry";
    made.type = "weft.telemetry.Frame";
    made.contract = contract_id(id);
    made.key = made.node;
    made.value.assign(bytes, static_cast<std::byte>(i));
    return made;
  }
  void write(std::uint64_t count, bool finish = true, std::size_t bytes = 300) {
    auto to = recording_writer::create(disk, "r.weft", "retail");
    ASSERT_TRUE(to) << to.error().message();
    for (std::uint64_t i = 0; i < count; ++i)
      ASSERT_TRUE(to->add(event(i, bytes)));
    ASSERT_TRUE(finish ? to->finish() : to->flush());
  }
  static std::vector<recorded_event> all(recording_reader& from) {
    std::vector<recorded_event> found;
    for (;;) {
      auto next = from.next();
      EXPECT_TRUE(next) << next.error().message();
      if (!next || !*next) return found;
      found.push_back(**std::move(next));
    }
  }

  virtual_disk disk;
};

TEST_F(recordings, give_back_what_was_written) {
  write(500);
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from) << from.error().message();
  EXPECT_EQ(from->about().mesh, "retail");
  EXPECT_EQ(from->about().logs.size(), 3U);
  EXPECT_EQ(from->about().index.entries, 500U);
  EXPECT_EQ(from->about().index.first, event(0).time);
  EXPECT_EQ(from->about().index.last, event(499).time);
  EXPECT_EQ(from->about().cut, "");
  const auto found = all(*from);
  ASSERT_EQ(found.size(), 500U);
  for (std::uint64_t i = 0; i < 500; ++i)
    ASSERT_EQ(found[i], event(i)) << i;
}

TEST_F(recordings, go_to_a_time_without_reading_all_before) {
  write(500);
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  for (const std::uint64_t i : {0U, 1U, 137U, 499U}) {
    from->go_to(event(i).time);
    const auto found = all(*from);
    ASSERT_FALSE(found.empty());
    EXPECT_LE(found.front().time, event(i).time);
    EXPECT_LE(event(i).time - found.front().time, microseconds(10 * second));
    EXPECT_EQ(found.back(), event(499));
  }
  from->go_to({start - second});
  EXPECT_EQ(all(*from).size(), 500U);
}

TEST_F(recordings, that_were_not_finished_have_all_that_was_flushed) {
  write(100, false);
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  EXPECT_EQ(from->about().index.entries, 100U);
  EXPECT_EQ(from->about().index.last, event(99).time);
  EXPECT_THAT(from->about().cut, HasSubstr("not finished"));
  EXPECT_EQ(all(*from).size(), 100U);
}

TEST_F(recordings, survive_a_power_failure_up_to_the_last_flush) {
  auto to = recording_writer::create(disk, "r.weft", "retail");
  ASSERT_TRUE(to);
  for (std::uint64_t i = 0; i < 50; ++i)
    ASSERT_TRUE(to->add(event(i)));
  ASSERT_TRUE(to->flush());
  for (std::uint64_t i = 50; i < 60; ++i)
    ASSERT_TRUE(to->add(event(i)));
  disk.crash_losing_everything_unsynced();
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from) << from.error().message();
  EXPECT_EQ(all(*from).size(), 50U);
}

TEST_F(recordings, cut_off_anywhere_open_to_their_last_good_entry) {
  write(1000);
  const auto whole = *disk.content("r.weft");
  std::size_t before = 0;
  for (std::size_t length = 1; length < whole.size(); length += length < 1024 ? 61 : 1024) {
    disk.restore("cut.weft", byte_view(whole).first(length));
    auto from = recording_reader::open(disk, "cut.weft");
    if (length < head_bytes) {
      ASSERT_FALSE(from) << length;
      continue;
    }
    ASSERT_TRUE(from) << from.error().message();
    EXPECT_NE(from->about().cut, "") << length;
    const auto found = all(*from);
    EXPECT_GE(found.size(), before);
    EXPECT_EQ(found.size(), from->about().index.entries);
    before = found.size();
    for (std::uint64_t i = 0; i < found.size(); ++i)
      ASSERT_EQ(found[i], event(i)) << i << " at " << length;
  }
  EXPECT_EQ(before, 1000U);
}

TEST_F(recordings, damaged_in_the_middle_open_to_there) {
  write(200);
  disk.flip_bit("r.weft", disk.content("r.weft")->size() / 2, 3);
  auto from = recording_reader::open(disk, "r.weft"); // by its index, which is whole
  ASSERT_TRUE(from);
  const auto found = all(*from);
  EXPECT_GT(found.size(), 80U);
  EXPECT_LT(found.size(), 120U);
  EXPECT_THAT(from->about().cut, HasSubstr("damaged at byte"));
}

TEST_F(recordings, any_bit_may_flip_and_no_event_is_made_up) {
  write(12);
  const auto whole = *disk.content("r.weft");
  seeded_random random(7);
  for (int round = 0; round < 2000; ++round) {
    auto bytes = whole;
    const auto place = random.below(bytes.size());
    bytes[place] ^= static_cast<std::byte>(1U << random.below(8));
    disk.restore("flipped.weft", bytes);
    auto from = recording_reader::open(disk, "flipped.weft");
    if (!from) continue;
    for (const auto& one : all(*from))
      ASSERT_EQ(one, event(one.offset.value())) << "byte " << place;
  }
}

TEST_F(recordings, that_are_none_are_refused_with_why) {
  const auto why = [&](std::string_view content) {
    disk.restore("x.weft", as_bytes(content));
    const auto from = recording_reader::open(disk, "x.weft");
    return from ? std::string("opened") : from.error().message();
  };
  EXPECT_THAT(why(""), HasSubstr("x.weft is empty"));
  EXPECT_THAT(why("WEFT"), HasSubstr("no recording"));
  EXPECT_THAT(why(std::string(5000, 'z')), HasSubstr("no recording"));
  EXPECT_THAT(why("WEFTREC\n" + std::string(5000, 'z')), HasSubstr("damaged"));
  const auto missing = recording_reader::open(disk, "nowhere.weft");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), errc::not_found);
}

TEST_F(recordings, whose_index_is_out_of_order_are_read_through) {
  write(20);
  const auto good = *disk.content("r.weft");
  const auto place = wire::load_le<std::uint64_t>(good.data() + good.size() - 8);
  const auto head = read_block_head(byte_view(good).subspan(place));
  const auto index = decode_index(byte_view(good).subspan(place + block_head_bytes, head->length)).value();
  ASSERT_FALSE(index.points.empty());
  const auto with = [&](auto change) {
    auto bytes = good;
    bytes.resize(place);
    auto other = index;
    change(other);
    add_block(bytes, block_kind::index, encode(other));
    std::array<std::byte, 8> where{};
    wire::store_le(where.data(), place);
    add_block(bytes, block_kind::tail, where);
    disk.restore("r.weft", bytes);
    auto from = recording_reader::open(disk, "r.weft");
    EXPECT_TRUE(from);
    EXPECT_EQ(from->about().logs.size(), 3U);
    EXPECT_EQ(all(*from).size(), 20U);
    return from->about().cut;
  };
  EXPECT_THAT(with([](index_content&) {}), ::testing::IsEmpty());
  EXPECT_THAT(with([](index_content& it) { it.others.push_back(it.others.front()); }), HasSubstr("not finished"));
  EXPECT_THAT(with([](index_content& it) { std::ranges::reverse(it.others); }), HasSubstr("not finished"));
  EXPECT_THAT(with([&](index_content& it) { it.others.push_back(place); }), HasSubstr("not finished"));
  EXPECT_THAT(with([&](index_content& it) {
                it.points.push_back({it.points.back().time_us, place});
              }),
              HasSubstr("not finished"));
  EXPECT_THAT(with([](index_content& it) {
                it.points.push_back({0, it.points.back().place + 100});
              }),
              HasSubstr("not finished"));
}

TEST_F(recordings, of_a_newer_version_are_told_as_that) {
  write(3);
  auto bytes = *disk.content("r.weft");
  wire::store_le(bytes.data() + 8, version + 1);
  wire::store_le(bytes.data() + 16, std::uint32_t{0});
  wire::store_le(bytes.data() + 16, crc32c(0, byte_view(bytes).first(head_bytes)));
  disk.restore("r.weft", bytes);
  const auto from = recording_reader::open(disk, "r.weft");
  ASSERT_FALSE(from);
  EXPECT_EQ(from.error().code(), errc::version_newer);
  EXPECT_THAT(from.error().message(), HasSubstr("newer Weft"));
}

TEST_F(recordings, pass_over_blocks_of_kinds_that_are_not_known) {
  write(3, false);
  auto bytes = *disk.content("r.weft");
  add_block(bytes, static_cast<block_kind>(77), as_bytes("from the future"));
  disk.restore("r.weft", bytes);
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  EXPECT_EQ(all(*from).size(), 3U);
  EXPECT_THAT(from->about().cut, HasSubstr("not finished"));
}

TEST_F(recordings, take_notes_later_and_the_last_of_a_time_counts) {
  write(20);
  for (const char* text : {"first", "second"}) {
    auto to = recording_writer::go_on(disk, "r.weft");
    ASSERT_TRUE(to) << to.error().message();
    ASSERT_TRUE(to->add(note{event(5).time, text}));
    ASSERT_TRUE(to->add(note{event(9).time, text}));
    ASSERT_TRUE(to->finish());
  }
  auto to = recording_writer::go_on(disk, "r.weft");
  ASSERT_TRUE(to);
  ASSERT_TRUE(to->add(note{event(9).time, ""}));
  ASSERT_TRUE(to->add(event(20)));
  ASSERT_TRUE(to->finish());
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  EXPECT_THAT(from->about().notes, ::testing::ElementsAre(note{event(5).time, "second"}));
  EXPECT_EQ(all(*from).size(), 21U);
  EXPECT_EQ(from->about().index.entries, 21U);
}

TEST_F(recordings, that_are_cut_off_are_not_added_to) {
  write(20, false);
  const auto to = recording_writer::go_on(disk, "r.weft");
  ASSERT_FALSE(to);
  EXPECT_THAT(to.error().message(), HasSubstr("another name"));
}

TEST_F(recordings, never_replace_a_file) {
  write(2);
  const auto to = recording_writer::create(disk, "r.weft", "retail");
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().code(), errc::already_exists);
}

TEST_F(recordings, stop_before_the_disk_is_full_and_what_is_there_is_one) {
  disk.set_faults({.capacity = limits::free_space_left + (3U << 20U)});
  auto to = recording_writer::create(disk, "r.weft", "retail");
  ASSERT_TRUE(to);
  std::optional<error> why;
  std::uint64_t taken = 0;
  for (; !why && taken < 100; ++taken)
    if (auto added = to->add(event(taken, 100'000)); !added) why = added.error();
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code(), errc::disk_full);
  EXPECT_THAT(why->message(), HasSubstr("free some space"));
  EXPECT_EQ(to->add(event(taken)).error().code(), errc::disk_full) << "it takes no more";
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  const auto found = all(*from);
  EXPECT_GT(found.size(), 10U);
  for (std::uint64_t i = 0; i < found.size(); ++i)
    ASSERT_EQ(found[i], event(i, 100'000));
}

TEST_F(recordings, whichever_call_fails_it_is_told_and_the_rest_can_be_read) {
  for (std::uint64_t nth = 1; nth < 200; ++nth) {
    virtual_disk failing;
    failing.set_faults({.failures = {{.nth = nth, .for_ever = true}}});
    bool told = false;
    if (auto to = recording_writer::create(failing, "r.weft", "retail")) {
      for (std::uint64_t i = 0; i < 100 && !told; ++i)
        told = !to->add(event(i)) || (i % 10 == 9 && !to->flush());
      told = told || !to->finish();
    } else {
      told = true;
    }
    const bool hit = failing.faults_hit() > 0;
    EXPECT_TRUE(told || !hit || nth <= 6) << nth; // the free space and the directory's sync are asked in vain
    failing.set_faults({});
    if (auto from = recording_reader::open(failing, "r.weft")) {
      for (const auto& one : all(*from))
        ASSERT_EQ(one, event(one.offset.value()));
    }
    if (!hit) return;
  }
  FAIL() << "no run came through";
}

TEST_F(recordings, refuse_what_no_log_has_and_go_on) {
  auto to = recording_writer::create(disk, "r.weft", "retail");
  ASSERT_TRUE(to);
  auto huge = event(0, (1U << 20U) + 1);
  EXPECT_EQ(to->add(huge).error().code(), errc::too_large);
  auto nameless = event(0);
  nameless.topic = "no topic!";
  EXPECT_FALSE(to->add(nameless));
  EXPECT_FALSE(to->add(note{{start}, std::string(limits::note_bytes_max + 1, 'n')}));
  ASSERT_TRUE(to->add(event(1)));
  ASSERT_TRUE(to->finish());
  auto from = recording_reader::open(disk, "r.weft");
  ASSERT_TRUE(from);
  EXPECT_EQ(all(*from).size(), 1U);
}

TEST_F(recordings, of_another_user_are_refused_with_the_place_and_why) {
  const temporary_directory here;
  const auto path = here.path() + "/r.weft";
  {
    auto to = recording_writer::create(os_disk(), path, "retail");
    ASSERT_TRUE(to) << to.error().message();
    ASSERT_TRUE(to->finish());
  }
  std::filesystem::permissions(here.path(), std::filesystem::perms::all);
  const bool is_root = ::getuid() == 0; // who is not can lock the file even for itself
  if (!is_root) std::filesystem::permissions(path, std::filesystem::perms::none);
  const auto child = ::fork();
  if (child == 0) {
    if (is_root && ::setuid(65534) != 0) ::_exit(3);
    const auto from = recording_reader::open(os_disk(), path);
    const bool told = !from && from.error().message().find(path) != std::string::npos &&
                      from.error().message().find("ermission denied") != std::string::npos;
    ::_exit(told ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

} // namespace
} // namespace weft::recording
