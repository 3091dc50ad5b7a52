#include "actors/takeup_desk.hpp"

#include "actors/copy_shelf.hpp"
#include "actors/cursor_topic.hpp"
#include "actors/group_book.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/delivery/group_run.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {

using delivery::group_record;
using delivery::owner_watch;

takeup_desk::takeup_desk(node_services& services, std::shared_ptr<group_book> groups)
    : services_(services),
      groups_(std::move(groups)),
      takeups_(services),
      started_(services.clock.mono()),
      told_(started_) {
  const auto topics = services.topics.all();
  if (std::ranges::none_of(topics, [](const auto& item) { return item.second.settings.replicas > 0; }))
    told_.holders({}); // nobody has a copy
}

mono_time takeup_desk::now() const { return services_.clock.mono(); }

/// Until it is linked nobody is, since this node started.
owner_watch& takeup_desk::watch_of(const node_id& node) { return watches_.try_emplace(node, started_).first->second; }

std::string takeup_desk::name_of(const log_id& log) const {
  const auto copy = services_.shelf.find(log);
  return copy ? copy->node : to_string(log.node);
}

// --- links

void takeup_desk::peer_up(const linked_peer& peer) {
  peers_.insert_or_assign(peer.id, peer);
  watch_of(peer.id).linked();
  hand_back(peer.id);
}

void takeup_desk::peer_down(const node_id& id, const link_output_ptr& output) {
  const auto found = peers_.find(id);
  if (found == peers_.end() || found->second.output != output) return; // a newer one is there
  peers_.erase(found);
  watch_of(id).gone(now());
}

// --- at a holder of a copy

void takeup_desk::take_up(ask one) {
  asks_.push_back({std::move(one), now()});
  look_at_asks();
}

void takeup_desk::look_at_asks() {
  for (auto& each : std::exchange(asks_, {})) {
    const auto turn = watch_of(each.one.log.node).turn_of(each.since, now());
    if (turn == owner_watch::turn::wait)
      asks_.push_back(std::move(each));
    else if (turn == owner_watch::turn::take_up)
      read_copy(each.one);
    else
      refuse(each.one);
  }
}

void takeup_desk::refuse(const ask& one) {
  one.to(
      fail(errc::not_held, fmt::format("{} is linked with this node and shares its log out itself", name_of(one.log))));
}

void takeup_desk::read_copy(const ask& one) {
  auto copy = services_.shelf.find(one.log);
  if (!copy) return one.to(fail(errc::not_held, "this node has no copy of that log open"));
  services_.readers.run([copy = std::move(copy), one, &keeper = services_.keeper](log::node_log&) {
    auto owners = std::make_shared<found_record>(record_in(*copy, one.name));
    keeper.with_takeups([one, owners](takeup_desk& desk) { desk.found(one, std::move(*owners)); });
  });
}

void takeup_desk::found(const ask& one, found_record owners) {
  if (watch_of(one.log.node).is_linked()) return refuse(one); // meanwhile
  if (!owners)
    return one.to(fail(errc::not_held, fmt::format("this node's copy of the log of {} can't be read: {}",
                                                   name_of(one.log), owners.error().message())));
  const takeup_book::key of{one.log, one.name};
  const auto before = takeups_.find(of);
  if (!*owners && !before)
    return one.to(
        fail(errc::not_held, fmt::format("the log of {} had no group {} when this node's copy saw it last: it "
                                         "begins there",
                                         name_of(one.log), one.name)));
  auto record = *owners ? delivery::taken_up(one.log, std::move(**owners), before, services_.clock.wall()) : *before;
  if (record.pattern != one.pattern)
    return one.to(fail(errc::invalid_argument,
                       fmt::format("the group {} reads '{}': join it with that pattern, or take another name for '{}'",
                                   one.name, record.pattern, one.pattern)));
  at_work_.insert(of);
  services_.to.warning(
      fmt::format("{} is away: its log is shared out among the group {} from the copy here, from {} on",
                  name_of(one.log), one.name, to_string(record.cursor.needed_from())));
  one.to(std::move(record));
}

void takeup_desk::save(const group_record& record, const reply<void>& to) {
  const takeup_book::key of{record.takeup->log, record.name};
  takeups_.save(record, [of, to, &keeper = services_.keeper](const result<void>& done) {
    if (done) keeper.with_takeups([of](takeup_desk& desk) { desk.takeups_.keep(of); });
    to(done);
  });
}

/// The log's node is there again: what is at work for its log ends, and it hears how far that got.
void takeup_desk::hand_back(const node_id& node) {
  const auto all = at_work_;
  for (const auto& of : all)
    if (of.first.node == node && handing_back_.insert(of).second)
      services_.groups.hand_back(of.first, of.second, reply<void>([of, &keeper = services_.keeper](const auto&) {
                                   keeper.with_takeups([of](takeup_desk& desk) { desk.handed_back(of); });
                                 }));
  tell_all(node);
}

