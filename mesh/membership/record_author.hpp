// mesh/membership/record_author.hpp: who made a control record that brings its author's certificate. Pure.
#pragma once
#include "mesh/base/hlc.hpp"
#include "mesh/membership/authority.hpp"

namespace weft::membership {

/// What a record says of its author.
struct claimed_author {
  const node_id& id;
  const shared_bytes& certificate;
  hlc at; ///< the certificate has to be valid then
};

/// The author, when the certificate and the signature say so, which is the same for everybody at every time.
/// @param what  for messages: "the record of topic orders"
/// @error errc::bad_certificate, errc::protocol_violation, errc::wrong_mesh  it is forged: nobody hands it on
/// @error errc::expired, errc::not_yet_valid, errc::unsupported
[[nodiscard]] result<identity> author_of(const claimed_author& claimed, const wire::item& item, const authority& by,
                                         std::string_view what);

/// Whether a record is dated further ahead of this node's clock than the clock guard allows.
[[nodiscard]] bool is_ahead(hlc at, wall_time now) noexcept;
[[nodiscard]] std::int64_t seconds_ahead(hlc at, wall_time now) noexcept;

} // namespace weft::membership
