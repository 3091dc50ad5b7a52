// actors/log_policy.hpp: how the log keeps a topic, from the topic's settings.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/wire/topic_settings.hpp"

namespace weft::actors {

[[nodiscard]] inline log::topic_policy log_policy_of(const wire::topic_settings& settings) {
  log::topic_policy policy{settings.keep_time, settings.keep_bytes};
  if (settings.compaction) policy.compaction = {settings.compaction_after, settings.tombstones_kept};
  policy.until_consumed = settings.until_consumed;
  return policy;
}

} // namespace weft::actors
