// mesh/transport/link.cpp: limits on what comes in, turns and a budget for what goes out.
#include "mesh/transport/link.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::transport {

namespace {

/// A payload inside ZeroMQ.
struct payload_in_socket {
  shared_bytes bytes;
  std::shared_ptr<socket_budget> budget;
  std::size_t cost;
};

/// On ZeroMQ's I/O thread.
void payload_left(void*, void* hint) {
  const std::unique_ptr<payload_in_socket> payload(static_cast<payload_in_socket*>(hint));
  auto& budget = *payload->budget;
  const auto left = budget.used.fetch_sub(payload->cost) - payload->cost;
  if (left <= limits::link_bytes_in_socket / 2 && budget.waiting.exchange(false)) budget.wake->signal();
}

} // namespace

transport_counters live_counters::read() const noexcept {
  return {accepted, dialled, closed, refused_handshakes, oversized_frames, frames_in, frames_out, bytes_in, bytes_out};
}

link::link(link_info info, hub& shared)
    : hub_(shared), info_(std::move(info)), budget_(std::make_shared<socket_budget>(shared.wake)) {
  proven_ = info_.kind == link_kind::local;
  hub_.links.emplace(info_.id, this);
  ++(info_.kind == link_kind::accepted ? hub_.count.accepted : hub_.count.dialled);
  hub_.to.on_opened(info_);
}

void link::send(const shared_bytes& control) {
  if (doomed()) return;
  zmq_part part(as_text(control.view())); // the copy of small messages; runs are not copied
  out(part, nullptr);
}

void link::send(lane flow, frame message) {
  if (doomed()) return;
  waiting_.push(flow, std::move(message));
  pump();
}

void link::pump() {
  while (!waiting_.empty() && !doomed()) {
    if (budget_->used.load() >= limits::link_bytes_in_socket) {
      budget_->waiting.store(true);
      // Given back between the two: nobody would wake us.
      if (budget_->used.load() > limits::link_bytes_in_socket / 2) return;
      budget_->waiting.store(false);
    }
    const auto message = waiting_.pop();
    zmq_part control(as_text(message.control.view()));
    if (message.payload.empty()) {
      out(control, nullptr);
      continue;
    }
    const auto cost = std::max(message.payload.size(), limits::link_cost_in_socket_min);
    budget_->used.fetch_add(cost);
    zmq_part payload(message.payload.view(), payload_left, new payload_in_socket{message.payload, budget_, cost});
    out(control, &payload);
  }
}

void link::out(zmq_part& control, zmq_part* payload) {
  const auto bytes = control.bytes().size() + (payload ? payload->bytes().size() : 0);
  switch (write(control, payload)) {
  case send_outcome::sent:
    ++hub_.count.frames_out;
    hub_.count.bytes_out += bytes;
    return;
  case send_outcome::unreachable: return; // its end is told by the monitor
  case send_outcome::full:
    doom(error(errc::timed_out,
               fmt::format("{} does not read: {} messages wait for it", info_.address, limits::link_queue_messages)));
  }
}

std::optional<error> link::objection(const received_frame& got) {
  const auto& [control, payload] = got.message;
  if (got.parts > 2)
    return error(errc::protocol_violation, fmt::format("{} sent a message of {} parts", info_.address, got.parts));
  const auto largest = std::max(control.size(), payload.size());
  if (control.size() > limits::control_bytes_max || largest > hub_.options.frame_bytes_max) {
    ++hub_.count.oversized_frames;
    return error(errc::too_large, fmt::format("{} sent a frame of {} bytes, over the limit", info_.address, largest));
  }
  if (proven_) return {};
  if (largest > limits::handshake_bytes_max) {
    ++hub_.count.oversized_frames;
    return error(errc::too_large,
                 fmt::format("{} sent a frame of {} bytes before it was proven, at most {} are allowed", info_.address,
                             largest, limits::handshake_bytes_max));
  }
  if (++frames_unproven_ > limits::handshake_frames_max)
    return error(errc::protocol_violation,
                 fmt::format("{} sent {} frames before it was proven", info_.address, frames_unproven_));
  return {};
}

void link::receive(received_frame got) {
  if (doomed()) return;
  if (auto why = objection(got)) return doom(std::move(*why));
  ++hub_.count.frames_in;
  hub_.count.bytes_in += got.message.control.size() + got.message.payload.size();
  hub_.to.on_frame(info_.id, std::move(got.message));
}

void link::doom(error why, ending how) {
  if (doom_) return;
  doom_ = std::move(why);
  ending_ = how;
  hub_.any_doomed = true;
}

void link::tell_closed() {
  WEFT_ASSERT(doom_);
  hub_.links.erase(info_.id);
  ++hub_.count.closed;
  hub_.to.on_closed(info_.id, *doom_);
}

} // namespace weft::transport
