#include "mesh/membership/held_items.hpp"

#include <xxhash.h>

namespace weft::membership {
namespace {

std::uint64_t hash_of(std::uint64_t key, const wire::item_version& version) noexcept {
  const std::array<std::uint64_t, 4> words{key, version.major, version.minor, version.tie};
  return XXH3_64bits(words.data(), sizeof words);
}

} // namespace

std::uint64_t key_of(wire::item_kind kind, byte_view what) {
  return XXH3_64bits_withSeed(what.data(), what.size(), static_cast<XXH64_hash_t>(kind));
}

std::uint64_t key_of(wire::item_kind kind, const node_id& node) {
  return key_of(kind, std::as_bytes(std::span(node.bytes())));
}

std::uint64_t key_of_accusation(const node_id& accused, const node_id& accuser) {
  std::array<std::uint8_t, 64> both{};
  std::copy(accused.bytes().begin(), accused.bytes().end(), both.begin());
  std::copy(accuser.bytes().begin(), accuser.bytes().end(), both.begin() + 32);
  return key_of(wire::item_kind::accusation, std::as_bytes(std::span(both)));
}

std::uint64_t content_hash(const wire::item& item) noexcept {
  return XXH3_64bits(item.bytes.data(), item.bytes.size());
}

void held_items::set(std::uint64_t key, const wire::item_version& version) {
  erase(key);
  const auto at = bucket_of(key);
  buckets_.at(at).emplace(key, version);
  hashes_.at(at) += hash_of(key, version);
  ++size_;
}

void held_items::erase(std::uint64_t key) {
  const auto at = bucket_of(key);
  const auto found = buckets_.at(at).find(key);
  if (found == buckets_.at(at).end()) return;
  hashes_.at(at) -= hash_of(key, found->second);
  buckets_.at(at).erase(found);
  --size_;
}

std::optional<wire::item_version> held_items::version_of(std::uint64_t key) const {
  const auto& entries = buckets_.at(bucket_of(key));
  const auto found = entries.find(key);
  return found == entries.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t root_of(const held_items::hashes_type& hashes) noexcept {
  return XXH3_64bits(hashes.data(), sizeof hashes);
}

} // namespace weft::membership
