#include "sdk/src/publisher_core.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::detail {

namespace {

std::optional<wire::codec> codec_of(const std::optional<compression>& how) {
  if (!how) return std::nullopt;
  return *how == compression::lz4 ? wire::codec::lz4 : wire::codec::none;
}

int strength(ack_level level) { return level == ack_level::written ? -1 : level.copies(); }

/// The level of a batch that has events of both. The topic's may be any: a batch of its events and of such as ask for
/// more than `written` has the level that is named.
std::optional<ack_level> stronger(std::optional<ack_level> one, std::optional<ack_level> other) {
  if (one && other) return strength(*one) < strength(*other) ? other : one;
  const auto named = one ? one : other;
  return named && *named != ack_level::written ? named : std::nullopt;
}

std::span<const wire::header_view::header> as_wire(const std::vector<header>& headers,
                                                   std::vector<wire::header_view::header>& scratch) {
  scratch.clear();
  for (const auto& [name, value] : headers)
    scratch.push_back({name, value});
  return scratch;
}

error away_error() {
  return {errc::not_connected,
          fmt::format("the node has been away for {} s: the event was not handed to it",
                      std::chrono::duration_cast<std::chrono::seconds>(limits::publish_outcome_within).count())};
}

error closed_error() { return {errc::cancelled, "the node or client was closed before the event was published"}; }

error unknown_error(const error& why) {
  if (why.code() == errc::outcome_unknown) return why;
  return {errc::outcome_unknown,
          "the event may be in the log or not: its node was lost before it answered, and then: " + why.message()};
}

} // namespace

publisher_core::publisher_core(const publisher_environment& environment, std::string topic,
                               const publisher_options& options)
    : at_(environment),
      options_(options),
      context_(std::make_shared<const ack_context>(ack_context{topic, environment.errors})),
      builder_(std::move(topic), producer_id{at_.random.next()}, wire::codec::none),
      codec_(codec_of(options.values)),
      last_sealed_(at_.clock.mono()) {}

void publisher_core::open() {
  tellings tell;
  lock held{mutex_};
  pump(held, tell);
  held.unlock();
  carry_out(tell);
}

// --- taking events in

result<void> publisher_core::make_room() {
  if (closed_) return fail(closed_error());
  if (given_up_) return fail(away_error());
  if (!builder_.full()) return {};
  if (!codec_)
    return fail(errc::would_block,
                fmt::format("a batch for {} waits until the node says how it is packed: try again after some "
                            "acknowledgements",
                            context_->topic));
  if (!may_seal())
    return fail(errc::would_block,
                fmt::format("{} batches for {} are unanswered: try again after some acknowledgements",
                            unanswered_.size(), context_->topic));
  seal_open();
  return {};
}

// The event's index in the open batch.
result<std::uint32_t> publisher_core::add(const encoded_event& event) {
  if (const auto room = make_room(); !room) return fail(room.error());
  if (builder_.count() == 0 && unanswered_.empty() && at_.clock.mono() - last_sealed_ > limits::producer_renewed_after)
    renew_producer();
  std::vector<wire::header_view::header> headers;
  const wire::new_event encoded{event.time.value_or(at_.clock.wall()), event.type, event.key,
                                as_wire(event.headers, headers), event.value};
  auto added = builder_.add(encoded);
  if (!added && added.error().code() == errc::would_block) {
    if (!may_seal()) return fail(added.error());
    seal_open();
    added = builder_.add(encoded);
  }
  if (!added) return fail(added.error());
  const auto level = event.level ? event.level : options_.level;
  open_level_ = open_acks_ ? stronger(open_level_, level) : level;
  if (!open_acks_) open_acks_ = std::make_shared<ack_state>(context_);
  return static_cast<std::uint32_t>(builder_.count() - 1);
}

result<pending<ack>> publisher_core::try_publish(const encoded_event& event) {
  tellings tell;
  lock held{mutex_};
  const auto index = add(event);
  std::optional<pending<ack>> acknowledged;
  if (index) acknowledged.emplace(open_acks_->pending_of(*index));
  pump(held, tell); // also after an error: add() may have sealed a batch
  held.unlock();
  carry_out(tell);
  if (!index) return fail(index.error());
  return std::move(*acknowledged);
}

pending<ack> publisher_core::publish(const encoded_event& event) {
  std::optional<std::chrono::steady_clock::time_point> until;
  for (;;) {
    auto sent = try_publish(event);
    if (sent) return std::move(*sent);
    if (sent.error().code() != errc::would_block) return failed(sent.error());
    if (!until) until = std::chrono::steady_clock::now() + options_.wait_max;
    lock held{mutex_};
    const auto has_room = [this] { return closed_ || given_up_ || may_seal(); };
    if (!changed_.wait_until(held, *until, has_room)) {
      held.unlock();
      return failed({errc::timed_out, "no room for the event in time: " + sent.error().message()});
    }
  }
}

