#include "mesh/wire/topic_settings.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::wire {

result<void> check(const topic_settings& settings) {
  if (settings.keep_time && settings.keep_time->count() <= 0)
    return fail(errc::invalid_argument, "a topic's retention time must be above zero");
  if (settings.keep_bytes && *settings.keep_bytes == 0)
    return fail(errc::invalid_argument, "a topic's retention size must be above zero bytes");
  if (settings.replicas > limits::replicas_max)
    return fail(errc::invalid_argument,
                fmt::format("a topic can't have {} replicas: at most {}", settings.replicas, limits::replicas_max));
  if (settings.ack.copies() > settings.replicas)
    return fail(errc::invalid_argument,
                fmt::format("a topic with {} replicas can't have ack {}: give it more replicas, or another ack",
                            settings.replicas, to_string(settings.ack)));
  if (!is_supported(settings.codec)) return fail(errc::unsupported, "a topic's codec is none or lz4");
  if (settings.description.size() > limits::topic_description_bytes_max)
    return fail(errc::too_large, fmt::format("a topic's description has {} bytes: at most {}",
                                             settings.description.size(), limits::topic_description_bytes_max));
  return {};
}

} // namespace weft::wire
