#include "gui/models/errands.hpp"

#include <QCoreApplication>

namespace weft::monitor {
namespace {

constexpr int atOnce = 6; // that wait for the mesh: they cost no time of a core

} // namespace

Errands::Errands(std::shared_ptr<mesh_access> mesh, QObject* parent) : QObject(parent), mesh_(std::move(mesh)) {
  pool_.setMaxThreadCount(atOnce);
}

Errands::~Errands() {
  over_.request_stop();
  pool_.waitForDone();
}

void Errands::tell(const QPointer<QObject>& who, const std::stop_token& stop, std::function<void()> what) {
  QMetaObject::invokeMethod(
      qApp,
      [who, stop, what = std::move(what)] {
        if (who && !stop.stop_requested()) what();
      },
      Qt::QueuedConnection);
}

} // namespace weft::monitor
