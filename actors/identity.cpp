#include "actors/identity.hpp"

#include "actors/certificate_client.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/catalog/kept_numbers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

std::string seeds_path(const std::string& directory) { return directory + "/seeds.json"; }

/// `{"seeds": [{"address": "tcp://...", "key": "64 hexadecimal digits"}]}`
result<void> save_seeds(disk& on, const std::string& directory, const std::vector<dial_target>& seeds) {
  auto list = json::array();
  for (const auto& seed : seeds)
    list.push_back({{"address", seed.address}, {"key", to_string(seed.key)}});
  return write_file_durably(on, seeds_path(directory), as_bytes(json{{"seeds", std::move(list)}}.dump(2)));
}

std::vector<dial_target> seeds_in(const security::invitation& invited) {
  std::vector<dial_target> seeds;
  seeds.reserve(invited.addresses.size());
  for (const auto& address : invited.addresses)
    seeds.push_back({address, invited.issuer_curve});
  return seeds;
}

std::optional<dial_target> seed_in(const json& item) {
  const auto text = [&](const char* name) {
    const auto found = item.is_object() ? item.find(name) : item.end();
    return found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto key = from_hex(text("key"));
  if (!key || text("address").empty()) return std::nullopt;
  return dial_target{text("address"), security::curve_key{*key}};
}

/// @error errc::corrupt, errc::not_found, errc::io_error
result<std::vector<dial_target>> load_seeds(disk& on, const std::string& directory) {
  const auto bytes = read_file(on, seeds_path(directory), limits::control_bytes_max);
  if (!bytes) return fail(bytes.error());
  const auto document = json::parse(as_text(*bytes), nullptr, false);
  const auto list = document.is_object() ? document.value("seeds", json()) : json();
  std::vector<dial_target> seeds;
  for (const auto& item : list)
    if (auto seed = seed_in(item)) seeds.push_back(std::move(*seed));
  if (!list.is_array() || seeds.size() != list.size())
    return fail(errc::corrupt, fmt::format("{} is damaged", seeds_path(directory)));
  return seeds;
}

/// The seeds of a node that is in a mesh; an invitation to it makes good for a lost file. A founder has none.
result<std::vector<dial_target>> known_seeds(disk& on, const std::string& directory, const security::credentials& own,
                                             const std::optional<security::invitation>& invited) {
  const bool founded = own.chain.node.number == node_number(1);
  if (founded && !on.exists(seeds_path(directory))) return std::vector<dial_target>{};
  auto seeds = load_seeds(on, directory);
  if (seeds || (seeds.error().code() != errc::corrupt && seeds.error().code() != errc::not_found)) return seeds;
  if (!invited)
    return fail(seeds.error().code(),
                fmt::format("{}: restore it from a backup, or start once with a new invitation to this mesh "
                            "(`weft node --join FILE`)",
                            seeds.error().message()));
  seeds = seeds_in(*invited);
  if (auto saved = save_seeds(on, directory, *seeds); !saved) return fail(std::move(saved.error()));
  return seeds;
}

/// A node is dialled by its key, and the key that this one has is that of who invited it.
void add_seeds(std::vector<dial_target>& seeds, const identity_request& request, diagnostics& to) {
  if (!request.seeds.empty() && seeds.empty())
    return to.warning(
        "the seeds of the configuration are not dialled: this node founded its mesh, so it knows nobody's "
        "key; those it invites dial it");
  for (const auto& address : request.seeds)
    seeds.push_back({address, seeds.front().key});
}

/// A directory without a certificate may be one that lost it. A founder's root key makes it anew; for everybody else a
/// new identity would leave the mesh or the log behind without a word.
result<void> check_nothing_lost(disk& on, const identity_request& request) {
  const auto keys = security::node_keys::path_in(request.directory);
  const auto root = security::root_key::path_in(request.directory);
  if (request.has_log && !on.exists(keys))
    return fail(errc::not_found, fmt::format("{} is missing, but there is a log: restore the keys from a backup, or "
                                             "begin with an empty directory",
                                             keys));
  if (!request.invitation && on.exists(keys) && !on.exists(root))
    return fail(errc::not_found, fmt::format("{} has no certificate: restore it from a backup, or join its mesh with "
                                             "an invitation (`weft node --join FILE`)",
                                             request.directory));
  return {};
}

result<identity> join(disk& on, random_source& random, const clock& time, const identity_request& request,
                      security::invitation invited, diagnostics& to) {
  if (invited.name != request.name)
    return fail(errc::invalid_argument,
                fmt::format("the invitation is for a node named {}, this one is {}", invited.name, request.name));
  if (auto good = security::check_time(invited, time.wall()); !good) return fail(std::move(good.error()));
  auto seeds = seeds_in(invited);
  auto keys = security::node_keys::load_or_create(on, request.directory, random);
  if (!keys) return fail(std::move(keys.error()));
  const certificate_request wanted{
      *keys,        invited.mesh,
      request.name, security::link_purpose::enrol,
      std::nullopt, security::encode(security::enrol_request{invited.token, std::move(invited.secret), request.name})};
  auto chain = obtain_certificate(wanted, seeds, random, time);
  if (!chain) return fail(chain.error().within("joining the mesh"));
  if (auto saved = save_seeds(on, request.directory, seeds); !saved) return fail(std::move(saved.error()));
  if (chain->node.roles.has(security::role::issuer))
    if (auto begun = catalog::kept_numbers::begin(on, request.directory); !begun) return fail(std::move(begun.error()));
  if (auto saved = security::save_chain(on, request.directory, *chain); !saved) return fail(std::move(saved.error()));
  to.info(fmt::format("joined mesh {} as node number {}", to_string(invited.mesh), chain->node.number.value()));
  return identity{{std::move(*keys), std::move(*chain), std::nullopt}, std::move(seeds)};
}

result<identity> found(disk& on, random_source& random, const clock& time, const identity_request& request,
                       diagnostics& to) {
  if (auto begun = catalog::kept_numbers::begin(on, request.directory); !begun) return fail(std::move(begun.error()));
  auto made = security::found_mesh_in(on, request.directory, request.name, time.wall(), random);
  if (!made) return fail(std::move(made.error()));
  to.warning(fmt::format("this node founded a mesh of its own, {}; let others in with "
                         "`weft invite NAME --data DIR > FILE` and start them with `weft node --join FILE`",
                         to_string(made->chain.node.mesh)));
  return identity{std::move(*made), {}};
}

/// An invitation that fits is no reason to fail: the node is in that mesh already.
result<void> check_same(const security::credentials& own, const identity_request& request,
                        const std::optional<security::invitation>& invited) {
  if (own.chain.node.name != request.name)
    return fail(errc::invalid_argument,
                fmt::format("the directory belongs to node {}: start it with that name, or give {} "
                            "a directory of its own",
                            own.chain.node.name, request.name));
  if (invited && invited->mesh != own.chain.node.mesh)
    return fail(errc::invalid_argument,
                "the directory belongs to a node of another mesh than the invitation's: give the new one its own");
  return {};
}

/// Renews one that is over. One that is not is renewed while the node runs.
result<void> renew(disk& on, random_source& random, const clock& time, const std::string& directory, identity& who,
                   diagnostics& to) {
  auto& own = who.credentials;
  const auto now = time.wall();
  if (security::validity_at(own.chain.node, now) != security::validity::expired)
    return security::check_time(own.chain.node, now);
  auto chain = renewed_chain(who, own.chain, random, time, {});
  if (!chain) {
    to.warning(fmt::format("the certificate could not be renewed: {}", chain.error().message()));
    return security::check_time(own.chain.node, now);
  }
  if (auto saved = security::save_chain(on, directory, *chain); !saved) return saved;
  own.chain = std::move(*chain);
  return {};
}

} // namespace

