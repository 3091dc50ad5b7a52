// gui/app/recording_desk.hpp: does what the page of recordings asks for.
#pragma once
#include "gui/app/mesh_hub.hpp"
#include "gui/feed/recorded_source.hpp"
#include "gui/feed/recorder.hpp"
#include "gui/models/errands.hpp"

#include <QPointer>
#include <QThreadPool>

namespace weft::monitor {

class RecordingsPage;

/// @thread that of the window; what waits for a disk is done on others
class RecordingDesk : public QObject {
  Q_OBJECT
public:
  /// @param on where recordings are; all outlive this
  RecordingDesk(MeshHub& hub, Errands& errands, RecordingsPage& page, disk& on, QObject* parent = nullptr);

  /// Another mesh is shown from now on: this recording; null: it is none. What was noted beside the one before stays
  /// there.
  void setRecorded(recorded_source* recorded);
  /// Ends what is being recorded; waits for nothing.
  void stop();
  [[nodiscard]] recording_state state() const { return recorder_.state(); }

private:
  void saveSpan(const QString& path, time_us from, time_us until);
  void addNote(time_us at, const QString& text);
  void write(const recording::note& note);
  void tellNote(const result<void>& added);
  void showAll();
  /// Of the mesh that is shown.
  [[nodiscard]] std::vector<recording::note> notes() const;
  [[nodiscard]] bool isRecordingThis() const { return recordsThis_ && recorder_.state().running; }

  MeshHub& hub_;
  RecordingsPage& page_;
  Errands& errands_;
  disk& disk_;
  recorded_source* recorded_ = nullptr;
  recorder recorder_;
  bool ends_ = false;        ///< what is recorded is being ended, when it was last looked at
  bool recordsThis_ = false; ///< what is recorded, or was last, is the mesh that is shown
  QString savesTo_;          ///< the file of the span that is being saved; empty: none is
  Errand saving_;
  QThreadPool notes_; ///< writes into recordings, one after the other; last: its end waits until all are written
};

} // namespace weft::monitor
