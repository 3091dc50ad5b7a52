#include "sdk/src/service/state_move.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/service/service_life.hpp"
#include "sdk/src/service/state_topic.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace weft::detail {
namespace {

using steady = std::chrono::steady_clock;

group_session::deadline soon() { return steady::now() + std::chrono::microseconds(limits::group_tick); }

/// Of the first batch of the state's. Nothing: there is none.
result<std::optional<state_step>> first_step(const std::vector<outgoing_batch>& of) {
  const auto first = std::ranges::find_if(of, &outgoing_batch::of_state);
  if (first == of.end()) return std::optional<state_step>{};
  const auto step = step_of(first->bytes);
  if (!step) return fail(step.error());
  return std::optional(*step);
}

} // namespace

std::string home_of(const service_definition& of) {
  return of.options.home.empty() ? of.in->node_name() : of.options.home;
}

state_move::state_move(environment with, std::vector<outgoing_batch> left, bool topic_was_there)
    : with_(std::move(with)),
      name_(with_.of.name),
      topic_(with_.of.options.state_topic),
      in_(*with_.of.in),
      store_(with_.store),
      reader_(with_.of.in, name_, topic_, store_),
      left_(std::move(left)),
      topic_was_there_(topic_was_there),
      looked_at_home_(in_.clock().mono()) {}

result<std::optional<state_feed>> state_move::begin(group_session& session) {
  auto feed = get_ready(session);
  reader_.close();
  stands_by_ = false;
  return feed;
}

result<std::optional<state_feed>> state_move::get_ready(group_session& session) {
  if (store_.is_in_part())
    if (auto cleared = store_.clear(); !cleared) return fail(cleared.error());
  const auto grant = wait_for_grant(session);
  if (!grant) return fail(grant.error());
  if (!*grant) return std::optional<state_feed>{};
  stands_by_ = false;
  home_ = session.home();
  const auto is = look_at_state(session, **grant);
  if (!is) return fail(is.error());
  if (!*is) return std::optional<state_feed>{};
  auto term = (*grant)->term;
  state_place from{topic_, {}, {}};
  if (**is == whose::own) {
    if (const auto& place = store_.place()) {
      if (is_in_the_log()) from = *place;
      term = std::max(term, place->at.term + 1); // the home has forgotten the terms that it gave
    }
    for (const auto& batch : std::exchange(left_, {}))
      with_.sends.add(batch.id, batch.bytes, batch.of_state);
    if (!with_.wait_for_all(session)) return std::optional<state_feed>{}; // what follows may be another producer's
  } else if (**is == whose::others) {
    if (auto taken = take_over(session, **grant); !taken) return fail(taken.error());
    if (session.ends()) return std::optional<state_feed>{};
    const auto& mark = reader_.mark();
    term = std::max(term, mark.at.term + 1);
    const bool is_plain = mark.parts == 0; // else its items may not all have come behind its parts
    if (reader_.log().node == in_.node() && is_plain) from = {topic_, mark.at, mark.since}; // the topic goes on
  }
  auto feed = publish(session, from, term);
  if (!feed || !*feed || session.ends()) return feed;
  if (!with_.wait_for_all(session)) return std::optional<state_feed>{};
  with_.note({});
  session.begin_term(term);
  while (!session.ends() && !session.wait_for_begin(soon()))
    look_for_other_home(session);
  return feed;
}

// --- the term

/// A standby reads meanwhile what who has the state publishes. @returns nothing: the service ends
result<std::optional<state_grant>> state_move::wait_for_grant(group_session& session) {
  while (!session.ends()) {
    if (home_ = session.home(); !home_.log) look_for_home(session);
    look_for_other_home(session);
    const auto put_off = session.put_off();
    const bool waits = home_.waits && put_off && put_off->code() == errc::locked;
    const bool follows = with_.of.options.standby && waits;
    stands_by_ = waits;
    with_.note(waits ? std::nullopt : put_off);
    auto until = soon();
    if (follows) {
      const auto done = follow_others();
      if (!done && done.error().code() == errc::denied) return fail(done.error());
      if (done) {
        until = steady::now(); // it has waited for events
        tries_ = 0;
      } else {
        until = again_after(done.error());
      }
    }
    if (const auto grant = session.wait_for_state(until)) return grant;
  }
  return std::optional<state_grant>{};
}

