// tests/mesh/wire/mesh_message_test.cpp: mesh messages survive the wire, and nothing from outside breaks their decoder.
#include "mesh/wire/mesh_message.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/control.hpp"
#include "mesh/wire/mesh_message_generated.h"
#include "tests/mesh/wire/hex.hpp"
#include "tests/mesh/wire/hostile_bytes.hpp"

#include <cstring>
#include <set>

namespace weft::wire {
namespace {

node_id id_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(value);
  return node_id{bytes};
}

item some_item(std::uint8_t value) {
  item made{item_kind::node_record, shared_bytes::copy(as_bytes("signed bytes")), {}};
  made.signature.fill(value);
  return made;
}

std::vector<mesh_message> one_of_each() {
  std::vector<std::uint64_t> hashes(limits::sync_buckets);
  for (std::size_t i = 0; i < hashes.size(); ++i)
    hashes[i] = i * 0x0101010101010101U;
  return {join{},
          forward_join{id_of(1), 6},
          neighbor{true},
          neighbor_reply{true},
          disconnect{true},
          shuffle{id_of(2), 3, {id_of(4), id_of(5)}},
          shuffle_reply{{id_of(6)}},
          gossip{{some_item(7), item{item_kind::identity, shared_bytes::copy(as_bytes("chain")), {}}}, true},
          sync_root{0x1122334455667788},
          sync_buckets{hashes},
          sync_entries{{0, 7, 63}, {{1, {2, 3, 4}}, {5, {6, 7, 8}}}},
          sync_wants{{9, 10}},
          identity_wants{{id_of(11)}},
          heartbeat{12},
          heartbeat_reply{std::numeric_limits<std::uint64_t>::max()}};
}

errc code_of(const shared_bytes& bytes) {
  const auto decoded = decode_mesh_message(bytes);
  return decoded ? errc::ok : decoded.error().code();
}

TEST(mesh_message, every_message_comes_back_as_it_was) {
  std::set<std::size_t> kinds;
  for (const auto& message : one_of_each()) {
    const auto back = decode_mesh_message(encode(message));
    ASSERT_TRUE(back) << name_of(message) << ": " << back.error().message();
    EXPECT_EQ(*back, message) << name_of(message);
    kinds.insert(message.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<mesh_message>);
}

TEST(mesh_message, messages_have_the_bytes_that_they_always_had) {
  const std::vector<std::pair<mesh_message, std::string>> golden{
      {heartbeat{12}, "1000000057454d3108000e0007000800080000000000000e0c00000000000600"
                      "0c000400060000000c00000000000000"},
      {sync_root{0x1122334455667788}, "1000000057454d3108000e000700080008000000000000090c00000000000600"
                                      "0c000400060000008877665544332211"},
      {forward_join{id_of(1), 6}, "1000000057454d3108000c000700080008000000000000020c00000008002800"
                                  "0800070008000000000000060101010101010101010101010101010101010101"
                                  "010101010101010101010101"},
      {gossip{{some_item(7)}, true}, "1000000057454d3108000c000700080008000000000000080c00000008000c00"
                                     "08000700080000000000000104000000010000001000000000000a004c000700"
                                     "08000c000a000000000000014400000007070707070707070707070707070707"
                                     "0707070707070707070707070707070707070707070707070707070707070707"
                                     "070707070707070707070707070707070c0000007369676e6564206279746573"},
      {sync_entries{{7}, {{1, {2, 3, 4}}}}, "1400000057454d310000000008000c0007000800080000000000000b0c000000"
                                            "08000c0004000800080000002c00000004000000010000000100000000000000"
                                            "0200000000000000030000000000000004000000000000000100000007000000"},
  };
  for (const auto& [message, bytes] : golden) {
    EXPECT_EQ(hex(encode(message).view()), bytes) << name_of(message);
    EXPECT_EQ(decode_mesh_message(shared_bytes::take(unhex(bytes))), message) << name_of(message);
  }
}

TEST(mesh_message, name_of_says_the_messages_name) {
  EXPECT_EQ(name_of(join{}), "join");
  EXPECT_EQ(name_of(gossip{}), "gossip");
  EXPECT_EQ(name_of(heartbeat_reply{}), "heartbeat_reply");
}

TEST(mesh_message, the_file_identifier_tells_mesh_messages_from_control_messages) {
  for (const auto& message : one_of_each()) {
    EXPECT_TRUE(is_mesh_message(encode(message)));
    EXPECT_FALSE(decode_control(encode(message)));
  }
  EXPECT_FALSE(is_mesh_message(encode(control(ping{1}))));
  EXPECT_EQ(code_of(encode(control(ping{1}))), errc::corrupt);
  EXPECT_FALSE(is_mesh_message(shared_bytes::copy(as_bytes("WEM1"))));
}

// What is sent all the time.
TEST(mesh_message, heartbeats_and_roots_are_small) {
  EXPECT_LE(encode(heartbeat{1U << 30U}).size(), 48U);
  EXPECT_LE(encode(heartbeat_reply{1U << 30U}).size(), 48U);
  EXPECT_LE(encode(sync_root{~std::uint64_t{0}}).size(), 48U);
  const auto item_adds = encode(gossip{{some_item(1)}}).size() - encode(gossip{}).size();
  EXPECT_LE(item_adds, 112 + some_item(1).bytes.size());
}

// T41
TEST(mesh_message, every_truncation_is_refused) {
  for (const auto& message : one_of_each())
    every_truncation_is_refused(message, decode_mesh_message);
}

// T41
TEST(mesh_message, every_bit_flip_is_survived) {
  std::size_t refused = 0;
  for (const auto& message : one_of_each())
    refused += every_bit_flip_is_survived(message, decode_mesh_message);
  EXPECT_GT(refused, 1000U);
}

// T41
TEST(mesh_message, random_bytes_are_refused) { random_bytes_are_corrupt(decode_mesh_message); }

TEST(mesh_message, bytes_that_do_not_start_aligned_are_read_all_the_same) {
  for (const auto& message : one_of_each())
    EXPECT_EQ(decode_mesh_message(moved_by_one(encode(message))), message);
}

TEST(mesh_message, an_item_keeps_only_its_own_bytes_alive) {
  const auto whole = encode(gossip{{some_item(1)}});
  const auto back = decode_mesh_message(whole);
  ASSERT_TRUE(back);
  const auto& bytes = std::get<gossip>(*back).items.at(0).bytes;
  EXPECT_NE(bytes.owner(), whole.owner());
}

TEST(mesh_message, the_fullest_messages_fit) {
  item large = some_item(1);
  large.bytes = shared_bytes::take(std::vector<std::byte>(limits::gossip_bytes_max / limits::gossip_items_max));
  EXPECT_EQ(code_of(encode(gossip{std::vector(limits::gossip_items_max, large)})), errc::ok);
  EXPECT_EQ(code_of(encode(sync_entries{{}, std::vector<sync_entry>(limits::sync_entries_max)})), errc::ok);
  EXPECT_EQ(code_of(encode(sync_wants{std::vector<std::uint64_t>(limits::sync_wants_max)})), errc::ok);
}

TEST(mesh_message, a_message_over_the_limit_is_refused_before_it_is_looked_at) {
  EXPECT_EQ(code_of(shared_bytes::take(std::vector<std::byte>(limits::control_bytes_max + 1))), errc::too_large);
}

template <class Build>
shared_bytes built(mesh_fb::Body type, Build build) {
  flatbuffers::FlatBufferBuilder out;
  const flatbuffers::Offset<void> table = build(out);
  mesh_fb::FinishMessageBuffer(out, mesh_fb::CreateMessage(out, type, table));
  return shared_bytes::copy({reinterpret_cast<const std::byte*>(out.GetBufferPointer()), out.GetSize()});
}

TEST(mesh_message, lists_over_their_limits_are_refused) {
  const auto shuffled = [](auto& out) {
    const mesh_fb::Id id;
    const auto nodes = out.CreateVectorOfStructs(std::vector<mesh_fb::Id>(limits::shuffle_nodes_max + 1));
    return mesh_fb::CreateShuffle(out, &id, 1, nodes).Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::Shuffle, shuffled)), errc::too_large);
  const auto replied = [](auto& out) {
    const auto nodes = out.CreateVectorOfStructs(std::vector<mesh_fb::Id>(limits::shuffle_nodes_max + 1));
    return mesh_fb::CreateShuffleReply(out, nodes).Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::ShuffleReply, replied)), errc::too_large);
  const auto wanted = [](auto& out) {
    return mesh_fb::CreateSyncWants(out, out.CreateVector(std::vector<std::uint64_t>(limits::sync_wants_max + 1)))
        .Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::SyncWants, wanted)), errc::too_large);
  const auto identities = [](auto& out) {
    const auto nodes = out.CreateVectorOfStructs(std::vector<mesh_fb::Id>(limits::gossip_items_max + 1));
    return mesh_fb::CreateIdentityWants(out, nodes).Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::IdentityWants, identities)), errc::too_large);
  const auto entries = [](auto& out) {
    const auto items = out.CreateVectorOfStructs(std::vector<mesh_fb::SyncEntry>(limits::sync_entries_max + 1));
    return mesh_fb::CreateSyncEntries(out, 0, items).Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::SyncEntries, entries)), errc::too_large);
}

