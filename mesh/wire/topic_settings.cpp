#include "mesh/wire/topic_settings.hpp"

#include <fmt/format.h>

namespace weft::wire {
namespace {

constexpr std::uint8_t compatibility_kinds = 3; // the last of contract::compatibility

result<void> check_compaction(const topic_settings& settings) {
  if (settings.compaction_after.count() < 0 || settings.tombstones_kept.count() < 0)
    return fail(errc::invalid_argument, "a topic's events can't stay for less than no time before compaction");
  if (settings.compaction && settings.keep_time && *settings.keep_time <= settings.compaction_after)
    return fail(errc::invalid_argument,
                "a topic's retention time must be above the time before compaction: else nothing is left to compact");
  return {};
}

} // namespace

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
  if (const auto size = settings.contract.schema.size() + settings.contract.rules.size();
      size > limits::contract_bytes_max)
    return fail(errc::too_large, fmt::format("a topic's contract has {} bytes of schema and rules: at most {}", size,
                                             limits::contract_bytes_max));
  if (settings.compatibility > compatibility_kinds)
    return fail(errc::unsupported,
                fmt::format("a topic's contract has the unknown compatibility {}", settings.compatibility));
  if (settings.contract.empty() && (settings.quarantine || !settings.contract.rules.empty()))
    return fail(errc::invalid_argument, "a topic without a contract has no rules and no quarantine");
  return check_compaction(settings);
}

} // namespace weft::wire