/// Its own state is behind: another has gone on.
result<void> state_move::follow_others() {
  const auto is_empty = store_.is_empty();
  if (!is_empty) return fail(is_empty.error());
  if (!*is_empty && !store_.place() && !store_.is_in_part())
    return fail(errc::denied, fmt::format("{} has a state of {} that was never published, and another is at work: it "
                                          "can't stand by for that. Remove the directory if it can be given up",
                                          store_.path(), name_));
  auto done = reader_.follow({}, limits::group_tick);
  if (store_.is_in_part()) left_.clear();
  return done;
}

/// Its node may not have heard of that one yet.
void state_move::look_for_home(group_session& session) {
  while (!session.ends()) {
    const auto log = in_.log_of(home_.node);
    if (log) return session.find_home(*log);
    session.rest(again_after(log.error().within("its home")));
    look_for_other_home(session);
    if (const auto now_is = session.home(); now_is.node != home_.node) home_ = now_is;
  }
}

void state_move::look_for_other_home(group_session& session) {
  constexpr microseconds lease = limits::group_lease + limits::group_lease_margin;
  if (session.home_silent_for(looked_at_home_) < lease) return;
  looked_at_home_ = in_.clock().mono();
  const auto found = in_.query("groups.describe", nlohmann::json{{"name", with_.of.group}}.dump());
  const auto known = found ? nlohmann::json::parse(*found, nullptr, false) : nlohmann::json();
  const auto home = known.is_object() ? known.value("home", std::string()) : std::string();
  if (!home.empty() && home != session.home().node) session.go_to_home(home);
}

// --- the state

/// @returns nothing: the service ends
result<std::optional<state_move::whose>> state_move::look_at_state(group_session& session, const state_grant& grant) {
  if (auto looked = look_at_own_log(session); !looked) return fail(looked.error());
  if (session.ends()) return std::optional<whose>{};
  const auto is_empty = store_.is_empty();
  if (!is_empty) return fail(is_empty.error());
  if (mark_ && mark_->service != name_)
    return fail(errc::invalid_argument,
                fmt::format("the topic {} has the state of the service {}: name another one", topic_, mark_->service));
  const auto& place = store_.place();
  const bool is_owns = mark_ && mark_->member == store_.member();
  const bool is_old = place && is_owns && place->topic == topic_ && mark_->whole && mark_->at > place->at;
  const bool is_behind = place && (place->at.term < grant.begun ||
                                   (place->at.term == grant.begun && grant.begun_by != store_.member()) || is_old);
  const bool begins_to_move = !place && !*is_empty && !store_.is_in_part();
  bool is_others = grant.begun > 0 ? !place || is_behind : is_old;
  // Its own node's log does not show whether it is the last that was published.
  const bool home_knows = grant.begun > 0 && !grant.is_hearsay;
  const bool is_doubtful = !home_knows || !(is_owns && mark_->at.term >= grant.begun);
  if (!is_others && is_doubtful && topic_was_there_) {
    const auto is_elsewhere = is_newer_elsewhere(session);
    if (!is_elsewhere) return fail(is_elsewhere.error());
    is_others = *is_elsewhere;
  }
  if (session.ends()) return std::optional<whose>{};
  if (!is_others && (place || begins_to_move)) return std::optional(whose::own);
  if (is_others && !*is_empty)
    if (auto given = give_up_own(); !given) return fail(given.error());
  if (is_others) return std::optional(whose::others);
  if (auto cleared = store_.clear(); !cleared) return fail(cleared.error()); // of what was followed, and is gone
  return std::optional(whose::nobodys);
}

/// Two homes would give the state to two members.
result<void> state_move::check_home(const state_mark& of) const {
  const auto& home = home_.node;
  const bool was_home = home_.is_named || std::ranges::count(homes_before(), of.home) > 0;
  if (of.member == store_.member() || of.home == home || was_home) return {};
  return fail(errc::denied,
              fmt::format("the home of the state of {} is {}, as {} says, and not {}: name that one as "
                          "`home`, or say by `weft groups move {} {}` that this one is. If it is lost for "
                          "good, and no process goes on with it, name it as `lost_home`",
                          name_, of.home, topic_, home, with_.of.group, home));
}

