// mesh/wire/entry_extract.hpp: entries with only some of their events, and runs made of pieces.
#pragma once
#include "mesh/wire/entry.hpp"

#include <span>
#include <vector>

namespace weft::wire {

/// The entry with only the chosen events, under a header that keeps its positions; itself when all are chosen.
/// @param seed  of the entry's log and epoch   @pre `chosen` is ascending, not empty, in range
/// @error errc::corrupt, errc::decompression_limit  its data can't be unpacked
[[nodiscard]] result<shared_bytes> extract_of(const stored_entry& entry, const batch_view& batch,
                                              std::span<const std::uint16_t> chosen, std::uint32_t seed);

/// One piece as it is, several behind each other: the one copy that filtering costs.
[[nodiscard]] shared_bytes join(const std::vector<shared_bytes>& pieces);

} // namespace weft::wire
