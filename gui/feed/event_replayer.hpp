// gui/feed/event_replayer.hpp: publishes events that are in logs once more, when a page asks for it.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft {
class client;
class event;
class raw_publisher;
} // namespace weft

namespace weft::monitor {

/// Keeps a publisher for each topic, so that events of several questions stay in order.
/// @thread any; questions are answered one after the other, each waits
class event_replayer {
public:
  explicit event_replayer(std::shared_ptr<client> node);
  ~event_replayer();

  /// Reads the events from their logs and publishes them in the order of the positions; returns when each is
  /// acknowledged or refused. One that is not there is refused, the others are published.
  /// @param arguments as core/replay_question.hpp says, and so is what is returned
  /// @error errc::invalid_argument  others; nothing is published then
  /// @error errc::timed_out         a log can't be read now; nothing is published then
  [[nodiscard]] result<std::string> publish_again(std::string_view arguments);

private:
  struct wish;
  [[nodiscard]] static result<wish> wish_of(std::string_view arguments);
  /// Adds what is there of these places, which are of one log and in its order.
  [[nodiscard]] result<void> read(const std::string& pattern, const std::vector<named_position>& places,
                                  std::map<named_position, event>& found);
  [[nodiscard]] result<raw_publisher*> publisher_to(const std::string& topic);

  std::shared_ptr<client> node_;
  std::mutex mutex_;
  std::map<std::string, raw_publisher> publishers_; // by topic
};

} // namespace weft::monitor
