// actors/copy_ack.hpp: publishes that are acknowledged when other nodes have them too.
#pragma once
#include "actors/node_services.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weft::actors {

/// Whether a publish can be acknowledged at this level at all.
/// @error errc::invalid_argument  the topic keeps fewer copies: which, and the remedy
/// @error errc::busy              as many acks wait for copies as may
[[nodiscard]] result<void> check_level(const node_services& services, std::string_view topic, ack_level level,
                                       const node::publish_settings& settings);

/// @error errc::timed_out  it came too late for whom it is of
[[nodiscard]] result<void> check_time(const node_services& services, const std::optional<mono_time>& until);

/// What the log itself is asked for.
[[nodiscard]] constexpr ack_level level_of_log(ack_level level) noexcept {
  return level.copies() > 0 ? ack_level::synced : level;
}

/// `done`, called when the append has the copies that its level takes; at once when that is none. Notes how long that
/// took from now on.
/// @param caller  gone: `done` may never be called
[[nodiscard]] node::publish_done when_copied(node_services& services, std::string topic,
                                             std::weak_ptr<const void> caller, node::publish_done done);

} // namespace weft::actors
