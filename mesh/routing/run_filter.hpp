// mesh/routing/run_filter.hpp: what of a log's entries goes into a run. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/event_filter.hpp"

namespace weft::routing {

/// The bytes of a run and how many events they hold.
struct run_content {
  shared_bytes bytes;
  std::uint64_t events = 0;
};

/// The entries that the filter passes: whole ones unchanged, of others an extract with the same positions.
/// Without a filter, or when all passes, entries that lie one behind the other are not copied.
/// @error errc::corrupt  an entry whose batch does not fit its header
[[nodiscard]] result<run_content> make_run(const log::read_result& read, const wire::event_filter& filter,
                                           const log_id& log);

} // namespace weft::routing
