#include "sdk/cli/commands.hpp"
#include "sdk/cli/retail_demo.hpp"

#include <memory>

namespace weft::cli {

void add_demo(command_line& weft) {
  auto options = std::make_shared<retail_options>();
  auto demo = weft.add("demo", "Shows a mesh at work on this machine");
  demo.add("retail",
           "Two storefronts, two services and a seed, five nodes: lines published and counted, a balance at the end")
      .option("--csv", "FILE", options->csv, "An online-retail CSV to replay; without one the lines are made up")
      .option("--speed", "X", options->speed, 0.0,
              "X times as fast as the invoices' dates; 0: no waiting; by default 172800")
      .option("--seconds", "S", options->seconds, 0.0,
              "Ends the shop's day after so long; without a CSV by default 10, with a monitor 600")
      .flag("--monitor", options->monitor, "Opens the desktop monitor; by default when there is a display")
      .flag("--no-monitor", options->no_monitor, "Does not open it")
      .option("--keep", "DIR", options->keep, "Leaves the nodes' data there")
      .example("weft demo retail --seconds 5")
      .runs([options] {
        if (options->monitor && options->no_monitor) throw usage_error{"--monitor or --no-monitor, not both"};
        return run_retail_demo(*options);
      });
}

} // namespace weft::cli
