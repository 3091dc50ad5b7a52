// gui/widgets/payload_text.hpp: what is in an event, as text that may or may not be copied.
#pragma once
#include <QPlainTextEdit>

namespace weft::monitor {

/// To read only. It can be selected and copied while Preferences::payloadExport() allows that.
class PayloadText : public QPlainTextEdit {
  Q_OBJECT
public:
  explicit PayloadText(const QString& name, QWidget* parent = nullptr);

private:
  void fit();
};

} // namespace weft::monitor
