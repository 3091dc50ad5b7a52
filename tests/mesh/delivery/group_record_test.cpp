#include "mesh/delivery/group_record.hpp"

#include "mesh/delivery/group_record_generated.h"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

log_position at(std::uint64_t place) { return {epoch{1, 7}, seq{place}}; }

group_record full_record() {
  group_record record{"packers",
                      "retail.>",
                      12,
                      {3, at(100), {}},
                      {},
                      {class_of(7), class_of(9), hashed_key{class_of(9).value() + 5}, hashed_key{~std::uint64_t{0}}},
                      {{member_id{0xffff'ffff'ffff'fff1}, 5, 4, member_id{8}, true}},
                      wall_time{1'700'000'000'000'000}};
  record.cursor.apart = {{slot{0}, at(10), {at(12), at(15)}}, {slot{1023}, at(90), {}}};
  record.holders = {{member_id{5}, slot_set().set(0).set(1023)}, {member_id{9}, slot_set().set(1)}};
  return record;
}

errc code_of(const group_record& record) {
  const auto back = decode_group_record(encode(record));
  return back ? errc::ok : back.error().code();
}

TEST(group_record, comes_back_as_it_was) {
  const group_record empty{"g", "t", 0, {0, at(0), {}}};
  auto taken_up = full_record();
  taken_up.repeated = 77;
  taken_up.takeup = {{node_id{{1, 2, 3}}, 4}, {3, at(90), {{slot{7}, at(95), {}}}}, {77}};
  auto of_shards = full_record();
  of_shards.state = {{member_id{1}, 5, 4, member_id{8}, true}, {}, {member_id{2}, 7}};
  of_shards.home = "hub";
  for (const auto& record : {empty, full_record(), taken_up, of_shards}) {
    const auto back = decode_group_record(encode(record));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, record);
  }
}

TEST(group_record, all_slots_of_all_members_fit) {
  auto record = full_record();
  record.holders.clear();
  for (std::size_t of = 0; of < limits::slots; ++of)
    record.holders.emplace_back(member_id{of + 1}, slot_set().set(of));
  const auto back = decode_group_record(encode(record));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->holders, record.holders);
}

TEST(group_record, what_is_finished_beyond_the_limit_is_left_out) {
  auto record = full_record();
  auto& finished = record.cursor.apart[0].finished;
  for (std::uint64_t place = 20; place < 40'000; ++place)
    finished.push_back(at(place));
  const auto bytes = encode(record);
  EXPECT_LT(bytes.size(), limits::group_record_bytes_max + 10'000);
  const auto back = decode_group_record(bytes);
  ASSERT_TRUE(back) << back.error().message();
  const auto& kept = back->cursor.apart[0].finished;
  ASSERT_LT(kept.size(), finished.size());
  EXPECT_TRUE(std::equal(kept.begin(), kept.end(), finished.begin()));
}

TEST(group_record, what_it_has_of_parked_keys_fits_an_event) {
  auto record = full_record();
  auto& finished = record.cursor.apart[0].finished;
  for (std::uint64_t place = 20; place < 40'000; ++place)
    finished.push_back(at(place));
  record.parked.clear();
  for (std::uint64_t n = 0; n < keys_parked_each_max; ++n)
    record.parked.insert(to_park_as(record.parked, hashed_key{n * 2 << 48U | 1U}));
  for (std::uint32_t hash = 0; hash < 65'536; ++hash) // and one more of each hash
    record.parked.insert(to_park_as(record.parked, hashed_key{std::uint64_t{hash} << 48U | 2U}));
  EXPECT_EQ(record.parked.size(), keys_parked_each_max + 65'536);
  const auto bytes = encode(record);
  EXPECT_LT(bytes.size(), limits::event_value_bytes_max);
  const auto back = decode_group_record(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->parked, record.parked);
}

/// As a former version writes it.
TEST(group_record, of_hashes_alone_is_a_record_of_classes) {
  flatbuffers::FlatBufferBuilder out;
  const std::vector<std::uint16_t> holders(limits::slots, 0), parked{7, 65'535};
  const auto name = out.CreateString("g"), pattern = out.CreateString("t");
  const auto holders_at = out.CreateVector(holders), parked_at = out.CreateVector(parked);
  const fb::Position floor{0, 0};
  fb::FinishGroupRecordBuffer(
      out, fb::CreateGroupRecord(out, name, pattern, 0, 0, &floor, {}, {}, {}, holders_at, parked_at));
  const auto back = decode_group_record(shared_bytes::copy(
      as_bytes(std::string_view(reinterpret_cast<const char*>(out.GetBufferPointer()), out.GetSize()))));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->parked, (parked_keys{class_of(7), class_of(65'535)}));
}

/// So that it holds slots back, and says no less than before.
TEST(group_record, tells_a_former_version_the_hashes_of_all_that_is_parked) {
  const auto bytes = encode(full_record());
  const auto* const hashes = fb::GetGroupRecord(bytes.data())->parked();
  ASSERT_NE(hashes, nullptr);
  EXPECT_EQ((std::vector<std::uint16_t>(hashes->begin(), hashes->end())), (std::vector<std::uint16_t>{7, 9, 65'535}));
}

TEST(group_record, what_is_told_of_a_takeup_fits_a_message) {
  auto record = full_record();
  record.takeup = {{node_id{{1}}, 0}, {3, at(90), {}}};
  record.cursor.apart.clear();
  record.holders.clear();
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    record.cursor.apart.push_back({slot{of}, at(200), {}});
    for (std::uint64_t place = 300; place < 400; ++place)
      record.cursor.apart.back().finished.push_back(at(place));
    record.takeup->base.apart.push_back({slot{of}, at(100), {}});
    record.holders.emplace_back(member_id{of + 1U}, slot_set().set(of));
  }
  for (std::uint32_t key = 0; key < 65'536; ++key)
    record.parked.insert(class_of(static_cast<std::uint16_t>(key)));
  const auto bytes = encode_takeup(record);
  EXPECT_LT(bytes.size() + 1024, limits::control_bytes_max);
  const auto back = decode_group_record(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->takeup, record.takeup);
  EXPECT_EQ(back->holders, record.holders);
  EXPECT_TRUE(back->parked.empty());
  EXPECT_EQ(back->cursor.of(slot{0}), record.cursor.of(slot{0}));
}

TEST(group_record, knows_the_last_position) {
  EXPECT_EQ(reached(full_record()), at(100));
  auto record = full_record();
  record.cursor.apart[0].finished.push_back(at(200));
  EXPECT_EQ(reached(record), at(200));
}

TEST(group_record, bytes_that_are_none_are_refused) {
  const auto whole = encode(full_record());
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 9)
    EXPECT_FALSE(decode_group_record(shared_bytes::copy(whole.view().subspan(0, size)))) << size;
  EXPECT_EQ(code_of({"Not A Name", "t", 0, {}, {}, {}}), errc::invalid_name);
  EXPECT_EQ(code_of({"g", "t..u", 0, {}, {}, {}}), errc::invalid_name);
  auto record = full_record();
  record.cursor.apart.push_back({slot{1024}, at(1), {}});
  EXPECT_EQ(code_of(record), errc::invalid_argument);
}

} // namespace
} // namespace weft::delivery
