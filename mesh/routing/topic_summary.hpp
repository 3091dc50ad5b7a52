// mesh/routing/topic_summary.hpp: which topics a node may have, small enough for its record. Pure.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/wire/node_record.hpp"

#include <set>
#include <string_view>
#include <unordered_set>

namespace weft::routing {

/// Makes the summary of a growing set of topics.
///
///     retail.orders.eu  ─▶  retail, retail.orders, retail.orders.eu
///
/// A Bloom filter has 8 to 20 bits a prefix, always a power of two of bytes; a prefix sets the bits (h + i * g) mod
/// size for i = 0 to 6, h the lower and g the upper half of its xxh3_64, g made odd. Bit b is bit b % 8 of byte b / 8.
class topic_summary_builder {
public:
  /// @returns whether the summary is another one now
  bool add(std::string_view topic);
  [[nodiscard]] wire::topic_summary summary() const;

private:
  [[nodiscard]] bool exact() const noexcept;

  std::set<std::string, std::less<>> prefixes_; // until there are too many to name
  std::unordered_set<std::uint64_t> hashes_;    // of all; a filter's bits don't depend on their order
};

/// Whether the node may have a topic that the pattern matches; one that starts with a wildcard asks every node.
/// Never no when it has.
[[nodiscard]] bool may_match(const wire::topic_summary& summary, const topic_pattern& pattern) noexcept;

} // namespace weft::routing
