// gui/models/operation.hpp: a change of the mesh that somebody may want, with all that it will do. Values only.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

namespace weft::monitor {

/// How far a change got in one row of its plan.
enum class Outcome : std::uint8_t {
  waiting, ///< not sent
  asked,   ///< sent, no answer yet
  done,
  failed,  ///< refused, and why
  unknown, ///< its answer got lost: it may be done
  left     ///< not sent, and it will not be
};

/// One line of a plan: what happens at one place.
struct PlanRow {
  QString key; ///< names it among the rows: a log, or what is changed there, as a letter's position
  QString log; ///< the node whose log it is; empty: of the whole mesh
  QStringList cells;
  health tone = health::ok; ///< warn: something will not be as one may expect
  Outcome outcome = Outcome::waiting;
  QString said; ///< of the outcome
};

/// One question that changes something.
struct OperationStep {
  QString question; ///< as "mesh.groups.seek"
  QJsonObject arguments;
  QStringList rows; ///< keys of those that it is about; empty: all
  /// An argument that lists `rows`: where a log refuses a list, as one of it is not there any more, they are asked for
  /// one by one. Empty: there is none.
  QString listed;
  friend bool operator==(const OperationStep&, const OperationStep&) = default;
};

struct PlanColumn {
  QString title;
  bool number = false;
  int width = 100; ///< at 100 %; below 0: at least, and a part of what is left
};

struct Operation {
  QString kind;          ///< for the audit, as "groups.seek"
  QString of;            ///< the group's, topic's or cut's name: who confirms types it
  QString title;         ///< "Seek the group packers"
  QString action;        ///< the button's: "Seek"
  QStringList sentences; ///< what will happen, beside the rows, and what is not known
  QList<PlanColumn> columns;
  QList<PlanRow> rows;
  QList<OperationStep> steps;
  bool stopsAtFailure = false; ///< behind a step of which something failed, as rows have an order
  QString refused; ///< why the mesh would refuse it, with the remedy; empty: it will not, as far as is known
};

} // namespace weft::monitor