/// What its last mark is.
result<void> state_move::look_at_own_log(group_session& session) {
  std::optional<log_id> own;
  while (!session.ends()) {
    const auto topic = need_state_topic(in_, name_, topic_, with_.of.options.state_copies);
    if (!topic && topic.error().code() == errc::invalid_argument) return fail(topic.error());
    const auto log = in_.log_of(in_.node_name());
    if (topic && log) {
      if (topic->own_events == 0) return {};
      own = *log;
      break;
    }
    session.rest(again_after(topic ? log.error() : topic.error()));
  }
  const auto began = steady::now();
  while (!session.ends()) {
    const auto all = reader_.has_marks_of(*own, limits::group_tick);
    if (all && *all) break;
    if (!all)
      session.rest(again_after(all.error()));
    else if (steady::now() - began > limits::request_timeout)
      hindered({errc::not_connected, "its own node's log can't be read yet"});
  }
  if (own) mark_ = reader_.mark_of(*own);
  return {};
}

/// Those that are lost are lost with their logs.
std::vector<std::string> state_move::homes_before() const {
  auto all = home_.before;
  if (const auto& lost = with_.of.options.lost_home; !lost.empty()) all.push_back(lost);
  return all;
}

/// The home knows of no state that was gone on with: it has forgotten that, or is another one than before, or this is
/// the first start, and the topic was made for it. Or the state was brought here from another node. There is none if
/// none comes in a while, and all logs are read that are known to have the topic.
result<bool> state_move::is_newer_elsewhere(group_session& session) {
  const auto began = steady::now();
  while (!session.ends()) {
    const auto newest = reader_.newest(limits::group_tick);
    const bool waited = steady::now() - began > limits::request_timeout;
    if (!newest)
      session.rest(again_after(newest.error()));
    else if (*newest && (!store_.place() || (*newest)->at > store_.place()->at))
      return check_home(**newest).map([] { return true; });
    else if (waited && reader_.has_all_marks(homes_before()))
      return false;
    else if (waited)
      hindered({errc::not_connected, "its home knows of no state, and a log that may have one can't be read yet"});
  }
  return false;
}

/// It is left behind, unless the standby has read into it what is gone on with.
result<void> state_move::give_up_own() {
  if (store_.is_in_part()) return {};
  const auto& place = store_.place();
  if (!place)
    return fail(errc::denied, fmt::format("{} has a state of {} that was never published, and {} has another one, "
                                          "which was gone on with. Remove the directory, and it is read from there",
                                          store_.path(), name_, topic_));
  if (!with_.of.options.standby && with_.of.shard.of == 1)
    return fail(errc::denied,
                fmt::format("{} is left behind: it has the state of {} as of term {}, step {}, and {} has a later one. "
                            "What it could not publish is given up, as those events come again there. Remove the "
                            "directory, or start the service with `standby`, and it reads the state from {}",
                            store_.path(), name_, place->at.term, place->at.number, topic_, topic_));
  left_.clear();
  return store_.clear();
}

result<void> state_move::take_over(group_session& session, const state_grant& grant) {
  const sought_state what{grant.begun, grant.begun_by, grant.term + limits::state_terms_ahead_max};
  const auto began = steady::now();
  reader_.look_for_end();
  while (!session.ends() && !reader_.is_complete(what)) {
    if (auto done = reader_.follow(what, limits::group_tick); !done)
      session.rest(again_after(done.error()));
    else if (reader_.foreign())
      hindered(*reader_.foreign());
    else if (steady::now() - began > limits::request_timeout)
      hindered({errc::not_connected, fmt::format("that of term {} is not to be had yet: its log, or a copy of it, has "
                                                 "to come back",
                                                 grant.begun)});
    reader_.look_elsewhere();
  }
  return {};
}

/// Whether the log has all that the store says was published, but for what is sent now.
bool state_move::is_in_the_log() const {
  const auto& place = *store_.place();
  if (!mark_ || place.topic != topic_ || place.since.term == 0) return false;
  const auto unsent = first_step(left_);
  if (!unsent) return false;
  const auto first_unsent = unsent->value_or(state_step{place.at.term, place.at.number + 1});
  return mark_->whole && mark_->member == store_.member() && mark_->since == place.since &&
         mark_->at.term == first_unsent.term && mark_->at.number + 1 >= first_unsent.number;
}

