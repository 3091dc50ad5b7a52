// gui/core/mesh_access.hpp: what pages ask of the mesh besides its telemetry: its events, what nodes know, changes.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/result.hpp"

#include <stop_token>
#include <string>
#include <string_view>

namespace weft::monitor {

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
  /// What led to the event, and what came of that within `within` of the first cause.
  /// @error errc::not_found  there is no such event, or not any more
  [[nodiscard]] virtual result<event_lineage> lineage(std::string_view position, time_us within, std::size_t most,
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
  [[nodiscard]] result<event_lineage> lineage(std::string_view /*position*/, time_us /*within*/, std::size_t /*most*/,
                                              const std::stop_token& /*stop*/) override {
    return fail(why());
  }

private:
  [[nodiscard]] static error why() {
    return {errc::unsupported, "a recording holds what nodes said of themselves, no events: open the mesh for them"};
  }
};

} // namespace weft::monitor