// T41: many offsets to one item cost what many items would.
TEST(mesh_message, many_offsets_to_one_large_item_are_refused) {
  const auto bomb = [](std::size_t count, std::size_t bytes) {
    return built(mesh_fb::Body::Gossip, [&](auto& out) {
      const auto item = mesh_fb::CreateItem(out, 1, out.CreateVector(std::vector<std::uint8_t>(bytes)));
      return mesh_fb::CreateGossip(out, out.CreateVector(std::vector(count, item))).Union();
    });
  };
  EXPECT_EQ(code_of(bomb(4, limits::item_bytes_max)), errc::ok);
  EXPECT_EQ(code_of(bomb(5, limits::item_bytes_max)), errc::too_large);
  EXPECT_EQ(code_of(bomb(1, limits::item_bytes_max + 1)), errc::too_large);
  EXPECT_EQ(code_of(bomb(limits::gossip_items_max + 1, 1)), errc::too_large);
}

TEST(mesh_message, buckets_out_of_range_or_order_are_refused) {
  EXPECT_EQ(code_of(encode(sync_entries{{64}, {}})), errc::invalid_argument);
  EXPECT_EQ(code_of(encode(sync_entries{{3, 3}, {}})), errc::invalid_argument);
  EXPECT_EQ(code_of(encode(sync_entries{{4, 3}, {}})), errc::invalid_argument);
  EXPECT_EQ(code_of(encode(sync_buckets{{1, 2, 3}})), errc::invalid_argument);
}

