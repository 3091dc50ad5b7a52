// tests/bench/membership_bench.cpp: how fast a mesh knows, and what that costs, in the simulator: virtual time, real
// messages.
//
//     membership_bench [--json] [--nodes N,...] [--minutes M]
//
// A figure's limit, where it has one, is the aim of the design: what is measured must not be above it.
#include "tests/bench/figures.hpp"
#include "tests/sim/membership/member_process.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>

namespace weft::bench {
namespace {

using namespace std::chrono_literals;
using membership::member_state;
using sim::host_index;
using sim::member_process;

constexpr std::uint64_t seed = 1;
constexpr microseconds look_every = 50ms;

double seconds(microseconds time) { return static_cast<double>(time.count()) / 1e6; }

class mesh {
public:
  mesh(std::uint32_t nodes, unsigned loss_per_mille)
      : world_(options_of(nodes, loss_per_mille),
               [](sim::environment& around) {
                 return std::make_unique<member_process>(around, sim::member_setup{.keeps_members = false});
               }),
        nodes_(nodes) {}

  [[nodiscard]] sim::world& world() { return world_; }
  void start(std::uint32_t host) { world_.start(host_index{host}); }

  [[nodiscard]] const membership::node_membership* member(std::uint32_t host) const {
    const auto* process = static_cast<const member_process*>(world_.process_of(host_index{host}));
    return process == nullptr ? nullptr : process->member();
  }
  [[nodiscard]] std::size_t deaths() const {
    std::size_t all = 0;
    for (std::uint32_t host = 0; host < nodes_; ++host)
      if (const auto* process = static_cast<const member_process*>(world_.process_of(host_index{host})))
        all += process->deaths().size();
    return all;
  }

  /// Runs until everybody else says so of the host. @returns how long that took; nothing: not within `most`
  std::optional<microseconds> until_all(std::uint32_t of, microseconds most,
                                        const std::function<bool(const membership::member*)>& say) {
    const auto began = world_.now();
    while (world_.now().us - began.us < most.count()) {
      if (all_say(of, say)) return microseconds{world_.now().us - began.us};
      world_.run_for(look_every);
    }
    return std::nullopt;
  }

  /// Runs until everybody knows everybody as alive.
  std::optional<microseconds> until_complete(microseconds most) {
    const auto began = world_.now();
    while (world_.now().us - began.us < most.count()) {
      if (complete()) return microseconds{world_.now().us - began.us};
      world_.run_for(look_every);
    }
    return std::nullopt;
  }

  /// Frames and bytes a node sends a second, over a time.
  std::pair<double, double> traffic_over(microseconds time, const std::function<void()>& meanwhile) {
    const auto before = total();
    meanwhile();
    const auto after = total();
    const double per = seconds(time) * nodes_;
    return {static_cast<double>(after.frames - before.frames) / per,
            static_cast<double>(after.bytes - before.bytes) / per};
  }

  [[nodiscard]] std::size_t degree_most() const {
    std::size_t most = 0;
    for (std::uint32_t host = 0; host < nodes_; ++host)
      if (const auto* one = member(host)) most = std::max(most, one->neighbors().size());
    return most;
  }

  /// How many of those that run hang together.
  [[nodiscard]] std::pair<std::size_t, std::size_t> connected() {
    std::map<node_id, std::uint32_t> running;
    for (std::uint32_t host = 0; host < nodes_; ++host)
      if (member(host) != nullptr) running.emplace(world_.identity(host_index{host}), host);
    if (running.empty()) return {0, 0};
    std::set<node_id> seen{running.begin()->first};
    std::vector<node_id> open(seen.begin(), seen.end());
    while (!open.empty()) {
      const auto at = running.find(open.back());
      open.pop_back();
      if (at == running.end()) continue;
      for (const auto& neighbor : member(at->second)->neighbors())
        if (running.contains(neighbor) && seen.insert(neighbor).second) open.push_back(neighbor);
    }
    return {seen.size(), running.size()};
  }

private:
  static sim::world_options options_of(std::uint32_t nodes, unsigned loss_per_mille) {
    sim::world_options made;
    made.seed = seed;
    made.hosts = nodes;
    made.network.loss_per_mille = loss_per_mille;
    return made;
  }

