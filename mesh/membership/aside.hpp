// mesh/membership/aside.hpp: items that can't be judged yet, until the node they wait for is known. Pure.
#pragma once
#include "mesh/base/instant.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <map>

namespace weft::membership {

/// Bounded in all, per sender and in time; what does not fit is dropped, anti-entropy brings it again.
class aside {
public:
  struct waiting {
    wire::item item;
    node_id from;
    mono_time since;
  };

  /// @returns false when it does not fit
  bool keep(const node_id& awaited, const wire::item& item, const node_id& from, mono_time now);
  /// Takes out what waits for a node, in the order in which it came.
  [[nodiscard]] std::vector<waiting> release(const node_id& awaited);
  /// Drops what has waited for limits::aside_kept.
  void tick(mono_time now);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  void forget(const node_id& from);

  std::map<node_id, std::vector<waiting>> items_; // by the node awaited
  std::map<node_id, std::size_t> senders_;        // how many of each one's wait
  std::size_t size_ = 0;
};

} // namespace weft::membership
