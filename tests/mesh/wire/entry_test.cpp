#include "mesh/wire/entry.hpp"

#include "mesh/base/crc32c.hpp"
#include "tests/mesh/wire/hex.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace weft::wire {
namespace {

using header_bytes = std::array<std::byte, limits::entry_header_bytes>;

log_id test_log(std::uint32_t ordinal = 0) {
  std::array<std::uint8_t, 32> id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    id[i] = static_cast<std::uint8_t>(i);
  return {node_id{id}, ordinal};
}
const epoch opening{3, 0x9f2c};
const std::uint32_t seed = checksum_seed(test_log(), opening);

entry_header test_header() {
  entry_header header;
  header.body_length = 21;
  header.body_checksum = 0x11223344;
  header.epoch = opening;
  header.first_seq = seq{1042};
  header.first_offset = topic_offset{17};
  header.appended = hlc{0x0191'2345'6789'0001};
  header.unsynced = 5;
  header.topic = topic_id{9};
  header.count = 3;
  header.flags = entry_flags::group_begin | entry_flags::in_group;
  return header;
}

header_bytes encoded(const entry_header& header, std::uint32_t with_seed = seed) {
  header_bytes bytes{};
  encode(header, with_seed, bytes);
  return bytes;
}

/// Puts the right checksum on a header that a test has changed.
void restamp(std::span<std::byte> header) {
  std::memset(header.data() + 8, 0, 4);
  const auto checksum = crc32c(seed, header);
  std::memcpy(header.data() + 8, &checksum, 4);
}

void append_entry(std::vector<std::byte>& run, std::string_view body, std::uint64_t first) {
  auto header = test_header();
  header.body_length = static_cast<std::uint32_t>(body.size());
  header.body_checksum = body_checksum(seed, as_bytes(body));
  header.first_seq = seq{first};
  const auto head = encoded(header);
  run.insert(run.end(), head.begin(), head.end());
  run.insert(run.end(), as_bytes(body).begin(), as_bytes(body).end());
  run.resize((run.size() + 7) / 8 * 8);
}

TEST(entry, golden_bytes) {
  EXPECT_EQ(hex(encoded(test_header())), "5745014015000000"
                                         "21251d5344332211"
                                         "2c9f000003000000"
                                         "1204000000000000"
                                         "1100000000000000"
                                         "0100896745239101"
                                         "0500000009000000"
                                         "030000000a000000");
}

TEST(entry, seed_is_crc32c_of_node_ordinal_and_epoch) {
  std::vector<std::byte> bytes;
  for (unsigned i = 0; i < 32; ++i)
    bytes.push_back(static_cast<std::byte>(i));
  for (const auto byte : unhex("00000000 2c9f0000 03000000"))
    bytes.push_back(byte);
  EXPECT_EQ(seed, crc32c(0, bytes));
  EXPECT_NE(seed, checksum_seed(test_log(1), opening));
  EXPECT_NE(seed, checksum_seed(test_log(), epoch{4, 0x9f2c}));
}

TEST(entry, header_survives_a_round_trip) {
  const auto decoded = decode_header(encoded(test_header()), seed);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, test_header());
  EXPECT_EQ(decoded->end_seq(), seq{1045});
  EXPECT_EQ(decoded->stored_bytes(), 88U);
}

TEST(entry, header_of_another_log_or_epoch_is_corrupt) { // T07
  const auto bytes = encoded(test_header());
  EXPECT_EQ(decode_header(bytes, checksum_seed(test_log(1), opening)).error().code(), errc::corrupt);
  EXPECT_EQ(decode_header(bytes, checksum_seed(test_log(), epoch{3, 0x9f2d})).error().code(), errc::corrupt);
}

TEST(entry, every_flipped_bit_of_a_header_is_found) { // T04
  for (std::size_t bit = 0; bit < limits::entry_header_bytes * 8; ++bit) {
    auto bytes = encoded(test_header());
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto decoded = decode_header(bytes, seed);
    ASSERT_FALSE(decoded) << "bit " << bit;
    EXPECT_EQ(decoded.error().code(), errc::corrupt) << "bit " << bit;
  }
}

TEST(entry, every_cut_header_is_corrupt) { // T03
  const auto bytes = encoded(test_header());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_header(byte_view{bytes}.first(size), seed).error().code(), errc::corrupt) << size;
}

TEST(entry, later_version_is_told_from_damage) { // T52
  auto bytes = encoded(test_header());
  bytes[2] = std::byte{2};
  EXPECT_EQ(decode_header(bytes, seed).error().code(), errc::corrupt);
  restamp(bytes);
  EXPECT_EQ(decode_header(bytes, seed).error().code(), errc::version_newer);
}