result<ack> publisher_core::publish_and_wait(const encoded_event& event) {
  lock held{mutex_};
  const bool alone = unanswered_.empty() && builder_.count() == 0 && codec_ && !sending_ && !full_ && !away_;
  if (!alone) {
    held.unlock();
    return publish(event).get();
  }
  const auto index = add(event);
  if (!index) return fail(index.error());
  auto acknowledged = open_acks_->pending_of(*index);
  const auto sent = seal_open();
  sent->state = batch_state::in_flight;
  ++sent->tries;
  sending_ = true;
  held.unlock();
  const auto answer = at_.door.publish_and_wait(sent->bytes, sent->level);
  held.lock();
  sending_ = false;
  changed_.notify_all();
  held.unlock();
  on_answer(sent, answer);
  return acknowledged.get();
}

pending<ack> publisher_core::failed(error why) {
  const auto acks = std::make_shared<ack_state>(context_);
  auto told = acks->pending_of(0);
  acks->complete(fail(std::move(why)));
  return told;
}

// --- sending

publisher_core::batch_ref publisher_core::seal_open() {
  const auto count = builder_.count();
  builder_.set_codec(*codec_);
  auto sealed = std::make_shared<batch>(
      batch{wire::batch_view::trusted(builder_.seal(next_sequence_)), open_level_, std::move(open_acks_), generation_});
  open_acks_ = nullptr;
  next_sequence_ += count;
  last_sealed_ = at_.clock.mono();
  unanswered_.push_back(sealed);
  return sealed;
}

void publisher_core::renew_producer() {
  builder_ = wire::batch_builder(context_->topic, producer_id{at_.random.next()}, wire::codec::none);
  next_sequence_ = 0;
  ++generation_;
}

bool publisher_core::has_in_flight() const {
  return std::ranges::any_of(unanswered_, [](const batch_ref& b) { return b->state == batch_state::in_flight; });
}

/// Whether the open batch can become a sealed one.
bool publisher_core::may_seal() const { return codec_ && unanswered_.size() < limits::publisher_batches_max; }

publisher_core::batch_ref publisher_core::next_to_send() {
  if (closed_ || full_ || away_) return nullptr;
  if (draining_ && has_in_flight()) return nullptr;
  draining_ = false;
  const auto waiting =
      std::ranges::find_if(unanswered_, [](const batch_ref& b) { return b->state == batch_state::waiting; });
  if (waiting != unanswered_.end()) return *waiting;
  if (builder_.count() == 0 || !may_seal()) return nullptr;
  return unanswered_.empty() || builder_.full() ? seal_open() : nullptr;
}

// One thread at a time is in here; others leave their work to it, as it looks again after each call to the door.
void publisher_core::pump(lock& held, tellings& tell) {
  if (sending_) return;
  sending_ = true;
  for (;;) {
    while (!codec_ && !codec_asked_ && !away_ && !closed_)
      ask_codec(held);
    while (const auto next = next_to_send())
      send(held, next, tell);
    if (!full_ || room_asked_ || closed_) break;
    ask_for_room(held);
  }
  sending_ = false;
  changed_.notify_all();
}

void publisher_core::send(lock& held, const batch_ref& next, tellings& tell) {
  next->state = batch_state::in_flight;
  ++next->tries;
  const auto connections = connections_;
  held.unlock();
  const auto taken = at_.door.publish(next->bytes, next->level,
                                      [self = shared_from_this(), next](const result<node::publish_outcome>& answer) {
                                        self->on_answer(next, answer);
                                      });
  held.lock();
  if (taken) return;
  const auto code = taken.error().code();
  if (code == errc::would_block || code == errc::not_connected) {
    next->state = batch_state::waiting;
    --next->tries;
    if (code == errc::would_block)
      full_ = true;
    else if (connections == connections_) { // else it came back meanwhile
      away_ = true;
      away_since_ = at_.clock.mono();
    }
    return;
  }
  fail_batch(next, taken.error(), tell);
}

void publisher_core::ask_for_room(lock& held) {
  room_asked_ = true;
  held.unlock();
  at_.door.when_room([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    tellings tell;
    lock again{self->mutex_};
    self->full_ = self->room_asked_ = false;
    self->pump(again, tell); // leaves it to ask_for_room()'s caller when the door calls at once

    again.unlock();
    carry_out(tell);
  });
  held.lock();
}

void publisher_core::ask_codec(lock& held) {
  codec_asked_ = true;
  const auto connections = connections_;
  held.unlock();
  const auto asked = at_.door.ask_codec(
      context_->topic, [self = shared_from_this()](const result<wire::codec>& told) { self->on_codec(told); });
  held.lock();
  if (asked) return;
  codec_asked_ = false;
  if (connections != connections_) return; // it came back meanwhile
  away_ = true;
  away_since_ = at_.clock.mono();
}

// --- answers

void publisher_core::on_codec(const result<wire::codec>& told) {
  tellings tell;
  lock held{mutex_};
  codec_asked_ = false;
  if (told) codec_ = *told;
  changed_.notify_all();
  pump(held, tell); // without an answer: asks again, or finds that the node is away
  held.unlock();
  carry_out(tell);
}

