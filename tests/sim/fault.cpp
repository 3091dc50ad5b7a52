#include "tests/sim/fault.hpp"

#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace weft::sim {
namespace {

/// What a fault uses up, and whom it needs.
enum class budget : std::uint8_t { host, disk, way, none };
struct nature {
  std::string_view name;
  budget uses;
  unsigned hosts; ///< 0: a side of any size
};
constexpr std::array<nature, fault_kinds> natures{{
    {"kill", budget::host, 1},       {"power", budget::host, 1},     {"stop", budget::host, 1},
    {"pause", budget::host, 1},      {"wall_jump", budget::host, 1}, {"disk_slow", budget::host, 1},
    {"disk_error", budget::host, 1}, {"disk_full", budget::host, 1}, {"disk_wiped", budget::disk, 1},
    {"disk_old", budget::disk, 1},   {"cloned", budget::disk, 1},    {"readdressed", budget::host, 1},
    {"cut_one_way", budget::way, 0}, {"cut_pair", budget::way, 2},   {"split", budget::way, 0},
    {"clog", budget::way, 2},        {"undialable", budget::way, 0}, {"link_break", budget::none, 2},
    {"sloppy", budget::none, 0},
}};
static_assert(!natures.back().name.empty());

const nature& of(fault_kind kind) { return natures[static_cast<std::size_t>(kind)]; }

/// Draws one fault after the other, and keeps the budget.
class drawing {
public:
  drawing(const fault_options& options, std::uint32_t hosts, std::uint64_t seed)
      : options_(options),
        hosts_(hosts),
        random_(stream_of(seed, purpose::faults)),
        per_hour_(std::transform_reduce(options.rates.begin(), options.rates.end(), std::uint64_t{0}, std::plus<>{},
                                        [](const fault_rate& rate) { return rate.per_hour; })) {}

  std::vector<fault> until(virtual_time end) {
    constexpr std::int64_t hour_us = 3'600'000'000;
    std::vector<fault> drawn;
    if (per_hour_ == 0) return drawn;
    const auto mean_gap = std::max<std::int64_t>(1, hour_us / static_cast<std::int64_t>(per_hour_));
    for (;;) {
      now_ = now_ + microseconds{between(random_, 0, 2 * mean_gap)};
      if (now_ >= end) return drawn;
      auto next = one();
      if (affordable(next)) {
        under_way_.push_back(next);
        drawn.push_back(std::move(next));
      }
    }
  }

private:
  fault one() {
    auto place = random_.below(per_hour_);
    std::size_t kind = 0;
    while (place >= options_.rates[kind].per_hour)
      place -= options_.rates[kind++].per_hour;
    const auto& rate = options_.rates[kind];
    fault f;
    f.kind = static_cast<fault_kind>(kind);
    f.at = now_;
    f.lasts = microseconds{between(random_, rate.lasts_min.count(), rate.lasts_max.count())};
    f.value = between(random_, rate.value_min, rate.value_max);
    if (f.kind == fault_kind::wall_jump && random_.below(2) == 0) f.value = -f.value;
    if (f.kind != fault_kind::sloppy) f.hosts = whom(of(f.kind).hosts);
    return f;
  }

  std::vector<host_index> whom(unsigned count) {
    const auto wanted = count > 0 ? count : 1 + random_.below(std::max(1U, hosts_ / 2));
    std::vector<std::uint32_t> all(hosts_);
    std::iota(all.begin(), all.end(), 0U);
    std::vector<host_index> chosen;
    for (std::size_t i = 0; i < std::min<std::size_t>(wanted, hosts_); ++i) {
      std::swap(all[i], all[i + random_.below(hosts_ - i)]);
      chosen.emplace_back(all[i]);
    }
    return chosen;
  }

  bool affordable(const fault& f) {
    std::erase_if(under_way_, [&](const fault& other) { return other.until() < now_; });
    const auto uses = of(f.kind).uses;
    if (of(f.kind).hosts > f.hosts.size()) return false;
    if (uses == budget::none) return true;
    if (uses == budget::way) return count(budget::way) < options_.ways_at_once;
    const bool taken = std::ranges::any_of(under_way_, [&](const fault& other) {
      const auto other_uses = of(other.kind).uses;
      return (other_uses == budget::host || other_uses == budget::disk) && other.hosts == f.hosts;
    });
    if (taken || count(budget::host) + count(budget::disk) >= options_.hosts_at_once) return false;
    return uses != budget::disk || disks_lost_++ < options_.disks_lost;
  }

  std::size_t count(budget what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(under_way_, [&](const fault& f) { return of(f.kind).uses == what; }));
  }

  const fault_options& options_;
  std::uint32_t hosts_;
  seeded_random random_;
  std::uint64_t per_hour_;
  virtual_time now_;
  std::vector<fault> under_way_;
  unsigned disks_lost_ = 0;
};

} // namespace

std::string_view to_string(fault_kind kind) noexcept { return of(kind).name; }

std::optional<fault_kind> fault_kind_of(std::string_view name) noexcept {
  const auto found = std::ranges::find(natures, name, &nature::name);
  if (found == natures.end()) return std::nullopt;
  return static_cast<fault_kind>(found - natures.begin());
}

std::string to_string(const fault& f) {
  auto text = fmt::format("{} {}", to_string(f.at), to_string(f.kind));
  for (const auto host : f.hosts)
    fmt::format_to(std::back_inserter(text), " h{}", host.value());
  if (f.lasts.count() > 0) text += " for " + to_string(virtual_time{f.lasts.count()});
  if (f.value != 0) fmt::format_to(std::back_inserter(text), " value {}", f.value);
  return text;
}

fault_options fault_options::everything(unsigned per_hour) {
  fault_options all;
  for (auto& rate : all.rates)
    rate.per_hour = per_hour;
  const auto values = [&](fault_kind kind, std::int64_t least, std::int64_t most) {
    all.of(kind).value_min = least;
    all.of(kind).value_max = most;
  };
  constexpr std::int64_t second = 1'000'000;
  values(fault_kind::wall_jump, second, 3600 * second);
  values(fault_kind::disk_slow, second / 100, second);
  values(fault_kind::disk_error, 1, 50);
  values(fault_kind::disk_full, 0, 1 << 20);
  all.of(fault_kind::pause).lasts_max = microseconds{15 * second};
  all.of(fault_kind::link_break).lasts_min = all.of(fault_kind::link_break).lasts_max = microseconds{0};
  return all;
}

std::vector<fault> draw_faults(const fault_options& options, std::uint32_t hosts, microseconds time,
                               std::uint64_t seed) {
  return drawing(options, hosts, seed).until(virtual_time{} + time);
}

} // namespace weft::sim
