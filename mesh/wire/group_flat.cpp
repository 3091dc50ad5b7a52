#include "mesh/wire/group_flat.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/flat_slots.hpp"

#include <algorithm>

namespace weft::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Vector;

constexpr auto items_max = limits::group_window_events_max;

/// What a message says is put off so long at most: what is longer was not meant.
constexpr auto longest = microseconds(limits::group_put_off_max);

result<microseconds> duration_in(std::uint64_t us, std::string_view what) {
  if (us > static_cast<std::uint64_t>(longest.count()))
    return fail(errc::invalid_argument, fmt::format("{} of {} us, at most {} are allowed", what, us, longest.count()));
  return microseconds(static_cast<std::int64_t>(us));
}

result<std::vector<slot_event>> read(const Vector<const fb::SlotEvent*>* from, std::string_view what) {
  if (auto few = check_count(from, items_max, what); !few) return fail(std::move(few.error()));
  if (auto good = check_aligned(from, what); !good) return fail(std::move(good.error()));
  std::vector<slot_event> events;
  if (!from) return events;
  events.reserve(from->size());
  for (const auto* item : *from) {
    if (item->slot() >= limits::slots)
      return fail(errc::invalid_argument, fmt::format("{}: slot {} of {}", what, item->slot(), limits::slots));
    events.push_back({{epoch{item->epoch()}, seq{item->seq()}}, slot{item->slot()}});
  }
  return events;
}

result<std::vector<number_range>> read(const Vector<const fb::NumberRange*>* from, std::string_view what) {
  if (auto few = check_count(from, items_max, what); !few) return fail(std::move(few.error()));
  if (auto good = check_aligned(from, what); !good) return fail(std::move(good.error()));
  std::vector<number_range> ranges;
  if (!from) return ranges;
  ranges.reserve(from->size());
  for (const auto* item : *from) {
    if (item->from() >= item->until())
      return fail(errc::invalid_argument,
                  fmt::format("{}: from {} until {} is no range", what, item->from(), item->until()));
    ranges.push_back({item->from(), item->until()});
  }
  return ranges;
}

result<failure_policy> policy_in(const fb::Member& from) {
  if (from.after_failing() > static_cast<std::uint8_t>(after_failing::dead_letter))
    return fail(errc::unsupported, fmt::format("what to do with a failing event: {} is unknown", from.after_failing()));
  if (from.deliveries_max() == 0)
    return fail(errc::invalid_argument, "a group delivers an event at least once before it sets it aside");
  const auto first = duration_in(from.backoff_first_us(), "a first backoff");
  if (!first) return fail(first.error());
  const auto most = duration_in(from.backoff_most_us(), "a longest backoff");
  if (!most) return fail(most.error());
  return failure_policy{static_cast<after_failing>(from.after_failing()), from.deliveries_max(), *first, *most};
}

result<void> check_sum(std::size_t items, std::string_view what) {
  if (items > items_max)
    return fail(errc::too_large, fmt::format("{} of {} items, at most {} are allowed", what, items, items_max));
  return {};
}

} // namespace

std::uint64_t micros(microseconds from) noexcept {
  return static_cast<std::uint64_t>(std::max(from, microseconds{0}).count());
}

flat_list<fb::SlotEvent> to_flat(FlatBufferBuilder& out, const std::vector<slot_event>& events) {
  WEFT_ASSERT(events.size() <= items_max);
  std::vector<fb::SlotEvent> items;
  items.reserve(events.size());
  for (const auto& event : events)
    items.emplace_back(event.at.epoch.value(), event.at.seq.value(), event.of.value());
  return items.empty() ? flat_list<fb::SlotEvent>{} : out.CreateVectorOfStructs(items);
}

flat_list<fb::NumberRange> to_flat(FlatBufferBuilder& out, const std::vector<number_range>& ranges) {
  WEFT_ASSERT(ranges.size() <= items_max);
  std::vector<fb::NumberRange> items;
  items.reserve(ranges.size());
  for (const auto& range : ranges)
    items.emplace_back(range.from, range.until);
  return items.empty() ? flat_list<fb::NumberRange>{} : out.CreateVectorOfStructs(items);
}

flat_list<fb::TriedEvent> to_flat(FlatBufferBuilder& out, const std::vector<tried_event>& tried) {
  WEFT_ASSERT(tried.size() <= items_max);
  std::vector<fb::TriedEvent> items;
  items.reserve(tried.size());
  for (const auto& one : tried)
    items.emplace_back(one.number, micros(one.after), one.trials);
  return items.empty() ? flat_list<fb::TriedEvent>{} : out.CreateVectorOfStructs(items);
}

flatbuffers::Offset<fb::Member> to_flat(FlatBufferBuilder& out, const group_membership& member) {
  WEFT_ASSERT(member.begun.size() + member.processed.size() <= items_max);
  const auto group = out.CreateString(member.group);
  const auto begun = to_flat(out, member.begun);
  const auto processed = to_flat(out, member.processed);
  const auto& policy = member.policy;
  return fb::CreateMember(out, group, member.member.value(), member.events_max, static_cast<std::uint8_t>(policy.then),
                          policy.deliveries_max, micros(policy.backoff_first), micros(policy.backoff_most), begun,
                          processed, member.alone, member.term, static_cast<std::uint8_t>(member.claim),
                          member.shard.number, member.shard.of, member.process.value());
}

