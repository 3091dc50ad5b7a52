// tests/mesh/wire/cut_record_test.cpp: cut records survive the wire, and nothing breaks their decoder.
#include "mesh/wire/cut_record.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/wire/hex.hpp"
#include "tests/mesh/wire/hostile_bytes.hpp"

namespace weft::wire {
namespace {

constexpr wall_time noon{1'700'000'000'000'000};

node_id id_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(value);
  return node_id{bytes};
}

cut_record full_record() {
  cut_record record;
  record.what = {"eod", 0x1122334455667788, "retail.>", hlc::at(noon), {noon.us + 1}, {"a", "b"}, 3};
  record.author = id_of(7);
  record.certificate = shared_bytes::copy(as_bytes("a chain"));
  record.count = 2;
  record.at = hlc{hlc::at(noon).value() + 5};
  return record;
}

cut_record asked_for() {
  auto record = full_record();
  record.what = {"eod", 9, ">", {}, noon};
  record.count = 1;
  return record;
}

cut_record tombstone() {
  auto record = full_record();
  record.what = {.name = "eod", .id = 9, .pattern = {}, .bound = {}, .lease_until = noon, .deleted = true};
  return record;
}

template <class Change>
errc changed(Change change) {
  auto record = full_record();
  change(record);
  const auto decoded = decode_cut_record(encode(record));
  return decoded ? errc::ok : decoded.error().code();
}

TEST(cut_record, comes_back_as_it_was) {
  for (const auto& record : {full_record(), asked_for(), tombstone()}) {
    const auto back = decode_cut_record(encode(record));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, record);
  }
}

TEST(cut_record, with_all_the_logs_it_may_name_fits_an_item) {
  auto record = full_record();
  record.what.absent.assign(limits::cut_absent_max, std::string(limits::node_name_bytes_max, 'n'));
  record.certificate = shared_bytes::copy(as_bytes(std::string(1024, 'c')));
  EXPECT_LT(encode(record).size(), limits::item_bytes_max);
  EXPECT_EQ(decode_cut_record(encode(record)), record);
  record.what.absent.emplace_back("n");
  EXPECT_EQ(decode_cut_record(encode(record)).error().code(), errc::too_large);
}

// T41
TEST(cut_record, every_truncation_is_refused) { every_truncation_is_refused(full_record(), decode_cut_record); }

// T41
TEST(cut_record, every_bit_flip_is_survived) {
  EXPECT_GT(every_bit_flip_is_survived(full_record(), decode_cut_record), 200U);
}

// T41
TEST(cut_record, random_bytes_are_refused) { random_bytes_are_corrupt(decode_cut_record); }

TEST(cut_record, bytes_that_do_not_start_aligned_are_read_all_the_same) {
  EXPECT_EQ(decode_cut_record(moved_by_one(encode(full_record()))), full_record());
}

TEST(cut_record, what_a_cut_can_not_have_is_refused) {
  EXPECT_EQ(changed([](auto& r) { r.what.name = "End Of Day"; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.what.pattern = "a..b"; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.what.pattern.clear(); }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.what.absent = {"Bad Name"}; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.what.lease_until = {}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.what.bound = hlc{r.what.bound.value() + 1}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.what.deleted = true; }), errc::invalid_argument);
}

TEST(cut_record, versions_go_by_count_then_time_then_author) {
  const auto base = full_record();
  auto other = base;
  other.count = 3;
  other.at = hlc{1};
  EXPECT_GT(version_of(other), version_of(base));
  other = base;
  other.at = hlc{base.at.value() + 1};
  EXPECT_GT(version_of(other), version_of(base));
  other = base;
  other.author = id_of(8);
  EXPECT_GT(version_of(other), version_of(base));
}

} // namespace
} // namespace weft::wire
