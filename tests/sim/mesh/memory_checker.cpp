#include "tests/sim/mesh/memory_checker.hpp"

#include "mesh/wire/buffer_pool.hpp"
#include "tests/sim/heap.hpp"
#include "tests/sim/mesh/mesh_checkers.hpp"
#include "tests/sim/mesh/mesh_process.hpp"

#include <array>
#include <fmt/format.h>
#include <map>

namespace weft::sim {
namespace {

class steady_memory final : public checker {
public:
  steady_memory(world& on, microseconds safety) : world_(on), quarter_(safety / 4) {}
  std::string_view name() const override { return "memory_does_not_grow"; }

  void on_step(host_index host) override {
    const auto quarter = (world_.now() - virtual_time{}) / quarter_;
    auto& next = next_[host];
    if ((quarter != 1 && quarter != 3) || world_.now() < next) return;
    next = world_.now() + looks_every;
    wire::drop_pooled(); // of all nodes here, in the name of the one that asked first
    auto& seen = seen_[host][quarter == 1 ? 0 : 1];
    seen.bytes += heap_bytes(host) - static_cast<std::int64_t>(world_.disk(host).memory() + buffers_of(host));
    ++seen.steps;
  }

  void on_host(host_index host, host_change change) override {
    if (change == host_change::started) seen_.erase(host);
  }

  void at_end(world&) override {
    if (quarter_ < shortest_quarter) return; // everything grows at first
    for (const auto& [host, seen] : seen_) {
      if (seen[0].steps == 0) continue; // it is younger
      const auto before = seen[0].mean(), after = seen[1].mean();
      if (after > before + before / 4 + slack_bytes)
        return world_.fail(name(), fmt::format("h{} held {} bytes in the second quarter and {} in the last",
                                               host.value(), before, after));
    }
  }

private:
  /// Bounded ones, as full as traffic has filled them: of the log's newest entries and of its relays.
  std::size_t buffers_of(host_index host) const {
    auto* node = mesh_node_on(world_, host);
    if (node == nullptr || node->log() == nullptr) return 0;
    auto bytes = node->log()->log().tail_memory();
    for (const auto& [key, box] : node->relays().boxes())
      bytes += box.machine.buffered_bytes();
    return bytes;
  }

  static constexpr microseconds looks_every{15'000'000};
  static constexpr microseconds shortest_quarter{600'000'000};
  /// What flows hold comes and goes; a node that relays a few holds half of it.
  static constexpr std::int64_t slack_bytes = 256 << 10;
  struct sum {
    std::int64_t bytes = 0, steps = 0;
    [[nodiscard]] std::int64_t mean() const { return steps == 0 ? 0 : bytes / steps; }
  };

  world& world_;
  microseconds quarter_;
  std::map<host_index, virtual_time> next_;
  std::map<host_index, std::array<sum, 2>> seen_; // in the second quarter and in the last
};

} // namespace

std::unique_ptr<checker> memory_does_not_grow(world& on, microseconds safety) {
  return std::make_unique<steady_memory>(on, safety);
}

} // namespace weft::sim
