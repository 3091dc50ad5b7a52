// mesh/wire/mesh_message.hpp: what nodes say to each other to be a mesh: overlay, gossip, heartbeats.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace weft::wire {

/// Counts a node's starts and refutations; persisted before it is used, raised by the node itself only.
using incarnation = strong<struct incarnation_tag, std::uint64_t>;

// --- overlay (HyParView); the sender is the link's peer -------------------------------------------------------------

/// "I am new here."
struct join {
  friend bool operator==(const join&, const join&) = default;
};
/// Walks the overlay on behalf of a new node.
struct forward_join {
  node_id node;
  std::uint8_t ttl = 0;
  friend bool operator==(const forward_join&, const forward_join&) = default;
};
/// "Be my neighbour." With high priority the asker has none: it is not refused.
struct neighbor {
  bool high_priority = false;
  friend bool operator==(const neighbor&, const neighbor&) = default;
};
struct neighbor_reply {
  bool accepted = false;
  friend bool operator==(const neighbor_reply&, const neighbor_reply&) = default;
};
/// "We are no neighbours any more." The link may stay for other uses.
struct disconnect {
  bool leaving = false; ///< the sender leaves the mesh: not to be kept in a passive view
  friend bool operator==(const disconnect&, const disconnect&) = default;
};
/// A walk that trades samples of passive views.
struct shuffle {
  node_id origin;
  std::uint8_t ttl = 0;
  std::vector<node_id> nodes; ///< at most limits::shuffle_nodes_max
  friend bool operator==(const shuffle&, const shuffle&) = default;
};
struct shuffle_reply { ///< the same limit
  std::vector<node_id> nodes;
  friend bool operator==(const shuffle_reply&, const shuffle_reply&) = default;
};

// --- gossip ---------------------------------------------------------------------------------------------------------

enum class item_kind : std::uint8_t { identity = 0, node_record = 1, accusation = 2, topic_record = 3, cut_record = 4 };

/// Something its author signed. Kept and handed on as it came.
struct item {
  item_kind kind = item_kind::identity;
  shared_bytes bytes;                       ///< what was signed; an identity is a certificate chain, signed by itself
  std::array<std::uint8_t, 64> signature{}; ///< Ed25519 by the author's identity key; zeros for an identity
  friend bool operator==(const item& a, const item& b) noexcept {
    return a.kind == b.kind && a.signature == b.signature && as_text(a.bytes.view()) == as_text(b.bytes.view());
  }
};
/// News, flooded; or, as an answer, what anti-entropy or identity_wants asked for: new to one node, not to the mesh.
struct gossip {
  std::vector<item> items; ///< at most limits::gossip_items_max
  bool answer = false;
  friend bool operator==(const gossip&, const gossip&) = default;
};

/// Anti-entropy, four steps; each is skipped when the one before found no difference:
///
///     a ── sync_root ──▶ b      one hash over everything held
///     a ◀── sync_buckets ── b   differs: a hash a bucket of keys
///     a ── sync_entries ──▶ b   of buckets that differ: every key with its version
///     a ◀── sync_wants, gossip ── b   b sends what is newer there and asks for what is newer at a
///     a ── gossip ──▶ b
struct sync_root {
  std::uint64_t hash = 0;
  friend bool operator==(const sync_root&, const sync_root&) = default;
};
struct sync_buckets {
  std::vector<std::uint64_t> hashes; ///< limits::sync_buckets of them
  friend bool operator==(const sync_buckets&, const sync_buckets&) = default;
};
/// Which of two items with one key is newer. What the parts are depends on the kind: peer_to_peer.md has the table.
struct item_version {
  std::uint64_t major = 0, minor = 0;
  std::uint32_t tie = 0; ///< of a topic record: the node's number
  friend auto operator<=>(const item_version&, const item_version&) = default;
};
/// What is held of one key.
struct sync_entry {
  std::uint64_t key = 0; ///< xxh3_64 of the key, seeded with the kind
  item_version version;
  friend bool operator==(const sync_entry&, const sync_entry&) = default;
};
struct sync_entries {
  std::vector<std::uint16_t> buckets; ///< ascending; of these, the entries are all that the sender holds
  std::vector<sync_entry> entries;    ///< at most limits::sync_entries_max
  friend bool operator==(const sync_entries&, const sync_entries&) = default;
};
/// Asks for items by key, as in sync_entry; at most limits::sync_wants_max.
struct sync_wants {
  std::vector<std::uint64_t> keys;
  friend bool operator==(const sync_wants&, const sync_wants&) = default;
};
/// Asks for the identities of nodes, at most limits::gossip_items_max.
struct identity_wants {
  std::vector<node_id> nodes;
  friend bool operator==(const identity_wants&, const identity_wants&) = default;
};

// --- heartbeats -----------------------------------------------------------------------------------------------------

struct heartbeat {
  std::uint64_t number = 0;
  friend bool operator==(const heartbeat&, const heartbeat&) = default;
};
/// With the number of the heartbeat: the time between is the round trip.
struct heartbeat_reply {
  std::uint64_t number = 0;
  friend bool operator==(const heartbeat_reply&, const heartbeat_reply&) = default;
};

/// One message. Its bytes are those of mesh_message.fbs.
using mesh_message =
    std::variant<join, forward_join, neighbor, neighbor_reply, disconnect, shuffle, shuffle_reply, gossip, sync_root,
                 sync_buckets, sync_entries, sync_wants, identity_wants, heartbeat, heartbeat_reply>;

/// @pre lists within their limits, items within limits::item_bytes_max and together limits::gossip_bytes_max
[[nodiscard]] shared_bytes encode(const mesh_message& message);

/// Whether a frame's control part is one of these, by its file identifier; else decode_control() takes it.
[[nodiscard]] bool is_mesh_message(const shared_bytes& bytes) noexcept;

/// Reads bytes from outside: size, FlatBuffers verifier with limits, then every length and range.
/// @error errc::too_large    over limits::control_bytes_max, or a list over its limit
/// @error errc::corrupt      not a mesh message, or damaged
/// @error errc::unsupported  a message that this build does not know: ignore it
[[nodiscard]] result<mesh_message> decode_mesh_message(const shared_bytes& bytes);

/// The message's name for diagnostics, for example "forward_join".
[[nodiscard]] std::string_view name_of(const mesh_message& message) noexcept;

} // namespace weft::wire
