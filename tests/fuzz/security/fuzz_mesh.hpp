// tests/fuzz/security/fuzz_mesh.hpp: the same small mesh in every run: 'hub' founded it, 'orders' is a member.
#pragma once
#include "mesh/base/assert.hpp"
#include "mesh/security/issuer.hpp"

#include <map>

namespace weft::security {

/// 2030-01-01T00:00:00Z
inline constexpr wall_time new_year{1'893'456'000'000'000};

inline node_keys fixed_keys(std::uint8_t fill) {
  std::array<std::uint8_t, 32> identity{};
  identity.fill(fill);
  std::array<std::uint8_t, 32> curve{};
  curve.fill(static_cast<std::uint8_t>(fill + 0x40));
  return {signing_key(secret<32>::take(identity)), secret<32>::take(curve)};
}

struct fuzz_mesh {
  seeded_random random{1};
  root_key root = root_key::make(random);
  credentials hub = found();
  credentials orders = enrolled();

  static const fuzz_mesh& instance() {
    static const fuzz_mesh& made = *new fuzz_mesh; // kept: no order of destruction to think of
    return made;
  }

private:
  credentials found() {
    auto keys = fixed_keys(1);
    auto chain = found_mesh(root, keys, "hub", new_year, random);
    return {std::move(keys), std::move(*chain), std::nullopt};
  }
  credentials enrolled() {
    auto keys = fixed_keys(3);
    certificate what;
    what.number = node_number(2);
    what.roles = default_roles;
    what.not_before = new_year;
    what.not_after = new_year + limits::certificate_life;
    what.mesh = root.mesh();
    what.identity = keys.identity().public_key();
    what.curve = keys.curve();
    what.name = "orders";
    sign(what, hub.keys.identity());
    return {std::move(keys), {hub.chain.root, std::move(what), hub.chain.node}, std::nullopt};
  }
};

/// An issuer's records that every run begins anew with; they know one token.
class fuzz_records final : public token_records, public number_source, public certificate_records {
public:
  explicit fuzz_records(const token_record& known) : known_(known) {}

  result<std::optional<token_record>> load(const token_id& id) override {
    return id == known_.id ? std::optional(known_) : std::nullopt;
  }
  result<void> save(const token_record& record) override {
    WEFT_ASSERT(record.id == known_.id);
    known_ = record;
    return {};
  }
  result<void> erase_expired(wall_time /*time*/) override { return {}; }
  result<std::uint32_t> next() override { return 1; }
  result<void> ready() override { return {}; }
  result<void> used_up_to(std::uint32_t) override { return {}; }
  result<std::optional<node_id>> holder(const std::string& /*name*/) override { return std::nullopt; }
  result<void> save(const certificate& /*item*/) override { return {}; }

private:
  token_record known_;
};

inline byte_view view_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline bool same(byte_view a, byte_view b) { return as_text(a) == as_text(b); }

} // namespace weft::security
