#include "tests/sim/copies/copies_scenario.hpp"

#include "tests/sim/copies/copies_checkers.hpp"
#include "tests/sim/copies/copies_programs.hpp"

namespace weft::sim {
namespace {

using namespace std::chrono_literals;

std::function<cast(world&, const run_options&)> with_programs(microseconds every) {
  return [every](world& on, const run_options&) {
    auto state = std::make_shared<copies_state>();
    for (std::uint32_t host = 0; host < on.hosts(); ++host) {
      state->nodes.push_back(on.identity(host_index{host}));
      state->readers.push_back(std::make_unique<consumer>(
          host, consumer::plan{host_index{host}, topic_pattern::parse(">").value(), {}, wire::start_kind::beginning},
          state->book));
    }
    cast made;
    made.processes = [state](environment& around) { return std::make_unique<copies_process>(around, *state); };
    made.workload = copies_programs(*state, every);
    made.checkers.push_back(confirmed_stays(on, *state));
    made.checkers.push_back(copies_serve_what_was_promised(on, *state));
    made.checkers.push_back(nobody_reads_before_the_level(on, *state));
    made.checkers.push_back(shortages_are_known(on, *state));
    made.checkers.push_back(every_log_has_its_copies(on, *state));
    return made;
  };
}

} // namespace

scenario copies_scenario() {
  scenario item;
  item.name = "copies";
  item.summary = "what was acknowledged by copies stays at the holders, byte for byte, and is served without its node";
  item.share = 20;
  item.defaults.world.hosts = 5;
  item.defaults.faults = fault_options::everything(40);
  item.defaults.faults.of(fault_kind::power).per_hour = 400;
  item.defaults.faults.of(fault_kind::cloned) = {};      // two writers of one log
  item.defaults.faults.of(fault_kind::readdressed) = {}; // nodes know each other by their first address
  item.defaults.faults.of(fault_kind::sloppy) = {};      // links are TCP's
  item.defaults.faults.hosts_at_once = 2;
  item.defaults.safety = 60s;
  item.defaults.heal_within = 300s;
  item.make = with_programs(20ms);
  item.marks = {"confirms.settled", "copy.filled_between", "copy.tail_kept", "log.divergence", "splice.segment_split"};
  return item;
}

scenario replaced_scenario() {
  scenario item;
  item.name = "replaced";
  item.summary = "holders that are dead for more than an hour are replaced, and come back";
  item.defaults.world.hosts = 6;
  item.defaults.faults.of(fault_kind::kill) = {2, 70min, 100min, 0, 0};
  item.defaults.faults.of(fault_kind::power) = {6, 1s, 60s, 0, 0};
  item.defaults.faults.hosts_at_once = 2;
  item.defaults.safety = 4h;
  item.defaults.heal_within = 300s;
  item.make = with_programs(5s);
  item.marks = {"holders.replaced", "puller.gives_up_all", "puller.gives_up_topics"};
  return item;
}

} // namespace weft::sim
