// gui/core/mesh_access.hpp: what pages ask of the mesh besides its telemetry: its events, what nodes know, changes.
#pragma once
#include "gui/core/snapshot.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::monitor {

/// An event with all that is shown of it, and its bytes as they are in the log.
struct event_row {
  std::string node, position; ///< the log's node; NODE/EPOCH/SEQ
  std::string topic, type, key;
  std::string contract; ///< the id of the one that it met, or empty
  std::vector<std::pair<std::string, std::string>> headers;
  time_us time = 0, logged_at = 0;
  std::uint64_t topic_offset = 0;
  std::string producer; ///< ID/SEQUENCE
  std::string value;    ///< bytes
  std::string decoded;  ///< the value as JSON by its contract; empty: it has none, or it is not known
};

/// Which events are read, and from where on.
struct event_query {
  std::string pattern = ">";          ///< of topics
  std::string position;               ///< NODE/EPOCH/SEQ: from this event on, of that log alone; empty: see below
  std::optional<time_us> from, until; ///< by when logs took them; absent: from the beginning; up to now
  bool tail = false;                  ///< only what comes from now on, without end
  std::string key;                    ///< empty: any
  std::vector<std::string> types;     ///< empty: any
  std::vector<std::string> where;     ///< `FIELD OP VALUE` as in `weft subscribe --where`; all must hold
  std::size_t most = 1000;            ///< events, then it is over
};

/// How a reading gets on; what filters left out counts, too, where that is known.
struct read_progress {
  std::size_t logs = 0, logs_read = 0; ///< that are there; that are read to their end
  std::uint64_t events = 0;            ///< that passed
};

/// Gets what came; called by the thread that reads.
using event_sink = std::function<void(std::vector<event_row> came, const read_progress& so_far)>;

/// @thread any, several at once; each call waits for the mesh: never call it from the thread of a window
class mesh_access {
public:
  mesh_access() = default;
  mesh_access(const mesh_access&) = delete;
  mesh_access& operator=(const mesh_access&) = delete;
  virtual ~mesh_access() = default;

  /// Asks the node something; arguments and answer are JSON, as `weft ... --json` prints it.
  /// @error errc::unsupported  nobody is there who could know: a recording
  [[nodiscard]] virtual result<std::string> ask(std::string_view question, std::string_view arguments) = 0;
  /// Reads until all is read, `most` came or `stop` is asked for, which is no error.
  [[nodiscard]] virtual result<void> read(const event_query& what, const event_sink& take,
                                          const std::stop_token& stop) = 0;
};

/// Where there is no mesh to ask: a recording.
class no_access final : public mesh_access {
public:
  [[nodiscard]] result<std::string> ask(std::string_view /*question*/, std::string_view /*arguments*/) override {
    return fail(why());
  }
  [[nodiscard]] result<void> read(const event_query& /*what*/, const event_sink& /*take*/,
                                  const std::stop_token& /*stop*/) override {
    return fail(why());
  }

private:
  [[nodiscard]] static error why() {
    return {errc::unsupported, "a recording holds what nodes said of themselves, no events: open the mesh for them"};
  }
};

} // namespace weft::monitor
