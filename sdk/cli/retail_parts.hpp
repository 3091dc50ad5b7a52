// sdk/cli/retail_parts.hpp: the programs of the retail demo, what each last said of itself, and whether they balance.
#pragma once
#include "sdk/cli/child_process.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace weft::cli {

enum class retail_role : std::uint8_t { seed, storefront, inventory, revenue };

/// One node and its last figures; the seed has none.
struct retail_part {
  std::string name;
  retail_role role{};
  child_process process;
  std::int64_t lines = 0, quantity = 0, amount_units = 0, lag = 0, failed = 0, repeated = 0;
  bool done = false;
  double lines_per_s = 0;
  std::int64_t lines_before = 0; ///< when the rate was taken last

  /// Takes in one line of its figures.
  void take(const std::string& line);
  /// All lines that have come.
  void listen();
};

/// "1234.50", of hundredths of a penny.
[[nodiscard]] std::string pounds(std::int64_t units);

/// What all storefronts published together; `done` when all are.
struct retail_sum {
  std::int64_t lines = 0, quantity = 0, amount_units = 0, failed = 0;
  bool done = true;
};
[[nodiscard]] retail_sum sum_of(std::span<const retail_part> parts);
/// Whether every service has counted what the storefronts have published, and they are done.
[[nodiscard]] bool all_counted(std::span<const retail_part> parts);

/// What each counted, side by side.
struct retail_balance {
  std::string text;
  bool right = false;
};
[[nodiscard]] retail_balance balance_of(std::span<const retail_part> parts);

} // namespace weft::cli
