// mesh/security/issuer.hpp: a node that lets others into its mesh: invites, certifies, renews.
#pragma once
#include "mesh/security/credentials.hpp"
#include "mesh/security/enrolment.hpp"

namespace weft::security {

/// A counter of its own for each issuer.
class number_source {
public:
  virtual ~number_source() = default;
  /// 1, then 2, and so on; never one twice: durable when it returns.
  [[nodiscard]] virtual result<std::uint32_t> next() = 0;
  /// Whether next() may give one. @error errc::corrupt  what was given is not known
  [[nodiscard]] virtual result<void> ready() = 0;
  /// What next() gives will be above `highest`, whatever was known.
  [[nodiscard]] virtual result<void> used_up_to(std::uint32_t highest) = 0;
};

/// What certificates this mesh has, as far as this node knows.
class certificate_records {
public:
  virtual ~certificate_records() = default;
  /// Who has the name now.
  [[nodiscard]] virtual result<std::optional<node_id>> holder(const std::string& name) = 0;
  /// Durable when it returns; replaces an older one of the same node.
  [[nodiscard]] virtual result<void> save(const certificate& item) = 0;
};

struct invitation_request {
  std::string name;
  role_set roles = default_roles;
  std::vector<std::string> addresses; ///< where the new node can dial this one
  microseconds life = limits::invitation_life;
};

/// Numbers: the founder (number 1) gives 2 to 65,535; another issuer, number n, gives n * 65,536 + 1 to
/// n * 65,536 + 65,535. So issuers never have to agree, and the root can make issuers only of the founder's own.
/// @thread one at a time; may wait for the records' disk
class issuer {
public:
  /// All must outlive it. @pre own.chain's certificate has role::issuer
  issuer(const credentials& own, token_records& tokens, number_source& numbers, certificate_records& certificates,
         random_source& random);

  /// Numbers up to this one are in use, for an issuer that does not know any more which it gave.
  /// @error errc::out_of_range  this issuer never gives such a number
  [[nodiscard]] result<void> used_up_to(node_number highest);

  /// @error errc::invalid_name, errc::invalid_argument  in the request
  /// @error errc::corrupt         which numbers were given is not known: used_up_to() first
  /// @error errc::already_exists  a node of this name is in the mesh
  /// @error errc::denied          an issuer is to be made, and the root key is not here
  [[nodiscard]] result<invitation> invite(const invitation_request& request, wall_time now);

  /// The answer to a message on an established enrolment or renewal link, always one to send.
  /// @param peer_curve  the key that ZAP authenticated on that link
  [[nodiscard]] std::vector<std::byte> answer(byte_view request, const established& peer, const curve_key& peer_curve,
                                              instant now);

  /// @error as token_store::open; errc::invalid_name  the invitation is another node's; errc::already_exists
  [[nodiscard]] result<certificate_chain> enrol(const enrol_request& request, const established& peer,
                                                const curve_key& peer_curve, instant now);
  /// A new certificate with what the old one says, for a life from now. This node's own too, where the root key is.
  /// @error errc::denied  an issuer's, and the root key is not here
  [[nodiscard]] result<certificate_chain> renew(const certificate& old, wall_time now);
  /// This issuer has a new certificate: what it signs from here on carries that.
  void renewed(certificate_chain own) { chain_ = std::move(own); }

private:
  [[nodiscard]] result<void> check_free(const std::string& name, const node_id& besides);
  [[nodiscard]] result<node_number> next_number();
  [[nodiscard]] result<certificate_chain> certify(certificate what, wall_time now);
  [[nodiscard]] result<certificate_chain> decide(byte_view request, const established& peer,
                                                 const curve_key& peer_curve, instant now);

  const credentials* own_;  // its keys and root
  certificate_chain chain_; // its own, the newest
  token_store tokens_;
  number_source* numbers_;
  certificate_records* certificates_;
  random_source* random_;
};

} // namespace weft::security