void state_move::hindered(const error& why) {
  const auto within = why.within(fmt::format("the state of {} in {}", name_, topic_));
  with_.note(within);
  if (told_.insert(why.code()).second) with_.tell(within);
}

/// When it is tried again that failed.
group_session::deadline state_move::again_after(const error& why) {
  hindered(why);
  constexpr int doubled_most = 10;
  const auto wait = limits::group_tick * (1 << std::min(tries_++, doubled_most));
  return steady::now() + std::min<microseconds>(wait, limits::request_timeout);
}

// --- from here on each step says what it changes

/// @param from  what the node's log has; of term 0: nothing of it
result<std::optional<state_feed>> state_move::publish(group_session& session, const state_place& from,
                                                      std::uint64_t term) {
  const auto now = in_.clock().wall();
  const bool is_there = from.since.term > 0;
  state_store::producer publishes{producer_id{in_.random().next() | 1U}, 0, now};
  const auto before = store_.producer_of(topic_);
  if (!before) return fail(before.error());
  if (is_there) publishes = before->value_or(publishes);
  state_feed feed({name_, home_.node, store_.member()}, publishes, {topic_, {term, 0}, from.since});
  auto done = result<void>();
  if (store_.is_in_part()) // it is all here now: what the log says of it is replaced below, perhaps for nothing
    done = store_.commit({{}, {}, {}, {}, {}, state_place{topic_, {term, 0}, {}}}, {});
  if (!done) return fail(done.error());
  if (!is_there)
    done = publish_all(session, feed);
  else if (done = feed.find_slices(store_); done)
    done = publish_step(feed.step({}, {}, {}, now), topic_);
  if (!done) return fail(done.error());
  return session.ends() ? std::nullopt : std::optional(std::move(feed));
}

/// One that changes nothing but how far the state is published.
result<void> state_move::publish_step(const state_feed::published& what, const std::string& topic) {
  std::vector<outgoing_batch> batches;
  batches.reserve(what.batches.size());
  for (const auto& bytes : what.batches)
    batches.push_back({store_.next_batch(), bytes, true});
  if (auto done = store_.commit({{}, {}, batches, {{topic, what.whose}}, {}, what.place}, {}); !done) return done;
  for (const auto& batch : batches)
    with_.sends.add(batch.id, batch.bytes, true);
  return {};
}

/// What the batches say is not in the store's outbox: until the last one is acknowledged a start begins anew.
result<void> state_move::publish_all(group_session& session, state_feed& feed) {
  const auto send = [&](const std::vector<shared_bytes>& batches) {
    for (const auto& bytes : batches) {
      with_.make_room(session);
      with_.sends.add(store_.next_batch(), bytes, true);
    }
  };
  const auto now = [this] { return in_.clock().wall(); };
  std::vector<state_item> items;
  const auto send_items = [&] {
    send(feed.some(std::exchange(items, {}), now()));
    return !session.ends();
  };
  send(feed.begin_all(now()));

  std::optional<state_key> row;
  do {
    const auto last = store_.rows_behind(row, limits::state_step_bytes_max, [&](const auto& at, auto value) {
      items.push_back({name_of(at), std::string(value)});
      return result<void>();
    });
    if (!last) return fail(last.error());
    row = *last;
  } while (send_items() && row);
  std::optional<timer_id> timer;
  do {
    const auto last = store_.timers_behind(timer, limits::state_step_bytes_max, [&](const auto& of, const auto& set) {
      items.push_back({name_of(of), value_of(set)});
      return result<void>();
    });
    if (!last) return fail(last.error());
    timer = *last;
  } while (send_items() && timer);
  for (const auto& piece : store_.handled().take_all_pieces())
    items.push_back({name_of(piece), std::string(as_text(piece.bytes))});
  if (!send_items() || !with_.wait_for_all(session)) return {};

  return publish_step(feed.end_all(now()), topic_);
}

} // namespace weft::detail
