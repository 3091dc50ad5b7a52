#include "gui/app/recording_desk.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/recordings_page.hpp"

namespace weft::monitor {

RecordingDesk::RecordingDesk(MeshHub& hub, Errands& errands, RecordingsPage& page, disk& on, QObject* parent)
    : QObject(parent), hub_(hub), page_(page), errands_(errands), disk_(on) {
  connect(&page, &RecordingsPage::wantsRecording, this, [this](const QString& path, time_us from) {
    recorder_.start(disk_, hub_.source(), path.toStdString(), from);
    showAll();
  });
  connect(&page, &RecordingsPage::wantsStop, this, &RecordingDesk::stop);
  connect(&page, &RecordingsPage::wantsSpan, this, &RecordingDesk::saveSpan);
  connect(&page, &RecordingsPage::wantsNote, this, &RecordingDesk::addNote);
  connect(&page, &RecordingsPage::wantsMoment, this, [this](time_us at) { hub_.cursor().goTo(at); });
  connect(&hub, &MeshHub::secondPassed, this, &RecordingDesk::showAll);
  showAll();
}

void RecordingDesk::setRecorded(recorded_source* recorded) {
  recorded_ = recorded;
  showAll();
}

void RecordingDesk::stop() {
  recorder_.stop();
  showAll();
}

void RecordingDesk::showAll() {
  page_.showState(recorder_.state());
  const bool isRunning = recorder_.state().running;
  page_.showNotes(recorded_ != nullptr ? recorded_->notes() : recorder_.notes(), recorded_ != nullptr || isRunning);
}

void RecordingDesk::saveSpan(const QString& path, time_us from, time_us until) {
  const auto notes = recorded_ != nullptr ? recorded_->notes() : recorder_.notes();
  saving_ = errands_.run(
      this,
      [&disk = disk_, &source = hub_.source(), keep = hub_.keep(), path = path.toStdString(), from, until,
       notes](mesh_access&, const std::stop_token& stop) {
        return save_span(disk, source, path, from, until, notes, stop);
      },
      [this](const result<recording_state>& saved) {
        if (!saved) return page_.tellSpan(texts::of(saved.error().message()), true);
        page_.tellSpan(
            QStringLiteral("Saved %1 frames, %2 in %3")
                .arg(texts::count(saved->frames), texts::bytes(double(saved->bytes)), texts::of(saved->path)),
            false);
      });
}

void RecordingDesk::addNote(time_us at, const QString& text) {
  const recording::note note{{at}, text.toStdString()};
  if (recorded_ == nullptr) {
    recorder_.add(note);
    return showAll();
  }
  noting_ = errands_.run(
      this,
      [recorded = recorded_, keep = hub_.keep(), note](mesh_access&, const std::stop_token&) {
        return recorded->add(note);
      },
      [this](const result<void>& added) {
        page_.tellNote(added ? QString() : texts::of(added.error().message()));
        showAll();
      });
}

} // namespace weft::monitor
