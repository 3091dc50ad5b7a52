#include "tests/sim/shrink.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

using places = std::vector<std::size_t>;

places places_of(const report& r) {
  places all;
  for (const auto& [place, text] : r.faults)
    all.push_back(place);
  return all;
}

class shrinking {
public:
  shrinking(run_options options, report failing, const try_run& run, unsigned runs_max)
      : best_{std::move(options), std::move(failing), 0}, run_(run), runs_max_(runs_max) {}

  shrunk_run go() {
    fewer_nodes();
    less_time();
    fewer_faults();
    less_time();
    return std::move(best_);
  }

private:
  /// Keeps what fails as before.
  bool still_fails(const run_options& smaller) {
    if (best_.runs >= runs_max_) return false;
    ++best_.runs;
    auto r = run_(smaller);
    if (!r.failure || r.failure->who != best_.failing.failure->who) return false;
    best_.options = smaller;
    best_.failing = std::move(r);
    return true;
  }

  /// Other faults are drawn for another number of nodes: it is another run that may fail alike.
  void fewer_nodes() {
    for (std::uint32_t nodes = 2; nodes < best_.options.world.hosts; nodes += std::max(1U, nodes / 2)) {
      auto smaller = best_.options;
      smaller.world.hosts = nodes;
      smaller.only_faults.reset();
      if (still_fails(smaller)) return;
    }
  }

  /// A shorter safety phase has the same faults, as far as it goes.
  void less_time() {
    const auto failed_after = best_.failing.ended - virtual_time{};
    if (!best_.failing.healing && failed_after < best_.options.safety) {
      auto smaller = best_.options;
      smaller.safety = failed_after + microseconds{1};
      static_cast<void>(still_fails(smaller));
    }
    while (best_.options.safety > microseconds{1'000'000}) {
      auto smaller = best_.options;
      smaller.safety /= 2;
      if (!still_fails(smaller)) return;
    }
  }

  /// Leaves out parts of the list, first halves, then ever smaller ones.
  void fewer_faults() {
    auto parts = std::size_t{1}; // the whole list first: maybe no fault is needed
    while (best_.runs < runs_max_) {
      const auto all = places_of(best_.failing);
      if (all.empty()) return;
      parts = std::min(parts, all.size());
      if (left_out_one_of(all, parts)) {
        parts = std::max<std::size_t>(parts - 1, 1);
      } else if (parts == all.size()) {
        return;
      } else {
        parts *= 2;
      }
    }
  }

  bool left_out_one_of(const places& all, std::size_t parts) {
    for (std::size_t part = 0; part < parts; ++part) {
      const auto first = all.size() * part / parts;
      const auto end = all.size() * (part + 1) / parts;
      auto smaller = best_.options;
      smaller.only_faults.emplace();
      for (std::size_t i = 0; i < all.size(); ++i)
        if (i < first || i >= end) smaller.only_faults->push_back(all[i]);
      if (still_fails(smaller)) return true;
    }
    return false;
  }

  shrunk_run best_;
  const try_run& run_;
  unsigned runs_max_;
};

} // namespace

shrunk_run shrink(const run_options& options, const report& failing, const try_run& run, unsigned runs_max) {
  return shrinking(options, failing, run, runs_max).go();
}

} // namespace weft::sim