result<security::certificate_chain> renewed_chain(const identity& who, const security::certificate_chain& old,
                                                  random_source& random, const clock& time, std::stop_token stop) {
  const auto& own = who.credentials;
  if (own.root) return security::sign_by_root(*own.root, old.node, time.wall(), random);
  return obtain_certificate({own.keys, old.node.mesh, old.node.name, security::link_purpose::renew, old,
                             security::encode(security::renew_request{}), std::move(stop)},
                            who.seeds, random, time);
}

result<identity> establish_identity(disk& on, random_source& random, const clock& time, const identity_request& request,
                                    diagnostics& to) {
  if (auto made = on.make_directories(request.directory); !made) return fail(std::move(made.error()));
  std::optional<security::invitation> invited;
  if (request.invitation) {
    auto decoded = security::decode_invitation(*request.invitation);
    if (!decoded) return fail(decoded.error().within("the invitation"));
    invited.emplace(std::move(*decoded));
  }
  auto known = security::load_credentials(on, request.directory, random);
  if (!known) return fail(std::move(known.error()));
  if (!*known) {
    if (auto nothing = check_nothing_lost(on, request); !nothing) return fail(std::move(nothing.error()));
    auto made =
        invited ? join(on, random, time, request, std::move(*invited), to) : found(on, random, time, request, to);
    if (made) add_seeds(made->seeds, request, to);
    return made;
  }
  if (auto same = check_same(**known, request, invited); !same) return fail(std::move(same.error()));
  auto seeds = known_seeds(on, request.directory, **known, invited);
  if (!seeds) return fail(std::move(seeds.error()));
  add_seeds(*seeds, request, to);
  identity who{std::move(**known), std::move(*seeds), true};
  if (auto renewed = renew(on, random, time, request.directory, who, to); !renewed)
    return fail(std::move(renewed.error()));
  return who;
}

} // namespace weft::actors
