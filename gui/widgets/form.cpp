#include "gui/widgets/form.hpp"

#include "gui/widgets/note.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

namespace weft::monitor {

/// What is wrong has the sign of a failure, for colours alone don't say it.
class Form::Message : public QLabel {
public:
  Message() {
    setWordWrap(true);
    setTextInteractionFlags(Qt::NoTextInteraction);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  }
  bool isProblem = true;

protected:
  void paintEvent(QPaintEvent* event) override {
    QLabel::paintEvent(event);
    if (text().isEmpty()) return;
    QPainter painter(this);
    const auto& theme = Theme::instance();
    const double size = theme.px(9);
    paintState(painter, {size / 2 + 1, theme.px(10.0) + 0.5}, size, isProblem ? health::fail : health::ok);
  }
};

Form::Form(QWidget* parent)
    : QWidget(parent), column_(new QVBoxLayout(this)), grid_(new QGridLayout), message_(new Message) {
  grid_->setColumnStretch(1, 1);
  column_->addLayout(grid_);
  column_->addWidget(message_);
  message_->hide();
  column_->addStretch(1);
  connect(&Theme::instance(), &Theme::changed, this, &Form::fit);
  fit();
}

QScrollArea* Form::scrolled(QWidget* form, const QString& name) {
  auto* area = new QScrollArea;
  area->setWidget(form);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  area->setAccessibleName(name);
  area->viewport()->setAutoFillBackground(false); // the card's ground shows
  form->setAutoFillBackground(false);
  return area;
}

QLabel* Form::addField(const QString& text, QWidget* field) {
  auto* label = new QLabel(text);
  label->setBuddy(field);
  grid_->addWidget(label, rows_, 0);
  const bool fills = field->sizePolicy().horizontalPolicy() != QSizePolicy::Fixed;
  grid_->addWidget(field, rows_++, 1, fills ? Qt::Alignment() : Qt::AlignLeft);
  return label;
}

void Form::addWide(QWidget* widget) { grid_->addWidget(widget, rows_++, 0, 1, 2); }

void Form::addSentence(const QString& text) {
  auto* note = new Note(text);
  addWide(note);
  note->say(text);
}

void Form::addButtons(const QList<QWidget*>& buttons) {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  for (auto* button : buttons)
    row->addWidget(button);
  row->addStretch(1);
  grid_->addLayout(row, rows_++, 0, 1, 2);
}

void Form::tell(const QString& problem, bool isProblem) {
  message_->isProblem = isProblem;
  message_->setText(problem);
  message_->setVisible(!problem.isEmpty());
  message_->setAccessibleName(problem);
}

QString Form::told() const { return message_->text(); }

void Form::fit() {
  const auto& theme = Theme::instance();
  column_->setContentsMargins(theme.px(13), theme.px(4), theme.px(13), theme.px(8));
  column_->setSpacing(theme.px(4));
  grid_->setHorizontalSpacing(theme.px(10));
  grid_->setVerticalSpacing(theme.px(6));
  message_->setContentsMargins(theme.px(16), theme.px(2), 0, 0);
}

} // namespace weft::monitor
