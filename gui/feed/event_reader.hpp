// gui/feed/event_reader.hpp: one reading of a live mesh's events.
#pragma once
#include "gui/core/event_matcher.hpp"
#include "sdk/inspect/known_contracts.hpp"
#include "weft/client.hpp"

#include <chrono>
#include <map>
#include <optional>

namespace weft::monitor {

/// Subscribes as the query says, tests what the sources can't, and goes on until all logs are read.
/// @thread one
class event_reader {
public:
  /// @param what and node outlive this
  /// @error errc::invalid_argument  a position or a condition that is none
  /// @error errc::not_found         a position whose node nobody knows
  [[nodiscard]] static result<event_reader> open(client& node, const event_query& what);

  /// Reads until all is read, `most` came or `stop` is asked for.
  [[nodiscard]] result<void> run(const event_sink& take, const std::stop_token& stop);

private:
  event_reader(client& node, const event_query& what, event_matcher test) : what_(what), test_(std::move(test)) {
    contracts_.ask(node);
  }
  [[nodiscard]] event_row row_of(const event& from);
  [[nodiscard]] std::vector<event_row> rows_of(const std::vector<event>& came);
  void note_progress(const std::vector<log_progress>& logs);
  [[nodiscard]] bool is_over(bool came);

  const event_query& what_;
  event_matcher test_;
  inspect::known_contracts contracts_;
  std::shared_ptr<std::vector<event_row>> gaps_ = std::make_shared<std::vector<event_row>>(); // told within poll
  std::optional<subscription> reading_;
  read_progress so_far_;
  bool all_read_ = false;       // also logs that the query does not want
  std::map<log_id, seq> begun_; // where each log was when it was first seen
  std::chrono::steady_clock::time_point quiet_since_ = std::chrono::steady_clock::now();
};

} // namespace weft::monitor
