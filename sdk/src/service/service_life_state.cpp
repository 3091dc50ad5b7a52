#include "mesh/base/limits.hpp"
#include "sdk/src/participant_core.hpp"
#include "sdk/src/service/service_life.hpp"
#include "sdk/src/service/state_feed.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// What a service does whose state moves: its changes are published, and once all of it.

namespace weft::detail {

/// Before anything is handled. @returns whether the service may go on
bool service_life::begin_state(group_session& session) {
  auto done = result<void>();
  if (of_.options.state_topic.empty()) {
    done = store_->forget_place();
    send_left();
  } else {
    done = take_state(session);
  }
  if (done && !session.ends()) done = hear_replies();
  if (!done) broke(session, done.error());
  return done && !session.ends();
}

/// What a life before could not send. Not before it is known that the state is this one's yet.
void service_life::send_left() {
  for (const auto& batch : std::exchange(left_, {}))
    outbox_->add(batch.id, batch.bytes, batch.of_state);
}

result<void> service_life::take_state(group_session& session) {
  const auto grant = wait_for_grant(session);
  if (!grant) return fail(grant.error());
  if (!*grant) return {}; // it ends
  const auto is_own = has_state_of(**grant);
  if (!is_own) return fail(is_own.error());
  auto term = std::max<std::uint64_t>((*grant)->term, 1);
  if (*is_own) {
    send_left();
    if (const auto place = store_->place()) term = std::max(term, place->at.term);
    if (auto done = publish_state(session, {store_->place(), term}); !done) return done;
  } else if (auto done = take_over(session, **grant, term); !done) {
    return done;
  }
  if (session.ends() || !wait_for_all_sent(session)) return {};
  {
    const std::lock_guard held{mutex_};
    stands_by_ = false;
    hindered_why_.reset();
  }
  session.begin_term(term);
  return {};
}

/// A standby reads meanwhile what who has the state publishes. @returns nothing: the service ends
result<std::optional<state_grant>> service_life::wait_for_grant(group_session& session) {
  using deadline = group_session::deadline;
  while (!session.ends()) {
    const auto put_off = session.put_off();
    const bool follows = of_.options.standby && put_off && put_off->code() == errc::locked;
    {
      const std::lock_guard held{mutex_};
      stands_by_ = follows;
      hindered_why_ = follows ? std::nullopt : put_off;
    }
    if (follows) // its own state is behind, as another has gone on
      if (auto done = reader_.follow({}, limits::group_tick); !done) note_reading(done.error());
    const auto until = std::chrono::steady_clock::now() + (follows ? std::chrono::microseconds(0) : limits::group_tick);
    if (const auto grant = session.wait_for_state(deadline(until))) return grant;
  }
  return std::optional<state_grant>{};
}

/// Whether the state in the store is the one that the group goes on with; else that has to be read.
result<bool> service_life::has_state_of(const state_grant& grant) {
  const auto place = store_->place();
  const auto is_empty = store_->is_empty();
  if (!is_empty) return fail(is_empty.error());
  const bool is_behind =
      grant.term > 0 && (!place || place->at.term != grant.term || grant.begun_by != store_->member());
  if (!is_behind && (place || !*is_empty)) return true;
  if (!is_behind) return !topic_was_there_; // else it may be that the home has forgotten the group
  if (!*is_empty && !of_.options.standby)
    return fail(errc::denied,
                fmt::format("it is left behind: term {} of the state of {} was begun by {:016x}, and {} has {}. What "
                            "it could not publish is given up, as the events come again there. Remove the directory, "
                            "or start it with `standby`, and it reads the state from {}",
                            grant.term, of_.name, grant.begun_by.value(), store_->path(),
                            place ? fmt::format("term {}", place->at.term) : std::string("no term"),
                            of_.options.state_topic));
  if (!reader_.has_some())
    if (auto cleared = store_->clear(); !cleared) return fail(cleared.error());
  left_.clear();
  return false;
}

/// @param term  of the grant, or what comes of what is found
result<void> service_life::take_over(group_session& session, const state_grant& grant, std::uint64_t& term) {
  const sought_state what{grant.term, grant.begun_by};
  const auto began = std::chrono::steady_clock::now();
  for (bool told = false; !session.ends() && !reader_.is_complete(what);) {
    const bool late = std::chrono::steady_clock::now() - began > limits::request_timeout;
    if (grant.term == 0 && late && !reader_.has_some()) // it was never begun
      return publish_state(session, {std::nullopt, term});
    if (late && !std::exchange(told, true))
      on_hindered({errc::not_connected,
                   fmt::format("the state of {} of term {} is not to be had yet from {}: its log, or a copy of it, has "
                               "to come back; `weft groups delete {}` at its home lets it begin anew without",
                               of_.name, grant.term, of_.options.state_topic, of_.name)});
    if (auto done = reader_.follow(what, limits::group_tick); !done) note_reading(done.error());
    reader_.look_elsewhere();
  }
  if (session.ends()) return {};
  const auto& mark = reader_.mark();
  term = std::max(grant.term, mark.at.term) + 1;
  state_place place{of_.options.state_topic, mark.at, {}};
  if (reader_.log().node == of_.in->node()) place.since = mark.since; // the topic goes on
  return publish_state(session, {place, term});
}

void service_life::note_reading(const error& why) {
  const auto within = why.within(fmt::format("the state of {} in {}", of_.name, of_.options.state_topic));
  note_hindered(within);
  if (!std::exchange(told_hindered_, true)) tell_hindered(within);
}

/// From here on each step says what it changes.
result<void> service_life::publish_state(group_session& session, const published_state& known) {
  const auto& topic = of_.options.state_topic;
  auto place = known.place.value_or(state_place{topic, {}, {}});
  const bool is_there = place.topic == topic && place.since.term > 0;
  const bool begins = place.at.term != known.term;
  const auto now = of_.in->clock().wall();
  place.topic = topic;
  // Above what a life had published that began with the same backup.
  place.at = {known.term, std::max(place.at.number, static_cast<std::uint64_t>(now.us))};
  state_store::producer whose{producer_id{of_.in->random().next() | 1U}, 0, now};
  const auto before = store_->producer_of(topic);
  if (!before) return fail(before.error());
  if (is_there) whose = before->value_or(whose);
  state_feed feed(of_.name, store_->member(), whose, place);
  if (!is_there) {
    if (auto done = publish_all(session, feed); !done) return done;
  } else {
    if (auto found = feed.find_slices(*store_); !found) return found;
    if (begins)
      if (auto done = publish_step(feed, feed.step({}, {}, {}, now)); !done) return done;
  }
  if (!session.ends()) step_.publish_state(std::move(feed));
  return {};
}

/// One that changes nothing but how far the state is published.
result<void> service_life::publish_step(const state_feed& feed, const state_feed::published& what) {
  std::vector<outgoing_batch> batches;
  for (const auto& bytes : what.batches)
    batches.push_back({store_->next_batch(), bytes, true});
  if (auto done = store_->commit({{}, {}, batches, {{feed.topic(), what.whose}}, {}, what.place}, {}); !done)
    return done;
  for (const auto& batch : batches)
    outbox_->add(batch.id, batch.bytes, true);
  return {};
}

/// What the batches say is not in the store's outbox: until the last one is acknowledged a start begins anew.
result<void> service_life::publish_all(group_session& session, state_feed& feed) {
  const auto send = [&](const std::vector<shared_bytes>& batches) {
    for (const auto& bytes : batches) {
      wait_for_room(session);
      outbox_->add(store_->next_batch(), bytes, true);
    }
  };
  const auto now = [this] { return of_.in->clock().wall(); };
  std::vector<state_item> items;
  const auto send_items = [&] {
    send(feed.some(std::exchange(items, {}), now()));
    return !session.ends();
  };
  send(feed.begin_all(now()));

  std::optional<state_key> row;
  do {
    const auto last = store_->rows_behind(row, limits::state_step_bytes_max, [&](const auto& at, auto value) {
      items.push_back({name_of(at), std::string(value)});
      return result<void>();
    });
    if (!last) return fail(last.error());
    row = *last;
  } while (send_items() && row);
  std::optional<timer_id> timer;
  do {
    const auto last = store_->timers_behind(timer, limits::state_step_bytes_max, [&](const auto& of, const auto& set) {
      items.push_back({name_of(of), value_of(set)});
      return result<void>();
    });
    if (!last) return fail(last.error());
    timer = *last;
  } while (send_items() && timer);
  for (const auto& piece : store_->handled().take_all_pieces())
    items.push_back({name_of(piece), std::string(as_text(piece.bytes))});
  if (!send_items() || !wait_for_all_sent(session)) return {};

  return publish_step(feed, feed.end_all(now()));
}

/// @returns whether all is acknowledged; else the service ends
bool service_life::wait_for_all_sent(const group_session& session) {
  while (outbox_->size() > 0 && !session.ends()) {
    outbox_->resume();
    std::unique_lock held{mutex_};
    changed_.wait_for(held, limits::outbox_try_again_after, [this] { return outbox_->size() == 0; });
  }
  return outbox_->size() == 0;
}

} // namespace weft::detail
