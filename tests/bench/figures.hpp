// tests/bench/figures.hpp: what a benchmark found, as a table for people or one JSON document.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace weft::bench {

struct figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> limit; ///< what the machine could do at most, in the same unit, measured in the same run
  std::string limit_is;        ///< what was measured as the limit, with its block size
};

class figures {
public:
  void add(std::string name, double value, std::string unit, std::optional<double> limit = std::nullopt,
           std::string limit_is = {}) {
    all_.push_back({std::move(name), value, std::move(unit), limit, std::move(limit_is)});
  }
  /// With --json among the arguments: `{"figures": [{"name", "value", "unit", "limit", "ratio", "limit_is"}]}`.
  void print(int argc, char** argv) const;

private:
  std::vector<figure> all_;
};

} // namespace weft::bench
