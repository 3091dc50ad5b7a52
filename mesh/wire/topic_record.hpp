// mesh/wire/topic_record.hpp: what the mesh has agreed on about a topic. Signed by who decided it; layout in
// topic_record.fbs.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/wire/mesh_message.hpp"
#include "mesh/wire/topic_settings.hpp"

namespace weft::wire {

/// A node's decision on a topic, for the whole mesh. Of two the one with the higher version holds:
///
///     count            one above the highest that the author knew; at its largest it stays, and the time decides
///     not by_publish   what an operator said beats what a publish made by itself
///     at               hybrid time, above that of the record before
///     author           so that no two are equal
struct topic_record {
  std::string topic;
  node_id author;
  shared_bytes certificate; ///< the author's chain, valid at the record's time; not checked here
  std::uint64_t count = 0;  ///< 1 to topic_count_max
  hlc at;
  bool by_publish = false; ///< made by the first publish, with the configuration's defaults
  bool deleted = false;    ///< a tombstone: the topic and its events are gone
  topic_settings settings; ///< of a tombstone: none

  friend bool operator==(const topic_record& a, const topic_record& b) noexcept {
    return a.topic == b.topic && a.author == b.author &&
           as_text(a.certificate.view()) == as_text(b.certificate.view()) && a.count == b.count && a.at == b.at &&
           a.by_publish == b.by_publish && a.deleted == b.deleted && a.settings == b.settings;
  }
};

/// Half of all counts: the lowest bit of item_version::major says who made it.
inline constexpr std::uint64_t topic_count_max = ~std::uint64_t{0} >> 1U;

/// Which of two records of a topic is newer, as anti-entropy compares it: `tie` has the author's first four bytes.
[[nodiscard]] item_version version_of(const topic_record& record) noexcept;

/// The bytes to sign. @pre what decode_topic_record() takes
[[nodiscard]] shared_bytes encode(const topic_record& record);
/// @error errc::corrupt, errc::too_large, errc::invalid_name, errc::invalid_argument  which field and why
/// @error errc::denied       a topic of the mesh's own: nobody decides on it
/// @error errc::unsupported  settings that this build does not know
[[nodiscard]] result<topic_record> decode_topic_record(const shared_bytes& bytes);

} // namespace weft::wire
