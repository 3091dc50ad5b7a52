#include "mesh/security/credentials.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/names.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

std::string chain_path(const std::string& directory) { return directory + "/certificate"; }

result<std::optional<root_key>> load_root(disk& on, const std::string& directory) {
  auto root = root_key::load(on, directory);
  if (root) return std::optional(std::move(*root));
  if (root.error().code() == errc::not_found) return std::nullopt;
  return fail(std::move(root.error()));
}

result<certificate_chain> read_chain(disk& on, const std::string& path, const node_keys& keys) {
  const auto bytes = read_file(on, path, chain_bytes_max);
  if (!bytes) return fail(bytes.error());
  auto chain = decode_chain(*bytes);
  if (!chain) return chain;
  if (auto fits = check_chain(*chain, chain->node.mesh).and_then([&] { return check_belongs(*chain, keys); }); !fits)
    return fail(std::move(fits.error()));
  return chain;
}

} // namespace

result<std::optional<credentials>> load_credentials(disk& on, const std::string& directory, random_source& random) {
  const auto path = chain_path(directory);
  if (!on.exists(path)) return std::nullopt;
  if (const auto keys_path = node_keys::path_in(directory); !on.exists(keys_path))
    return fail(errc::not_found, fmt::format("{} is missing, but {} is there: restore the keys from a backup, or begin "
                                             "with an empty directory and a new invitation",
                                             keys_path, path));
  auto keys = node_keys::load_or_create(on, directory, random);
  if (!keys) return fail(std::move(keys.error()));
  auto chain = read_chain(on, path, *keys);
  if (!chain && (chain.error().code() == errc::corrupt || chain.error().code() == errc::bad_certificate))
    return fail(chain.error().code(),
                fmt::format("{}: {}; restore it from a backup, or move it away and {}", path, chain.error().message(),
                            on.exists(root_key::path_in(directory)) ? "start again: the root key makes it anew"
                                                                    : "join again with a new invitation"));
  if (!chain) return fail(chain.error().within(path));
  auto root = load_root(on, directory);
  if (!root) return fail(std::move(root.error()));
  if (*root && (*root)->mesh() != chain->node.mesh)
    return fail(errc::bad_certificate, fmt::format("{} is another mesh's than {}: restore them from one backup",
                                                   root_key::path_in(directory), path));
  return credentials{std::move(*keys), std::move(*chain), std::move(*root)};
}

result<void> save_chain(disk& on, const std::string& directory, const certificate_chain& chain) {
  return write_file_durably(on, chain_path(directory), encode(chain));
}

certificate_chain sign_by_root(const root_key& root, certificate what, wall_time now, random_source& random) {
  WEFT_ASSERT(what.roles.has(role::issuer));
  what.mesh = root.mesh();
  what.serial = random.next();
  what.not_before = now;
  what.not_after = now + limits::issuer_certificate_life;
  sign(what, root.key());
  return {root.key().public_key(), std::move(what), std::nullopt};
}

result<certificate_chain> found_mesh(const root_key& root, const node_keys& keys, const std::string& name,
                                     wall_time now, random_source& random) {
  if (auto named = check_node_name(name); !named) return fail(std::move(named.error()));
  certificate founder;
  founder.number = node_number(1);
  founder.roles = all_roles;
  founder.identity = keys.identity().public_key();
  founder.curve = keys.curve();
  founder.name = name;
  return sign_by_root(root, std::move(founder), now, random);
}

result<credentials> found_mesh_in(disk& on, const std::string& directory, const std::string& name, wall_time now,
                                  random_source& random) {
  if (auto named = check_node_name(name); !named) return fail(std::move(named.error())); // before it leaves files
  auto root = load_root(on, directory); // before the node's keys: those alone are somebody's who wants to join
  if (!root) return fail(std::move(root.error()));
  if (!*root) {
    *root = root_key::make(random);
    if (auto saved = (*root)->save(on, directory); !saved) return fail(std::move(saved.error()));
  }
  auto keys = node_keys::load_or_create(on, directory, random);
  if (!keys) return fail(std::move(keys.error()));
  auto chain = found_mesh(**root, *keys, name, now, random);
  if (!chain) return fail(std::move(chain.error()));
  if (auto saved = save_chain(on, directory, *chain); !saved) return fail(std::move(saved.error()));
  return credentials{std::move(*keys), std::move(*chain), std::move(*root)};
}

} // namespace weft::security
