// mesh/node/topic_names.hpp: what number a topic's name has in this node's log and how it is published to.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/names.hpp"
#include "mesh/node/publish_settings.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weft::node {

/// What the publishing path needs of a topic.
struct known_topic {
  topic_id id;
  publish_settings settings;
};

/// A copy in memory of what the catalog says; the catalog's owner keeps it up to date.
/// @thread any
class topic_names {
public:
  [[nodiscard]] std::optional<known_topic> find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = topics_.find(name);
    return found == topics_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<std::string> name_of(topic_id id) const {
    const std::shared_lock lock(mutex_);
    const auto found = names_.find(id);
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Nothing also for a topic that was deleted.
  [[nodiscard]] std::optional<std::string> living_name_of(topic_id id) const {
    const std::shared_lock lock(mutex_);
    const auto found = names_.find(id);
    if (found == names_.end()) return std::nullopt;
    const auto living = topics_.find(found->second);
    return living != topics_.end() && living->second.id == id ? std::optional(found->second) : std::nullopt;
  }
  /// Of all living topics, in no order.
  [[nodiscard]] std::vector<std::string> names() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::string> all;
    all.reserve(topics_.size());
    for (const auto& [name, topic] : topics_)
      all.push_back(name);
    return all;
  }
  [[nodiscard]] std::vector<std::pair<std::string, known_topic>> all() const {
    const std::shared_lock lock(mutex_);
    return {topics_.begin(), topics_.end()};
  }
  /// How many copies an event of the topic needs before it may be read; nothing is looked up while no topic needs any.
  [[nodiscard]] std::uint8_t copies_before_read(topic_id id) const {
    if (!any_level_with_copies()) return 0;
    const std::shared_lock lock(mutex_);
    const auto found = copies_.find(id);
    return found == copies_.end() ? std::uint8_t{0} : found->second;
  }
  [[nodiscard]] bool any_level_with_copies() const noexcept { return with_copies_ > 0; }
  /// Another number after each new name.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  [[nodiscard]] bool any_of(const topic_pattern& topics) const {
    const std::shared_lock lock(mutex_);
    return std::any_of(topics_.begin(), topics_.end(), [&](const auto& item) { return topics.matches(item.first); });
  }
  /// A new topic, or other settings: what is published from now on goes by them.
  void set(const std::string& name, topic_id id, const publish_settings& settings) {
    {
      const std::unique_lock lock(mutex_);
      topics_[name] = {id, settings};
      if (settings.level.copies() > 0)
        copies_[id] = settings.level.copies();
      else
        copies_.erase(id);
      with_copies_ = copies_.size();
      if (names_.insert_or_assign(id, name).second) ++version_;
    }
    if (changed_) changed_();
  }
  /// The topic was deleted: a later one of this name gets another number. The old number keeps its name.
  void forget(std::string_view name) {
    {
      const std::unique_lock lock(mutex_);
      if (const auto found = topics_.find(name); found != topics_.end()) topics_.erase(found);
    }
    if (changed_) changed_();
  }
  /// How a topic that this node does not have would be published to, as the mesh agreed; nothing: as new ones are.
  void agree(const std::string& name, const std::optional<publish_settings>& settings) {
    const std::unique_lock lock(mutex_);
    if (settings)
      agreed_[name] = *settings;
    else
      agreed_.erase(name);
  }
  [[nodiscard]] std::optional<publish_settings> agreed(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = agreed_.find(name);
    return found == agreed_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Called after each change, by whoever makes it. One observer; set before the first actor starts.
  void on_change(std::function<void()> observer) { changed_ = std::move(observer); }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, known_topic, text_hash, std::equal_to<>> topics_;
  std::unordered_map<topic_id, std::string> names_;
  std::unordered_map<std::string, publish_settings, text_hash, std::equal_to<>> agreed_;
  std::unordered_map<topic_id, std::uint8_t> copies_; // of topics whose level takes some
  std::atomic<std::size_t> with_copies_{0};           // of those
  std::atomic<std::uint64_t> version_{0};
  std::function<void()> changed_;
};

} // namespace weft::node
