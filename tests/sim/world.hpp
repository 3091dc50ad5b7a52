// tests/sim/world.hpp: the machines of a run and what drives them: one queue, one network, one thread.
#pragma once
#include "tests/sim/host.hpp"

#include <iosfwd>

namespace weft::sim {

struct world_options {
  std::uint64_t seed = 0;
  std::uint32_t hosts = 3;
  network_options network;
  clock_options clocks;
};

/// What happens to a machine.
enum class host_change : std::uint8_t {
  started,
  stopped,   ///< cleanly
  killed,    ///< its disk lost nothing
  power_off, ///< its disk lost what was not synced
  wiped,     ///< its disk is empty
  restored,  ///< its disk is as it was some time ago
  cloned,    ///< it is a copy of another machine, identity included
};

/// Sees what happens, as it happens. Is told which host, so that it need not look at all.
class observer {
public:
  virtual ~observer() = default;
  /// A process has had its turn.
  virtual void on_step(host_index host) { static_cast<void>(host); }
  /// After the change; a process that is gone is gone already.
  virtual void on_host(host_index host, host_change change) { static_cast<void>(host), static_cast<void>(change); }
};

/// First sign that something is wrong.
struct failure {
  std::string who; ///< a checker's name
  std::string what;
  friend bool operator==(const failure&, const failure&) noexcept = default;
};

class world final : private receiver, private event_handler {
public:
  /// Machines are there and down. @param trace_to  where the trace is written, if anywhere
  world(world_options options, process_factory factory, std::ostream* trace_to = nullptr);
  virtual ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // --- running
  [[nodiscard]] virtual_time now() const noexcept { return queue_.now(); }
  [[nodiscard]] event_queue& queue() noexcept { return queue_; }
  [[nodiscard]] sim::network& network() noexcept { return network_; }
  [[nodiscard]] sim::trace& trace() noexcept { return trace_; }
  /// Until then, or until something fails.
  void run_until(virtual_time until);
  void run_for(microseconds time) { run_until(now() + time); }
  void observe(observer& by) { observers_.push_back(&by); }
  void fail(std::string_view who, std::string what);
  [[nodiscard]] const std::optional<sim::failure>& failure() const noexcept { return failure_; }

  // --- machines
  [[nodiscard]] std::uint32_t hosts() const noexcept { return static_cast<std::uint32_t>(hosts_.size()); }
  [[nodiscard]] host_state state(host_index host) const { return at(host).state; }
  /// Null when nothing runs there; a paused process is there.
  [[nodiscard]] process* process_of(host_index host) const { return at(host).process.get(); }
  [[nodiscard]] virtual_disk& disk(host_index host) const { return *at(host).disk; }
  [[nodiscard]] host_clock& clock(host_index host) { return at(host).clock; }
  [[nodiscard]] const std::string& address(host_index host) const { return at(host).address; }
  [[nodiscard]] const node_id& identity(host_index host) const { return network_.identity(host); }
  /// The address that a host begins with.
  [[nodiscard]] static std::string first_address(host_index host);
  /// What leads to a host wherever it is, as a name in the DNS that is kept up to date.
  [[nodiscard]] static std::string dns_name(host_index host);
  /// Lets a workload call a process, as if its client did. @returns whether it runs, and is neither paused nor busy
  bool visit(host_index host, const std::function<void(process&)>& what);

  // --- what befalls them. Each does nothing to a host that is not in the state for it.
  void start(host_index host);
  void stop(host_index host);
  void kill(host_index host);
  void power_off(host_index host);
  void pause(host_index host);
  void resume(host_index host);
  void jump_wall(host_index host, microseconds step);
  /// How long a sync takes from now on; other disk calls a hundredth of it.
  void set_disk_slow(host_index host, microseconds sync_takes);
  /// @pre it is not running: its disk is empty, or as it was when `disk` was cloned
  void wipe(host_index host);
  void restore(host_index host, std::unique_ptr<virtual_disk> disk);
  /// The next start has another address.
  void readdress(host_index host);
  /// One more machine, down: a copy of `of` with its identity and disk, and an address of its own.
  host_index clone(host_index of);

private:
  friend class environment;
  bool deliver(host_index host, delivery what) override;
  void fire(std::uint64_t a, std::uint64_t b) override;
  enum class turn : std::uint8_t { timer, woken, drain };

  host& at(host_index host) { return *hosts_[host.value()]; }
  [[nodiscard]] const host& at(host_index host) const { return *hosts_[host.value()]; }
  host_index add_host(const node_id& identity, std::unique_ptr<virtual_disk> disk);
  void ask(virtual_time when, turn what, const host& h, std::uint64_t b = 0);
  bool come(host& h, const host_event& event);
  void run(host& h, const host_event& event);
  void take_turn(host& h, const host_event& event);
  void end_step(host& h);
  void replace_disk(host& h, std::unique_ptr<virtual_disk> disk);
  void drain(host& h);
  void timer_turn(host& h);
  void queue_timer(host& h);
  void end_process(host& h, ending how);
  void changed(host& h, host_change change);

  world_options options_;
  process_factory factory_;
  event_queue queue_;
  sim::trace trace_;
  sim::network network_;
  std::vector<std::unique_ptr<host>> hosts_;
  std::vector<observer*> observers_;
  std::optional<sim::failure> failure_;
  std::uint32_t addresses_given_ = 0;
};

} // namespace weft::sim
