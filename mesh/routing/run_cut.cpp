#include "mesh/routing/run_cut.hpp"

#include "mesh/wire/entry.hpp"

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

} // namespace weft::routing
