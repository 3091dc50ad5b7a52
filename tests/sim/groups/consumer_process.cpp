#include "tests/sim/groups/consumer_process.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;
using in = group_source::in;

constexpr microseconds tick = 50ms;
constexpr microseconds renewed_every = 1s;

} // namespace

void consumer_process::on_start() {
  links_.resize(book_.logs.size());
  at_.resize(book_.logs.size());
  look_for_it_.assign(book_.logs.size(), true);
  add_member();
  on_timer();
}

void consumer_process::add_member() {
  auto who = std::make_unique<worker>();
  who->id = member_id{around_.random().next()};
  who->events_max = 1 + static_cast<std::uint32_t>(around_.random().below(60));
  who->at_once = 1 + around_.random().below(8);
  who->of.resize(links_.size());
  for (std::uint32_t log = 0; log < links_.size(); ++log)
    join(*who, log);
  members_.push_back(std::move(who));
}

void consumer_process::remove_member() {
  for (auto at = members_.size(); at-- > 1;) {
    auto& who = *members_[at];
    if (who.of.front().has.leaves()) continue;
    for (std::uint32_t log = 0; log < links_.size(); ++log) {
      who.of[log].has.leave();
      tell(who.id, log, in::leaving{who.id});
    }
    return;
  }
}

void consumer_process::lose_member() {
  if (members_.size() < 2) return;
  const auto who = std::move(members_.back());
  members_.pop_back();
  book_.gone(around_.host(), who->id);
  std::erase_if(jobs_, [&](const auto& item) { return item.second.member == who->id; });
  for (std::uint32_t log = 0; log < links_.size(); ++log)
    tell(who->id, log, in::left{who->id});
}

void consumer_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  static_cast<void>(peer);
  if (dialed == nullptr) return;
  const auto [log, at] = dials_.extract(*dialed).mapped();
  look_for_it_[log] = at != host_index{log};
  if (links_[log] != link_id{}) {
    if (at != host_index{log}) return around_.close(link); // its node came first
    around_.close(links_[log]);
  }
  links_[log] = link;
  at_[log] = at;
  for (auto& who : members_)
    join(*who, log);
}

/// One that leaves comes anew, too: what it has begun is still its.
void consumer_process::join(worker& who, std::uint32_t log) {
  if (links_[log] == link_id{}) return;
  auto& share = who.of[log];
  const auto carried = share.has.open(now());
  share.queue.clear();
  share.renewed = now();
  tell(who.id, log, in::joined{who.id, who.events_max, 1U << 20U, carried.begun, carried.processed});
  if (share.has.leaves()) tell(who.id, log, in::leaving{who.id});
}

void consumer_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  static_cast<void>(payload);
  const auto* letter = book_.letters.open(control);
  const auto log = std::ranges::find(links_, link);
  if (letter == nullptr || log == links_.end()) return;
  for (auto& who : members_)
    if (who->id == letter->member) return take(*who, static_cast<std::uint32_t>(log - links_.begin()), *letter);
}

void consumer_process::take(worker& who, std::uint32_t log, const group_letter& letter) {
  auto& share = who.of[log];
  if (const auto* handed = std::get_if<handed_out>(&letter.content)) {
    const auto tickets = share.has.arrived(handed->first_number, handed->events, handed->tried, now());
    if (!tickets) return join(who, log);
    for (std::size_t i = 0; i < tickets->size(); ++i)
      if ((*tickets)[i]) share.queue.emplace_back(*(*tickets)[i], handed->events[i]);
    std::erase_if(share.queue, [&](const auto& item) { return !share.has.has(item.first); }); // dropped by a verdict
    if (share.queue.size() > who.events_max) around_.fail("members_get_what_they_asked_for", "a member has too much");
    begin_some(who, log);
  } else if (const auto* verdict = std::get_if<group_source::out::verdict>(&letter.content)) {
    share.has.judged(verdict->number, verdict->again, now());
    begin_some(who, log);
  } else if (const auto* revoke = std::get_if<group_source::out::revoke>(&letter.content)) {
    share.has.revoked(revoke->slots, revoke->before);
    std::erase_if(share.queue, [&](const auto& item) { return revoke->slots[item.second.of.value()]; });
    report(who, log);
  } else if (const auto* renewal = std::get_if<group_source::out::renewal>(&letter.content)) {
    share.has.renewed(renewal->number);
  } else if (std::holds_alternative<expelled>(letter.content)) {
    join(who, log);
  } else if (std::holds_alternative<refused_here>(letter.content)) {
    around_.close(links_[log]);
    lose(log);
  }
}

