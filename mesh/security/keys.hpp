// mesh/security/keys.hpp: a node's two key pairs and a mesh's root key, and the files they live in.
//
// A key file, mode 0600, little-endian:
//
//    0  8  magic "weftkeys"
//    8  2  version, 1
//   10  2  kind: 1 a node's keys, 2 a mesh's root key
//   12 32  seed of the Ed25519 key pair
//   44 32  X25519 secret key; only in kind 1
//   ..  4  crc32c of all before
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/security/crypto.hpp"

namespace weft::security {

/// Who a node is (Ed25519) and what its links are encrypted to (X25519). The two are made apart from each other.
class node_keys {
public:
  node_keys(signing_key identity, secret<32> curve);
  [[nodiscard]] static node_keys make(random_source& random);

  [[nodiscard]] const node_id& id() const noexcept { return id_; }
  [[nodiscard]] const signing_key& identity() const noexcept { return identity_; }
  [[nodiscard]] const curve_key& curve() const noexcept { return curve_public_; }
  /// For the transport's sockets.
  [[nodiscard]] const secret<32>& curve_secret() const noexcept { return curve_; }

  /// `directory`/node.keys
  [[nodiscard]] static std::string path_in(const std::string& directory);
  /// Reads the keys, or makes and saves them at the first start. The directory must exist.
  /// @error errc::denied         others can open the file
  /// @error errc::version_newer  a newer Weft wrote it
  /// @error errc::corrupt        it is damaged
  [[nodiscard]] static result<node_keys> load_or_create(disk& on, const std::string& directory, random_source& random);

private:
  signing_key identity_;
  secret<32> curve_;
  curve_key curve_public_;
  node_id id_;
};

/// What makes a mesh: it signs the certificates of issuers. The founding node has it.
class root_key {
public:
  explicit root_key(signing_key key);
  [[nodiscard]] static root_key make(random_source& random);

  [[nodiscard]] const mesh_id& mesh() const noexcept { return mesh_; }
  [[nodiscard]] const signing_key& key() const noexcept { return key_; }

  /// `directory`/root.key
  [[nodiscard]] static std::string path_in(const std::string& directory);
  [[nodiscard]] result<void> save(disk& on, const std::string& directory) const;
  /// @error errc::not_found  this node has no root key; otherwise as node_keys::load_or_create
  [[nodiscard]] static result<root_key> load(disk& on, const std::string& directory);

private:
  signing_key key_;
  mesh_id mesh_;
};

} // namespace weft::security
