// gui/app/recording_desk.hpp: does what the page of recordings asks for.
#pragma once
#include "gui/app/mesh_hub.hpp"
#include "gui/feed/recorded_source.hpp"
#include "gui/feed/recorder.hpp"
#include "gui/models/errands.hpp"

namespace weft::monitor {

class RecordingsPage;

/// @thread that of the window; what waits for a disk is done on others
class RecordingDesk : public QObject {
  Q_OBJECT
public:
  /// @param on where recordings are; all outlive this
  RecordingDesk(MeshHub& hub, Errands& errands, RecordingsPage& page, disk& on, QObject* parent = nullptr);

  /// What is shown is this recording; null: it is none.
  void setRecorded(recorded_source* recorded);
  /// Ends what is being recorded; waits for the disk.
  void stop();
  [[nodiscard]] recording_state state() const { return recorder_.state(); }

private:
  void saveSpan(const QString& path, time_us from, time_us until);
  void addNote(time_us at, const QString& text);
  void showAll();

  MeshHub& hub_;
  RecordingsPage& page_;
  Errands& errands_;
  disk& disk_;
  recorded_source* recorded_ = nullptr;
  recorder recorder_;
  Errand saving_, noting_;
};

} // namespace weft::monitor
