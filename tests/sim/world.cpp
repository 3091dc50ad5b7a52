#include "tests/sim/world.hpp"

#include "mesh/base/assert.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr unsigned turn_shift = 56;

node_id identity_of(std::uint64_t seed, std::uint32_t index) {
  auto random = stream_of(seed, purpose::identity, index);
  std::array<std::uint8_t, 32> bytes{};
  for (auto& byte : bytes)
    byte = static_cast<std::uint8_t>(random.below(256));
  return node_id{bytes};
}

std::string address_of(std::uint32_t number) {
  return fmt::format("10.{}.{}.{}:7400", number >> 16U & 255U, number >> 8U & 255U, number & 255U);
}

} // namespace

world::world(world_options options, process_factory factory, std::ostream* trace_to)
    : options_(std::move(options)),
      factory_(std::move(factory)),
      trace_(trace_to),
      network_(queue_, trace_, options_.network, options_.seed, *this) {
  for (std::uint32_t i = 0; i < options_.hosts; ++i)
    add_host(identity_of(options_.seed, i), std::make_unique<virtual_disk>());
}

world::~world() {
  for (const auto& h : hosts_) {
    h->disk->halt();
    if (h->around) h->around->ended_ = true;
    h->process.reset();
  }
}

std::string world::first_address(host_index host) { return address_of(host.value()); }

std::string world::dns_name(host_index host) { return fmt::format("h{}.example:7400", host.value()); }

host_index world::add_host(const node_id& identity, std::unique_ptr<virtual_disk> disk) {
  const host_index index{hosts()};
  auto clock_random = stream_of(options_.seed, purpose::clock, index.value());
  hosts_.push_back(std::make_unique<host>(index, address_of(addresses_given_++), std::move(disk),
                                          host_clock(queue_, options_.clocks, clock_random),
                                          stream_of(options_.seed, purpose::process, index.value()),
                                          stream_of(options_.seed, purpose::disk, index.value())));
  network_.add_host(index, at(index).address, dns_name(index), identity);
  return index;
}

// --- running

void world::run_until(virtual_time until) {
  while (!failure_ && queue_.run_next(until)) {}
}

void world::fail(std::string_view who, std::string what) {
  if (failure_) return;
  failure_ = {std::string(who), std::move(what)};
  trace_.text(now(), fmt::format("failed: {}: {}", failure_->who, failure_->what));
}

bool world::visit(host_index host, const std::function<void(process&)>& what) {
  auto& h = at(host);
  if (h.state != host_state::running || now() < h.busy_until || !h.inbox.empty()) return false;
  trace_.line(now(), host, happened::visit);
  {
    const heap_owner counted(host);
    what(*h.process);
  }
  end_step(h);
  return true;
}

void world::ask(virtual_time when, turn what, const host& h, std::uint64_t b) {
  const auto which = (h.starts << 32U | h.index.value()) & ((std::uint64_t{1} << turn_shift) - 1);
  queue_.at(when, *this, std::uint64_t{static_cast<std::uint8_t>(what)} << turn_shift | which, b);
}

void world::fire(std::uint64_t a, std::uint64_t b) {
  auto& h = at(host_index{static_cast<std::uint32_t>(a)});
  const auto starts_mask = (std::uint64_t{1} << (turn_shift - 32)) - 1;
  if ((a >> 32U & starts_mask) != (h.starts & starts_mask) || !h.process) return; // of a process that is gone
  switch (static_cast<turn>(a >> turn_shift)) {
  case turn::timer: timer_turn(h); break;
  case turn::woken: come(h, {host_event::kind::woken, {}, b}); break;
  case turn::drain: drain(h); break;
  }
}

bool world::deliver(host_index host, delivery what) {
  auto& h = at(host);
  if (h.process) return come(h, {host_event::kind::network, what, 0});
  network_.drop(host, what);
  return false;
}

/// @returns whether it waits
bool world::come(host& h, const host_event& event) {
  if (h.state == host_state::paused || !h.inbox.empty() || now() < h.busy_until) {
    h.inbox.push_back(event);
    if (h.state == host_state::running && !std::exchange(h.draining, true))
      ask(std::max(now(), h.busy_until), turn::drain, h);
    return true;
  }
  run(h, event);
  return false;
}

void world::drain(host& h) {
  h.draining = false;
  if (h.state != host_state::running || h.inbox.empty()) return;
  if (now() >= h.busy_until) {
    const auto event = h.inbox.front();
    h.inbox.pop_front();
    run(h, event);
  }
  if (!h.inbox.empty() && !std::exchange(h.draining, true)) ask(std::max(now(), h.busy_until), turn::drain, h);
}

void world::run(host& h, const host_event& event) {
  if (event.what == host_event::kind::timer) {
    if (!h.armed) return;
    if (h.clock.mono() < *h.armed) return queue_timer(h); // armed anew while it waited
  }
  take_turn(h, event);
  end_step(h);
}

void world::take_turn(host& h, const host_event& event) {
  const heap_owner counted(h.index);
  switch (event.what) {
  case host_event::kind::network: network_.take(h.index, event.from_network, *h.process); break;
  case host_event::kind::timer:
    h.armed.reset();
    trace_.line(now(), h.index, happened::timer);
    h.process->on_timer();
    break;
  case host_event::kind::woken:
    trace_.line(now(), h.index, happened::woken, event.token);
    h.process->on_woken(event.token);
    break;
  }
}

/// A process has had its turn; what its disk calls took keeps it busy.
void world::end_step(host& h) {
  if (h.disk_delay.count() > 0) h.busy_until = now() + std::exchange(h.disk_delay, microseconds{0});
  for (auto* const by : observers_)
    by->on_step(h.index);
}

// --- timers

void world::queue_timer(host& h) {
  const auto when = std::max(now(), h.clock.when(*h.armed));
  if (h.timer_at && *h.timer_at <= when) return; // its turn looks again
  h.timer_at = when;
  ask(when, turn::timer, h);
}

void world::timer_turn(host& h) {
  if (h.timer_at != now()) return; // an earlier one was asked for since
  h.timer_at.reset();
  if (!h.armed) return;
  if (h.clock.mono() < *h.armed)
    queue_timer(h);
  else
    come(h, {host_event::kind::timer, {}, 0});
}

} // namespace weft::sim
