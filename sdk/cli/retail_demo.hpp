// sdk/cli/retail_demo.hpp: the retail sample as three processes, with their figures and a balance at the end.
#pragma once
#include "sdk/cli/child_process.hpp"
#include "sdk/cli/interrupt.hpp"
#include "weft/client.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weft::cli {

struct retail_options {
  std::optional<std::string> csv;
  std::optional<double> speed;
  std::optional<double> seconds;
  std::optional<std::string> keep; ///< where the data stays; else it is removed at the end
};

/// One of the three programs and what it last said of itself.
struct retail_part {
  std::string name;
  child_process process;
  std::int64_t lines = 0, quantity = 0, lag = 0, failed = 0, repeated = 0;
  std::string amount;
  bool done = false;
  double lines_per_s = 0;
  std::int64_t lines_before = 0; ///< when the rate was taken last

  /// Takes in one line of its figures.
  void take(const std::string& line);
  /// All lines that have come.
  void listen();
};

/// What the three counted, side by side.
struct retail_balance {
  std::string text;
  bool right = false;
};
[[nodiscard]] retail_balance balance_of(const retail_part& storefront, const retail_part& inventory,
                                        const retail_part& revenue);

/// @returns the exit code: failure when the balance is wrong or something could not be started
int run_retail_demo(const retail_options& options);

} // namespace weft::cli
