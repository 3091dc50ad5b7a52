// What befalls machines, and what their processes ask of them.
#include "mesh/base/assert.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/sim/world.hpp"

#include <fmt/format.h>

namespace weft::sim {

void world::changed(host& h, host_change change) {
  for (auto* const by : observers_)
    by->on_host(h.index, change);
}

void world::start(host_index host) {
  auto& h = at(host);
  if (h.process) return;
  ++h.starts;
  if (h.state == host_state::vanished) h.clock.boot(h.disk_random);
  h.state = host_state::running;
  h.busy_until = now();
  h.around = std::make_unique<environment>(*this, host);
  {
    const heap_owner counted(host);
    h.process = factory_(*h.around);
  }
  WEFT_ASSERT(h.process != nullptr);
  network_.process_started(host);
  trace_.line(now(), host, happened::start, h.starts);
  changed(h, host_change::started);
  {
    const heap_owner counted(host);
    h.process->on_start();
  }
  end_step(h);
}

/// What it does while it is destroyed has no effect.
void world::end_process(host& h, ending how) {
  network_.set_mute(h.index, false);
  h.around->ended_ = true;
  h.disk->halt();
  h.process.reset();
  h.around.reset();
  network_.process_ended(h.index, how);
  for (const auto& event : std::exchange(h.inbox, {}))
    if (event.what == host_event::kind::network) network_.drop(h.index, event.from_network);
  h.draining = false;
  h.disk_delay = microseconds{0};
  h.armed.reset();
  h.timer_at.reset();
  h.state = how == ending::vanished ? host_state::vanished : host_state::down;
}

void world::stop(host_index host) {
  auto& h = at(host);
  if (!h.process) return;
  if (h.state == host_state::paused) resume(host);
  {
    const heap_owner counted(host);
    h.process->on_stop();
  }
  trace_.line(now(), host, happened::stop);
  end_process(h, ending::stopped);
  h.disk->crash_losing_nothing();
  changed(h, host_change::stopped);
}

void world::kill(host_index host) {
  auto& h = at(host);
  if (!h.process) return;
  trace_.line(now(), host, happened::kill);
  end_process(h, ending::killed);
  h.disk->crash_losing_nothing();
  changed(h, host_change::killed);
}

void world::power_off(host_index host) {
  auto& h = at(host);
  if (h.state == host_state::vanished) return;
  trace_.line(now(), host, happened::power_off);
  if (h.process) end_process(h, ending::vanished);
  h.state = host_state::vanished;
  h.disk->crash(h.disk_random);
  changed(h, host_change::power_off);
}

void world::pause(host_index host) {
  auto& h = at(host);
  if (h.state != host_state::running) return;
  h.state = host_state::paused;
  trace_.line(now(), host, happened::pause);
  network_.set_mute(host, true);
}

void world::resume(host_index host) {
  auto& h = at(host);
  if (h.state != host_state::paused) return;
  h.state = host_state::running;
  trace_.line(now(), host, happened::resume);
  network_.set_mute(host, false);
  if (!h.inbox.empty() && !std::exchange(h.draining, true)) ask(std::max(now(), h.busy_until), turn::drain, h);
}

void world::jump_wall(host_index host, microseconds step) {
  at(host).clock.jump(step);
  trace_.line(now(), host, happened::wall_jump, static_cast<std::uint64_t>(step.count()));
}

void world::set_disk_slow(host_index host, microseconds sync_takes) {
  auto& h = at(host);
  h.disk_takes = sync_takes;
  if (sync_takes.count() == 0) return h.disk->set_hook(nullptr);
  h.disk->set_hook([&h](disk_call kind, const std::string&) {
    if (!h.process) return;
    const bool sync = kind == disk_call::sync || kind == disk_call::sync_directory;
    h.disk_delay += sync ? h.disk_takes : h.disk_takes / 100;
  });
}

void world::replace_disk(host& h, std::unique_ptr<virtual_disk> disk) {
  WEFT_ASSERT(!h.process);
  h.disk = std::move(disk);
  set_disk_slow(h.index, h.disk_takes);
}

void world::wipe(host_index host) {
  replace_disk(at(host), std::make_unique<virtual_disk>());
  changed(at(host), host_change::wiped);
}

void world::restore(host_index host, std::unique_ptr<virtual_disk> disk) {
  replace_disk(at(host), std::move(disk));
  changed(at(host), host_change::restored);
}

void world::readdress(host_index host) {
  at(host).address = fmt::format("10.{}.{}.{}:7400", 255, addresses_given_ >> 8U & 255U, addresses_given_ & 255U);
  ++addresses_given_;
  network_.set_address(host, at(host).address);
}

host_index world::clone(host_index of) {
  auto copy = at(of).disk->clone();
  copy->crash_losing_nothing();
  const auto made = add_host(network_.identity(of), std::move(copy));
  changed(at(made), host_change::cloned);
  return made;
}

// --- what a process asks for

const node_id& environment::identity() const { return world_.identity(host_); }
const std::string& environment::address() const { return world_.address(host_); }
weft::clock& environment::clock() const { return world_.at(host_).clock; }
weft::disk& environment::disk() const { return *world_.at(host_).disk; }
random_source& environment::random() const { return world_.at(host_).random; }

dial_id environment::dial(const std::string& address) {
  if (ended_) return {};
  return world_.network_.dial(host_, address, world_.now() + world_.at(host_).disk_delay);
}

sent environment::send(link_id link, shared_bytes control, shared_bytes payload) {
  if (ended_) return {};
  return world_.network_.send(host_, link, std::move(control), std::move(payload),
                              world_.now() + world_.at(host_).disk_delay);
}

void environment::close(link_id link) {
  if (!ended_) world_.network_.close(host_, link);
}

void environment::arm(mono_time at) {
  if (ended_) return;
  world_.at(host_).armed = at;
  world_.queue_timer(world_.at(host_));
}

void environment::disarm() {
  if (!ended_) world_.at(host_).armed.reset();
}

void environment::wake_after(microseconds delay, std::uint64_t token) {
  if (!ended_)
    world_.ask(world_.now() + (world_.at(host_).disk_delay + delay), world::turn::woken, world_.at(host_), token);
}

microseconds environment::take_disk_delay() {
  if (ended_) return microseconds{0};
  return std::exchange(world_.at(host_).disk_delay, microseconds{0});
}

void environment::note(std::string_view line) {
  if (!ended_) world_.trace_.text(world_.now(), fmt::format("h{} {}", host_.value(), line));
}

void environment::fail(std::string_view who, std::string what) { world_.fail(who, std::move(what)); }

} // namespace weft::sim