void publisher_core::on_answer(const batch_ref& sent, const result<node::publish_outcome>& answer) {
  tellings tell;
  lock held{mutex_};
  take_answer(sent, answer, tell);
  pump(held, tell); // before telling: the disk should not wait for callbacks
  held.unlock();
  carry_out(tell);
}

void publisher_core::take_answer(const batch_ref& sent, const result<node::publish_outcome>& answer, tellings& tell) {
  if (std::ranges::find(unanswered_, sent) == unanswered_.end()) return; // closed meanwhile
  if (answer) {
    if (!options_.values) codec_ = answer->codec;
    settle(sent, batch_outcome{answer->at, sent->level.value_or(answer->level), at_.node_name()}, tell);
    return;
  }
  const auto& why = answer.error();
  const bool current = sent->generation == generation_;
  const bool again = current && !closed_ && sent->tries < limits::publish_tries_max;
  switch (why.code()) {
  case errc::outcome_unknown:
    if (again) return send_again(sent, true);
    break;
  case errc::would_block:
  case errc::not_connected: // nothing was taken
    if (again) return send_again(sent, false);
    break;
  case errc::sequence_gap:
    if (!current && last_failure_) {
      const error behind{last_failure_->code(), "a batch before it failed: " + last_failure_->message()};
      settle(sent, fail(behind), tell);
      return;
    }
    if (again && unanswered_.front() != sent) return send_again(sent, false); // one before it has to go first
    break;
  default: break;
  }
  fail_batch(sent, why, tell);
}

void publisher_core::send_again(const batch_ref& sent, bool uncertain) {
  sent->state = batch_state::waiting;
  sent->uncertain = sent->uncertain || uncertain;
  draining_ = true;
}

void publisher_core::settle(const batch_ref& sent, result<batch_outcome> outcome, tellings& tell) {
  tell.push_back({sent->acks, std::move(outcome)});
  std::erase(unanswered_, sent);
  changed_.notify_all();
}

void publisher_core::fail_batch(const batch_ref& sent, const error& why, tellings& tell) {
  const bool current = sent->generation == generation_;
  settle(sent, fail(sent->uncertain ? unknown_error(why) : why), tell);
  if (current) fail_behind(why, tell);
}

// What is in flight gets its own answer: a gap, as the log waits for the failed one.
void publisher_core::fail_behind(const error& why, tellings& tell) {
  last_failure_ = why;
  const error behind{why.code(), "a batch before it failed: " + why.message()};
  for (std::size_t i = 0; i < unanswered_.size();) {
    const auto next = unanswered_[i];
    if (next->state == batch_state::in_flight)
      ++i;
    else
      settle(next, fail(next->uncertain ? unknown_error(why) : behind), tell);
  }
  if (open_acks_) {
    tell.push_back({std::move(open_acks_), fail(behind)});
    open_acks_ = nullptr;
  }
  renew_producer();
}

void publisher_core::carry_out(tellings& tell) {
  for (auto& [acks, outcome] : tell)
    acks->complete(std::move(outcome));
}

// --- the node comes and goes

void publisher_core::on_connected() {
  tellings tell;
  lock held{mutex_};
  ++connections_;
  away_ = given_up_ = full_ = false;
  pump(held, tell);
  held.unlock();
  carry_out(tell);
}

std::optional<mono_time> publisher_core::expire(mono_time now) {
  tellings tell;
  lock held{mutex_};
  if (!away_ || given_up_) return std::nullopt;
  const auto due = away_since_ + limits::publish_outcome_within;
  if (now < due) return due;
  given_up_ = true;
  fail_behind(away_error(), tell);
  changed_.notify_all();
  held.unlock();
  carry_out(tell);
  return std::nullopt;
}

result<void> publisher_core::flush(microseconds within) {
  lock held{mutex_};
  const auto settled = [this] { return unanswered_.empty() && builder_.count() == 0; };
  if (changed_.wait_for(held, within, settled)) return {};
  return fail(errc::timed_out,
              fmt::format("{} batches for {} are still on their way", unanswered_.size(), context_->topic));
}

void publisher_core::close(microseconds within) {
  tellings tell;
  lock held{mutex_};
  if (!away_) changed_.wait_for(held, within, [this] { return unanswered_.empty() && builder_.count() == 0; });
  closed_ = true;
  changed_.wait(held, [this] { return !sending_; });
  for (const auto& left : unanswered_) {
    const bool certain = left->state == batch_state::waiting && !left->uncertain;
    tell.push_back({left->acks, fail(certain ? closed_error() : unknown_error(closed_error()))});
  }
  unanswered_.clear();
  if (open_acks_) tell.push_back({std::move(open_acks_), fail(closed_error())});
  open_acks_ = nullptr;
  renew_producer();
  changed_.notify_all();
  held.unlock();
  carry_out(tell);
}

bool publisher_core::idle() const {
  const lock held{mutex_};
  return unanswered_.empty() && builder_.count() == 0 && !sending_;
}

} // namespace weft::detail
