// mesh/membership/directory_take.cpp: what a directory believes of what it is sent.
#include "mesh/membership/directory.hpp"

#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::membership {

namespace {

/// What honest nodes may hold and hand on although this one does not take it.
bool is_honest(errc code) { return code == errc::expired || code == errc::not_yet_valid || code == errc::unsupported; }

void blame(const node_id& from, const error& why, taken& result) {
  if (!is_honest(why.code())) result.offences.push_back({from, why});
}

} // namespace

taken directory::take(const wire::item& item, const node_id& from, instant now) {
  taken result;
  if (is_held(item)) return result;
  switch (item.kind) {
  case wire::item_kind::identity: take_identity(item, from, now, result); break;
  case wire::item_kind::node_record: take_record(item, from, now, result); break;
  case wire::item_kind::accusation: take_accusation(item, from, now, result); break;
  case wire::item_kind::topic_record:
  case wire::item_kind::cut_record: break;
  }
  return result;
}

/// Most of what is flooded comes more than once: that is seen here, before anything is decoded or verified.
bool directory::is_held(const wire::item& item) const {
  const auto known = by_content_.find(content_hash(item));
  if (known == by_content_.end()) return false;
  const auto found = items_.find(known->second);
  return found != items_.end() && found->second == item;
}

/// The identity of a stranger is no news: it goes on with the first record.
void directory::take_identity(const wire::item& item, const node_id& from, instant now, taken& result) {
  auto read = authority_.read_identity(item.bytes.view(), now.wall);
  if (!read) return blame(from, read.error(), result);
  const auto id = read->id;
  if (const auto found = members_.find(id); found != members_.end()) {
    if (read->not_before <= found->second.identity.not_before) return;
    change_identity(found->second, std::move(*read), item, now);
    result.news.push_back(item);
    return;
  }
  const auto known = strangers_.find(id);
  if (known != strangers_.end() && read->not_before <= known->second.identity.not_before) return;
  if (known == strangers_.end() && id != self_ && members_.size() + strangers_.size() >= limits::members_max) {
    reached("directory.full");
    const auto why =
        fmt::format("'{}' is not taken in: {} nodes are known, which is the most", read->name, limits::members_max);
    refuse(id, {errc::too_large, why}, now.mono);
    return;
  }
  strangers_.insert_or_assign(id, stranger{std::move(*read), item, now.mono});
  release(id, now, result);
}

void directory::take_record(const wire::item& item, const node_id& from, instant now, taken& result) {
  auto record = wire::decode_node_record(item.bytes);
  if (!record) return blame(from, record.error(), result);
  const auto id = record->id;
  const auto found = members_.find(id);
  const bool fresh = found == members_.end();
  if (!fresh && std::pair(record->incarnation, record->revision) <=
                    std::pair(found->second.record.incarnation, found->second.record.revision))
    return;
  if (!dated_well(id, record->announced, now)) return;
  const auto age = now.wall - record->announced;
  if (fresh && age > limits::member_expiry && age > kept_for(*record, members_.size() + 1)) {
    reached("directory.old_record_of_a_stranger");
    return;
  }
  const auto known = strangers_.find(id);
  if (fresh && known == strangers_.end()) return keep_aside(id, item, from, now, result);
  if (!signed_by(fresh ? known->second.identity : found->second.identity, item, from, result)) return;
  if (fresh) {
    result.news.push_back(known->second.item);
    add_member(std::move(*record), item, now);
  } else if (id == self_ || found->second.news.spend(1, now.mono)) {
    change_record(found->second, std::move(*record), item, now);
  } else {
    reached("directory.records_too_often");
    return;
  }
  result.news.push_back(item);
  release(id, now, result);
}

void directory::take_accusation(const wire::item& item, const node_id& from, instant now, taken& result) {
  const auto word = wire::decode_accusation(item.bytes);
  if (!word) return blame(from, word.error(), result);
  if (word->accused == word->accuser) return blame(from, {errc::protocol_violation, "a node accuses itself"}, result);
  const auto accused = members_.find(word->accused);
  if (accused == members_.end()) return keep_aside(word->accused, item, from, now, result);
  const auto accuser = members_.find(word->accuser);
  if (accuser == members_.end()) return keep_aside(word->accuser, item, from, now, result);
  auto& of = accused->second;
  if (word->incarnation < of.record.incarnation || of.state == member_state::left) return;
  const auto key = key_of_accusation(word->accused, word->accuser);
  if (const auto held = held_.version_of(key); held && held->minor >= word->count) return;
  if (!signed_by(accuser->second.identity, item, from, result)) return;
  if (word->incarnation > of.record.incarnation) {
    // Only the accused itself raises its incarnation: its record has to come first.
    if (!planted(planted_bug::others_incarnation_raised)) return keep_aside(word->accused, item, from, now, result);
    of.record.incarnation = word->incarnation;
  }
  if (word->accuser != self_ && !accuser->second.news.spend(1, now.mono)) {
    reached("directory.accusations_too_often");
    return;
  }
  if (!hold_accusation(of, *word, item, now.mono)) return;
  if (of.state == member_state::alive) set_state(of, member_state::suspect, now.mono);
  events_.emplace_back(directory_event::accused{*word});
  result.news.push_back(item);
}

/// Takes in what waited for a node. What it still waits for then may be another one.
void directory::release(const node_id& node, instant now, taken& result) {
  for (const auto& one : aside_.release(node)) {
    auto more = take(one.item, one.from, now);
    result.news.insert(result.news.end(), more.news.begin(), more.news.end());
    result.wanted.insert(result.wanted.end(), more.wanted.begin(), more.wanted.end());
    result.offences.insert(result.offences.end(), more.offences.begin(), more.offences.end());
  }
}

void directory::keep_aside(const node_id& awaited, const wire::item& item, const node_id& from, instant now,
                           taken& result) {
  if (aside_.keep(awaited, item, from, now.mono) && !members_.contains(awaited) && !strangers_.contains(awaited))
    result.wanted.push_back(awaited);
}

bool directory::signed_by(const identity& author, const wire::item& item, const node_id& from, taken& result) const {
  if (authority_.verify(item.kind, item.bytes.view(), item.signature, author)) return true;
  reached("directory.forged");
  blame(from, {errc::protocol_violation, fmt::format("an item of '{}' is not signed by it", author.name)}, result);
  return false;
}

/// The clock guard: what is dated later than others' clocks allow, or before there were any, is not taken in.
bool directory::dated_well(const node_id& author, wall_time at, instant now) {
  if (at < wall_time{})
    return refuse(author, {errc::invalid_argument, "what the node announced is dated before 1970: check its clock"},
                  now.mono);
  if (at <= now.wall + limits::hlc_lead_max) return true;
  reached("directory.dated_ahead");
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(at - now.wall).count();
  return refuse(author,
                {errc::not_yet_valid,
                 fmt::format("what the node announced is dated {} s ahead: check its clock and this one's", ahead)},
                now.mono);
}

/// Counts, and tells now and then. @returns false
bool directory::refuse(const node_id& node, error why, mono_time now) {
  ++refused_;
  if (now - told_ < limits::refusals_told_every) return false;
  told_ = now;
  events_.emplace_back(directory_event::refused{node, std::move(why), std::exchange(refused_, 0)});
  return false;
}

} // namespace weft::membership
