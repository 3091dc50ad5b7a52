// tests/mesh/wire/topic_record_test.cpp: topic records survive the wire, their versions are in order, and nothing
// breaks their decoder.
#include "mesh/wire/topic_record.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/topic_record_generated.h"
#include "tests/mesh/wire/hex.hpp"
#include "tests/mesh/wire/hostile_bytes.hpp"

namespace weft::wire {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{1'700'000'000'000'000};

node_id id_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(value);
  return node_id{bytes};
}

topic_record full_record() {
  topic_record record;
  record.topic = "retail.orders";
  record.author = id_of(7);
  record.certificate = shared_bytes::copy(as_bytes("a chain"));
  record.count = 3;
  record.at = hlc{hlc::at(noon).value() + 5};
  record.by_publish = true;
  record.settings = {168h, 10U << 30U, ack_level::replicated(2), 3, codec::lz4, "orders as they come"};
  return record;
}

topic_record contracted_record() {
  auto record = full_record();
  record.settings.contract = {"table A { x:int; } root_type A;", "x > 0"};
  record.settings.compatibility = 2;
  record.settings.quarantine = true;
  record.settings.until_consumed = true;
  return record;
}

topic_record compacted_record() {
  auto record = full_record();
  record.settings.compaction = true;
  record.settings.compaction_after = 1h;
  record.settings.tombstones_kept = 0h;
  return record;
}

topic_record least_record() {
  topic_record record;
  record.topic = "a";
  record.count = 1;
  return record;
}

topic_record tombstone() {
  auto record = full_record();
  record.by_publish = false;
  record.deleted = true;
  record.settings = {};
  return record;
}

errc code_of(const shared_bytes& bytes) {
  const auto decoded = decode_topic_record(bytes);
  return decoded ? errc::ok : decoded.error().code();
}
template <class Change>
errc changed(Change change) {
  auto record = full_record();
  change(record);
  return code_of(encode(record));
}

TEST(topic_record, comes_back_as_it_was) {
  for (const auto& record : {full_record(), compacted_record(), least_record(), tombstone()}) {
    const auto back = decode_topic_record(encode(record));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, record);
  }
}

TEST(topic_record, without_its_certificate_is_small) { EXPECT_LE(encode(full_record()).size(), 200U); }

TEST(topic_record, has_the_bytes_that_it_always_had) {
  const std::string record = "2c000000574554310000000000001e00540008000c002c0034003c0004000000"
                             "44004c0005000600070030001e00000001030301700000000707070707070707"
                             "0707070707070707070707070707070707070707070707074000000024000000"
                             "030000000000000005000068e5cf8b0100a0e3d08c0000000000008000000000"
                             "130000006f7264657273206173207468657920636f6d65000700000061206368"
                             "61696e000d00000072657461696c2e6f7264657273000000";
  EXPECT_EQ(hex(encode(full_record()).view()), record);
  EXPECT_EQ(decode_topic_record(shared_bytes::take(unhex(record))), full_record());
}

// T41
TEST(topic_record, every_truncation_is_refused) { every_truncation_is_refused(full_record(), decode_topic_record); }

// T41
TEST(topic_record, every_bit_flip_is_survived) {
  EXPECT_GT(every_bit_flip_is_survived(full_record(), decode_topic_record), 200U);
}

// T41
TEST(topic_record, random_bytes_are_refused) { random_bytes_are_corrupt(decode_topic_record); }

TEST(topic_record, bytes_that_do_not_start_aligned_are_read_all_the_same) {
  EXPECT_EQ(decode_topic_record(moved_by_one(encode(full_record()))), full_record());
}

TEST(topic_record, names_outside_the_rules_are_refused) {
  EXPECT_EQ(changed([](auto& r) { r.topic = "a..b"; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.topic = ""; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.topic.assign(limits::topic_name_bytes_max + 1, 'a'); }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.topic = "_weft.cursors"; }), errc::denied);
}

