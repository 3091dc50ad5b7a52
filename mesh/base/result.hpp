// mesh/base/result.hpp: what can go wrong in operation, as values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace weft {

/// Every failure that Weft reports. Numbers go over the wire and into scripts: they are never reused.
enum class errc : std::uint16_t {
  ok = 0, ///< only on the wire, where a reply carries a code either way

  // what the caller passed
  invalid_argument = 1, ///< a value outside its documented domain
  invalid_name = 2,     ///< a topic, pattern, node or group name breaks the naming rules
  too_large = 3,        ///< an event, key, header or message over its limit
  not_found = 4,        ///< the named thing does not exist
  already_exists = 5,   ///< the named thing exists
  unsupported = 6,      ///< this build or this peer does not know the operation, codec or version
  denied = 7,           ///< the peer's roles do not allow it

  // flow of control, not failures
  would_block = 20,   ///< a bounded queue is full: try again after some acknowledgements
  not_connected = 21, ///< no link to the peer at the moment
  end_of_log = 22,    ///< nothing to read yet at this position
  timed_out = 23,     ///< the answer did not come in time
  cancelled = 24,     ///< the caller or a stop ended the operation
  busy = 25,          ///< another process or operation holds the resource
  no_route = 26,      ///< no node that is linked here is nearer to the log

  // publishing
  sequence_gap = 40,    ///< a producer's batch is not the next one: a batch before it is missing
  outcome_unknown = 41, ///< the home node went away before it answered: the batch may or may not be in its log
  log_frozen = 42,      ///< the log does not take writes since a failed sync, a full disk or a short write
  not_synced = 43,      ///< written but the sync failed: the entry may be lost by a crash
  contract_broken = 44, ///< an event is not as its topic's contract says: it does not enter the log
  incompatible = 45,    ///< a new contract breaks what the one before promised to readers

  // reading
  out_of_range = 60,   ///< the position lies outside what this log has
  log_start = 61,      ///< the position lies below the log's or a topic's start: retention has removed it
  undecodable = 62,    ///< an event's value does not fit the type it is read as
  handler_failed = 63, ///< the program's own handler threw
  not_held = 64,       ///< this copy of a log does not have all that the demand asks for: another one may
  epoch_ended = 65,    ///< the epoch ends here, above where the next one begins: read or demand on from where one is
  cursor_moved = 66,   ///< an operator moved or deleted the cursor of a group or name: who reads with it begins anew
  rejected = 67,       ///< the program's own handler said that the event can never be handled

  // disk
  io_error = 80,        ///< the operating system failed a file operation
  disk_full = 81,       ///< no space (ENOSPC) or no quota (EDQUOT)
  descriptors_out = 82, ///< no file descriptor left (EMFILE, ENFILE)
  locked = 83,          ///< another process has the data directory open
  version_newer = 84,   ///< the file or directory was written by a newer Weft

  // bytes from outside
  corrupt = 100,             ///< a checksum, a structure or an invariant of a format does not hold
  decompression_limit = 101, ///< a compressed blob would unpack to more than it may
  diverged = 102, ///< two valid, different entries for one position: a clone or a forgery; nothing was changed

  // peers
  wrong_version = 120,      ///< no protocol version in common
  wrong_mesh = 121,         ///< the peer belongs to another mesh
  bad_certificate = 122,    ///< the certificate is not signed by this mesh's root or does not fit its keys
  expired = 123,            ///< a certificate or token is past its time
  not_yet_valid = 124,      ///< a certificate from the future: check the clocks
  bad_proof = 125,          ///< the peer did not prove that it holds its key
  bad_token = 126,          ///< the invitation's token is unknown, used or wrong
  rate_limited = 127,       ///< too many tries: wait
  protocol_violation = 128, ///< the peer sent what it may not send here
  ack_beyond_end = 129,     ///< a commit says that something was processed that was never sent

  internal = 200, ///< a library or an invariant failed where nothing else fits
};

/// The code's name as scripts see it, for example "log_frozen".
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// A failure: what kind, and a sentence that names the input, the place and the remedy.
class error {
public:
  error(errc code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] errc code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

  /// The same error with the place in front: "cannot open data/a/log: permission denied".
  [[nodiscard]] error within(std::string_view place) const;

private:
  errc code_;
  std::string message_;
};

template <class T = void>
using result = tl::expected<T, error>;

/// `return fail(errc::not_found, "...")` in any function that returns a result.
[[nodiscard]] inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error(code, std::move(message)));
}

/// Hands an error of one result on as another's.
[[nodiscard]] inline tl::unexpected<error> fail(error cause) { return tl::unexpected<error>(std::move(cause)); }

} // namespace weft
