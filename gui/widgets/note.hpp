// gui/widgets/note.hpp: sentences that wrap, plain or with the shape of a state before them.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QLabel>

#include <optional>

namespace weft::monitor {

/// Hidden while it has no text.
class Note : public QLabel {
  Q_OBJECT
public:
  explicit Note(const QString& name, QWidget* parent = nullptr);

  /// @param tone absent: quiet
  void say(const QString& text, std::optional<health> tone = {});

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  void fit();

  std::optional<health> tone_;
};

/// The name of a field beside it.
class FieldLabel : public QLabel {
  Q_OBJECT
public:
  explicit FieldLabel(const QString& text, QWidget* field = nullptr, QWidget* parent = nullptr);
};

} // namespace weft::monitor