TEST(entry, later_version_may_have_a_longer_header) { // T52
  const auto head = encoded(test_header());
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.resize(80);
  bytes[2] = std::byte{2};
  bytes[3] = std::byte{72};
  restamp(std::span(bytes).first(72));
  EXPECT_EQ(decode_header(bytes, seed).error().code(), errc::version_newer);
  bytes[2] = std::byte{1};
  restamp(std::span(bytes).first(72));
  EXPECT_EQ(decode_header(bytes, seed).error().code(), errc::corrupt);
}

TEST(entry, header_out_of_bounds_is_corrupt_in_spite_of_its_checksum) { // T42
  const auto refused = [](auto change) {
    auto header = test_header();
    change(header);
    const auto decoded = decode_header(encoded(header), seed);
    return !decoded && decoded.error().code() == errc::corrupt;
  };
  EXPECT_TRUE(refused([](auto& h) { h.body_length = 0; }));
  EXPECT_TRUE(refused([](auto& h) { h.body_length = limits::batch_bytes_max + 1; }));
  EXPECT_TRUE(refused([](auto& h) { h.count = 0; }));
  EXPECT_TRUE(refused([](auto& h) { h.count = limits::batch_events_max + 1; }));
  EXPECT_TRUE(refused([](auto& h) { h.first_seq = seq{UINT64_MAX - 1}; }));
  EXPECT_TRUE(refused([](auto& h) { h.first_offset = topic_offset{UINT64_MAX}; }));
  EXPECT_TRUE(refused([](auto& h) { h.unsynced = 1043; }));
  EXPECT_FALSE(refused([](auto& h) { h.body_length = limits::batch_bytes_max; }));
  EXPECT_FALSE(refused([](auto& h) { h.unsynced = 1042; }));
}

TEST(entry_walker, gives_each_entry_and_then_the_end) {
  std::vector<std::byte> run;
  append_entry(run, "one", 10);
  append_entry(run, "twotwo22", 13);
  const auto bytes = shared_bytes::take(run);
  entry_walker walker(bytes, seed);

  const auto first = walker.next();
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->header.first_seq, seq{10});
  EXPECT_EQ(as_text(first->body().view()), "one");
  EXPECT_EQ(first->bytes.size(), 72U);
  EXPECT_EQ(first->bytes.data(), bytes.data()) << "entries share the run's bytes";
  EXPECT_EQ(walker.offset(), 72U);

  const auto second = walker.next();
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(as_text(second->body().view()), "twotwo22");
  EXPECT_EQ(walker.next().error().code(), errc::end_of_log);
  EXPECT_EQ(walker.next().error().code(), errc::end_of_log);
  EXPECT_EQ(walker.offset(), run.size());
}

TEST(entry_walker, empty_run_has_no_entry) {
  EXPECT_EQ(entry_walker({}, seed).next().error().code(), errc::end_of_log);
}

TEST(entry_walker, stops_at_a_damaged_body_and_names_its_place) { // T04
  std::vector<std::byte> run;
  append_entry(run, "one", 10);
  append_entry(run, "two", 13);
  run[72 + 64] ^= std::byte{1};
  entry_walker walker(shared_bytes::take(run), seed);
  ASSERT_TRUE(walker.next());
  for (int i = 0; i < 2; ++i) {
    const auto damaged = walker.next();
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code(), errc::corrupt);
    EXPECT_NE(damaged.error().message().find("byte 72"), std::string::npos) << damaged.error().message();
    EXPECT_EQ(walker.offset(), 72U);
  }
}

TEST(entry_walker, every_cut_run_gives_whole_entries_only) { // T03
  std::vector<std::byte> run;
  append_entry(run, "one", 10);
  append_entry(run, "two", 13);
  for (std::size_t size = 0; size < run.size(); ++size) {
    entry_walker walker(shared_bytes::copy(byte_view{run}.first(size)), seed);
    std::size_t whole = 0;
    auto entry = walker.next();
    for (; entry; entry = walker.next())
      ++whole;
    EXPECT_EQ(whole, size / 72) << size;
    EXPECT_EQ(entry.error().code(), size % 72 == 0 ? errc::end_of_log : errc::corrupt) << size;
  }
}

TEST(entry_walker, padding_carries_no_meaning) {
  std::vector<std::byte> run;
  append_entry(run, "one", 10);
  run.back() = std::byte{0xff};
  EXPECT_TRUE(entry_walker(shared_bytes::take(run), seed).next());
}

} // namespace
} // namespace weft::wire
