#include "mesh/delivery/group_record.hpp"

#include "mesh/delivery/group_record_generated.h"
#include "mesh/wire/flat_checks.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace weft::delivery {
namespace {

constexpr std::size_t finished_max = limits::group_record_bytes_max / sizeof(fb::SlotPosition);

fb::SlotPosition flat(slot of, const log_position& at) { return {at.epoch.value(), at.seq.value(), of.value()}; }

template <class At>
log_position position_of(const At& at) {
  return {epoch{at.epoch()}, seq{at.seq()}};
}

using positions = flatbuffers::Vector<const fb::SlotPosition*>;

result<void> check(const positions* list, std::size_t count_max, std::string_view what) {
  if (auto few = wire::check_count(list, count_max, what); !few) return few;
  if (auto good = wire::check_aligned(list, what); !good) return good;
  if (!list) return {};
  for (const auto* item : *list)
    if (item->slot() >= limits::slots)
      return fail(errc::invalid_argument, fmt::format("{}: slot {} of {}", what, item->slot(), limits::slots));
  return {};
}

std::map<std::uint16_t, slot_progress> apart_in(const positions* list) {
  std::map<std::uint16_t, slot_progress> apart;
  if (list)
    for (const auto* item : *list)
      apart[item->slot()] = {slot{item->slot()}, position_of(*item), {}};
  return apart;
}

result<group_cursor> cursor_in(const fb::GroupRecord& from) {
  if (!from.floor()) return fail(errc::corrupt, "a group's record has no floor");
  if (auto good = check(from.apart(), limits::slots, "slots apart"); !good) return fail(std::move(good.error()));
  if (auto good = check(from.finished(), finished_max, "events finished"); !good) return fail(std::move(good.error()));
  group_cursor cursor{from.generation(), position_of(*from.floor()), {}};
  auto apart = apart_in(from.apart());
  if (from.finished())
    for (const auto* item : *from.finished())
      if (const auto at = apart.find(item->slot()); at != apart.end())
        at->second.finished.push_back(position_of(*item));
  for (auto& [of, progress] : apart) {
    std::ranges::sort(progress.finished);
    cursor.apart.push_back(std::move(progress));
  }
  return cursor;
}

result<group_holders> holders_in(const fb::GroupRecord& from) {
  const auto members = from.members() ? from.members()->size() : 0;
  if (!from.holders()) return group_holders{};
  if (from.holders()->size() != limits::slots)
    return fail(errc::invalid_argument, fmt::format("{} holders instead of {}", from.holders()->size(), limits::slots));
  if (auto good = wire::check_aligned(from.members(), "a group's members"); !good) return fail(std::move(good.error()));
  std::map<member_id, slot_set> held;
  for (flatbuffers::uoffset_t of = 0; of < limits::slots; ++of) {
    const auto holder = from.holders()->Get(of);
    if (holder == 0) continue;
    if (holder > members)
      return fail(errc::invalid_argument, fmt::format("slot {} has holder {} of {}", of, holder, members));
    held[member_id{from.members()->Get(holder - 1U)}].set(of);
  }
  return group_holders(held.begin(), held.end());
}

result<group_takeup> takeup_in(const fb::Takeup& from, std::uint64_t generation) {
  std::array<std::uint8_t, 32> node{};
  if (from.node()->size() != node.size())
    return fail(errc::invalid_argument, fmt::format("a node's id has {} bytes", from.node()->size()));
  std::ranges::copy(*from.node(), node.begin());
  if (!from.floor()) return fail(errc::corrupt, "a group that was taken up has no floor");
  if (auto good = check(from.apart(), limits::slots, "slots apart"); !good) return fail(std::move(good.error()));
  group_takeup takeup{{node_id{node}, from.ordinal()}, {generation, position_of(*from.floor()), {}}, {from.since()}};
  for (auto& [of, progress] : apart_in(from.apart()))
    takeup.base.apart.push_back(std::move(progress));
  return takeup;
}

/// Of a state that is in one part the record has the claim itself.
std::vector<fb::Claim> flat(const state_claims& claims) {
  std::vector<fb::Claim> made;
  if (claims.size() == 1) return made;
  for (const auto& one : claims)
    made.emplace_back(one.only.value(), one.term, one.begun, one.begun_by.value(), one.held);
  return made;
}

result<state_claims> claims_in(const fb::GroupRecord& from) {
  if (!from.shards() || from.shards()->size() == 0)
    return state_claims{{member_id{from.only()}, from.term(), from.begun(), member_id{from.begun_by()}, from.held()}};
  constexpr auto what = "shards of a group's state";
  if (auto few = wire::check_count(from.shards(), limits::state_shards_max, what); !few)
    return fail(std::move(few.error()));
  if (auto good = wire::check_aligned(from.shards(), what); !good) return fail(std::move(good.error()));
  state_claims claims(from.shards()->size());
  auto next = claims.begin();
  for (const auto* one : *from.shards())
    *next++ = {member_id{one->only()}, one->term(), one->begun(), member_id{one->begun_by()}, one->held()};
  return claims;
}

flatbuffers::Offset<fb::Takeup> flat(flatbuffers::FlatBufferBuilder& out, const group_takeup& takeup) {
  std::vector<fb::SlotPosition> apart;
  apart.reserve(takeup.base.apart.size());
  for (const auto& progress : takeup.base.apart)
    apart.push_back(flat(progress.of, progress.floor));
  const auto& id = takeup.log.node.bytes();
  const auto node = out.CreateVector(id.data(), id.size());
  const auto apart_at = out.CreateVectorOfStructs(apart);
  const fb::Position floor{takeup.base.floor.epoch.value(), takeup.base.floor.seq.value()};
  return fb::CreateTakeup(out, node, takeup.log.ordinal, &floor, apart_at, takeup.since.us);
}

/// The hashes, each once; and the keys, with those classes that have a key of theirs beside them.
std::pair<std::vector<std::uint16_t>, std::vector<std::uint64_t>> flat(const parked_keys& parked) {
  std::pair<std::vector<std::uint16_t>, std::vector<std::uint64_t>> made;
  for (auto at = parked.begin(); at != parked.end(); ++at) {
    const auto hash = hash_of(*at);
    if (made.first.empty() || made.first.back() != hash) made.first.push_back(hash);
    const auto next = std::next(at);
    const bool is_alone = next == parked.end() || hash_of(*next) != hash; // a class is the first of its hash
    if (!is_class(*at) || !is_alone) made.second.push_back(at->value());
  }
  return made;
}

parked_keys parked_in(const fb::GroupRecord& root) {
  parked_keys parked;
  if (root.parked_keys())
    for (const auto key : *root.parked_keys())
      parked.insert(parked.end(), hashed_key{key});
  if (!root.parked()) return parked;
  for (const auto hash : *root.parked()) {
    const auto first = parked.lower_bound(class_of(hash));
    if (first == parked.end() || hash_of(*first) != hash) parked.insert(class_of(hash));
  }
  return parked;
}

shared_bytes encode(const group_record& record, std::size_t finished_most) {
  flatbuffers::FlatBufferBuilder out(1024);
  std::vector<fb::SlotPosition> apart, finished;
  for (const auto& progress : record.cursor.apart) {
    apart.push_back(flat(progress.of, progress.floor));
    for (const auto& at : progress.finished)
      if (finished.size() < finished_most) finished.push_back(flat(progress.of, at));
  }
  std::vector<std::uint64_t> members;
  std::vector<std::uint16_t> holders(limits::slots, 0);
  for (const auto& [who, slots] : record.holders) {
    members.push_back(who.value());
    for (std::size_t of = 0; of < limits::slots; ++of)
      if (slots[of]) holders[of] = static_cast<std::uint16_t>(members.size());
  }
  const auto name = out.CreateString(record.name);
  const auto pattern = out.CreateString(record.pattern);
  const auto apart_at = out.CreateVectorOfStructs(apart);
  const auto finished_at = out.CreateVectorOfStructs(finished);
  const auto members_at = out.CreateVector(members);
  const auto holders_at = out.CreateVector(holders);
  const auto [hashes, keys] = flat(record.parked);
  const auto parked_at = out.CreateVector(hashes);
  const auto keys_at = out.CreateVector(keys);
  const auto shards = flat(record.state);
  const auto shards_at =
      shards.empty() ? flatbuffers::Offset<flatbuffers::Vector<const fb::Claim*>>() : out.CreateVectorOfStructs(shards);
  const auto home_at = record.home.empty() ? flatbuffers::Offset<flatbuffers::String>() : out.CreateString(record.home);
  const auto whole = record.state.size() == 1 ? record.state[0] : state_claim{};
  const auto takeup = record.takeup ? flat(out, *record.takeup) : flatbuffers::Offset<fb::Takeup>();
  const fb::Position floor{record.cursor.floor.epoch.value(), record.cursor.floor.seq.value()};
  fb::FinishGroupRecordBuffer(out, fb::CreateGroupRecord(out, name, pattern, record.version, record.cursor.generation,
                                                         &floor, apart_at, finished_at, members_at, holders_at,
                                                         parked_at, whole.only.value(), record.used.us, record.repeated,
                                                         takeup, whole.term, whole.begun, whole.begun_by.value(),
                                                         whole.held, keys_at, shards_at, home_at));
  return wire::released(out);
}

} // namespace

