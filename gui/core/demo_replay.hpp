// gui/core/demo_replay.hpp: what a made-up mesh answers when events are to be published once more.
#pragma once
#include "gui/core/snapshot.hpp"
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>

namespace weft::monitor {

/// Each position gets a new one in the log of the first node; the made-up mesh goes on as before.
/// @param replayed how many were before; these are added
/// @error errc::invalid_argument  arguments that replay_question.hpp does not have
[[nodiscard]] result<std::string> demo_replay(const snapshot& now, std::string_view arguments, std::uint64_t& replayed);

} // namespace weft::monitor
