#include "mesh/routing/run_cut.hpp"

#include "mesh/wire/entry.hpp"

#include <algorithm>

namespace weft::routing {

result<shared_bytes> cut_run(const shared_bytes& bytes, const log_id& log, epoch opening, seq from) {
  const auto seed = wire::checksum_seed(log, opening);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto header = wire::decode_header(bytes.view().subspan(at), seed);
    if (!header) return fail(header.error());
    if (header->end_seq() > from) return bytes.slice(at, bytes.size() - at);
    at += header->stored_bytes();
    if (at > bytes.size()) return fail(errc::corrupt, "a run ends inside an entry");
  }
  return shared_bytes{};
}

bool tells_beyond(const wire::run& run, const log_position& place) noexcept {
  return std::ranges::any_of(run.starts, [&place](const auto& start) { return start.at > place; });
}

} // namespace weft::routing
