#include "tests/sim/run.hpp"

#include "tests/sim/fault_player.hpp"
#include "tests/sim/planting.hpp"
#include "tests/sim/seeds.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

world_options seeded(const run_options& options) {
  auto seeded = options.world;
  seeded.seed = options.seed;
  return seeded;
}

/// Lets the workload act until it has no more to do, or the safety phase is over.
class workload_turns final : private event_handler {
public:
  workload_turns(world& on, workload* what, std::uint64_t seed)
      : world_(on), workload_(what), random_(stream_of(seed, purpose::workload)) {
    if (workload_ != nullptr) world_.queue().at(world_.now(), *this);
  }
  void stop() noexcept { workload_ = nullptr; }

private:
  void fire(std::uint64_t, std::uint64_t) override {
    if (workload_ == nullptr) return;
    if (const auto again = workload_->act(world_, random_)) world_.queue().at(world_.now() + *again, *this);
  }
  world& world_;
  workload* workload_;
  seeded_random random_;
};

class one_run {
public:
  one_run(const scenario& what, const run_options& options, std::ostream* trace_to)
      : options_(options),
        world_(
            seeded(options), [this](environment& around) { return cast_.processes(around); }, trace_to) {
    cast_ = what.make(world_, options);
    report_.seed = options.seed;
    for (const auto& c : cast_.checkers)
      world_.observe(*c);
  }

  report go() {
    const auto drawn = draw_faults(options_.faults, options_.world.hosts, options_.safety, options_.seed);
    std::vector<fault> played;
    const auto play = [&](std::size_t place) {
      played.push_back(drawn[place]);
      report_.faults.emplace_back(place, to_string(drawn[place]));
    };
    for (std::size_t i = 0; i < drawn.size() && !options_.only_faults; ++i)
      play(i);
    for (const auto place : options_.only_faults.value_or(std::vector<std::size_t>{}))
      if (place < drawn.size()) play(place);

    fault_player faults(world_, std::move(played));
    workload_turns work(world_, cast_.workload.get(), options_.seed);
    for (std::uint32_t i = 0; i < options_.world.hosts; ++i)
      world_.start(host_index{i});
    go_on_until(virtual_time{} + options_.safety);
    work.stop();
    if (!world_.failure()) heal(faults);
    report_.failure = world_.failure();
    report_.ended = world_.now();
    report_.events = world_.queue().fired();
    report_.trace_hash = world_.trace().hash();
    return std::move(report_);
  }

private:
  void heal(fault_player& faults) {
    report_.healing = true;
    faults.heal();
    const auto end = world_.now() + options_.heal_within;
    while (!world_.failure()) {
      const auto* const behind = not_converged();
      if (behind == nullptr) break;
      if (world_.now() >= end) {
        for (const auto& c : cast_.checkers)
          if (!c->converged(world_)) return world_.fail(c->name(), c->missing(world_));
      }
      go_on_until(std::min(end, world_.now() + options_.converged_every));
    }
    for (const auto& c : cast_.checkers)
      if (!world_.failure()) c->at_end(world_);
  }

  checker* not_converged() {
    for (const auto& c : cast_.checkers)
      if (!c->converged(world_)) return c.get();
    return nullptr;
  }

  void go_on_until(virtual_time until) {
    while (!world_.failure() && world_.queue().run_next(until))
      if (world_.queue().fired() > options_.events_max)
        world_.fail("kernel", fmt::format("more than {} events", options_.events_max));
  }

  const run_options& options_;
  report report_;
  cast cast_; // outlives the processes, which are the world's
  world world_;
};

} // namespace

report run(const scenario& what, const run_options& options, std::ostream* trace_to) {
  const planting bug(options.bug);
  static_cast<void>(take_marks()); // those of before
  auto done = one_run(what, options, trace_to).go();
  done.marks = take_marks();
  return done;
}

} // namespace weft::sim
