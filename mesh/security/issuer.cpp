#include "mesh/security/issuer.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::uint32_t numbers_of_an_issuer = 65'536;

tl::unexpected<error> needs_root() {
  return fail(errc::denied, "only the node that has the mesh's root key can make or renew an issuer: ask that one");
}

} // namespace

issuer::issuer(const credentials& own, token_records& tokens, number_source& numbers, certificate_records& certificates,
               random_source& random)
    : own_(&own),
      chain_(own.chain),
      tokens_(tokens),
      numbers_(&numbers),
      certificates_(&certificates),
      random_(&random) {
  WEFT_ASSERT(own.chain.node.roles.has(role::issuer));
}

result<invitation> issuer::invite(const invitation_request& request, wall_time now) {
  if (auto named = check_node_name(request.name); !named) return fail(std::move(named.error()));
  if (request.addresses.empty() || request.addresses.size() > limits::invitation_addresses_max)
    return fail(errc::invalid_argument, fmt::format("an invitation needs 1 to {} addresses: let this node listen, or "
                                                    "name what others dial",
                                                    limits::invitation_addresses_max));
  for (const auto& address : request.addresses)
    if (auto checked = check_address(address); !checked) return fail(std::move(checked.error()));
  if (request.life <= microseconds{0} || request.life > limits::certificate_life)
    return fail(errc::invalid_argument, "an invitation lasts longer than nothing and at most a year");
  if (request.roles.has(role::issuer) && !own_->root) return needs_root();
  if (auto free = check_free(request.name, node_id{}); !free) return fail(std::move(free.error()));
  if (auto ready = numbers_->ready(); !ready) return fail(std::move(ready.error())); // else the joiner would hear it

  token_id token;
  fill_random(token.bytes, *random_);
  invitation made{token,         token_secret::make(*random_), chain_.node.mesh, own_->keys.id(),  own_->keys.curve(),
                  request.roles, now + request.life,           request.name,     request.addresses};
  const token_record record{token, hash_of(token, made.secret), made.name, made.roles, made.expires, {}, {}};
  if (auto kept = tokens_.add(record, now); !kept) return fail(std::move(kept.error()));
  return made;
}

std::vector<std::byte> issuer::answer(byte_view request, const established& peer, const curve_key& peer_curve,
                                      instant now) {
  auto decided = decide(request, peer, peer_curve, now);
  if (decided) return encode(issued{std::move(*decided)});
  return encode(refusal{decided.error().code(), decided.error().message()});
}

result<certificate_chain> issuer::decide(byte_view request, const established& peer, const curve_key& peer_curve,
                                         instant now) {
  auto message = decode_enrolment_request(request);
  if (!message) return fail(std::move(message.error()));
  const auto* enrolling = std::get_if<enrol_request>(&*message);
  if (enrolling && peer.enrolment_only()) return enrol(*enrolling, peer, peer_curve, now);
  if (!enrolling && peer.renewal_only() && peer.chain) return renew(peer.chain->node, now.wall);
  return fail(errc::protocol_violation, "the link was opened for something else than this request");
}

result<certificate_chain> issuer::enrol(const enrol_request& request, const established& peer,
                                        const curve_key& peer_curve, instant now) {
  const auto id = node_id_of(peer.identity);
  auto record = tokens_.open(request.token, request.secret, id, now);
  if (!record) return fail(std::move(record.error()));
  if (request.name != record->name)
    return fail(errc::invalid_name,
                fmt::format("the invitation is for '{0}': start the node with the name '{0}'", record->name));
  if (auto free = check_free(record->name, id); !free) return fail(std::move(free.error()));
  if (!record->used_by) {
    const auto number = next_number();
    if (!number) return fail(number.error());
    record = tokens_.use(std::move(*record), id, *number);
    if (!record) return fail(std::move(record.error()));
  }
  certificate what;
  what.number = record->number;
  what.roles = record->roles;
  what.identity = peer.identity;
  what.curve = peer_curve;
  what.name = record->name;
  return certify(std::move(what), now.wall);
}

result<certificate_chain> issuer::renew(const certificate& old, wall_time now) { return certify(old, now); }

result<void> issuer::check_free(const std::string& name, const node_id& besides) {
  const auto holder = certificates_->holder(name);
  if (!holder) return fail(holder.error());
  if (name != chain_.node.name && (!*holder || **holder == besides)) return {};
  return fail(errc::already_exists,
              fmt::format("a node named '{}' is in this mesh already: choose another name", name));
}

result<void> issuer::used_up_to(node_number highest) {
  const auto own = chain_.node.number.value();
  const auto number = highest.value();
  const bool founder = own == 1;
  const auto first = founder ? 2 : std::uint64_t{own} * numbers_of_an_issuer + 1;
  const auto end = founder ? numbers_of_an_issuer : (std::uint64_t{own} + 1) * numbers_of_an_issuer;
  if (number + 1 < first || number >= end)
    return fail(errc::out_of_range, fmt::format("this issuer gives the numbers from {} to {}; {} if it gave none yet",
                                                first, end - 1, first - 1));
  return numbers_->used_up_to(static_cast<std::uint32_t>(number + 1 - first));
}

result<node_number> issuer::next_number() {
  const auto count = numbers_->next();
  if (!count) return fail(count.error());
  const auto own = chain_.node.number.value();
  const auto offset = own == 1 ? *count + 1 : *count;
  if (*count == 0 || offset >= numbers_of_an_issuer || own >= numbers_of_an_issuer)
    return fail(errc::out_of_range, "this issuer has given all its node numbers: invite with another issuer");
  return node_number(own == 1 ? offset : own * numbers_of_an_issuer + offset);
}

result<certificate_chain> issuer::certify(certificate what, wall_time now) {
  certificate_chain made;
  if (what.roles.has(role::issuer)) {
    if (!own_->root) return needs_root();
    made = sign_by_root(*own_->root, std::move(what), now, *random_);
  } else {
    const auto& signer = chain_.node;
    if (auto fresh = check_time(signer, now); !fresh) return fail(std::move(fresh.error()));
    what.mesh = signer.mesh;
    what.serial = random_->next();
    what.not_before = std::max(now, signer.not_before); // within the signer's life, whatever its clock said then
    what.not_after = std::min(what.not_before + limits::certificate_life, signer.not_after);
    sign(what, own_->keys.identity());
    made = {chain_.root, std::move(what), signer};
  }
  if (auto kept = certificates_->save(made.node); !kept) return fail(std::move(kept.error()));
  return made;
}

} // namespace weft::security
