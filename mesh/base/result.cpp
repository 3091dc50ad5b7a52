#include "mesh/base/result.hpp"

#include "mesh/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace weft {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::ok: return "ok";
  case errc::invalid_argument: return "invalid_argument";
  case errc::invalid_name: return "invalid_name";
  case errc::too_large: return "too_large";
  case errc::not_found: return "not_found";
  case errc::already_exists: return "already_exists";
  case errc::unsupported: return "unsupported";
  case errc::denied: return "denied";
  case errc::would_block: return "would_block";
  case errc::not_connected: return "not_connected";
  case errc::end_of_log: return "end_of_log";
  case errc::timed_out: return "timed_out";
  case errc::cancelled: return "cancelled";
  case errc::busy: return "busy";
  case errc::no_route: return "no_route";
  case errc::sequence_gap: return "sequence_gap";
  case errc::outcome_unknown: return "outcome_unknown";
  case errc::log_frozen: return "log_frozen";
  case errc::not_synced: return "not_synced";
  case errc::contract_broken: return "contract_broken";
  case errc::incompatible: return "incompatible";
  case errc::out_of_range: return "out_of_range";
  case errc::log_start: return "log_start";
  case errc::epoch_ended: return "epoch_ended";
  case errc::rejected: return "rejected";
  case errc::cursor_moved: return "cursor_moved";
  case errc::undecodable: return "undecodable";
  case errc::handler_failed: return "handler_failed";
  case errc::not_held: return "not_held";
  case errc::io_error: return "io_error";
  case errc::disk_full: return "disk_full";
  case errc::descriptors_out: return "descriptors_out";
  case errc::locked: return "locked";
  case errc::version_newer: return "version_newer";
  case errc::corrupt: return "corrupt";
  case errc::decompression_limit: return "decompression_limit";
  case errc::diverged: return "diverged";
  case errc::wrong_version: return "wrong_version";
  case errc::wrong_mesh: return "wrong_mesh";
  case errc::bad_certificate: return "bad_certificate";
  case errc::expired: return "expired";
  case errc::not_yet_valid: return "not_yet_valid";
  case errc::bad_proof: return "bad_proof";
  case errc::bad_token: return "bad_token";
  case errc::rate_limited: return "rate_limited";
  case errc::protocol_violation: return "protocol_violation";
  case errc::ack_beyond_end: return "ack_beyond_end";
  case errc::internal: return "internal";
  }
  return "unknown";
}

error error::within(std::string_view place) const { return {code_, std::string(place) + ": " + message_}; }

namespace detail {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "weft: internal error: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

} // namespace detail
} // namespace weft
