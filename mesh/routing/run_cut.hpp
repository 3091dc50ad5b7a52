// mesh/routing/run_cut.hpp: the end of a run, for who has its beginning. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"

namespace weft::routing {

/// A run's bytes from the first entry on that reaches beyond `from`; shared, not copied. An entry is never split, so it
/// may begin below. Looks at headers only: whoever takes events out checks the rest.
/// @error errc::corrupt  an entry that does not belong to the log and epoch, or does not fit
[[nodiscard]] result<shared_bytes> cut_run(const shared_bytes& bytes, const log_id& log, epoch opening, seq from);

} // namespace weft::routing
