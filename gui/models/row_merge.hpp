// gui/models/row_merge.hpp: which rows came and went between two lists that are sorted by the same key. Pure.
#pragma once
#include <vector>

namespace weft::monitor {

struct RowSpan {
  int first = 0, last = 0; ///< both inside
  friend bool operator==(const RowSpan&, const RowSpan&) = default;
};

/// Spans of `list` whose rows `other` lacks, ascending. @param before the order of both
template <class Row, class Before>
std::vector<RowSpan> rowsOnlyIn(const std::vector<Row>& list, const std::vector<Row>& other, const Before& before) {
  std::vector<RowSpan> spans;
  auto beside = other.begin();
  for (int i = 0; i < static_cast<int>(list.size()); ++i) {
    const auto& row = list[static_cast<std::size_t>(i)];
    while (beside != other.end() && before(*beside, row))
      ++beside;
    if (beside != other.end() && !before(row, *beside)) continue;
    if (!spans.empty() && spans.back().last == i - 1)
      spans.back().last = i;
    else
      spans.push_back({i, i});
  }
  return spans;
}

} // namespace weft::monitor
