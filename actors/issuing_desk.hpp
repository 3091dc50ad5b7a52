// actors/issuing_desk.hpp: an issuer's invitations and certificates, kept in its catalog.
#pragma once
#include "mesh/catalog/catalog.hpp"
#include "mesh/catalog/kept_numbers.hpp"
#include "mesh/security/issuer.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace weft::actors {

/// @thread any; calls wait for each other and for the catalog's disk
class issuing_desk {
public:
  /// All outlive it. @param directory  of the keys   @pre the credentials have role::issuer
  issuing_desk(disk& on, const std::string& directory, const security::credentials& own, catalog::catalog& in);

  /// Once, before anything else. @returns as kept_numbers::restore
  [[nodiscard]] result<std::string> restore_numbers(bool new_catalog);
  /// @error as security::issuer::used_up_to
  [[nodiscard]] result<void> used_up_to(node_number highest);

  /// The invitation's text. @error as security::issuer::invite
  [[nodiscard]] result<std::string> invite(const security::invitation_request& request, wall_time now);
  /// The answer to an enrolment or renewal; always one to send.
  [[nodiscard]] std::vector<std::byte> answer(const security::established& peer, const security::curve_key& peer_curve,
                                              byte_view request, security::instant now);

  /// This node's own certificate was renewed.
  void renewed(security::certificate_chain own);

private:
  std::mutex mutex_;
  catalog::kept_numbers numbers_;
  security::issuer issuer_;
};

} // namespace weft::actors
