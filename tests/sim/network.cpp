#include "tests/sim/network.hpp"

#include "mesh/base/assert.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

constexpr unsigned turn_shift = 56;

} // namespace

network::network(event_queue& queue, sim::trace& trace, const network_options& options, std::uint64_t seed,
                 receiver& to) noexcept
    : queue_(queue),
      trace_(trace),
      options_(options),
      seed_(seed),
      random_(stream_of(seed, purpose::network)),
      to_(to),
      links_(1) {}

void network::add_host(host_index host, const std::string& address, const std::string& dns_name,
                       const node_id& identity) {
  WEFT_ASSERT(host.value() == hosts_.size());
  hosts_.emplace_back();
  hosts_.back().identity = identity;
  addresses_.emplace(dns_name, host);
  set_address(host, address);
}

void network::set_address(host_index host, const std::string& address) {
  addresses_.erase(at(host).address);
  const auto fresh = addresses_.emplace(address, host).second;
  WEFT_ASSERT(fresh);
  at(host).address = address;
}

void network::fire(std::uint64_t a, std::uint64_t b) {
  const auto which = a & ((std::uint64_t{1} << turn_shift) - 1);
  switch (static_cast<turn>(a >> turn_shift)) {
  case turn::arrives: arrives(static_cast<frame_slot>(which)); break;
  case turn::silence: silence(link_id{which >> 1U}, which & 1U, b); break;
  case turn::release: release(link_id{which >> 1U}, which & 1U); break;
  case turn::dial_comes: dial_comes(which); break;
  case turn::dial_answered:
    if (const auto found = dials_.find(which); found != dials_.end())
      to_.deliver(found->second.from, {delivery::kind::answer, which});
    break;
  case turn::dial_over:
    if (const auto found = dials_.find(which); found != dials_.end()) {
      found->second.over = true;
      to_.deliver(found->second.from, {delivery::kind::answer, which});
    }
    break;
  }
}

void network::ask(virtual_time when, turn what, std::uint64_t which, std::uint64_t b) {
  queue_.at(when, *this, std::uint64_t{static_cast<std::uint8_t>(what)} << turn_shift | which, b);
}

link* network::find(link_id id) const { return id.value() < links_.size() ? links_[id.value()].get() : nullptr; }

microseconds network::latency(host_index from, host_index to) const {
  if (options_.latency_between) return options_.latency_between(from, to);
  auto random = stream_of(seed_, purpose::latency, std::uint64_t{from.value()} << 32U | to.value());
  return microseconds{between(random, options_.latency_min.count(), options_.latency_max.count())};
}

microseconds network::jitter() {
  return options_.jitter.count() == 0 ? microseconds{0} : microseconds{between(random_, 0, options_.jitter.count())};
}

// --- sending

sent network::send(host_index from, link_id id, shared_bytes control, shared_bytes payload, virtual_time not_before) {
  auto* const l = find(id);
  const auto mine = l != nullptr ? l->end_at(from) : std::nullopt;
  if (!mine || l->ends[*mine].is != link::end::state::open) return {};
  auto& d = l->towards[1 - *mine];
  const auto size = control.size() + payload.size();
  const auto before = waiting_bytes(d);
  if (before > 0 && before + size > options_.unsent_bytes_max) return {false, before};

  trace_.line(queue_.now(), from, happened::send, id.value(), control.size(), payload.size());
  d.count.sent.add(size);
  at(from).count.sent.add(size);
  d.sending_until = std::max(d.sending_until, queue_.now());
  if (options_.bandwidth > 0)
    d.sending_until = d.sending_until + microseconds{static_cast<std::int64_t>(size * 1'000'000 / options_.bandwidth)};
  frame_under_way frame{std::move(control), std::move(payload), id, std::max(d.sending_until, not_before)};
  frame.to = static_cast<std::uint8_t>(1 - *mine);
  const auto strikes = [&](unsigned per_mille) { return sloppy_ && per_mille > 0 && random_.below(1000) < per_mille; };
  if (strikes(options_.loss_per_mille)) {
    count_dropped(*l, frame);
    return {true, waiting_bytes(d)};
  }
  for (int copies = strikes(options_.duplicates_per_mille) ? 2 : 1; copies > 0; --copies) {
    auto arrival = frame.departs + d.latency + jitter();
    if (strikes(options_.reorders_per_mille))
      arrival = arrival + microseconds{between(random_, 0, options_.reordered_by.count())};
    else
      d.last_arrival = arrival = std::max(arrival, d.last_arrival);
    ask(arrival, turn::arrives, launch(*l, frame));
  }
  return {true, waiting_bytes(d)};
}

std::uint64_t network::waiting_bytes(const direction& d) const {
  const auto behind = d.sending_until - queue_.now();
  if (options_.bandwidth == 0 || behind.count() <= 0) return d.waiting_bytes;
  return d.waiting_bytes + static_cast<std::uint64_t>(behind.count()) * options_.bandwidth / 1'000'000;
}

// --- frames on their way

frame_slot network::launch(link& l, frame_under_way frame) {
  ++l.under_way;
  if (free_frames_.empty()) {
    frames_.push_back(std::move(frame));
    return static_cast<frame_slot>(frames_.size() - 1);
  }
  const auto slot = free_frames_.back();
  free_frames_.pop_back();
  frames_[slot] = std::move(frame);
  return slot;
}

