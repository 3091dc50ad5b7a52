// tests/mesh/wire/node_record_test.cpp: records and accusations survive the wire, stay small, and nothing breaks their
// decoders.
#include "mesh/wire/node_record.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/node_record_generated.h"
#include "tests/mesh/wire/hex.hpp"
#include "tests/mesh/wire/hostile_bytes.hpp"

namespace weft::wire {
namespace {

node_id id_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(value);
  return node_id{bytes};
}

/// A node as most are.
node_record usual_record() {
  node_record record;
  record.id = id_of(7);
  record.number = node_number{12};
  record.name = "inventory";
  record.incarnation = incarnation{3};
  record.revision = 4;
  record.announced = {1'700'000'000'000'000};
  record.epoch = epoch{3, 0x9f2c};
  record.addresses = {"10.20.30.40:7400"};
  record.roles = 3;
  for (std::uint32_t i = 0; i < 5; ++i)
    record.links.push_back({node_number{100 + i}, static_cast<std::uint8_t>(i)});
  record.topics.prefixes = {
      "retail",           "retail.inventory", "retail.inventory.counted", "retail.inventory.moved",
      "retail.orders",    "retail.orders.eu", "retail.orders.us",         "retail.paid",
      "retail.paid.card", "retail.returns"};
  record.versions_min = 1;
  record.versions_max = 1;
  return record;
}

/// One with everything.
node_record full_record() {
  auto record = usual_record();
  record.left = true;
  record.frozen_since = wall_time{1'700'000'000'000'001};
  record.frozen_why = "the disk is full";
  record.addresses.emplace_back("store.example:7400");
  record.zone = "north-1";
  record.versions_max = 9;
  return record;
}

accusation some_accusation() {
  return {id_of(1), id_of(2), incarnation{3}, 4, accusation_cause::broken, {1'700'000'000'000'000}};
}

errc code_of(const shared_bytes& bytes) {
  const auto decoded = decode_node_record(bytes);
  return decoded ? errc::ok : decoded.error().code();
}
template <class Change>
errc changed(Change change) {
  auto record = full_record();
  change(record);
  return code_of(encode(record));
}

TEST(node_record, comes_back_as_it_was) {
  auto with_filter = full_record();
  with_filter.topics = {{}, std::vector<std::uint8_t>(512, 0x5a)};
  node_record least;
  least.id = id_of(1);
  least.name = "a";
  least.incarnation = incarnation{1};
  for (const auto& record : {usual_record(), full_record(), with_filter, least}) {
    const auto back = decode_node_record(encode(record));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, record);
  }
}

TEST(node_record, accusation_comes_back_as_it_was) {
  EXPECT_EQ(decode_accusation(encode(some_accusation())), some_accusation());
  EXPECT_EQ(decode_accusation(encode(accusation{})), accusation{});
}

TEST(node_record, usual_one_is_small) {
  EXPECT_LE(encode(usual_record()).size(), 416U);
  EXPECT_LE(encode(some_accusation()).size(), 136U);
}

TEST(node_record, the_fullest_fits_an_item) {
  auto record = full_record();
  record.frozen_why.assign(limits::refusal_text_bytes_max, 'w');
  record.addresses.assign(limits::announced_addresses_max, std::string(limits::address_bytes_max, 'a'));
  record.links.assign(limits::announced_links_max, {node_number{1}, 1});
  record.topics = {{}, std::vector<std::uint8_t>(limits::summary_bloom_bytes_max, 1)};
  EXPECT_EQ(code_of(encode(record)), errc::ok);
  record.topics = {};
  for (std::size_t i = 0; i < limits::summary_prefixes_max; ++i) {
    auto prefix = std::to_string(100 + i);
    prefix.resize(limits::topic_name_bytes_max / 2, 'x');
    record.topics.prefixes.push_back(prefix);
  }
  EXPECT_EQ(code_of(encode(record)), errc::ok);
}

TEST(node_record, has_the_bytes_that_it_always_had) {
  const std::string record = "300000005745523128006400080028002c004000480050000000580000000000"
                             "30000000340038003c0000000400060028000000010001000707070707070707"
                             "0707070707070707070707070707070707070707070707070c0000002c010000"
                             "0801000003000000d40000002800000003000000000000000400000000000000"
                             "00401e18240a06002c9f00000300000000000000a300000072657461696c2072"
                             "657461696c2e696e76656e746f72792072657461696c2e696e76656e746f7279"
                             "2e636f756e7465642072657461696c2e696e76656e746f72792e6d6f76656420"
                             "72657461696c2e6f72646572732072657461696c2e6f72646572732e65752072"
                             "657461696c2e6f72646572732e75732072657461696c2e706169642072657461"
                             "696c2e706169642e636172642072657461696c2e72657475726e730005000000"
                             "6400000000000000650000000100000066000000020000006700000003000000"
                             "680000000400000001000000040000001000000031302e32302e33302e34303a"
                             "373430300000000009000000696e76656e746f7279000000";
  EXPECT_EQ(hex(encode(usual_record()).view()), record);
  EXPECT_EQ(decode_node_record(shared_bytes::take(unhex(record))), usual_record());
  const std::string word = "1800000057454131100060000800280048005000070058001000000000000001"
                           "0101010101010101010101010101010101010101010101010101010101010101"
                           "0202020202020202020202020202020202020202020202020202020202020202"
                           "0300000000000000040000000000000000401e18240a0600";
  EXPECT_EQ(hex(encode(some_accusation()).view()), word);
  EXPECT_EQ(decode_accusation(shared_bytes::take(unhex(word))), some_accusation());
}

// T41
TEST(node_record, every_truncation_is_refused) {
  every_truncation_is_refused(full_record(), decode_node_record);
  every_truncation_is_refused(some_accusation(), decode_accusation);
}

// T41
TEST(node_record, every_bit_flip_is_survived) {
  EXPECT_GT(every_bit_flip_is_survived(full_record(), decode_node_record), 500U);
  EXPECT_GT(every_bit_flip_is_survived(some_accusation(), decode_accusation), 100U);
}

// T41
TEST(node_record, random_bytes_are_refused) {
  random_bytes_are_corrupt(decode_node_record);
  random_bytes_are_corrupt(decode_accusation);
}

TEST(node_record, bytes_that_do_not_start_aligned_are_read_all_the_same) {
  EXPECT_EQ(decode_node_record(moved_by_one(encode(full_record()))), full_record());
  EXPECT_EQ(decode_accusation(moved_by_one(encode(some_accusation()))), some_accusation());
}

TEST(node_record, one_kind_does_not_pass_for_another) {
  EXPECT_FALSE(decode_node_record(encode(some_accusation())));
  EXPECT_FALSE(decode_accusation(encode(full_record())));
}

TEST(node_record, names_outside_the_rules_are_refused) {
  EXPECT_EQ(changed([](auto& r) { r.name = "Shop"; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.name = ""; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.name.assign(64, 'a'); }), errc::too_large);
  EXPECT_EQ(changed([](auto& r) { r.zone = "no zone"; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.topics.prefixes = {"a..b"}; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.topics.prefixes = {std::string(250, 'a')}; }), errc::invalid_name);
  EXPECT_EQ(changed([](auto& r) { r.addresses = {""}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.addresses = {std::string(256, 'a')}; }), errc::too_large);
  EXPECT_EQ(changed([](auto& r) { r.frozen_why.assign(513, 'w'); }), errc::too_large);
}

TEST(node_record, values_outside_their_domain_are_refused) {
  EXPECT_EQ(changed([](auto& r) { r.incarnation = incarnation{0}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.versions_min = 10; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.topics.prefixes = {"b", "a"}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.topics.prefixes = {"a", "a"}; }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.topics.bloom.assign(8, 1); }), errc::invalid_argument);
  EXPECT_EQ(changed([](auto& r) { r.topics = {{}, {1, 2, 3}}; }), errc::invalid_argument);
  auto word = some_accusation();
  word.cause = accusation_cause{2};
  EXPECT_EQ(decode_accusation(encode(word)).error().code(), errc::unsupported);
}

template <class Build>
shared_bytes built(Build build) {
  flatbuffers::FlatBufferBuilder out;
  record_fb::NodeRecordT record;
  record.id = std::make_unique<record_fb::Id>();
  record.name = "a";
  record.incarnation = 1;
  build(record);
  out.Finish(record_fb::CreateNodeRecord(out, &record), record_identifier);
  return shared_bytes::copy({reinterpret_cast<const std::byte*>(out.GetBufferPointer()), out.GetSize()});
}

TEST(node_record, lists_over_their_limits_are_refused) {
  EXPECT_EQ(code_of(built([](auto&) {})), errc::ok);
  EXPECT_EQ(code_of(built([](auto& r) { r.addresses.assign(limits::announced_addresses_max + 1, "a"); })),
            errc::too_large);
  EXPECT_EQ(code_of(built([](auto& r) { r.links.resize(limits::announced_links_max + 1); })), errc::too_large);
  EXPECT_EQ(code_of(built([](auto& r) { r.bloom.resize(2 * limits::summary_bloom_bytes_max); })), errc::too_large);
  EXPECT_EQ(code_of(built([](auto& r) {
              for (int i = 100; i < 165; ++i)
                r.prefixes += (r.prefixes.empty() ? "" : " ") + std::to_string(i);
            })),
            errc::too_large);
  EXPECT_EQ(code_of(built([](auto& r) { r.frozen_why.assign(limits::item_bytes_max, 'w'); })), errc::too_large);
}

TEST(node_record, spaces_between_prefixes_are_single) {
  EXPECT_EQ(code_of(built([](auto& r) { r.prefixes = "a b"; })), errc::ok);
  EXPECT_EQ(code_of(built([](auto& r) { r.prefixes = " a"; })), errc::invalid_name);
  EXPECT_EQ(code_of(built([](auto& r) { r.prefixes = "a  b"; })), errc::invalid_name);
  EXPECT_EQ(code_of(built([](auto& r) { r.prefixes = "a "; })), errc::invalid_argument);
}

} // namespace
} // namespace weft::wire
