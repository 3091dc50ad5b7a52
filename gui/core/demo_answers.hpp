// gui/core/demo_answers.hpp: what the nodes of a made-up mesh answer to those who operate it.
#pragma once
#include "gui/core/demo_contracts.hpp"
#include "gui/core/limits.hpp"
#include "gui/core/mesh_access.hpp"
#include "gui/core/source.hpp"

#include <map>
#include <mutex>
#include <set>

namespace weft::monitor {

/// Answers have the form of real ones and remember what was changed, though the made-up mesh goes on as before: a
/// letter that is replayed is gone from its list, a setting is as it was set.
/// @thread any
class demo_answers {
public:
  /// @param mesh outlives this: groups, topics and nodes are those that it shows
  explicit demo_answers(const mesh_source& mesh) : mesh_(mesh) {}

  /// @error errc::unsupported  nobody made up an answer to this question
  [[nodiscard]] result<std::string> ask(std::string_view question, std::string_view arguments);
  /// The event at a position that these answers named; nothing: it is none of theirs.
  [[nodiscard]] std::optional<event_row> event_at(const event_query& what) const;

private:
  const mesh_source& mesh_;
  std::mutex mutex_;
  std::set<std::string> settled_;               // letters and parked keys that are gone
  std::map<std::string, std::string> settings_; // by topic, JSON
  demo_contracts contracts_;
  std::uint64_t replayed_ = 0; // events
  std::set<std::string> cuts_gone_;
  std::map<std::string, time_us> cuts_made_;
};

} // namespace weft::monitor
