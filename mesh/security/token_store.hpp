// mesh/security/token_store.hpp: an issuer's open invitations: single use, short life, few tries.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/security/crypto.hpp"
#include "mesh/security/instant.hpp"
#include "mesh/security/roles.hpp"

#include <map>
#include <optional>

namespace weft::security {

/// Names an invitation's token. No secret.
struct token_id {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const token_id&, const token_id&) noexcept = default;
};
using token_secret = secret<16>;

/// What an issuer keeps of an invitation. The secret is not in it, only its hash.
struct token_record {
  token_id id;
  hash256 secret_hash{}; ///< BLAKE2b-256 of "weft token 1\0", the id and the secret
  std::string name;
  role_set roles;
  wall_time expires;
  std::optional<node_id> used_by;
  node_number number; ///< given to `used_by`; 0 before
  friend bool operator==(const token_record&, const token_record&) = default;
};

/// Where the records are kept. A save is durable and whole when it returns.
class token_records {
public:
  virtual ~token_records() = default;
  [[nodiscard]] virtual result<std::optional<token_record>> load(const token_id& id) = 0;
  [[nodiscard]] virtual result<void> save(const token_record& record) = 0;
  /// Removes those whose `expires` lies before `time`.
  [[nodiscard]] virtual result<void> erase_expired(wall_time time) = 0;
};

[[nodiscard]] hash256 hash_of(const token_id& id, const token_secret& secret);

/// Decides about tokens; keeps nothing but how often each was tried in the last minute.
/// @thread one at a time
class token_store {
public:
  explicit token_store(token_records& records) noexcept : records_(&records) {}

  /// Keeps a new token, and forgets those that expired long ago.
  [[nodiscard]] result<void> add(const token_record& record, wall_time now);

  /// The record that the token opens. One that `by` used already opens again for it: its answer may have been lost.
  /// @error errc::rate_limited  more than limits::token_tries_per_minute tries of this token, or of unknown ones
  /// @error errc::bad_token     unknown, wrong, or used by another node: which is not said
  /// @error errc::expired
  [[nodiscard]] result<token_record> open(const token_id& id, const token_secret& secret, const node_id& by,
                                          instant now);

  /// Durably gives the token to `by`, before the answer is sent. @pre open() gave the record, unused
  [[nodiscard]] result<token_record> use(token_record record, const node_id& by, node_number number);

private:
  /// The last tries, oldest overwritten first.
  struct tries {
    std::array<mono_time, limits::token_tries_per_minute> at{};
    std::uint64_t count = 0;
  };
  [[nodiscard]] static bool count(tries& of, mono_time now) noexcept;
  void forget_old_tries(mono_time now);

  token_records* records_;
  std::map<token_id, tries> tries_; // of known tokens only, so no stranger can make it grow
  tries of_unknown_;                // apart: guessing ids does not keep out who has a token
};

} // namespace weft::security
