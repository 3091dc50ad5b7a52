#include "gui/pages/event_file.hpp"

#include "gui/core/event_export.hpp"

#include <QFileDialog>
#include <QSaveFile>

namespace weft::monitor {

QString askForEventFile(QWidget* parent) {
  return QFileDialog::getSaveFileName(parent, QStringLiteral("Export events"), QStringLiteral("events.csv"),
                                      QStringLiteral("CSV (*.csv);;JSON lines (*.jsonl)"));
}

QString writeEvents(const std::vector<EventsModel::Row>& rows, const QString& file, const std::stop_token& stop) {
  const bool json = file.endsWith(QStringLiteral(".jsonl"), Qt::CaseInsensitive) ||
                    file.endsWith(QStringLiteral(".json"), Qt::CaseInsensitive);
  QSaveFile out(file);
  const auto failed = [&] { return QStringLiteral("%1 can't be written: %2.").arg(file, out.errorString()); };
  if (!out.open(QIODevice::WriteOnly)) return failed();
  if (!json) out.write(QByteArray::fromStdString(event_csv_head()));
  for (const auto& row : rows) {
    if (stop.stop_requested()) return QStringLiteral("The export to %1 was stopped.").arg(file);
    const auto line = json ? event_json_line(*row) : event_csv(*row);
    if (out.write(line.data(), qint64(line.size())) < 0) return failed();
  }
  return out.commit() ? QString() : failed();
}

} // namespace weft::monitor
