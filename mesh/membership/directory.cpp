// mesh/membership/directory.cpp: members: how they come, change and are forgotten. Taking items in is in
// directory_take.cpp.
#include "mesh/membership/directory.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {

namespace {

constexpr auto record_kind = wire::item_kind::node_record;
constexpr auto identity_kind = wire::item_kind::identity;

/// The certificate's word goes over the node's own.
void apply(const identity& from, wire::node_record& to) {
  to.name = from.name;
  to.number = from.number;
  to.roles &= from.roles;
}

wire::item_version version_of(const wire::node_record& record) {
  return {record.incarnation.value(), record.revision, 0};
}
wire::item_version version_of(const identity& from) { return {static_cast<std::uint64_t>(from.not_before.us), 0, 0}; }

} // namespace

std::optional<wire::item> directory::find(std::uint64_t key) const {
  const auto found = items_.find(key);
  return found == items_.end() ? std::nullopt : std::optional(found->second);
}

const member* directory::find(const node_id& node) const {
  const auto found = members_.find(node);
  return found == members_.end() ? nullptr : &found->second;
}

const member* directory::find_name(const std::string& name) const {
  const auto holder = names_.holder(name);
  return holder ? find(*holder) : nullptr;
}

const member* directory::find_number(node_number number) const {
  const auto holder = numbers_.holder(number);
  return holder ? find(*holder) : nullptr;
}

void directory::conclude_dead(const node_id& node, wire::incarnation incarnation, mono_time now) {
  const auto found = members_.find(node);
  if (found == members_.end() || found->second.record.incarnation != incarnation) return;
  auto& of = found->second;
  if (of.state == member_state::left) return;
  of.concluded_dead = true;
  set_state(of, state_of(of), now);
}

void directory::tick(instant now) {
  if (now.mono < next_look_) return;
  next_look_ = now.mono + limits::members_look_every;
  for (auto at = members_.begin(); at != members_.end();) {
    auto& one = at->second;
    look_at_expiry(one, now);
    const bool gone = one.state >= member_state::dead && now.mono - one.since >= limits::member_expiry &&
                      now.mono - one.since >= kept_for(one.record, members_.size());
    const auto here = at++;
    if (gone && here->first != self_ && !planted(planted_bug::dead_never_expired)) remove(here);
  }
  // This node's own waits for as long as its disk does not take its first incarnation.
  std::erase_if(strangers_, [&](const auto& entry) {
    return entry.first != self_ && now.mono - entry.second.since >= limits::aside_kept;
  });
  aside_.tick(now.mono);
}

microseconds directory::kept_for(const wire::node_record& record, std::size_t members) const {
  if (!of_use_ || members >= limits::members_kept_max) return limits::member_expiry;
  return std::max<microseconds>(limits::member_expiry, of_use_(record));
}

void directory::add_member(wire::node_record record, const wire::item& item, instant now) {
  auto node = strangers_.extract(record.id);
  WEFT_ASSERT(!node.empty());
  auto& known = node.mapped();
  apply(known.identity, record);
  const auto id = record.id;
  hold(key_of(identity_kind, id), version_of(known.identity), known.item);
  hold(key_of(record_kind, id), version_of(record), item);
  member made{.identity = std::move(known.identity), .record = std::move(record), .since = now.mono};
  made.state = state_of(made);
  const auto& added = members_.emplace(id, std::move(made)).first->second;
  events_.emplace_back(directory_event::member_added{id});
  claim(added.identity);
}

void directory::change_record(member& of, wire::node_record record, const wire::item& item, instant now) {
  apply(of.identity, record);
  hold(key_of(record_kind, record.id), version_of(record), item);
  const bool revived = record.incarnation > of.record.incarnation;
  if (revived || record.left) {
    drop_accusations(of);
    of.concluded_dead = false;
  }
  const auto what = changes_between(of.record, record);
  of.record = std::move(record);
  // This node's own is told also when it says the same: another life of the node may have made it.
  if (what != record_changes{} || of.identity.id == self_)
    events_.emplace_back(directory_event::record_changed{of.identity.id, what});
  // At one incarnation a record revives nobody but who had said that it left.
  if (revived || of.record.left || of.state == member_state::left) set_state(of, state_of(of), now.mono);
}