void takeup_desk::handed_back(const takeup_book::key& of) {
  handing_back_.erase(of);
  if (watch_of(of.first.node).is_linked()) at_work_.erase(of);
  tell_all(of.first.node);
}

void takeup_desk::tell_all(const node_id& node) {
  const auto peer = peers_.find(node);
  if (peer == peers_.end() || !services_.roles.has(security::role::storage)) return;
  if (std::ranges::any_of(handing_back_, [&](const auto& of) { return of.first.node == node; })) return;
  for (const auto& record : takeups_.all())
    if (record.takeup->log.node == node)
      peer->second.output->send(wire::taken_up{delivery::encode_takeup(record), false});
  peer->second.output->send(wire::taken_up{{}, true});
}

void takeup_desk::taken_over(const node_id& by, const wire::taken_over& said) {
  const takeup_book::key of{{by, 0}, said.group};
  const auto record = takeups_.find(of);
  if (!record || record->version != said.version) return;
  services_.to.info(fmt::format("{} has taken the group {} over from the copy here", name_of(of.first), said.group));
  takeups_.forget(of);
}

// --- at the log's node

void takeup_desk::holders(const std::vector<node_id>& ordered) {
  std::size_t most = 0;
  for (const auto& [name, topic] : services_.topics.all())
    most = std::max<std::size_t>(most, topic.settings.replicas);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, ordered.size()));
  told_.holders({ordered.begin(), ordered.begin() + count});
  look_at_told();
}

void takeup_desk::when_told(std::function<void()> go_on) {
  waiting_for_told_.push_back(std::move(go_on));
  look_at_told();
}

void takeup_desk::look_at_told() {
  if (!told_.may_go_on(now())) return;
  for (const auto& go_on : std::exchange(waiting_for_told_, {}))
    go_on();
}

void takeup_desk::taken_up(const linked_peer& by, const wire::taken_up& said) {
  if (!said.record.empty()) {
    auto record = delivery::decode_group_record(said.record);
    if (!record || !record->takeup || record->takeup->log != services_.own_log)
      return services_.to.warning(fmt::format("{} says that it took a group of this log up, and its record is {}",
                                              by.name, record ? "of another log" : record.error().message()));
    const auto now_at_most = services_.clock.wall() + microseconds(limits::clock_skew_allowed);
    if (record->cursor.generation > static_cast<std::uint64_t>(now_at_most.us))
      return services_.to.warning(fmt::format("{} says that it took the group {} up, with a cursor that was moved in "
                                              "the future: that is of no account",
                                              by.name, record->name));
    merge(by.id, by.output, std::move(*record));
  }
  if (!said.last) return;
  told_.told(by.id);
  look_at_told();
}

/// A group that is at work does it itself: it knows more than its record.
void takeup_desk::merge(const node_id& by, const link_output_ptr& to, group_record taken) {
  const auto version = merged_.find({by, taken.name});
  if (version != merged_.end() && version->second == taken.version) // the answer did not come
    return to->send(wire::taken_over{taken.name, taken.version});
  const auto state = services_.log.state();
  taken.cursor = delivery::within(std::move(taken.cursor), {state.epoch, state.synced_end});
  const reply<void> done([&services = services_, by, to, taken](const result<void>& merged) {
    if (merged) {
      services.keeper.with_takeups([by, name = taken.name, version = taken.version](takeup_desk& desk) {
        desk.merged_.insert_or_assign({by, name}, version);
      });
      return to->send(wire::taken_over{taken.name, taken.version});
    }
    if (merged.error().code() == errc::cancelled) // it has just ended
      return services.keeper.with_takeups([by, to, taken](takeup_desk& desk) { desk.merge(by, to, taken); });
    services.to.warning(fmt::format("what a holder of a copy did for the group {} is not taken over yet: {}",
                                    taken.name, merged.error().message()));
  });
  if (told_.may_go_on(now()) && services_.groups.taken_up(services_.own_log, taken, done)) return;
  merge_here(std::move(taken), done);
}

void takeup_desk::merge_here(group_record taken, const reply<void>& to) {
  const auto known = groups_->find(taken.name, taken.pattern);
  if (!known) { // it is another one now
    services_.to.warning(
        fmt::format("what a holder of a copy did for a group is of no account: {}", known.error().message()));
    return to({});
  }
  auto merged = *known ? delivery::merged(**known, taken) : taken;
  const auto twice = *known ? delivery::counted_twice((*known)->cursor, taken) : std::vector<delivery::slot_range>();
  merged.takeup.reset();
  merged.version = std::max(merged.version + 1, static_cast<std::uint64_t>(services_.clock.wall().us));
  services_.to.info(fmt::format("the group {} went on at a copy of this log, and goes on here from {}", taken.name,
                                to_string(merged.cursor.needed_from())));
  services_.keeper.save_group(merged, to);
  groups_->learn(merged); // at once: who asks next goes on from there
  count(taken.name, taken.pattern, twice);
}

