// gui/core/demo_events.hpp: made-up events of a company that sells and ships things, each with what led to it. Pure.
#pragma once
#include "gui/core/events.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace weft::monitor {

/// Four times a second something happens somewhere: an order that a dozen events come of, a cart, a search. Which, when
/// and where follows from the moment alone, so that an event is the same whenever it is read, and found by its
/// position. Topics and nodes are those of the snapshot; offsets in topics fit to its lag.
class demo_events {
public:
  explicit demo_events(snapshot_ptr mesh) : mesh_(std::move(mesh)) {}

  /// Events that logs took in [from, until), by time, until `take` says that it has enough.
  void between(time_us from, time_us until, const std::function<bool(event_row)>& take) const;
  /// What came of the event that led to this one, the first first, if there is such an event.
  [[nodiscard]] std::optional<event_lineage> lineage_of(std::string_view position) const;
  [[nodiscard]] std::optional<event_row> at(std::string_view position) const;

private:
  struct story;
  [[nodiscard]] std::vector<event_row> happening(std::uint64_t number) const;
  [[nodiscard]] event_row made_up(const story& of, std::size_t step, const std::vector<event_row>& before) const;
  void place(event_row& made, std::string_view topic, std::uint64_t drawn) const;

  snapshot_ptr mesh_;
};

} // namespace weft::monitor
