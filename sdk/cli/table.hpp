// sdk/cli/table.hpp: rows and columns for people.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

/// Lays out text in columns as wide as their widest cell; the last left-aligned one is not padded.
class table {
public:
  struct column {
    std::string title;
    bool right = false; ///< aligned to the right: numbers
  };
  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// @pre as many cells as columns
  void add(std::vector<std::string> cells);
  /// A line with the titles, then one a row.
  [[nodiscard]] std::string text() const;

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(double whole);
/// Bytes as "1.2 MiB".
[[nodiscard]] std::string short_bytes(double bytes);

} // namespace weft::cli