frame_under_way network::land(frame_slot slot) {
  auto frame = std::exchange(frames_[slot], {});
  free_frames_.push_back(slot);
  auto& l = *find(frame.link);
  --l.under_way;
  if (frame.waits) l.towards[frame.to].waiting_bytes -= frame.size();
  return frame;
}

void network::arrives(frame_slot slot) {
  auto& frame = frames_[slot];
  auto& l = *find(frame.link);
  auto& d = l.towards[frame.to];
  const bool data = frame.kind == frame_kind::data;
  const bool never_left = data && d.cut_off.us >= 0 && frame.departs > d.cut_off;
  const bool cut = data && options_.cut_loses_frames && d.blocked > 0 &&
                   rules_.cut(l.ends[1 - frame.to].host, l.ends[frame.to].host);
  if (never_left || cut) {
    const auto id = frame.link;
    count_dropped(l, land(slot));
    free_if_over(id);
  } else if (d.blocked > 0 || !d.held.empty()) {
    d.held.push_back(slot);
    frame.waits = true;
    d.waiting_bytes += frame.size();
  } else {
    hand(slot);
  }
}

void network::hand(frame_slot slot) {
  const auto& frame = frames_[slot];
  const auto host = find(frame.link)->ends[frame.to].host;
  if (!to_.deliver(host, {delivery::kind::frame, slot})) return; // the slot may be another frame's by now
  auto& waiting = frames_[slot];
  if (!std::exchange(waiting.waits, true)) find(waiting.link)->towards[waiting.to].waiting_bytes += waiting.size();
}

/// One frame at a time: what a process does about it may end the link.
void network::release(link_id id, unsigned to) {
  auto* const l = find(id);
  if (l == nullptr) return;
  auto& d = l->towards[to];
  d.releasing = d.blocked == 0 && d.held.size() > 1;
  if (d.blocked > 0 || d.held.empty()) return;
  const auto slot = d.held.front();
  d.held.pop_front();
  if (d.releasing) ask(queue_.now(), turn::release, direction_key(id, to));
  hand(slot);
}

void network::take(host_index host, delivery what, process& by) {
  static_cast<void>(host);
  switch (what.what) {
  case delivery::kind::frame: take_frame(land(static_cast<frame_slot>(what.which)), &by); break;
  case delivery::kind::dial: take_dial(what.which); break;
  case delivery::kind::answer: take_answer(what.which, by); break;
  }
}

void network::drop(host_index host, delivery what) {
  static_cast<void>(host);
  if (what.what == delivery::kind::frame) take_frame(land(static_cast<frame_slot>(what.which)), nullptr);
  if (what.what == delivery::kind::answer) dials_.erase(what.which);
}

/// @param by  null when nobody runs at the frame's host
void network::take_frame(const frame_under_way& frame, process* by) {
  auto& l = *find(frame.link);
  auto& end = l.ends[frame.to];
  const auto was = end.is;
  if (frame.kind == frame_kind::fin && was != link::end::state::closed) {
    end.is = link::end::state::closed;
    if (frame.cause == close_cause::silent) tell_peer(frame.link, l, frame.to, close_cause::broken);
    if (was == link::end::state::open && by != nullptr) {
      trace_.line(queue_.now(), end.host, happened::closed, frame.link.value(), static_cast<std::uint8_t>(frame.cause));
      by->on_link_closed(frame.link, frame.cause);
    }
  } else if (frame.kind == frame_kind::open && was == link::end::state::opening && by != nullptr) {
    end.is = link::end::state::open;
    const auto peer = l.ends[1 - frame.to].host;
    trace_.line(queue_.now(), end.host, happened::opened, frame.link.value(), peer.value());
    by->on_link_opened(frame.link, at(peer).identity, nullptr);
  } else if (frame.kind == frame_kind::data && was == link::end::state::open && by != nullptr) {
    l.towards[frame.to].count.received.add(frame.size());
    at(end.host).count.received.add(frame.size());
    trace_.line(queue_.now(), end.host, happened::frame, frame.link.value(), frame.control.size(),
                frame.payload.size());
    const auto& payload = frame.payload; // what the host keeps of it is its own memory, not the sender's
    by->on_frame(frame.link, shared_bytes::copy(frame.control.view()),
                 payload.empty() ? payload : shared_bytes::copy(payload.view()));
  } else if (frame.kind != frame_kind::fin) {
    count_dropped(l, frame);
    // Its kernel answers for an end that is no more, once the machine is up again.
    if (was == link::end::state::closed && !at(end.host).vanished)
      tell_peer(frame.link, l, frame.to, close_cause::broken);
  }
  free_if_over(frame.link);
}

void network::count_dropped(link& l, const frame_under_way& frame) {
  if (frame.kind != frame_kind::data) return;
  const auto host = l.ends[frame.to].host;
  l.towards[frame.to].count.dropped.add(frame.size());
  at(host).count.dropped.add(frame.size());
  trace_.line(queue_.now(), host, happened::dropped, frame.link.value(), frame.control.size(), frame.payload.size());
}

} // namespace weft::sim
