#include "mesh/security/question_proof.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/security/layout.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr std::size_t stamp_bytes = 24; // when, and the nonce
constexpr std::size_t head_bytes = stamp_bytes + sizeof(signature);

static_assert(head_bytes + chain_bytes_max <= limits::question_proof_bytes_max);

std::vector<std::byte> signed_part(const proven_question& asked, byte_view stamp) {
  layout_writer out(32 + stamp.size() + 2 + asked.what.size() + asked.arguments.size());
  out.array(asked.of.bytes()).raw_bytes(stamp);
  out.integer(static_cast<std::uint16_t>(asked.what.size())).text(asked.what).text(asked.arguments);
  return std::move(out).take();
}

} // namespace

std::string prove_question(const proven_question& asked, const node_keys& keys, const certificate_chain& chain,
                           wall_time now, random_source& random) {
  layout_writer stamp(stamp_bytes);
  stamp.integer(now.us).integer(random.next()).integer(random.next());
  const auto by = keys.identity().sign(signed_as::question, signed_part(asked, stamp.written()));
  layout_writer out(head_bytes + chain_bytes_max);
  out.raw_bytes(stamp.written()).array(by).raw_bytes(encode(chain));
  return std::string(as_text(out.written()));
}

result<certificate> question_judge::judge(const proven_question& asked, byte_view proof, wall_time now) {
  layout_reader in(proof);
  const auto stamp = proof.first(std::min(proof.size(), stamp_bytes));
  const wall_time at{in.integer<std::int64_t>()};
  const auto once = in.array<16>();
  const auto by = in.array<64>();
  if (proof.size() <= head_bytes) return fail(errc::bad_proof, "the question does not say who asks it");
  const auto chain = decode_chain(proof.subspan(head_bytes));
  if (!chain) return fail(chain.error());
  const auto& who = chain->node;
  if (const auto checked = check_chain(*chain, mesh_); !checked) return fail(checked.error());
  if (const auto valid = check_time(who, now); !valid) return fail(valid.error());
  if (!verify(by, signed_as::question, signed_part(asked, stamp), who.identity))
    return fail(errc::bad_proof, fmt::format("the question is not signed by {}", who.name));
  if (!who.roles.has(role::admin))
    return fail(errc::denied,
                fmt::format("{} has not the role admin: ask at this node, or invite {} with --roles admin "
                            "among its roles",
                            who.name, who.name));
  const microseconds skew = limits::clock_skew_allowed;
  if (at < now - skew || at > now + skew || at < begun_)
    return fail(errc::expired,
                fmt::format("by this node's clock {} asked it before this node started, or minutes ago or ahead: ask "
                            "again, and check the clocks",
                            who.name));
  seen_.erase(seen_.begin(), seen_.lower_bound(now - skew));
  const auto [first, last] = seen_.equal_range(at);
  if (std::any_of(first, last, [&once](const auto& item) { return item.second == once; }))
    return fail(errc::denied, "the question has been asked before");
  if (seen_.size() >= limits::question_proofs_seen_max)
    return fail(errc::busy,
                fmt::format("{} questions that change something were asked in the last minutes", seen_.size()));
  seen_.emplace(at, once);
  return who;
}

} // namespace weft::security