result<claim_stage> claim_in(const fb::Member& from) {
  if (from.claim() > static_cast<std::uint8_t>(claim_stage::at_work))
    return fail(errc::unsupported, fmt::format("a claim of a group's state: {} is unknown", from.claim()));
  const auto stage = static_cast<claim_stage>(from.claim());
  const bool needs_term = stage == claim_stage::reads || stage == claim_stage::at_work;
  if ((stage != claim_stage::none || from.term() > 0) && !from.alone())
    return fail(errc::invalid_argument, "a member that claims the group's state has to be alone with it");
  if (needs_term && from.term() == 0)
    return fail(errc::invalid_argument, "a member says that it has the group's state, and no term that it was given");
  return stage;
}

result<state_shard> shard_in(const fb::Member& from) {
  if (from.shards() == 0 || from.shards() > limits::state_shards_max || from.shard() >= from.shards())
    return fail(errc::invalid_argument,
                fmt::format("a member has the shard {} of {} of the group's state: 0 to {} of 1 "
                            "to {} are possible",
                            from.shard(), from.shards(), from.shards() - 1, limits::state_shards_max));
  if (from.shards() > 1 && !from.alone())
    return fail(errc::invalid_argument, "a member that has a shard of the group's state has to be alone with it");
  return state_shard{from.shard(), from.shards()};
}

result<group_membership> from_flat(const fb::Member& from) {
  auto group = node_name_in(from.group());
  if (!group) return fail(std::move(group.error()));
  if (from.events_max() == 0 || from.events_max() > limits::group_window_events_max)
    return fail(errc::invalid_argument, fmt::format("a member of group {} wants {} events at once, 1 to {} are allowed",
                                                    *group, from.events_max(), limits::group_window_events_max));
  auto policy = policy_in(from);
  if (!policy) return fail(std::move(policy.error()));
  const auto claim = claim_in(from);
  if (!claim) return fail(claim.error());
  const auto shard = shard_in(from);
  if (!shard) return fail(shard.error());
  auto begun = read(from.begun(), "events that a member has begun");
  if (!begun) return fail(std::move(begun.error()));
  auto processed = read(from.processed(), "events that a member has processed");
  if (!processed) return fail(std::move(processed.error()));
  if (auto few = check_sum(begun->size() + processed->size(), "a member's past"); !few)
    return fail(std::move(few.error()));
  return group_membership{std::move(*group),
                          member_id{from.member()},
                          from.events_max(),
                          *policy,
                          std::move(*begun),
                          std::move(*processed),
                          from.alone(),
                          from.term(),
                          *claim,
                          *shard,
                          process_id{from.process()}};
}

result<std::vector<tried_event>> from_flat(const Vector<const fb::TriedEvent*>* from) {
  constexpr auto what = "events of a run that were tried before";
  if (auto few = check_count(from, items_max, what); !few) return fail(std::move(few.error()));
  if (auto good = check_aligned(from, what); !good) return fail(std::move(good.error()));
  std::vector<tried_event> tried;
  if (!from) return tried;
  for (const auto* item : *from) {
    const auto after = duration_in(item->after_us(), "a backoff");
    if (!after) return fail(after.error());
    tried.push_back({item->number(), item->trials(), *after});
  }
  return tried;
}

result<handled> from_flat(const fb::Handled& from) {
  auto done = read(from.done(), "numbers of events done");
  if (!done) return fail(std::move(done.error()));
  auto returned = read(from.returned(), "numbers of events given back");
  if (!returned) return fail(std::move(returned.error()));
  auto processed = read(from.processed(), "events processed");
  if (!processed) return fail(std::move(processed.error()));
  auto abandoned = read(from.abandoned(), "events given back");
  if (!abandoned) return fail(std::move(abandoned.error()));
  const auto items = done->size() + returned->size() + processed->size() + abandoned->size();
  if (auto few = check_sum(items, "a report"); !few) return fail(std::move(few.error()));
  return handled{from.flow(), std::move(*done), std::move(*returned), std::move(*processed), std::move(*abandoned)};
}

result<failed> from_flat(const fb::Failed& from) {
  auto cause = bounded(from.cause(), limits::group_cause_bytes_max, "why an event failed");
  if (!cause) return fail(std::move(cause.error()));
  return failed{from.flow(), from.number(), std::move(*cause), from.rejected()};
}

result<verdict> from_flat(const fb::Verdict& from) {
  if (!from.again()) return verdict{from.flow(), from.number(), std::nullopt};
  const auto after = duration_in(from.after_us(), "a backoff");
  if (!after) return fail(after.error());
  return verdict{from.flow(), from.number(), *after};
}

result<revoke> from_flat(const fb::Revoke& from) {
  if (!from.slots()) return fail(errc::corrupt, "a revoke names no slots");
  const auto slots = slots_in(*from.slots(), "a revoke");
  if (!slots) return fail(slots.error());
  return revoke{from.flow(), *slots, from.before(), from.state()};
}

} // namespace weft::wire
