// mesh/base/ids.hpp: who and what, as types that do not mix.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/strong.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft {

/// 32 bytes that name something by its key: shown as 64 hexadecimal digits.
template <class Tag>
class id256 {
public:
  constexpr id256() noexcept = default;
  explicit constexpr id256(const std::array<std::uint8_t, 32>& bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] constexpr const std::array<std::uint8_t, 32>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] constexpr bool is_nil() const noexcept { return bytes_ == std::array<std::uint8_t, 32>{}; }
  friend constexpr auto operator<=>(const id256&, const id256&) noexcept = default;

private:
  std::array<std::uint8_t, 32> bytes_{};
};

/// A node: BLAKE2b-256 of its Ed25519 public key.
using node_id = id256<struct node_id_tag>;
/// A mesh: BLAKE2b-256 of its root's Ed25519 public key.
using mesh_id = id256<struct mesh_id_tag>;
/// A contract: BLAKE2b-256 of its schema and rules, see mesh/contract.
using contract_id = id256<struct contract_id_tag>;

/// A node's number in its mesh, given by the issuer of its certificate and never used again.
using node_number = strong<struct node_number_tag, std::uint32_t>;
/// A topic's number in one node's catalog and log; means nothing at another node.
using topic_id = strong<struct topic_id_tag, std::uint32_t>;
/// Who numbers a stream of published batches; random, 64 bits.
using producer_id = strong<struct producer_id_tag, std::uint64_t>;
/// One of 1024 classes of key: hash >> 6, hash = top 16 bits of xxh3_64(key).
using slot = strong<struct slot_tag, std::uint16_t>;

/// A log: the node that writes it and which of that node's logs it is (0 for now).
struct log_id {
  node_id node;
  std::uint32_t ordinal = 0;
  friend constexpr auto operator<=>(const log_id&, const log_id&) noexcept = default;
};

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const std::array<std::uint8_t, 32>& bytes);
/// @error errc::invalid_argument  not 64 hexadecimal digits
[[nodiscard]] result<std::array<std::uint8_t, 32>> from_hex(std::string_view text);

template <class Tag>
[[nodiscard]] std::string to_string(const id256<Tag>& id) {
  return to_hex(id.bytes());
}
/// The log's folder name: the node id in hexadecimal, "." and the ordinal.
[[nodiscard]] std::string to_string(const log_id& log);

} // namespace weft

template <class Tag>
struct std::hash<weft::id256<Tag>> {
  std::size_t operator()(const weft::id256<Tag>& id) const noexcept {
    std::size_t head = 0; // the bytes are a hash already
    std::memcpy(&head, id.bytes().data(), sizeof head);
    return head;
  }
};
template <>
struct std::hash<weft::log_id> {
  std::size_t operator()(const weft::log_id& log) const noexcept {
    return std::hash<weft::node_id>{}(log.node) ^ log.ordinal;
  }
};
