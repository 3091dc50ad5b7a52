// mesh/transport/lane_queue.hpp: frames that wait for room on a link, lanes taking turns. Pure.
#pragma once
#include "mesh/transport/transport.hpp"

#include <deque>
#include <unordered_map>

namespace weft::transport {

/// One queue a lane; each pop takes from the next lane that has something.
class lane_queue {
public:
  void push(lane flow, frame message) {
    auto& waiting = lanes_[flow];
    if (waiting.empty()) turns_.push_back(flow);
    waiting.push_back(std::move(message));
  }

  /// @pre not empty
  [[nodiscard]] frame pop() {
    const auto turn = turns_.front();
    turns_.pop_front();
    const auto found = lanes_.find(turn);
    frame message = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty())
      lanes_.erase(found);
    else
      turns_.push_back(turn);
    return message;
  }

  void drop(lane flow) {
    if (lanes_.erase(flow) != 0) std::erase(turns_, flow);
  }
  [[nodiscard]] bool empty() const noexcept { return turns_.empty(); }

private:
  std::unordered_map<lane, std::deque<frame>> lanes_; // none is empty
  std::deque<lane> turns_;                            // each lane that waits, once
};

} // namespace weft::transport
