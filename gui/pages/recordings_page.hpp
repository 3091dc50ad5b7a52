// gui/pages/recordings_page.hpp: records, saves spans, keeps notes, compares spans.
#pragma once
#include "gui/feed/recorder.hpp"
#include "gui/models/compare_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class ChipButton;
class ComboField;
class Form;
class LightTable;
class NoteLine;

/// A note in a list.
class NotesModel : public RowsModel<recording::note> {
public:
  explicit NotesModel(QObject* parent = nullptr);
};

/// It says what it wants; who owns the source does it and tells the outcome.
class RecordingsPage : public Page {
  Q_OBJECT
public:
  explicit RecordingsPage(QWidget* parent = nullptr);

  void resort() override;
  void showState(const recording_state& state);
  void showNotes(const std::vector<recording::note>& notes, bool canBeAdded);
  /// Under the form for spans.
  void tellSpan(const QString& text, bool isProblem);
  /// Under the title of notes; empty: it was written.
  void tellNote(const QString& problem);
  [[nodiscard]] QString toldOfNote() const;
  [[nodiscard]] QString toldOfRecording() const;
  [[nodiscard]] QString toldOfSpan() const;

Q_SIGNALS:
  void wantsRecording(const QString& path, weft::monitor::time_us from);
  void wantsStop();
  void wantsSpan(const QString& path, weft::monitor::time_us from, weft::monitor::time_us until);
  /// An empty text: the note of that time goes.
  void wantsNote(weft::monitor::time_us at, const QString& text);
  void wantsMoment(weft::monitor::time_us at);

protected:
  void show(const Moment& moment) override;

private:
  QWidget* makeForms();
  QWidget* makeTables();
  void propose();
  void record();
  void save();
  void addNote();
  void compareSpans();
  [[nodiscard]] std::optional<time_span> spanOf(QLineEdit& from, QLineEdit& until, Form& told) const;
  [[nodiscard]] QString usualName() const;

  NotesModel notes_;
  CompareModel compared_;
  SortModel sortedNotes_, sortedCompared_;
  Form *recordForm_, *spanForm_, *compareForm_;
  NoteLine* noteSays_;
  QLineEdit *path_, *spanPath_, *from_, *until_, *note_;
  QLineEdit *fromA_, *untilA_, *fromB_, *untilB_;
  ComboField* since_;
  ChipButton* record_;
  LightTable *notesTable_, *comparedTable_;
  Moment moment_;
  bool running_ = false;
  time_us proposed_ = 0; ///< what times were filled in for
};

} // namespace weft::monitor