TEST(mesh_message, an_item_of_a_later_kind_is_left_out) {
  const auto later = built(mesh_fb::Body::Gossip, [](auto& out) {
    const auto bytes = out.CreateVector(std::vector<std::uint8_t>(3));
    const std::vector items{mesh_fb::CreateItem(out, 200, bytes), mesh_fb::CreateItem(out, 3, bytes)};
    return mesh_fb::CreateGossip(out, out.CreateVector(items)).Union();
  });
  const auto back = decode_mesh_message(later);
  ASSERT_TRUE(back);
  ASSERT_EQ(std::get<gossip>(*back).items.size(), 1U);
  EXPECT_EQ(std::get<gossip>(*back).items[0].kind, item_kind::topic_record);
}

TEST(mesh_message, a_message_of_a_later_version_is_unsupported) {
  const auto later =
      built(static_cast<mesh_fb::Body>(200), [](auto& out) { return mesh_fb::CreateHeartbeat(out, 1).Union(); });
  EXPECT_EQ(code_of(later), errc::unsupported);
}

TEST(mesh_message, a_message_without_its_parts_is_corrupt) {
  const auto nothing = [](auto&) { return flatbuffers::Offset<void>{}; };
  EXPECT_EQ(code_of(built(mesh_fb::Body::NONE, nothing)), errc::corrupt);
  EXPECT_EQ(code_of(built(mesh_fb::Body::Join, nothing)), errc::corrupt);
  const auto empty = [](auto& out) { return mesh_fb::CreateJoin(out).Union(); };
  for (const auto type : {mesh_fb::Body::ForwardJoin, mesh_fb::Body::Shuffle})
    EXPECT_EQ(code_of(built(type, empty)), errc::corrupt);
  EXPECT_EQ(code_of(built(mesh_fb::Body::SyncBuckets, empty)), errc::invalid_argument);
  for (const auto type : {mesh_fb::Body::Gossip, mesh_fb::Body::SyncEntries, mesh_fb::Body::SyncWants,
                          mesh_fb::Body::IdentityWants, mesh_fb::Body::ShuffleReply})
    EXPECT_EQ(code_of(built(type, empty)), errc::ok) << "an absent list is empty";
  const auto bare = [](auto& out) {
    const auto start = out.StartTable();
    const std::vector items{flatbuffers::Offset<mesh_fb::Item>(out.EndTable(start))};
    return mesh_fb::CreateGossip(out, out.CreateVector(items)).Union();
  };
  EXPECT_EQ(code_of(built(mesh_fb::Body::Gossip, bare)), errc::corrupt);
}

TEST(mesh_message, lists_of_words_that_are_not_aligned_are_refused) {
  std::multiset<errc> codes;
  for (const std::size_t moved_by : {0U, 1U}) {
    codes.insert(code_of(built(mesh_fb::Body::SyncWants, [moved_by](auto& out) {
      static_cast<void>(out.CreateVector(std::vector<std::uint64_t>(1))); // aligns the whole
      static_cast<void>(out.CreateVector(std::vector<std::uint32_t>(moved_by)));
      const auto halves = out.CreateVector(std::vector<std::uint32_t>(4)); // the same bytes, aligned less
      const std::uint32_t words = 2;
      std::memcpy(out.GetCurrentBufferPointer(), &words, sizeof words);
      return mesh_fb::CreateSyncWants(out, flatbuffers::Offset<flatbuffers::Vector<std::uint64_t>>(halves.o)).Union();
    })));
  }
  EXPECT_EQ(codes, (std::multiset<errc>{errc::ok, errc::corrupt}));
}

} // namespace
} // namespace weft::wire
