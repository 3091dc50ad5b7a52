// mesh/wire/mesh_message.cpp: writes mesh messages as FlatBuffers.
#include "mesh/wire/mesh_message.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/mesh_message_generated.h"

namespace weft::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// What a Message's union holds.
struct body {
  mesh_fb::Body type = mesh_fb::Body::NONE;
  Offset<void> table;
};

template <class Table>
body as(mesh_fb::Body type, Offset<Table> table) {
  return {type, table.Union()};
}

mesh_fb::Id id_struct(const node_id& id) { return mesh_fb::Id{flatbuffers::span<const std::uint8_t, 32>{id.bytes()}}; }

/// Empty lists are left out.
Offset<flatbuffers::Vector<const mesh_fb::Id*>> ids(FlatBufferBuilder& out, const std::vector<node_id>& nodes) {
  if (nodes.empty()) return {};
  std::vector<mesh_fb::Id> items;
  items.reserve(nodes.size());
  for (const auto& node : nodes)
    items.push_back(id_struct(node));
  return out.CreateVectorOfStructs(items);
}

template <class Number>
Offset<flatbuffers::Vector<Number>> numbers(FlatBufferBuilder& out, const std::vector<Number>& items) {
  return items.empty() ? Offset<flatbuffers::Vector<Number>>{} : out.CreateVector(items);
}

Offset<flatbuffers::Vector<const mesh_fb::SyncEntry*>> write(FlatBufferBuilder& out,
                                                             const std::vector<sync_entry>& entries) {
  WEFT_ASSERT(entries.size() <= limits::sync_entries_max);
  if (entries.empty()) return {};
  std::vector<mesh_fb::SyncEntry> items;
  items.reserve(entries.size());
  for (const auto& entry : entries)
    items.emplace_back(entry.key, entry.version.major, entry.version.minor, entry.version.tie);
  return out.CreateVectorOfStructs(items);
}

Offset<mesh_fb::Item> write(FlatBufferBuilder& out, const item& from) {
  const auto bytes = out.CreateVector(reinterpret_cast<const std::uint8_t*>(from.bytes.data()), from.bytes.size());
  const mesh_fb::Signature signature{flatbuffers::span<const std::uint8_t, 64>{from.signature}};
  return mesh_fb::CreateItem(out, static_cast<std::uint8_t>(from.kind), bytes,
                             from.signature == decltype(from.signature){} ? nullptr : &signature);
}

body write(FlatBufferBuilder& out, const join&) { return as(mesh_fb::Body::Join, mesh_fb::CreateJoin(out)); }
body write(FlatBufferBuilder& out, const forward_join& m) {
  const auto node = id_struct(m.node);
  return as(mesh_fb::Body::ForwardJoin, mesh_fb::CreateForwardJoin(out, &node, m.ttl));
}
body write(FlatBufferBuilder& out, const neighbor& m) {
  return as(mesh_fb::Body::Neighbor, mesh_fb::CreateNeighbor(out, m.high_priority));
}
body write(FlatBufferBuilder& out, const neighbor_reply& m) {
  return as(mesh_fb::Body::NeighborReply, mesh_fb::CreateNeighborReply(out, m.accepted));
}
body write(FlatBufferBuilder& out, const disconnect& m) {
  return as(mesh_fb::Body::Disconnect, mesh_fb::CreateDisconnect(out, m.leaving));
}
body write(FlatBufferBuilder& out, const shuffle& m) {
  WEFT_ASSERT(m.nodes.size() <= limits::shuffle_nodes_max);
  const auto origin = id_struct(m.origin);
  return as(mesh_fb::Body::Shuffle, mesh_fb::CreateShuffle(out, &origin, m.ttl, ids(out, m.nodes)));
}
body write(FlatBufferBuilder& out, const shuffle_reply& m) {
  WEFT_ASSERT(m.nodes.size() <= limits::shuffle_nodes_max);
  return as(mesh_fb::Body::ShuffleReply, mesh_fb::CreateShuffleReply(out, ids(out, m.nodes)));
}
body write(FlatBufferBuilder& out, const gossip& m) {
  WEFT_ASSERT(m.items.size() <= limits::gossip_items_max);
  std::vector<Offset<mesh_fb::Item>> items;
  items.reserve(m.items.size());
  for (const auto& one : m.items)
    items.push_back(write(out, one));
  return as(mesh_fb::Body::Gossip, mesh_fb::CreateGossip(out, out.CreateVector(items), m.answer));
}
body write(FlatBufferBuilder& out, const sync_root& m) {
  return as(mesh_fb::Body::SyncRoot, mesh_fb::CreateSyncRoot(out, m.hash));
}
body write(FlatBufferBuilder& out, const sync_buckets& m) {
  return as(mesh_fb::Body::SyncBuckets, mesh_fb::CreateSyncBuckets(out, numbers(out, m.hashes)));
}
body write(FlatBufferBuilder& out, const sync_entries& m) {
  const auto buckets = numbers(out, m.buckets);
  return as(mesh_fb::Body::SyncEntries, mesh_fb::CreateSyncEntries(out, buckets, write(out, m.entries)));
}
body write(FlatBufferBuilder& out, const sync_wants& m) {
  WEFT_ASSERT(m.keys.size() <= limits::sync_wants_max);
  return as(mesh_fb::Body::SyncWants, mesh_fb::CreateSyncWants(out, numbers(out, m.keys)));
}
body write(FlatBufferBuilder& out, const identity_wants& m) {
  WEFT_ASSERT(m.nodes.size() <= limits::gossip_items_max);
  return as(mesh_fb::Body::IdentityWants, mesh_fb::CreateIdentityWants(out, ids(out, m.nodes)));
}
body write(FlatBufferBuilder& out, const heartbeat& m) {
  return as(mesh_fb::Body::Heartbeat, mesh_fb::CreateHeartbeat(out, m.number));
}
body write(FlatBufferBuilder& out, const heartbeat_reply& m) {
  return as(mesh_fb::Body::HeartbeatReply, mesh_fb::CreateHeartbeatReply(out, m.number));
}

} // namespace

shared_bytes encode(const mesh_message& message) {
  FlatBufferBuilder out(256);
  const auto written = std::visit([&out](const auto& m) { return write(out, m); }, message);
  mesh_fb::FinishMessageBuffer(out, mesh_fb::CreateMessage(out, written.type, written.table));
  WEFT_ASSERT(out.GetSize() <= limits::control_bytes_max);
  return released(out);
}

bool is_mesh_message(const shared_bytes& bytes) noexcept {
  constexpr std::size_t identifier_at = 4;
  const std::string_view identifier = mesh_fb::MessageIdentifier();
  return bytes.size() >= identifier_at + identifier.size() &&
         as_text(bytes.view().subspan(identifier_at, identifier.size())) == identifier;
}

std::string_view name_of(const mesh_message& message) noexcept {
  static constexpr std::array<std::string_view, std::variant_size_v<mesh_message>> names{
      "join",         "forward_join",  "neighbor",       "neighbor_reply", "disconnect",
      "shuffle",      "shuffle_reply", "gossip",         "sync_root",      "sync_buckets",
      "sync_entries", "sync_wants",    "identity_wants", "heartbeat",      "heartbeat_reply"};
  return names.at(message.index());
}

} // namespace weft::wire