void directory::change_identity(member& of, identity newer, const wire::item& item, instant now) {
  WEFT_ASSERT(newer.id == of.identity.id);
  unclaim(of.identity);
  of.identity = std::move(newer);
  hold(key_of(identity_kind, of.identity.id), version_of(of.identity), item);
  auto record = of.record;
  apply(of.identity, record);
  const auto what = changes_between(of.record, record);
  of.record = std::move(record);
  if (what != record_changes{}) events_.emplace_back(directory_event::record_changed{of.identity.id, what});
  claim(of.identity);
  look_at_expiry(of, now);
}

void directory::set_state(member& of, member_state state, mono_time now) {
  if (of.state == state) return;
  events_.emplace_back(directory_event::state_changed{of.identity.id, of.state, state});
  of.state = state;
  of.since = now;
}

/// What its record, its identity, the accusations and the detector say.
member_state directory::state_of(const member& of) {
  if (of.record.left) return member_state::left;
  if (of.expired || of.concluded_dead) return member_state::dead;
  return of.accusations.empty() ? member_state::alive : member_state::suspect;
}

/// A clock that jumped ahead and comes back makes no lasting dead, and revives nobody who was concluded to be dead.
void directory::look_at_expiry(member& of, instant now) {
  const bool expired = now.wall > of.identity.not_after + limits::clock_skew_allowed;
  if (expired == of.expired || of.identity.id == self_) return;
  reached(expired ? "directory.identity_expired" : "directory.identity_renewed");
  of.expired = expired;
  set_state(of, state_of(of), now.mono);
}

/// @returns whether it is among the newest, and so held
bool directory::hold_accusation(member& of, const wire::accusation& word, const wire::item& item, mono_time now) {
  auto& all = of.accusations;
  std::erase_if(all, [&](const held_accusation& one) { return one.word.accuser == word.accuser; });
  const auto newer = [](const held_accusation& a, const held_accusation& b) {
    return std::pair(a.word.at, a.word.accuser) > std::pair(b.word.at, b.word.accuser);
  };
  const held_accusation made{word, now};
  all.insert(std::upper_bound(all.begin(), all.end(), made, newer), made);
  hold(key_of_accusation(word.accused, word.accuser), {word.incarnation.value(), word.count, 0}, item);
  if (all.size() <= limits::accusers_max) return true;
  reached("directory.accusers_max");
  const auto oldest = all.back().word.accuser;
  drop(key_of_accusation(word.accused, oldest));
  all.pop_back();
  return oldest != word.accuser;
}

void directory::drop_accusations(member& of) {
  for (const auto& one : of.accusations)
    drop(key_of_accusation(one.word.accused, one.word.accuser));
  of.accusations.clear();
}

void directory::remove(std::map<node_id, member>::iterator at) {
  const auto id = at->first;
  drop_accusations(at->second);
  drop(key_of(identity_kind, id));
  drop(key_of(record_kind, id));
  unclaim(at->second.identity);
  members_.erase(at);
  events_.emplace_back(directory_event::member_removed{id});
}

void directory::claim(const identity& by) {
  const auto told = [this](const node_id& holder, const node_id& mine, const std::optional<node_id>& before,
                           bool number) {
    if (!before || *before == mine) return;
    events_.emplace_back(directory_event::name_shared{holder, holder == mine ? *before : mine, number});
  };
  const auto named = names_.add(by.name, by.not_before, by.id);
  told(*names_.holder(by.name), by.id, named, false);
  const auto numbered = numbers_.add(by.number, by.not_before, by.id);
  told(*numbers_.holder(by.number), by.id, numbered, true);
}

void directory::unclaim(const identity& by) {
  names_.remove(by.name, by.not_before, by.id);
  numbers_.remove(by.number, by.not_before, by.id);
}

void directory::hold(std::uint64_t key, const wire::item_version& version, const wire::item& item) {
  drop(key);
  held_.set(key, version);
  by_content_[content_hash(item)] = key;
  items_.emplace(key, item);
}

void directory::drop(std::uint64_t key) {
  const auto found = items_.find(key);
  if (found == items_.end()) return;
  by_content_.erase(content_hash(found->second));
  held_.erase(key);
  items_.erase(found);
}

} // namespace weft::membership
