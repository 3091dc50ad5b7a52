// mesh/routing/run_cut.hpp: the end of a run, for who has its beginning. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/wire/control.hpp"

namespace weft::routing {

/// A run's bytes from the first entry on that reaches beyond `from`; shared, not copied. An entry is never split, so it
/// may begin below. Looks at headers only: whoever takes events out checks the rest.
/// @error errc::corrupt  an entry that does not belong to the log and epoch, or does not fit
[[nodiscard]] result<shared_bytes> cut_run(const shared_bytes& bytes, const log_id& log, epoch opening, seq from);

/// Whether it tells of topics that something at or above the place is gone of: then it is told there, though its own
/// place lies below.
[[nodiscard]] bool tells_beyond(const wire::run& run, const log_position& place) noexcept;

} // namespace weft::routing
