// tests/sim/fault_player.hpp: makes drawn faults come true, and undoes them.
#pragma once
#include "tests/sim/fault.hpp"

#include <map>

namespace weft::sim {

/// Plays a list of faults on a world. Faults may overlap as the budget of their drawing lets them; any part of a
/// drawn list can be played too.
class fault_player final : private event_handler {
public:
  /// @param faults  asks for a turn at the beginning of each
  fault_player(world& on, std::vector<fault> faults);

  /// All faults end and none begins any more; every machine but clones runs.
  void heal();

private:
  void fire(std::uint64_t index, std::uint64_t ends) override;
  void begin(std::size_t index);
  void end(std::size_t index);
  void begin_on_host(const fault& f, std::size_t index);
  void begin_on_ways(const fault& f, std::size_t index);
  void repair_disk(host_index host, fault_kind was);
  void go_back_to_backup(host_index host, std::size_t index);

  world& world_;
  std::vector<fault> faults_;
  bool healed_ = false;
  // Of the faults that have begun and not ended, by their index.
  std::vector<std::size_t> under_way_;
  std::map<std::size_t, std::vector<rule_id>> rules_;
  std::map<std::size_t, std::unique_ptr<virtual_disk>> backups_;
  std::map<std::size_t, host_index> clones_;
  std::vector<host_index> all_clones_;
};

} // namespace weft::sim
