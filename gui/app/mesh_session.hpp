// gui/app/mesh_session.hpp: a mesh that the window shows, with all that keeps it going.
#pragma once
#include "gui/app/demo_runner.hpp"
#include "gui/core/mesh_access.hpp"
#include "gui/feed/live_source.hpp"
#include "gui/feed/own_node.hpp"
#include "gui/feed/recorded_source.hpp"
#include "gui/models/mesh_place.hpp"

#include <memory>
#include <optional>

namespace weft::monitor {

/// Its end may wait for a node or a disk. One that open() gave ends on a thread of Qt's pool, whoever lets go of it
/// last.
class MeshSession {
public:
  /// Nothing is shown until somebody chooses.
  MeshSession();
  /// An invitation is joined with: its place is then that of the node that did.
  /// @error as recorded_source::open, own_node::join and own_node::start
  [[nodiscard]] static result<std::shared_ptr<MeshSession>> open(const MeshPlace& place);

  [[nodiscard]] mesh_source& source() noexcept { return *source_; }
  [[nodiscard]] const std::shared_ptr<mesh_access>& access() const noexcept { return access_; }
  [[nodiscard]] const std::optional<MeshPlace>& place() const noexcept { return place_; }
  /// Null unless it is a recording.
  [[nodiscard]] recorded_source* recorded() noexcept { return recorded_.get(); }

private:
  void showNode(const std::string& dataDir);
  [[nodiscard]] result<void> showOwn(const MeshPlace& place);

  std::optional<MeshPlace> place_;
  std::unique_ptr<kept_mesh> nothing_;
  std::unique_ptr<DemoRunner> madeUp_;
  std::optional<own_node> own_; // before what looks through it
  std::unique_ptr<live_source> live_;
  std::unique_ptr<recorded_source> recorded_;
  mesh_source* source_ = nullptr;
  std::shared_ptr<mesh_access> access_;
};

} // namespace weft::monitor