void takeup_desk::count(std::string name, const std::string& pattern, const std::vector<delivery::slot_range>& twice) {
  if (twice.empty()) return;
  const auto parsed = topic_pattern::parse(pattern);
  if (!parsed) return;
  const auto wants = [&topics = services_.topics, pattern = *parsed](topic_id topic) {
    const auto known = topics.name_of(topic);
    return known && pattern.matches(*known);
  };
  services_.readers.run([&services = services_, name = std::move(name), wants, twice](log::node_log& log) {
    const auto events = count_events(log, wants, twice);
    if (events == 0) return;
    services.to.warning(
        fmt::format("{} events were handled twice for the group {}: here and at a copy of this log", events, name));
    services.keeper.with_takeups([name, events](takeup_desk& desk) { desk.groups_->add_repeated(name, events); });
  });
}

// --- time

void takeup_desk::tick() {
  look_at_asks();
  look_at_told();
}

std::optional<mono_time> takeup_desk::next_tick() const {
  std::optional<mono_time> next;
  const auto earlier = [&next](mono_time at) { next = std::min(next.value_or(at), at); };
  for (const auto& each : asks_)
    earlier(watches_.at(each.one.log.node).next(each.since));
  if (!waiting_for_told_.empty()) earlier(told_.until());
  return next;
}

// --- reading

namespace {

/// The last of the group at or after a place.
result<std::optional<group_record>> record_from(log_position from, const shelved_copy& copy, const std::string& group) {
  const auto is_cursors = [](std::string_view name) { return name == cursors_topic; };
  std::optional<group_record> last;
  for (;;) {
    const auto read = copy.store->read({from, limits::read_chunk_bytes, limits::run_scanned_bytes_max, is_cursors});
    if (!read) {
      const auto code = read.error().code();
      if (code == errc::end_of_log) return last;
      const auto next = code == errc::epoch_ended ? copy.store->go_on_at(from)
                                                  : copy.store->next_readable(from, is_cursors).value_or(from);
      if (next <= from) return fail(read.error());
      from = next;
      continue;
    }
    for (const auto& entry : read->entries) {
      const auto batch = wire::batch_view::trusted(entry.body());
      const auto data = batch.unpack();
      for (std::size_t i = 0; data && i < batch.count(); ++i)
        take_group_event(batch.event(i, data->view()), group, last);
    }
    from = {read->epoch, read->until};
  }
}

} // namespace

/// What rests comes again every limits::cursors_again_every: of a long copy the end is enough.
result<std::optional<group_record>> record_in(const shelved_copy& copy, const std::string& group) {
  hlc last;
  for (const auto& [epoch, time] : copy.store->state().times)
    last = std::max(last, time);
  const auto late = last.wall() - 2 * microseconds(limits::cursors_again_every);
  if (const auto from = copy.store->find_time(hlc::at(late)); from && *from > copy.store->begin())
    if (auto found = record_from(*from, copy, group); !found || *found) return found;
  return record_from(copy.store->begin(), copy, group);
}

std::uint64_t count_events(log::node_log& log, const std::function<bool(topic_id)>& wants,
                           const std::vector<delivery::slot_range>& ranges) {
  std::map<slot, delivery::slot_range> by_slot;
  delivery::slot_set slots;
  auto from = ranges.front().from, until = ranges.front().until;
  for (const auto& range : ranges) {
    by_slot.emplace(range.of, range);
    slots.set(range.of.value());
    from = std::min(from, range.from);
    until = std::max(until, range.until);
  }
  std::uint64_t events = 0;
  from = log.go_on_at(std::max(from, log.state().begin));
  while (from < until) {
    auto read = log.read({from, limits::read_chunk_bytes, limits::run_scanned_bytes_max, wants});
    if (!read) {
      const auto next =
          read.error().code() == errc::epoch_ended ? log.go_on_at(from) : log.next_readable(from).value_or(from);
      if (next <= from) return events;
      from = next;
      continue;
    }
    const log_position next{read->epoch, read->until};
    const auto run = delivery::group_run::of(std::move(*read), {}, slots);
    for (const auto& offer : run.offers()) {
      const log_position at{next.epoch, offer.at};
      const auto& range = by_slot.at(offer.of);
      if (range.from <= at && at < range.until) ++events;
    }
    from = next;
  }
  return events;
}

} // namespace weft::actors