  bool all_say(std::uint32_t of, const std::function<bool(const membership::member*)>& say) {
    const auto& id = world_.identity(host_index{of});
    for (std::uint32_t host = 0; host < nodes_; ++host)
      if (host != of)
        if (const auto* one = member(host); one != nullptr && !say(one->members().find(id))) return false;
    return true;
  }

  bool complete() {
    for (std::uint32_t host = 0; host < nodes_; ++host) {
      const auto* one = member(host);
      if (one == nullptr) continue;
      const auto& known = one->members().members();
      if (known.size() != nodes_ ||
          !std::ranges::all_of(known, [](const auto& item) { return item.second.state == member_state::alive; }))
        return false;
    }
    return true;
  }

  sim::tally total() {
    sim::tally all;
    for (std::uint32_t host = 0; host < nodes_; ++host) {
      const auto& sent = world_.network().of(host_index{host}).sent;
      all.frames += sent.frames;
      all.bytes += sent.bytes;
    }
    return all;
  }

  sim::world world_;
  std::uint32_t nodes_;
};

bool is_alive(const membership::member* one) { return one != nullptr && one->state == member_state::alive; }
bool is_suspected(const membership::member* one) {
  return one != nullptr && (one->state == member_state::suspect || one->state == member_state::dead);
}
bool is_dead(const membership::member* one) { return one != nullptr && one->state == member_state::dead; }
bool has_left(const membership::member* one) { return one != nullptr && one->state == member_state::left; }

class measuring {
public:
  measuring(figures& found, std::uint32_t nodes, microseconds hour) : found_(found), nodes_(nodes), hour_(hour) {}

  void all() {
    start_and_changes();
    rest_and_churn();
    false_deaths();
    half_crashes();
  }

private:
  void add(const std::string& name, double value, const std::string& unit, std::optional<double> aim = {}) {
    found_.add(fmt::format("{} nodes: {}", nodes_, name), value, unit, aim, aim ? "aim of the design" : "");
    std::fprintf(stderr, "%u nodes: %s: %.3f %s\n", nodes_, name.c_str(), value, unit.c_str());
  }
  void add_time(const std::string& name, std::optional<microseconds> time, std::optional<double> aim = {}) {
    add(name, time ? seconds(*time) : 1e9, "s", aim);
  }

  /// All but the last one are there.
  std::unique_ptr<mesh> settled(std::uint32_t running, unsigned loss_per_mille = 0) {
    auto made = std::make_unique<mesh>(nodes_, loss_per_mille);
    for (std::uint32_t host = 0; host < running; ++host)
      made->start(host);
    if (running == nodes_) add_time("all start at once: until all know all", made->until_complete(10min));
    made->world().run_for(2min);
    return made;
  }

  void start_and_changes() {
    const auto of = settled(nodes_ - 1);
    const auto last = nodes_ - 1;
    of->start(last);
    add_time("a join: until all know", of->until_all(last, 5min, is_alive));
    of->world().run_for(1min);
    of->world().stop(host_index{last});
    add_time("a leave: until all know", of->until_all(last, 5min, has_left));
    const auto killed = nodes_ / 2;
    of->world().kill(host_index{killed});
    const auto suspected = of->until_all(killed, 2min, is_suspected);
    add_time("a crash, links broke: until all suspect", suspected, 5);
    const auto dead = of->until_all(killed, 2min, is_dead);
    add_time("a crash, links broke: until dead for all",
             suspected && dead ? std::optional(*suspected + *dead) : std::nullopt, 10);
    const auto vanished = nodes_ / 3;
    of->world().power_off(host_index{vanished});
    const auto missed = of->until_all(vanished, 2min, is_suspected);
    add_time("a crash, silent: until all suspect", missed, 5);
    const auto gone = of->until_all(vanished, 2min, is_dead);
    add_time("a crash, silent: until dead for all", missed && gone ? std::optional(*missed + *gone) : std::nullopt, 30);
  }

