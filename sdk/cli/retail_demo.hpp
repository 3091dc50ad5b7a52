// sdk/cli/retail_demo.hpp: the retail sample as five nodes, with their figures and a balance at the end.
#pragma once
#include <optional>
#include <string>

namespace weft::cli {

struct retail_options {
  std::optional<std::string> csv;
  std::optional<double> speed;
  std::optional<double> seconds;
  std::optional<std::string> keep; ///< where the data stays; else it is removed at the end
  bool monitor = false;            ///< it is a failure when its window can't be opened
  bool no_monitor = false;         ///< else it is opened when there is a display
};

/// @returns the exit code: failure when the balance is wrong or something could not be started
int run_retail_demo(const retail_options& options);

} // namespace weft::cli
