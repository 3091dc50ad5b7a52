// mesh/membership/held_items.hpp: which items a store holds, as keys, versions and hashes that anti-entropy compares.
// Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <map>
#include <optional>

namespace weft::membership {

/// The key of an item among all: xxh3_64 of what its kind goes by, seeded with the kind.
[[nodiscard]] std::uint64_t key_of(wire::item_kind kind, byte_view what);
/// Of an identity and a node record.
[[nodiscard]] std::uint64_t key_of(wire::item_kind kind, const node_id& node);
[[nodiscard]] std::uint64_t key_of_accusation(const node_id& accused, const node_id& accuser);

/// Of an item's bytes: equal ones are most probably the same.
[[nodiscard]] std::uint64_t content_hash(const wire::item& item) noexcept;

[[nodiscard]] constexpr std::size_t bucket_of(std::uint64_t key) noexcept { return key % limits::sync_buckets; }

/// Keys with versions, in buckets. A bucket's hash is the sum over its entries, so a change costs one entry.
class held_items {
public:
  using bucket = std::map<std::uint64_t, wire::item_version>;
  using hashes_type = std::array<std::uint64_t, limits::sync_buckets>;

  /// Adds a key or changes its version.
  void set(std::uint64_t key, const wire::item_version& version);
  void erase(std::uint64_t key);

  [[nodiscard]] std::optional<wire::item_version> version_of(std::uint64_t key) const;
  [[nodiscard]] const bucket& entries(std::size_t at) const { return buckets_.at(at); }
  [[nodiscard]] const hashes_type& hashes() const noexcept { return hashes_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::array<bucket, limits::sync_buckets> buckets_;
  hashes_type hashes_{};
  std::size_t size_ = 0;
};

/// One hash over all buckets.
[[nodiscard]] std::uint64_t root_of(const held_items::hashes_type& hashes) noexcept;

} // namespace weft::membership
