// mesh/wire/node_record.hpp: what a node says of itself to the whole mesh. Signed by it; layout in node_record.fbs.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::wire {

/// The FlatBuffers file identifiers of what is signed here.
inline constexpr const char* record_identifier = "WER1";
inline constexpr const char* accusation_identifier = "WEA1";

/// A link that its node has, and what it costs.
struct announced_link {
  node_number to;
  std::uint8_t cost = 0; ///< the round trip is about 64 us * 2^cost
  friend bool operator==(const announced_link&, const announced_link&) = default;
};

/// Of a link whose round trip is not known yet: about a quarter of a second. Few are slower, so the first measurement
/// makes paths shorter; one that got longer would end the demands that passed it.
inline constexpr std::uint8_t unmeasured_cost = 12;

/// Which topics a node may have: every token prefix of every name, exact or as a Bloom filter. routing/topic_summary
/// makes and asks it.
struct topic_summary {
  std::vector<std::string> prefixes; ///< sorted; at most limits::summary_prefixes_max; when `bloom` is empty
  std::vector<std::uint8_t> bloom;   ///< a power of two of bytes, at most limits::summary_bloom_bytes_max
  friend bool operator==(const topic_summary&, const topic_summary&) = default;
};

struct node_record {
  node_id id;
  node_number number;
  std::string name;
  wire::incarnation incarnation;
  std::uint64_t revision = 0; ///< of the record within its incarnation
  wall_time announced;
  bool left = false;                     ///< the last record: the node has left the mesh
  weft::epoch epoch;                     ///< its log's
  std::optional<wall_time> frozen_since; ///< its log takes no writes
  std::string frozen_why;                ///< at most limits::refusal_text_bytes_max
  std::vector<std::string> addresses;    ///< what others dial, best first, at most limits::announced_addresses_max;
                                         ///< none: it can only dial
  std::string zone;                      ///< as a node name, or empty
  std::uint32_t roles = 0;               ///< as in its certificate; fewer when the operator says so
  std::vector<announced_link> links;     ///< at most limits::announced_links_max
  topic_summary topics{};
  std::uint16_t versions_min = 0, versions_max = 0; ///< of the protocol
  friend bool operator==(const node_record&, const node_record&) = default;
};

/// The bytes to sign.
[[nodiscard]] shared_bytes encode(const node_record& record);
/// @error errc::corrupt, errc::too_large, errc::invalid_name, errc::invalid_argument  which field and why
[[nodiscard]] result<node_record> decode_node_record(const shared_bytes& bytes);

/// Why one node thinks that another is gone.
enum class accusation_cause : std::uint8_t {
  silent = 0, ///< the link is there and nothing comes
  broken = 1, ///< the link broke and the node can't be dialled
};

/// One node's word against another; only a reason to ask the accused, see peer_to_peer.md.
struct accusation {
  node_id accused, accuser;
  wire::incarnation incarnation; ///< the accused's that is meant
  std::uint64_t count = 0;       ///< of the accuser's accusations of this node, grows
  accusation_cause cause = accusation_cause::silent;
  wall_time at;
  friend bool operator==(const accusation&, const accusation&) = default;
};

/// The bytes to sign.
[[nodiscard]] shared_bytes encode(const accusation& word);
/// @error errc::corrupt, errc::too_large, errc::unsupported
[[nodiscard]] result<accusation> decode_accusation(const shared_bytes& bytes);

} // namespace weft::wire