  void rest_and_churn() {
    const auto of = settled(nodes_);
    const microseconds time = 2min;
    const auto [frames, bytes] = of->traffic_over(time, [&] { of->world().run_for(time); });
    add("at rest: messages sent a node", frames, "1/s");
    const auto aim = nodes_ <= 200 ? std::optional(2048.0) : std::optional(8192.0);
    add("at rest: bytes sent a node", bytes, "B/s", aim);
    add("degree, most", static_cast<double>(of->degree_most()), "neighbours",
        static_cast<double>(limits::active_view_max));
    // 1 % of the nodes a minute, killed and started again half a minute later.
    const auto [churn_frames, churn_bytes] = of->traffic_over(4min, [&] {
      const auto changes = std::max<std::uint32_t>(1, nodes_ / 100);
      std::uint32_t next = 1;
      for (int minute = 0; minute < 4; ++minute) {
        std::vector<host_index> down;
        for (std::uint32_t i = 0; i < changes; ++i, next = (next + 7) % nodes_)
          if (next != 0) down.emplace_back(next);
        for (const auto host : down)
          of->world().kill(host);
        of->world().run_for(30s);
        for (const auto host : down)
          of->world().start(host);
        of->world().run_for(30s);
      }
    });
    add("1 % churn a minute: messages sent a node", churn_frames, "1/s");
    add("1 % churn a minute: bytes sent a node", churn_bytes, "B/s");
  }

  void false_deaths() {
    const auto of = std::make_unique<mesh>(nodes_, 50);
    for (std::uint32_t host = 0; host < nodes_; ++host)
      of->start(host);
    static_cast<void>(of->until_complete(10min));
    of->world().network().set_sloppy(true); // 5 % of all frames are lost
    const auto before = of->deaths();
    seeded_random random(seed);
    for (microseconds spent{0}; spent < hour_; spent += 30s) {
      const host_index paused{static_cast<std::uint32_t>(random.below(nodes_))};
      of->world().pause(paused);
      of->world().run_for(10s);
      of->world().resume(paused);
      of->world().run_for(20s);
    }
    const double hours = seconds(hour_) / 3600;
    add("5 % loss and pauses of 10 s: false deaths", static_cast<double>(of->deaths() - before) / hours, "1/h", 0.0);
  }

  void half_crashes() {
    const auto of = settled(nodes_);
    for (std::uint32_t host = 1; host < nodes_; host += 2)
      of->world().kill(host_index{host});
    const auto began = of->world().now();
    std::pair<std::size_t, std::size_t> parts;
    do {
      of->world().run_for(1s);
      parts = of->connected();
    } while (parts.first < parts.second && of->world().now().us - began.us < microseconds(5min).count());
    add("half of the nodes crash at once: until the rest hang together",
        parts.first == parts.second ? seconds(microseconds{of->world().now().us - began.us}) : 1e9, "s");
  }

  figures& found_;
  std::uint32_t nodes_;
  microseconds hour_;
};

} // namespace
} // namespace weft::bench

int main(int argc, char** argv) {
  std::vector<std::uint32_t> sizes{10, 100, 1000};
  auto minutes = std::chrono::minutes(60);
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--minutes") minutes = std::chrono::minutes(std::atoi(argv[i + 1]));
    if (std::string_view(argv[i]) != "--nodes") continue;
    sizes.clear();
    for (const char* at = argv[i + 1]; *at != '\0'; at += *at == ',') {
      char* end = nullptr;
      sizes.push_back(static_cast<std::uint32_t>(std::strtoul(at, &end, 10)));
      if (end == at) return 2;
      at = end;
    }
  }
  weft::bench::figures found;
  for (const auto nodes : sizes)
    weft::bench::measuring(found, nodes, minutes).all();
  found.print(argc, argv);
  return 0;
}
