// mesh/node/topic_names.hpp: which number a topic's name has in this node's log, for the publishing path.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/ids.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weft::node {

/// A copy in memory of what the catalog says; the catalog's owner keeps it up to date.
/// @thread any
class topic_names {
public:
  [[nodiscard]] std::optional<topic_id> find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(name);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<std::string> name_of(topic_id id) const {
    const std::shared_lock lock(mutex_);
    const auto found = names_.find(id);
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }
  void set(const std::string& name, topic_id id) {
    const std::unique_lock lock(mutex_);
    ids_[name] = id;
    names_[id] = name;
  }
  /// The topic was deleted: a later one of this name gets another number. The old number keeps its name.
  void forget(std::string_view name) {
    const std::unique_lock lock(mutex_);
    if (const auto found = ids_.find(name); found != ids_.end()) ids_.erase(found);
  }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, topic_id, text_hash, std::equal_to<>> ids_;
  std::unordered_map<topic_id, std::string> names_;
};

} // namespace weft::node
