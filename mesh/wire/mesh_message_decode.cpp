// mesh/wire/mesh_message_decode.cpp: reads mesh messages from outside: verified, then checked field by field.
#include "mesh/base/limits.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/mesh_message.hpp"
#include "mesh/wire/mesh_message_generated.h"

namespace weft::wire {

namespace {

using id_vector = flatbuffers::Vector<const mesh_fb::Id*>;

result<std::vector<node_id>> read_ids(const id_vector* from, std::size_t count_max, std::string_view what) {
  if (auto good = check_count(from, count_max, what); !good) return fail(good.error());
  std::vector<node_id> nodes;
  if (!from) return nodes;
  nodes.reserve(from->size());
  for (const auto* id : *from)
    nodes.emplace_back(id_in(*id));
  return nodes;
}

result<std::vector<std::uint64_t>> read_words(const flatbuffers::Vector<std::uint64_t>* from, std::size_t count_max,
                                              std::string_view what) {
  if (auto good = check_count(from, count_max, what); !good) return fail(good.error());
  if (auto good = check_aligned(from, what); !good) return fail(good.error());
  return from ? std::vector<std::uint64_t>(from->begin(), from->end()) : std::vector<std::uint64_t>{};
}

result<mesh_message> read(const mesh_fb::Join&) { return join{}; }
result<mesh_message> read(const mesh_fb::ForwardJoin& m) { return forward_join{node_id{id_in(*m.node())}, m.ttl()}; }
result<mesh_message> read(const mesh_fb::Neighbor& m) { return neighbor{m.high_priority()}; }
result<mesh_message> read(const mesh_fb::NeighborReply& m) { return neighbor_reply{m.accepted()}; }
result<mesh_message> read(const mesh_fb::Disconnect& m) { return disconnect{m.leaving()}; }

result<mesh_message> read(const mesh_fb::Shuffle& m) {
  auto nodes = read_ids(m.nodes(), limits::shuffle_nodes_max, "nodes of a shuffle");
  if (!nodes) return fail(nodes.error());
  return shuffle{node_id{id_in(*m.origin())}, m.ttl(), std::move(*nodes)};
}
result<mesh_message> read(const mesh_fb::ShuffleReply& m) {
  auto nodes = read_ids(m.nodes(), limits::shuffle_nodes_max, "nodes of a shuffle");
  if (!nodes) return fail(nodes.error());
  return shuffle_reply{std::move(*nodes)};
}

/// The bytes are copied: an item is kept for long, the message it came in is not.
result<item> read(const mesh_fb::Item& from) {
  if (auto good = check_count(from.bytes(), limits::item_bytes_max, "bytes of an item"); !good)
    return fail(good.error());
  item made{static_cast<item_kind>(from.kind()), {}, {}};
  made.bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(from.bytes()->Data()), from.bytes()->size()});
  if (from.signature()) std::copy_n(from.signature()->bytes()->Data(), made.signature.size(), made.signature.begin());
  return made;
}

result<mesh_message> read(const mesh_fb::Gossip& m) {
  if (auto good = check_count(m.items(), limits::gossip_items_max, "items of a gossip"); !good)
    return fail(good.error());
  gossip made{{}, m.answer()};
  std::size_t bytes = 0; // many offsets may point to the same item
  if (!m.items()) return made;
  for (const auto* one : *m.items()) {
    if (one->kind() > static_cast<std::uint8_t>(item_kind::cut_record)) continue;
    auto read_item = read(*one);
    if (!read_item) return fail(read_item.error());
    bytes += read_item->bytes.size();
    if (bytes > limits::gossip_bytes_max)
      return fail(errc::too_large, fmt::format("items of a gossip have more than {} bytes", limits::gossip_bytes_max));
    made.items.push_back(std::move(*read_item));
  }
  return made;
}

result<mesh_message> read(const mesh_fb::SyncRoot& m) { return sync_root{m.hash()}; }

result<mesh_message> read(const mesh_fb::SyncBuckets& m) {
  auto hashes = read_words(m.hashes(), limits::sync_buckets, "hashes of buckets");
  if (!hashes) return fail(hashes.error());
  if (hashes->size() != limits::sync_buckets)
    return fail(errc::invalid_argument,
                fmt::format("{} hashes of buckets instead of {}", hashes->size(), limits::sync_buckets));
  return sync_buckets{std::move(*hashes)};
}

