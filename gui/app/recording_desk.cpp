#include "gui/app/recording_desk.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/recordings_page.hpp"

namespace weft::monitor {

RecordingDesk::RecordingDesk(MeshHub& hub, Errands& errands, RecordingsPage& page, disk& on, QObject* parent)
    : QObject(parent), hub_(hub), page_(page), errands_(errands), disk_(on) {
  notes_.setMaxThreadCount(1);
  connect(&page, &RecordingsPage::wantsRecording, this, [this](const QString& path, time_us from) {
    if (recorder_.start(disk_, hub_.source(), path.toStdString(), from, hub_.keep())) recordsThis_ = true;
    showAll();
  });
  connect(&page, &RecordingsPage::wantsStop, this, &RecordingDesk::stop);
  connect(&page, &RecordingsPage::wantsSpan, this, &RecordingDesk::saveSpan);
  connect(&page, &RecordingsPage::wantsNote, this, &RecordingDesk::addNote);
  connect(&page, &RecordingsPage::wantsMoment, this, [this](time_us at) { hub_.cursor().goTo(at); });
  connect(&hub, &MeshHub::secondPassed, this, &RecordingDesk::showAll);
  connect(&hub, &MeshHub::ticked, this, [this] {
    if (std::exchange(ends_, recorder_.state().ending)) showAll();
  });
  showAll();
}

void RecordingDesk::setRecorded(recorded_source* recorded) {
  recorded_ = recorded;
  recordsThis_ = false;
  saving_ = {}; // of the mesh before: whoever wants it saves it there
  savesTo_.clear();
  page_.tellSpan({}, false);
  showAll();
}

void RecordingDesk::stop() {
  recorder_.stop();
  showAll();
}

std::vector<recording::note> RecordingDesk::notes() const {
  if (recorded_ != nullptr) return recorded_->notes();
  return recordsThis_ ? recorder_.notes() : std::vector<recording::note>();
}

void RecordingDesk::showAll() {
  page_.showState(recorder_.state());
  page_.showNotes(notes(), recorded_ != nullptr || isRecordingThis());
}

void RecordingDesk::saveSpan(const QString& path, time_us from, time_us until) {
  if (!savesTo_.isEmpty())
    return page_.tellSpan(QStringLiteral("%1 is still being saved: wait until it is, then save this one").arg(savesTo_),
                          true);
  savesTo_ = path;
  saving_ = errands_.run(
      this,
      [&disk = disk_, &source = hub_.source(), keep = hub_.keep(), path = path.toStdString(), from, until,
       notes = notes()](mesh_access&, const std::stop_token& stop) {
        return save_span(disk, source, path, from, until, notes, stop);
      },
      [this](const result<recording_state>& saved) {
        savesTo_.clear();
        if (!saved) return page_.tellSpan(texts::of(saved.error().message()), true);
        page_.tellSpan(
            QStringLiteral("Saved %1 frames, %2 in %3")
                    .arg(texts::count(saved->frames), texts::bytes(double(saved->bytes)), texts::of(saved->path)) +
                texts::without(saved->missing),
            !saved->missing.empty());
      });
}

void RecordingDesk::addNote(time_us at, const QString& text) {
  const recording::note note{{at}, text.toStdString()};
  if (recorded_ != nullptr) return write(note);
  if (recordsThis_) tellNote(recorder_.add(note));
  showAll();
}

/// Who keeps the recording lets it go on the pool, where its end may take long.
void RecordingDesk::write(const recording::note& note) {
  notes_.start([into = recorded_, keep = hub_.keep(), note, this, who = QPointer<QObject>(this)]() mutable {
    Errands::tell(who, {}, [this, into, added = into->add(note)] {
      if (into != recorded_) return;
      tellNote(added);
      showAll();
    });
    keep.reset();
  });
}

void RecordingDesk::tellNote(const result<void>& added) {
  page_.tellNote(added ? QString() : texts::of(added.error().message()));
}

} // namespace weft::monitor
