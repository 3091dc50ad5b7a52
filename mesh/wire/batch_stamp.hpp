// mesh/wire/batch_stamp.hpp: has a batch name the contract that its events were checked by.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/wire/batch_view.hpp"

#include <cstddef>
#include <string_view>

namespace weft::wire {

struct contract_stamp {
  contract_id id;
  std::string_view type; ///< of events that have none
};

/// Some events of a batch, one after another.
struct event_range {
  std::size_t first, count;
};

/// Whether each event of the batch has a type, and each type this contract: then it needs no stamp.
[[nodiscard]] bool is_stamped(const batch_view& batch, const contract_id& by) noexcept;

/// A whole batch, no extract, of some of a batch's events: its producer's next sequences where these are, and each type
/// names the contract. Copies the events: what is published to a topic with a contract is encoded a second time, at the
/// door, as its publisher does not know the contract.
/// @param data  batch.unpack()
/// @pre the range is in the batch and not empty
/// @error errc::too_large  the batch has no room for a type and a contract
[[nodiscard]] result<shared_bytes> make_stamped(const batch_view& batch, byte_view data, event_range which,
                                                const contract_stamp& stamp);

} // namespace weft::wire
