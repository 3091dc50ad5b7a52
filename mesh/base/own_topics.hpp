// mesh/base/own_topics.hpp: topics in which a log keeps what belongs to its consumers.
#pragma once
#include <string_view>

namespace weft {

/// How far they have got.
inline constexpr std::string_view cursors_topic = "_weft.cursors";
/// Of each group, by its name: what was set aside and is to be processed once more.
inline constexpr std::string_view replay_topics_prefix = "_weft.replay.";

} // namespace weft
