// mesh/wire/topic_settings.hpp: how a topic is kept and published.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/batch_view.hpp"
#include "mesh/wire/contract_text.hpp"

#include <optional>
#include <string>

namespace weft::wire {

struct topic_settings {
  std::optional<microseconds> keep_time = {};   ///< since the append; none: for ever
  std::optional<std::uint64_t> keep_bytes = {}; ///< stored bytes of the topic in this log
  ack_level ack = ack_level::synced;            ///< of a publish that does not say; no more copies than `replicas`
  std::uint8_t replicas = 0;                    ///< other nodes that keep a copy
  wire::codec codec = wire::codec::none;
  std::string description = {};
  contract_text contract = {};        ///< what its events must be; empty: anything
  std::uint8_t compatibility = 0;     ///< of the next contract with this one: contract::compatibility
  bool quarantine = false;            ///< events that are not so are kept aside, else refused
  bool compaction = false;            ///< of each key the last event alone stays for ever; events without a key all do
  microseconds compaction_after = {}; ///< since the append: until then every event stays
  microseconds tombstones_kept = limits::tombstones_kept; ///< then an event with a key and no value goes, too
  bool until_consumed = false; ///< what all groups and named subscriptions have behind them may go
  friend bool operator==(const topic_settings&, const topic_settings&) = default;
};

/// How a topic is kept, without looking into its contract.
/// @error errc::invalid_argument, errc::unsupported, errc::too_large  which setting and what it may be
[[nodiscard]] result<void> check(const topic_settings& settings);

} // namespace weft::wire
