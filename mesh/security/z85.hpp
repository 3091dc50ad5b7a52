// mesh/security/z85.hpp: CURVE public keys as ZeroMQ writes them: 40 characters.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/security/crypto.hpp"

namespace weft::security {

// Secret keys have no text form: ZeroMQ takes their 32 bytes, and a string would not wipe itself.

/// @source ZeroMQ RFC 32
[[nodiscard]] std::string to_z85(const curve_key& key);
/// @error errc::invalid_argument  not exactly 40 characters of Z85 that mean 32 bytes
[[nodiscard]] result<curve_key> from_z85(std::string_view text);

} // namespace weft::security
