// gui/widgets/filter_line.hpp: a line for a typed filter that shows where it is wrong.
#pragma once
#include "gui/widgets/find_field.hpp"

#include <optional>

namespace weft::monitor {

class FilterLine : public FindField {
  Q_OBJECT
public:
  using FindField::FindField;

  /// Marks characters; a length of 0 marks none. The rim says it, too.
  void setProblem(int at, int length);
  [[nodiscard]] std::pair<int, int> problem() const noexcept { return {at_, length_}; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  int at_ = 0, length_ = 0;
};

} // namespace weft::monitor
