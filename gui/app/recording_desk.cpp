#include "gui/app/recording_desk.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/recordings_page.hpp"

namespace weft::monitor {

RecordingDesk::RecordingDesk(MeshHub& hub, Errands& errands, RecordingsPage& page, disk& on, QObject* parent)
    : QObject(parent), hub_(hub), page_(page), errands_(errands), disk_(on) {
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
  saving_ = errands_.run(
      this,
      [&disk = disk_, &source = hub_.source(), keep = hub_.keep(), path = path.toStdString(), from, until,
       notes = notes()](mesh_access&, const std::stop_token& stop) {
        return save_span(disk, source, path, from, until, notes, stop);
      },
      [this](const result<recording_state>& saved) {
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
  if (recorded_ == nullptr) {
    if (isRecordingThis()) recorder_.add(note);
    return showAll();
  }
  waiting_.push_back({recorded_, hub_.keep(), note});
  if (waiting_.size() == 1) writeNext();
}

void RecordingDesk::writeNext() {
  noting_ = errands_.run(
      this, [next = waiting_.front()](mesh_access&, const std::stop_token&) { return next.into->add(next.note); },
      [this](const result<void>& added) {
        if (waiting_.front().into == recorded_) page_.tellNote(added ? QString() : texts::of(added.error().message()));
        waiting_.pop_front();
        if (!waiting_.empty()) writeNext();
        showAll();
      });
}

} // namespace weft::monitor