/// In order, and nothing of a slot in which it is at work.
void consumer_process::begin_some(worker& who, std::uint32_t log) {
  auto& share = who.of[log];
  slot_set busy;
  for (const auto& [ticket, event] : share.at_work)
    busy.set(event.of.value());
  for (auto at = share.queue.begin(); at != share.queue.end() && share.at_work.size() < who.at_once;) {
    const auto [ticket, event] = *at;
    if (busy[event.of.value()]) {
      ++at;
      continue;
    }
    const auto permit = share.has.may_begin(ticket, now());
    if (permit == group_member::permit::wait) return;
    if (permit == group_member::permit::later) {
      busy.set(event.of.value()); // its successors wait for it
      ++at;
      continue;
    }
    at = share.queue.erase(at);
    if (permit == group_member::permit::skip) continue;
    busy.set(event.of.value());
    share.at_work.emplace(ticket, event);
    book_.began(around_.host(), who.id, log, event, at_[log]);
    jobs_[++last_token_] = {who.id, log, ticket};
    around_.wake_after(drawn_duration(), last_token_);
  }
}

/// Most are quick; some outlast a lease.
microseconds consumer_process::drawn_duration() {
  auto& random = around_.random();
  const auto kind = random.below(2000);
  const microseconds most = kind == 0 ? 25s : kind < 20 ? microseconds(1s) : microseconds(5ms);
  return microseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()))));
}

void consumer_process::on_woken(std::uint64_t token) {
  const auto found = jobs_.extract(token);
  if (found.empty()) return; // of a member that was lost
  const auto done = found.mapped();
  for (auto& who : members_) {
    if (who->id != done.member) continue;
    auto& share = who->of[done.log];
    const auto event = share.at_work.extract(done.ticket).mapped();
    if (book_.succeeds(done.log, event)) {
      share.has.finish(done.ticket);
      book_.finished(around_.host(), who->id, done.log, event);
    } else {
      if (book_.rejects(done.log, event))
        share.has.reject(done.ticket, "as drawn");
      else
        share.has.fail(done.ticket, "as drawn");
      book_.failed(around_.host(), who->id, done.log, event);
      const auto place =
          std::ranges::lower_bound(share.queue, done.ticket, {}, [](const auto& item) { return item.first; });
      share.queue.insert(place, {done.ticket, event});
    }
    return begin_some(*who, done.log);
  }
}

void consumer_process::on_link_closed(link_id link, close_cause cause) {
  static_cast<void>(cause);
  const auto log = std::ranges::find(links_, link);
  if (log == links_.end()) return;
  lose(static_cast<std::uint32_t>(log - links_.begin()));
}

void consumer_process::lose(std::uint32_t log) {
  links_[log] = link_id{};
  look_for_it_[log] = true;
}

void consumer_process::on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) {
  static_cast<void>(address), static_cast<void>(cause);
  const auto [log, at] = dials_.extract(dial).mapped();
  const auto holder = book_.holders.find(log);
  const bool other = at == host_index{log} && holder != book_.holders.end() && links_[log] == link_id{};
  if (other)
    this->dial({log, holder->second});
  else
    look_for_it_[log] = true;
}

/// Its node first, also while a holder shares it out.
void consumer_process::look_for(std::uint32_t log) {
  if (!look_for_it_[log] || (links_[log] != link_id{} && at_[log] == host_index{log})) return;
  look_for_it_[log] = false;
  dial({log, host_index{log}});
}

void consumer_process::on_timer() {
  for (std::uint32_t log = 0; log < links_.size(); ++log)
    look_for(log);
  for (auto& who : members_)
    for (std::uint32_t log = 0; log < links_.size(); ++log) {
      begin_some(*who, log);
      report(*who, log);
      auto& share = who->of[log];
      if (links_[log] == link_id{} || now() - share.renewed < renewed_every) continue;
      share.renewed = now();
      tell(who->id, log, in::renewed{who->id, share.has.renew(now())});
    }
  std::erase_if(members_, [this](const auto& who) {
    if (!may_go(*who)) return false;
    for (std::uint32_t log = 0; log < links_.size(); ++log)
      tell(who->id, log, in::left{who->id});
    return true;
  });
  around_.arm(now() + tick);
}

void consumer_process::report(worker& who, std::uint32_t log) {
  if (links_[log] == link_id{}) return;
  const auto report = who.of[log].has.take_report();
  for (const auto& failure : report.failed) // what is given back with it failed before
    tell(who.id, log, in::failed{who.id, failure.number, failure.cause, failure.rejected});
  if (!report.empty())
    tell(who.id, log, in::handled{who.id, report.done, report.returned, report.processed, report.abandoned});
}

bool consumer_process::may_go(const worker& who) const {
  return std::ranges::all_of(who.of, [](const auto& one) { return one.has.leaves() && one.has.under_way() == 0; });
}

void consumer_process::tell(member_id member, std::uint32_t log, decltype(group_letter::content) content) {
  if (links_[log] != link_id{}) book_.letters.send(around_, links_[log], {member, std::move(content)});
}

} // namespace weft::sim
