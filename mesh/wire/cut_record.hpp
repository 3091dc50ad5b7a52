// mesh/wire/cut_record.hpp: a named time in all logs of the mesh. Signed by who decided it; layout in cut_record.fbs.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <string>
#include <vector>

namespace weft::wire {

/// A cut: in each log all entries with an append time below `bound` are in it. Nodes hear of it twice:
///
///     asked for: bound 0      each keeps what there is, and answers in its log
///     made: bound above all   each appends nothing below it any more, and answers in its log
struct cut {
  std::string name;                  ///< as nodes are named
  std::uint64_t id = 0;              ///< tells two cuts of one name apart
  std::string pattern;               ///< of the topics that it holds; of a tombstone: empty
  hlc bound;                         ///< whole milliseconds; 0: asked for
  wall_time lease_until;             ///< then it holds nothing, and nobody may start from it
  std::vector<std::string> absent{}; ///< names of nodes that did not answer; at most limits::cut_absent_max
  std::uint32_t absent_more = 0;     ///< how many did not beside them
  bool deleted = false;              ///< a tombstone
  [[nodiscard]] bool is_made() const noexcept { return bound != hlc{}; }
  friend bool operator==(const cut&, const cut&) = default;
};

/// A node's decision on a cut, for the whole mesh. Of two the one with the higher (count, at, author) holds.
struct cut_record {
  cut what;
  node_id author;
  shared_bytes certificate; ///< the author's chain, valid at the record's time; not checked here
  std::uint64_t count = 0;  ///< above 0
  hlc at;

  friend bool operator==(const cut_record& a, const cut_record& b) noexcept {
    return a.what == b.what && a.author == b.author && as_text(a.certificate.view()) == as_text(b.certificate.view()) &&
           a.count == b.count && a.at == b.at;
  }
};

/// As anti-entropy compares it: `tie` has the author's first four bytes.
[[nodiscard]] item_version version_of(const cut_record& record) noexcept;

/// @error errc::invalid_name, errc::invalid_argument, errc::too_large  what a cut can't have
[[nodiscard]] result<void> check(const cut& what);

/// The bytes to sign. @pre what decode_cut_record() takes
[[nodiscard]] shared_bytes encode(const cut_record& record);
/// @error errc::corrupt, errc::too_large, errc::invalid_name, errc::invalid_argument  which field and why
[[nodiscard]] result<cut_record> decode_cut_record(const shared_bytes& bytes);

} // namespace weft::wire