shared_bytes encode(const group_record& record) { return encode(record, finished_max); }

shared_bytes encode_takeup(group_record record) {
  record.parked.clear();
  return encode(record, limits::takeup_told_bytes_max / sizeof(fb::SlotPosition));
}

result<group_record> decode_group_record(const shared_bytes& bytes) {
  const auto kept = wire::aligned(bytes);
  const auto* start = reinterpret_cast<const std::uint8_t*>(kept.data());
  flatbuffers::Verifier verifier(start, kept.size());
  if (!fb::VerifyGroupRecordBuffer(verifier))
    return fail(errc::corrupt, fmt::format("{} bytes are no group's record", bytes.size()));
  const auto& root = *fb::GetGroupRecord(start);
  group_record record;
  auto name = wire::node_name_in(root.name());
  if (!name) return fail(std::move(name.error()));
  record.name = std::move(*name);
  auto pattern = topic_pattern::parse(wire::text_of(root.pattern()));
  if (!pattern) return fail(std::move(pattern.error()));
  record.pattern = pattern->text();
  record.version = root.version();
  auto cursor = cursor_in(root);
  if (!cursor) return fail(std::move(cursor.error()));
  record.cursor = std::move(*cursor);
  auto holders = holders_in(root);
  if (!holders) return fail(std::move(holders.error()));
  record.holders = std::move(*holders);
  record.used = {root.used()};
  record.parked = parked_in(root);
  record.repeated = root.repeated();
  if (root.takeup()) {
    auto takeup = takeup_in(*root.takeup(), record.cursor.generation);
    if (!takeup) return fail(std::move(takeup.error()));
    record.takeup = std::move(*takeup);
  }
  auto claims = claims_in(root);
  if (!claims) return fail(std::move(claims.error()));
  record.state = std::move(*claims);
  if (root.home()) {
    auto home = wire::node_name_in(root.home());
    if (!home) return fail(std::move(home.error()));
    record.home = std::move(*home);
  }
  return record;
}

log_position reached(const group_record& record) {
  auto last = record.cursor.floor;
  for (const auto& progress : record.cursor.apart) {
    last = std::max(last, progress.floor);
    if (!progress.finished.empty()) last = std::max(last, progress.finished.back());
  }
  return last;
}

} // namespace weft::delivery
