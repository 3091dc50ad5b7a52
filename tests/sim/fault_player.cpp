#include "tests/sim/fault_player.hpp"

#include <algorithm>
#include <utility>

namespace weft::sim {
namespace {

constexpr std::uint64_t begins = 0;
constexpr std::uint64_t ends = 1;

host_set side_of(const fault& f) {
  host_set side;
  for (const auto host : f.hosts)
    side.add(host);
  return side;
}

} // namespace

fault_player::fault_player(world& on, std::vector<fault> faults) : world_(on), faults_(std::move(faults)) {
  for (std::size_t i = 0; i < faults_.size(); ++i)
    world_.queue().at(faults_[i].at, *this, i, begins);
}

void fault_player::fire(std::uint64_t index, std::uint64_t what) {
  if (healed_) return;
  if (what == begins) {
    begin(index);
    world_.queue().at(faults_[index].until(), *this, index, ends);
  } else {
    end(index);
  }
}

void fault_player::begin(std::size_t index) {
  const auto& f = faults_[index];
  world_.trace().text(world_.now(), "fault " + to_string(f));
  under_way_.push_back(index);
  begin_on_host(f, index);
  begin_on_ways(f, index);
}

void fault_player::begin_on_host(const fault& f, std::size_t index) {
  const auto host = f.hosts.empty() ? host_index{} : f.hosts.front();
  disk_fault_plan plan;
  switch (f.kind) {
  case fault_kind::kill: world_.kill(host); break;
  case fault_kind::power: world_.power_off(host); break;
  case fault_kind::stop: world_.stop(host); break;
  case fault_kind::pause: world_.pause(host); break;
  case fault_kind::wall_jump: world_.jump_wall(host, microseconds{f.value}); break;
  case fault_kind::disk_slow: world_.set_disk_slow(host, microseconds{f.value}); break;
  case fault_kind::disk_error:
    plan.failures.push_back({static_cast<std::uint64_t>(f.value)});
    world_.disk(host).set_faults(std::move(plan));
    break;
  case fault_kind::disk_full:
    plan.capacity = static_cast<std::uint64_t>(f.value);
    world_.disk(host).set_faults(std::move(plan));
    break;
  case fault_kind::disk_wiped:
    world_.kill(host);
    world_.wipe(host);
    break;
  case fault_kind::disk_old:
    backups_[index] = world_.disk(host).clone();
    backups_[index]->crash_losing_nothing();
    break;
  case fault_kind::cloned:
    clones_[index] = world_.clone(host);
    all_clones_.push_back(clones_[index]);
    world_.start(clones_[index]);
    break;
  case fault_kind::readdressed:
    world_.kill(host);
    world_.readdress(host);
    break;
  default: break;
  }
}

void fault_player::begin_on_ways(const fault& f, std::size_t index) {
  auto& rules = rules_[index];
  const auto rule = [&](path_effect effect, host_set from, host_set to) {
    rules.push_back(world_.network().add_rule({effect, std::move(from), std::move(to)}));
  };
  switch (f.kind) {
  case fault_kind::cut_one_way: rule(path_effect::cut, side_of(f), side_of(f).others()); break;
  case fault_kind::cut_pair:
    rule(path_effect::cut, {f.hosts[0]}, {f.hosts[1]});
    rule(path_effect::cut, {f.hosts[1]}, {f.hosts[0]});
    break;
  case fault_kind::split:
    rule(path_effect::cut, side_of(f), side_of(f).others());
    rule(path_effect::cut, side_of(f).others(), side_of(f));
    break;
  case fault_kind::clog: rule(path_effect::clog, {f.hosts[0]}, {f.hosts[1]}); break;
  case fault_kind::undialable: rule(path_effect::undialable, side_of(f).others(), side_of(f)); break;
  case fault_kind::link_break: world_.network().break_links(f.hosts[0], f.hosts[1]); break;
  case fault_kind::sloppy: world_.network().set_sloppy(true); break;
  default: break;
  }
}

void fault_player::end(std::size_t index) {
  const auto& f = faults_[index];
  world_.trace().text(world_.now(), "ends " + to_string(f));
  std::erase(under_way_, index);
  for (const auto rule : std::exchange(rules_[index], {}))
    world_.network().remove_rule(rule);
  const auto host = f.hosts.empty() ? host_index{} : f.hosts.front();
  switch (f.kind) {
  case fault_kind::kill:
  case fault_kind::power:
  case fault_kind::stop:
  case fault_kind::disk_wiped:
  case fault_kind::readdressed: world_.start(host); break;
  case fault_kind::pause: world_.resume(host); break;
  case fault_kind::wall_jump: world_.jump_wall(host, microseconds{-f.value}); break;
  case fault_kind::disk_slow: world_.set_disk_slow(host, microseconds{0}); break;
  case fault_kind::disk_error:
  case fault_kind::disk_full: repair_disk(host, f.kind); break;
  case fault_kind::disk_old: go_back_to_backup(host, index); break;
  case fault_kind::cloned: world_.power_off(clones_.at(index)); break;
  case fault_kind::sloppy:
    world_.network().set_sloppy(
        std::ranges::any_of(under_way_, [&](std::size_t other) { return faults_[other].kind == fault_kind::sloppy; }));
    break;
  default: break;
  }
}

/// The operator makes the disk good, and restarts a node that may have met its fault.
void fault_player::repair_disk(host_index host, fault_kind was) {
  const bool met = was == fault_kind::disk_full || world_.disk(host).faults_hit() > 0;
  world_.disk(host).set_faults({});
  if (!met) return;
  world_.kill(host);
  world_.start(host);
}

/// When the run heals before that, there is no need of the backup.
void fault_player::go_back_to_backup(host_index host, std::size_t index) {
  auto backup = std::move(backups_.extract(index).mapped());
  if (healed_) return;
  world_.power_off(host);
  world_.restore(host, std::move(backup));
  world_.start(host);
}

void fault_player::heal() {
  world_.trace().text(world_.now(), "heal");
  healed_ = true;
  while (!under_way_.empty())
    end(under_way_.front());
  for (std::uint32_t i = 0; i < world_.hosts(); ++i)
    if (const host_index host{i}; std::ranges::find(all_clones_, host) == all_clones_.end()) world_.start(host);
}

} // namespace weft::sim