result<std::vector<std::uint16_t>> read_buckets(const flatbuffers::Vector<std::uint16_t>* from) {
  std::vector<std::uint16_t> buckets;
  if (!from) return buckets;
  for (const auto bucket : *from) {
    if (bucket >= limits::sync_buckets || (!buckets.empty() && bucket <= buckets.back()))
      return fail(errc::invalid_argument,
                  fmt::format("bucket {} of {} is out of range or order", bucket, limits::sync_buckets));
    buckets.push_back(bucket);
  }
  return buckets;
}

result<mesh_message> read(const mesh_fb::SyncEntries& m) {
  auto buckets = read_buckets(m.buckets());
  if (!buckets) return fail(buckets.error());
  sync_entries made{std::move(*buckets), {}};
  if (!m.entries()) return made;
  if (auto good = check_count(m.entries(), limits::sync_entries_max, "entries"); !good) return fail(good.error());
  if (auto good = check_aligned(m.entries(), "entries"); !good) return fail(good.error());
  made.entries.reserve(m.entries()->size());
  for (const auto* entry : *m.entries())
    made.entries.push_back({entry->key(), {entry->major(), entry->minor(), entry->tie()}});
  return made;
}

result<mesh_message> read(const mesh_fb::SyncWants& m) {
  auto keys = read_words(m.keys(), limits::sync_wants_max, "wanted keys");
  if (!keys) return fail(keys.error());
  return sync_wants{std::move(*keys)};
}
result<mesh_message> read(const mesh_fb::IdentityWants& m) {
  auto nodes = read_ids(m.nodes(), limits::gossip_items_max, "wanted identities");
  if (!nodes) return fail(nodes.error());
  return identity_wants{std::move(*nodes)};
}
result<mesh_message> read(const mesh_fb::Heartbeat& m) { return heartbeat{m.number()}; }
result<mesh_message> read(const mesh_fb::HeartbeatReply& m) { return heartbeat_reply{m.number()}; }

result<mesh_message> read_body(const mesh_fb::Message& root) {
  if (root.body_type() > mesh_fb::Body::MAX)
    return fail(errc::unsupported, fmt::format("mesh message kind {} is unknown to this version",
                                               static_cast<unsigned>(root.body_type())));
  if (root.body_type() == mesh_fb::Body::NONE || !root.body())
    return fail(errc::corrupt, "a mesh message without a body");
  switch (root.body_type()) {
  case mesh_fb::Body::Join: return read(*root.body_as_Join());
  case mesh_fb::Body::ForwardJoin: return read(*root.body_as_ForwardJoin());
  case mesh_fb::Body::Neighbor: return read(*root.body_as_Neighbor());
  case mesh_fb::Body::NeighborReply: return read(*root.body_as_NeighborReply());
  case mesh_fb::Body::Disconnect: return read(*root.body_as_Disconnect());
  case mesh_fb::Body::Shuffle: return read(*root.body_as_Shuffle());
  case mesh_fb::Body::ShuffleReply: return read(*root.body_as_ShuffleReply());
  case mesh_fb::Body::Gossip: return read(*root.body_as_Gossip());
  case mesh_fb::Body::SyncRoot: return read(*root.body_as_SyncRoot());
  case mesh_fb::Body::SyncBuckets: return read(*root.body_as_SyncBuckets());
  case mesh_fb::Body::SyncEntries: return read(*root.body_as_SyncEntries());
  case mesh_fb::Body::SyncWants: return read(*root.body_as_SyncWants());
  case mesh_fb::Body::IdentityWants: return read(*root.body_as_IdentityWants());
  case mesh_fb::Body::Heartbeat: return read(*root.body_as_Heartbeat());
  case mesh_fb::Body::HeartbeatReply: return read(*root.body_as_HeartbeatReply());
  case mesh_fb::Body::NONE: break;
  }
  return fail(errc::corrupt, "a mesh message without a body");
}

} // namespace

result<mesh_message> decode_mesh_message(const shared_bytes& bytes) {
  if (bytes.size() > limits::control_bytes_max)
    return fail(errc::too_large, fmt::format("a mesh message of {} bytes, at most {} are allowed", bytes.size(),
                                             limits::control_bytes_max));
  const auto kept = aligned(bytes);
  const auto* start = reinterpret_cast<const std::uint8_t*>(kept.data());
  flatbuffers::Verifier verifier(start, kept.size(), limits::control_depth_max, limits::control_tables_max);
  if (!mesh_fb::VerifyMessageBuffer(verifier))
    return fail(errc::corrupt, fmt::format("{} bytes are no mesh message", bytes.size()));
  return read_body(*mesh_fb::GetMessage(start));
}

} // namespace weft::wire