TEST(topic_record, settings_that_a_topic_can_not_have_are_refused) {
  EXPECT_EQ(changed([](auto& r) { r.settings.keep_time = -1s; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.settings.replicas = limits::replicas_max + 1; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.settings.replicas = 1; }), errc::invalid_argument) << "its ack wants two";
  EXPECT_EQ(changed([](auto& r) { r.settings.codec = codec{9}; }), errc::unsupported);
  EXPECT_EQ(changed([](auto& r) { r.settings.ack = ack_level::from_code(200); }), errc::unsupported);
  EXPECT_EQ(changed([](auto& r) { r.settings.description.assign(limits::topic_description_bytes_max + 1, 'x'); }),
            errc::too_large);
  EXPECT_EQ(changed([](auto& r) { r.deleted = true; }), errc::invalid_argument) << "a tombstone has no settings";
}

TEST(topic_record, count_outside_its_range_is_refused) {
  const auto with_count = [](std::uint64_t count) {
    flatbuffers::FlatBufferBuilder out;
    topic_fb::TopicRecordT record;
    record.topic = "a";
    record.author = std::make_unique<topic_fb::Id>();
    record.count = count;
    out.Finish(topic_fb::CreateTopicRecord(out, &record), topic_fb::TopicRecordIdentifier());
    return code_of(shared_bytes::copy({reinterpret_cast<const std::byte*>(out.GetBufferPointer()), out.GetSize()}));
  };
  EXPECT_EQ(with_count(0), errc::invalid_argument);
  EXPECT_EQ(with_count(1), errc::ok);
  EXPECT_EQ(with_count(topic_count_max), errc::ok);
  EXPECT_EQ(with_count(topic_count_max + 1), errc::invalid_argument);
}

TEST(topic_record, one_that_is_too_large_for_an_item_is_refused) {
  EXPECT_EQ(
      changed([](auto& r) { r.certificate = shared_bytes::take(std::vector<std::byte>(limits::item_bytes_max)); }),
      errc::too_large);
}

TEST(topic_record, version_goes_by_count_then_who_then_time_then_author) {
  auto lower = full_record();
  const auto is_below = [&](auto change) {
    auto higher = lower;
    change(higher);
    return version_of(lower) < version_of(higher);
  };
  EXPECT_TRUE(is_below([](auto& r) {
    r.count = 4;
    r.at = hlc{};
  }));
  EXPECT_TRUE(is_below([](auto& r) {
    r.by_publish = false;
    r.at = hlc{};
  }));
  EXPECT_TRUE(is_below([](auto& r) {
    r.at = hlc{r.at.value() + 1};
    r.author = id_of(1);
  }));
  EXPECT_TRUE(is_below([](auto& r) { r.author = id_of(8); }));
  lower.count = topic_count_max;
  EXPECT_TRUE(is_below([](auto& r) { r.by_publish = false; }));
}

TEST(topic_record, carries_a_contract) {
  const auto record = contracted_record();
  const auto decoded = decode_topic_record(encode(record));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, record);
}

TEST(topic_record, with_the_longest_texts_fits_an_item) {
  auto record = contracted_record();
  record.topic = std::string(limits::topic_name_bytes_max, 't');
  record.settings.description = std::string(limits::topic_description_bytes_max, 'd');
  record.settings.contract = {std::string(limits::contract_bytes_max, 's')};
  const auto room_of_a_chain = limits::item_bytes_max - encode(record).size();
  EXPECT_GE(room_of_a_chain, 2048U) << "a chain of two certificates, with the longest names";
}

TEST(topic_record, refuses_a_contract_that_is_no_setting) {
  EXPECT_EQ(changed([](topic_record& r) { r.settings.quarantine = true; }), errc::invalid_argument);
  EXPECT_EQ(changed([](topic_record& r) { r.settings.contract.rules = "x > 0"; }), errc::invalid_argument);
  EXPECT_EQ(changed([](topic_record& r) { r.settings.compatibility = 9; }), errc::unsupported);
}

} // namespace
} // namespace weft::wire
