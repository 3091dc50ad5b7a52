// mesh/log/replica_log.hpp: a copy of another node's log: entries as they came, and which ranges were had.
#pragma once
#include "mesh/log/copy_state.hpp"
#include "mesh/wire/control.hpp"

#include <memory>

namespace weft::log {

struct replica_options {
  std::string directory; ///< holds <log>/<epoch>/<first seq>.seg, own logs' and copies'
  log_id id;
  std::uint64_t segment_bytes = limits::copy_segment_bytes;
};

/// What came of the log: whole entries of one epoch, and the range that they cover.
struct copy_run {
  weft::epoch epoch;
  seq from, until;
  hlc log_time; ///< no entry at or after `until` has an HLC at or below it
  shared_bytes bytes;
  std::optional<std::uint32_t> part = {}; ///< id: it has only this part's topics; nothing: all that the copy holds
};

/// As log::read_request; topics by name, since numbers are the owner's.
struct copy_read {
  log_position from;
  std::size_t bytes_max = 0;
  std::uint64_t scanned_max = 0;
  std::function<bool(std::string_view)> wants = {}; ///< empty: whatever some topic of the copy has
};

/// A copy holds some topics, so seqs without an entry are normal; `state()` knows which of them mean "nothing of these
/// topics" and which "not had". Any epoch may grow, and what lies between entries may come later.
///
///     take ──▶ take ──▶ sync ──▶ confirm what state() says
///
/// @thread take, sync, set_topics, move_starts, repair and maintain: one at a time; the others: any
class replica_log {
public:
  /// Opens what is there or begins an empty copy. What was not synced and is whole is kept, and synced.
  /// @error errc::version_newer, errc::io_error, errc::disk_full
  [[nodiscard]] static result<std::unique_ptr<replica_log>> open(disk& on, const replica_options& options);
  ~replica_log(); ///< what was not synced may be lost

  /// What opening found and did.
  [[nodiscard]] const recovery_report& recovered() const noexcept;

  // --- what it is to hold
  /// New ones begin a part of their own, which has had nothing; what is no longer named stays until its space is
  /// needed. Durable when it returns.
  [[nodiscard]] result<void> set_topics(const std::vector<std::string>& names);
  /// As durable. Parts that have the same have become one.
  [[nodiscard]] copy_state state() const;

  // --- growing
  /// Takes entries over, unchanged. Those that it has are passed over, so repeats do no harm.
  /// @error errc::corrupt      not whole entries of this log, epoch and range: nothing was taken
  /// @error errc::would_block  too much waits for a sync
  /// @error errc::too_large    more ranges than a copy keeps
  /// @error errc::log_frozen   a write or sync failed: open the copy anew
  [[nodiscard]] result<void> take(const copy_run& run);
  /// Makes all that was taken durable and readable; then it may be confirmed. The first two errors concern some runs,
  /// which do not count; the others do.
  /// @error errc::diverged    the copy has another valid entry at a place: it stays; the message names both
  /// @error errc::corrupt     an entry lies across others
  /// @error errc::not_synced, errc::disk_full, errc::io_error, errc::log_frozen  open the copy anew
  [[nodiscard]] result<void> sync();
  /// Whether something waits for a sync.
  [[nodiscard]] bool dirty() const;

  // --- reading
  /// What it has of the wanted topics, as node_log::read; nothing of what lies below their starts. A read goes over to
  /// the next epoch only when that begins where the one before ends; one that has grown ends above, see go_on_at().
  /// @error errc::end_of_log    at the end of what it had
  /// @error errc::out_of_range  it does not have that place: somebody else may
  /// @error errc::corrupt       it had it and can't read it
  [[nodiscard]] result<read_result> read(const copy_read& request);
  /// As node_log::go_on_at.
  [[nodiscard]] log_position go_on_at(log_position from) const;
  /// Where reading can go on when `from` is damaged or not there. @param wants  as in copy_read
  [[nodiscard]] std::optional<log_position>
  next_readable(log_position from, const std::function<bool(std::string_view)>& wants = {}) const;
  /// The first position that it has whose append HLC is at or after `at`; the end when there is none.
  [[nodiscard]] result<log_position> find_time(hlc at);
  /// A topic's, by its number at the log's node.
  [[nodiscard]] std::optional<std::string> name_of(topic_id topic) const;
  [[nodiscard]] log_position begin() const; ///< the first that it had
  [[nodiscard]] std::uint64_t bytes() const;

  // --- keeping
  /// Ranges that it can't read, as far as they are known.
  [[nodiscard]] std::vector<damage> damaged() const;
  /// Puts a damaged range right: the entries are all that another holder has there of the topics that this copy holds.
  /// @returns how many were put back   @error as node_log::repair
  [[nodiscard]] result<std::uint64_t> repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries);
  /// Takes over starts that the owner says; they only move forward. What lies below is not served from now on.
  [[nodiscard]] result<void> move_starts(const std::vector<wire::named_start>& starts);
  /// One round: indexes, and files of what lies below the starts.
  void maintain();

private:
  class impl;
  explicit replica_log(std::unique_ptr<impl> body) noexcept;
  std::unique_ptr<impl> impl_;
};

} // namespace weft::log
