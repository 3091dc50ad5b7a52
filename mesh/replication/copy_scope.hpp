// mesh/replication/copy_scope.hpp: which topics of its log a copy has and which it does not: what it serves wholly.
// Pure.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/base/result.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weft::replication {

/// The log's node tells every topic that a copy does not have before any of its events could be passed over. So a
/// pattern that matches none of these is served wholly; before the first word only single topics are.
class copy_scope {
public:
  copy_scope() = default;

  /// Replaces what it has; what it has no longer is among the others from now on. @returns whether there are more of
  /// them
  bool hold(const std::vector<std::string>& topics);
  /// More topics of the log that the copy does not have. @returns whether that is news
  bool add_others(const std::vector<std::string>& topics);

  /// Whether the copy has every topic of the log that the pattern matches, and one at least.
  [[nodiscard]] bool serves(const topic_pattern& wanted) const;

  /// Whether the log has this topic, as far as is known, and the copy does not.
  [[nodiscard]] bool lacks(const std::string& topic) const { return others_.contains(topic) && !held_.contains(topic); }

  /// Topics of the log that the log's node has told of, or the copy had before.
  [[nodiscard]] const std::set<std::string>& others() const noexcept { return others_; }

  /// To be kept beside the copy: a name a line.
  [[nodiscard]] std::string others_text() const;
  /// @error errc::corrupt  not such a text
  [[nodiscard]] result<void> take_others(std::string_view text);

private:
  bool add_other(const std::string& name);

  std::set<std::string> held_, others_;
  bool known_ = false; // the log's node has said what others there are
};

} // namespace weft::replication
