#include "gui/app/mesh_session.hpp"

#include "gui/core/demo_access.hpp"
#include "gui/feed/live_access.hpp"
#include "mesh/base/os_disk.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr unsigned madeUpMost = 1000; // nodes: as --nodes has it

} // namespace

MeshSession::MeshSession() : nothing_(std::make_unique<kept_mesh>()), access_(std::make_shared<no_access>()) {
  nothing_->set_state({false, {}, "no mesh is open: choose one on the page Meshes"});
  source_ = nothing_.get();
}

result<std::shared_ptr<MeshSession>> MeshSession::open(const MeshPlace& place) {
  auto made = std::make_shared<MeshSession>();
  const auto where = place.where.toStdString();
  switch (place.kind) {
  case MeshPlace::Kind::node:
    made->live_ = std::make_unique<live_source>(where);
    made->source_ = made->live_.get();
    made->access_ = std::make_shared<live_access>(where);
    break;
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
