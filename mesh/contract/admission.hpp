// mesh/contract/admission.hpp: which events of a batch may enter a log.
#pragma once
#include "mesh/contract/contract.hpp"
#include "mesh/wire/batch_view.hpp"

#include <optional>
#include <vector>

namespace weft::contract {

/// What a topic asks of its events.
struct topic_rule {
  result<contract_ptr> by; ///< an error: nothing enters, with it as the reason
  bool quarantine = false; ///< events that do not meet it are kept aside; else their batch is refused
};

/// A part of a published batch, as it enters the log.
struct admitted_part {
  bool aside = false; ///< for the topic's quarantine
  wire::batch_view batch;
};

/// The topic of the same log that has what a topic's contract kept out: `_weft.quarantine.<topic>`.
[[nodiscard]] std::string quarantine_topic(std::string_view topic);
/// Whether that name is not too long.
/// @error errc::invalid_argument  the topic's name, and how long it may be
[[nodiscard]] result<void> check_quarantine(std::string_view topic);

/// Checks each event of a batch. The parts have all of its events in their order, with its producer and sequences, so
/// that appended together they have consecutive seqs, and a repeat is known. An event that is kept aside has its key,
/// type and headers, with `weft-topic`, `weft-contract` and `weft-cause`.
/// @error errc::contract_broken  without a quarantine: the first event that does not meet the contract, and why;
/// nothing of the batch enters the log
/// @error errc::corrupt, errc::decompression_limit  the batch's data; errc::too_large as wire::make_stamped
[[nodiscard]] result<std::vector<admitted_part>> admit(const topic_rule& rule, const wire::batch_view& batch);

} // namespace weft::contract
