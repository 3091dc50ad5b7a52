// gui/feed/close_looks.hpp: the quick frames of the nodes in view.
#pragma once
#include "mesh/telemetry/frame.hpp"
#include "weft/client.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace weft::monitor {

/// Which nodes are in view is said on one thread; another has a subscription to each of them, as long as it is. A node
/// publishes quick frames only while somebody reads them, so closing a subscription is what makes it stop.
class close_looks {
public:
  /// limits::in_view_max at most, the first ones. @thread any
  void set_in_view(const std::vector<std::string>& nodes);

  /// Begins and ends subscriptions as was said, and gives what came. One that fails is begun again at the next call.
  /// @thread one, as hang_up()
  void hear(client& through, const std::function<void(const event&)>& take);
  /// The client is about to go.
  void hang_up() { heard_.clear(); }

private:
  std::mutex mutex_;
  std::vector<std::string> wanted_;           // ascending
  std::map<std::string, subscription> heard_; // by node
};

} // namespace weft::monitor
