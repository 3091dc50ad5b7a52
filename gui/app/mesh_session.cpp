#include "gui/app/mesh_session.hpp"

#include "gui/core/demo_access.hpp"
#include "gui/feed/live_access.hpp"
#include "mesh/base/os_disk.hpp"

#include <QStandardPaths>
#include <QThreadPool>

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr unsigned madeUpMost = 1000; // nodes: as --nodes has it
constexpr auto ownNodes = "/weft/monitor";

} // namespace

MeshSession::MeshSession() : nothing_(std::make_unique<kept_mesh>()), access_(std::make_shared<no_access>()) {
  nothing_->set_state({false, {}, "no mesh is open: choose one on the page Meshes"});
  source_ = nothing_.get();
}

void MeshSession::showNode(const std::string& dataDir) {
  live_ = std::make_unique<live_source>(dataDir);
  source_ = live_.get();
  access_ = std::make_shared<live_access>(dataDir);
}

result<void> MeshSession::showOwn(const MeshPlace& place) {
  const auto where = place.where.toStdString();
  const auto home = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QLatin1String(ownNodes);
  auto joined = place.kind == MeshPlace::Kind::own ? own_node::start(where) : own_node::join(where, home.toStdString());
  if (!joined) return fail(std::move(joined).error());
  own_.emplace(*std::move(joined));
  showNode(own_->data_dir());
  place_ = MeshPlace{MeshPlace::Kind::own, QString::fromStdString(own_->data_dir())};
  return {};
}

result<std::shared_ptr<MeshSession>> MeshSession::open(const MeshPlace& place) {
  const std::shared_ptr<MeshSession> made(new MeshSession, [](const MeshSession* session) {
    QThreadPool::globalInstance()->start([session] { delete session; });
  });
  const auto where = place.where.toStdString();
  switch (place.kind) {
  case MeshPlace::Kind::node: made->showNode(where); break;
  case MeshPlace::Kind::own:
  case MeshPlace::Kind::invitation:
    if (auto shown = made->showOwn(place); !shown) return fail(std::move(shown).error());
    return made;
  case MeshPlace::Kind::recording: {
    auto opened = recorded_source::open(os_disk(), where);
    if (!opened) return fail(std::move(opened).error());
    made->recorded_ = *std::move(opened);
    made->source_ = made->recorded_.get();
    break;
  }
  case MeshPlace::Kind::madeUp:
    made->madeUp_ = std::make_unique<DemoRunner>(std::clamp(place.where.toUInt(), 1U, madeUpMost));
    made->source_ = &made->madeUp_->source();
    made->access_ = std::make_shared<demo_access>(*made->source_);
    break;
  }
  made->place_ = place;
  return made;
}

} // namespace weft::monitor
