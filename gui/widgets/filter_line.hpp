// gui/widgets/filter_line.hpp: a line for a typed filter that shows where it is wrong and how it may go on.
#pragma once
#include "gui/core/filter_completion.hpp"
#include "gui/widgets/find_field.hpp"

#include <functional>

namespace weft::monitor {

class CompletionList;

class FilterLine : public FindField {
  Q_OBJECT
public:
  explicit FilterLine(const QString& hint, const QString& name, QWidget* parent = nullptr);

  /// Marks characters; a length of 0 marks none. The rim says it, too.
  void setProblem(int at, int length);
  [[nodiscard]] std::pair<int, int> problem() const noexcept { return {at_, length_}; }
  /// Offers from now on how the line may go on, as somebody types, and all there is at Ctrl+Space.
  void setWords(std::function<filter_words()> words) { words_ = std::move(words); }
  [[nodiscard]] const CompletionList& offered() const noexcept { return *list_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  bool event(QEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

private:
  void complete(bool all);
  void take(QString choice);

  int at_ = 0, length_ = 0;
  std::function<filter_words()> words_;
  CompletionList* list_;
  int from_ = 0, characters_ = 0; ///< what a choice stands for
};

} // namespace weft::monitor
