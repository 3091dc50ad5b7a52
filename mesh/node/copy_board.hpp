// mesh/node/copy_board.hpp: how many copies this node's topics have, for operators.
#pragma once
#include "mesh/base/time.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace weft::node {

struct copy_facts {
  std::uint32_t wanted = 0, copies = 0;
  std::optional<wall_time> short_since; ///< it has lacked copies since then
  std::uint64_t behind = 0;             ///< seqs at the log's end that fewer nodes have than wanted, at most
};

/// Written by who counts the copies.
/// @thread any
class copy_board {
public:
  void set(std::map<std::string, copy_facts> topics) {
    const std::lock_guard lock(mutex_);
    topics_ = std::move(topics);
  }
  /// Nothing: the topic has no copies, or nobody has looked yet.
  [[nodiscard]] std::optional<copy_facts> find(const std::string& topic) const {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(topic);
    return found == topics_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, copy_facts> topics_;
};

} // namespace weft::node
