#include "mesh/delivery/state_claim.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace weft::delivery {
namespace {

using wire::claim_stage;
using wire::group_membership;

constexpr auto lease_s = std::chrono::seconds(limits::group_lease + limits::group_lease_margin).count();

tl::unexpected<error> is_anothers(const state_claim& known, const group_membership& member, const claim_place& at) {
  return fail(errc::denied,
              fmt::format("the group {} is the service's whose state has the id {:016x}, and {}: start it there, or "
                          "`weft groups delete {}` if that state is gone",
                          at.group, known.only.value(),
                          member.alone ? fmt::format("this state has {:016x}", member.member.value())
                                       : std::string("this member has no state"),
                          at.group));
}
tl::unexpected<error> was_taken_over(const state_claim& known, const group_membership& member, const claim_place& at) {
  return fail(errc::locked, fmt::format("the state of {} was taken over: {:016x} has term {}, and this one is of {}",
                                        at.group, known.only.value(), known.term, member.term));
}
tl::unexpected<error> is_used(const claim_place& at) {
  return fail(errc::busy, fmt::format("the group {} has members without state: stop them first, or take another name "
                                      "for the service",
                                      at.group));
}

/// Of a member whose state does not move.
result<admission> admit_staying(const state_claim& known, const group_membership& member, const claim_place& at) {
  if (known.term > 0)
    return fail(errc::denied, fmt::format("the state of {} moves, it is at term {}: name its `state_topic` here, too",
                                          at.group, known.term));
  if (known.only == member_id{} && at.is_used) return is_used(at);
  if (known.only != member_id{} && known.only != member.member) return is_anothers(known, member, at);
  return admission{{member.member, 0, 0, {}, false}, false};
}

/// Of one whose term was given elsewhere, or has been given here and is forgotten.
result<admission> admit_given(const state_claim& known, const group_membership& member, const claim_place& at) {
  if (known.only == member_id{} && at.is_used) return is_used(at);
  const bool is_same = known.only == member.member;
  if (known.only != member_id{} && known.term == 0 && !is_same) return is_anothers(known, member, at);
  if (member.term < known.term || (member.term == known.term && !is_same)) return was_taken_over(known, member, at);
  auto after = known;
  after.only = member.member;
  after.term = std::max(known.term, member.term);
  if (!is_same || member.term > known.term) after.held = false;
  if (member.term > known.term) { // this log's node did not give it: what it knows is not the last
    after.begun = 0;
    after.begun_by = {};
  }
  return admission{after, !is_same};
}

result<void> check_term(const state_claim& known, const group_membership& member, const claim_place& at) {
  if (member.term <= known.term || member.term - known.term <= limits::state_terms_ahead_max) return {};
  return fail(errc::invalid_argument, fmt::format("term {} of the state of {} can't be: {} has given {} terms",
                                                  member.term, at.group, at.node, known.term));
}

} // namespace

result<admission> admit(const state_claim& known, const group_membership& member, const claim_place& at) {
  if (!member.alone) {
    if (known.only != member_id{}) return is_anothers(known, member, at);
    return admission{known, false};
  }
  const auto stage = member.claim;
  if (stage == claim_stage::none && member.term == 0) return admit_staying(known, member, at);
  if (auto good = check_term(known, member, at); !good) return fail(good.error());
  if (stage == claim_stage::none) return admit_given(known, member, at);
  if (at.is_copy)
    return fail(errc::busy, fmt::format("the home of the state of {}, {}, is away: it alone says who has the state",
                                        at.group, at.node));
  if (stage != claim_stage::asks) {
    auto given = admit_given(known, member, at);
    if (!given) return given;
    auto& after = given->after;
    after.held = true;
    if (stage == claim_stage::at_work) {
      after.begun = after.term;
      after.begun_by = after.only;
    }
    return given;
  }
  if (known.only == member_id{} && at.is_used) return is_used(at);
  if (known.only != member_id{} && known.term == 0 && known.only != member.member)
    return is_anothers(known, member, at);
  if (at.is_held)
    return fail(errc::locked, fmt::format("the state of {} is at work at the member {:016x}, which has lost it when "
                                          "that has left or was silent for {} s",
                                          at.group, known.only.value(), lease_s));
  auto after = known;
  after.only = member.member;
  after.term = std::max(known.term, member.term) + 1;
  after.held = true;
  if (member.term > known.term) { // others were given here, and it has forgotten that, or at another home
    after.begun = 0;
    after.begun_by = {};
  }
  return admission{after, known.only != member.member};
}

result<void> check_shards(const state_claims& known, const wire::group_membership& member, const claim_place& at) {
  if (!member.alone || !has_state(known) || known.size() == member.shard.of) return {};
  return fail(errc::denied, fmt::format("the state of {} has {} shards, and this member has one of {}: their number is "
                                        "kept; start it with `shards` {}, or another group",
                                        at.group, known.size(), member.shard.of, known.size()));
}

bool has_state(const state_claims& known) {
  return std::ranges::any_of(known, [](const state_claim& one) { return one.only != member_id{}; });
}

namespace {

state_claim merged(const state_claim& one, const state_claim& other) {
  return other.term > one.term || one.only == member_id{} ? other : one;
}

} // namespace

state_claims merged(const state_claims& one, const state_claims& other) {
  if (one.size() != other.size()) return has_state(one) ? one : other;
  state_claims all(one.size());
  for (std::size_t shard = 0; shard < one.size(); ++shard)
    all[shard] = merged(one[shard], other[shard]);
  return all;
}

} // namespace weft::delivery
