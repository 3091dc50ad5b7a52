// mesh/log/log.hpp: the durable log of one node, open for writing by its one writer and for reading by many.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "mesh/log/recovery_report.hpp"
#include "mesh/wire/entry.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weft::log {

/// What an append became. A repeat of an idempotent batch gets the answer of the first.
struct appended {
  weft::epoch epoch;
  seq first;
  std::uint32_t count = 0;
  topic_offset first_offset;
  hlc at;
  bool repeated = false;
};

/// One batch to append, or several of different topics that become one atomic group.
struct append_request {
  struct item {
    topic_id topic;
    wire::batch_view batch; ///< verified or built here
  };
  std::vector<item> items;
  ack_level level = ack_level::synced;
  /// Called once with one answer an item, or the error; on the committing thread, must not block.
  std::function<void(const result<std::vector<appended>>&)> done;
};

/// A range in one epoch.
struct epoch_range {
  weft::epoch epoch;
  seq from, until;
  friend bool operator==(const epoch_range&, const epoch_range&) = default;
};

/// When compaction takes an event whose key has a later one. Events without a key stay.
struct compaction_rules {
  microseconds after{};      ///< since the append: until then it stays
  microseconds tombstones{}; ///< since the append: until then an event with a key and no value stays, then it may go
  friend bool operator==(const compaction_rules&, const compaction_rules&) = default;
};

/// How long a topic's events are kept; nothing set: for ever. Each lets events go, whatever the others say.
struct topic_policy {
  std::optional<microseconds> keep_time{};   ///< since the append
  std::optional<std::uint64_t> keep_bytes{}; ///< stored bytes of the topic in this log
  std::optional<compaction_rules> compaction{};
  bool until_consumed = false; ///< what lies below topic_need::consumed_until may go
  friend bool operator==(const topic_policy&, const topic_policy&) = default;
};

/// What consumers still need of a topic, and what they are done with.
struct topic_need {
  log_position from;
  std::uint64_t bytes_max = 0; ///< stored ones of what its policy lets go; beyond it the oldest go all the same
  /// All who consume the topic have what lies below behind them, on disk. Nothing: nobody does, or of one it is not
  /// known.
  std::optional<log_position> consumed_until{};
};

/// What retention did with a topic that has a policy.
struct retained_topic {
  /// Events of one segment.
  struct part {
    log_position end; ///< one past the last
    std::uint64_t bytes = 0;
  };
  topic_id topic;
  std::optional<log_position> gone_until; ///< where its start was moved to
  std::vector<part> held;                 ///< kept for a need alone, ascending
};

/// Says what retention has to keep.
/// @thread whoever calls node_log::maintain, at other times any; must not call the log
class retention_leases {
public:
  virtual ~retention_leases() = default;
  /// Asked in each round of every topic with a policy. @param now  as retention takes it
  [[nodiscard]] virtual std::optional<topic_need> needed(topic_id topic, wall_time now) = 0;
  /// The round's result: topics whose start was moved, and those of which something is held.
  virtual void retained(const std::vector<retained_topic>& topics, wall_time now) = 0;
};

/// The log has all that it ever had of the epoch below `whole_until`; from there to `end` it has what came back from
/// copies so far, and holders of other topics may have more between.
struct closed_epoch {
  weft::epoch epoch;
  seq first, whole_until, end;
  friend bool operator==(const closed_epoch&, const closed_epoch&) = default;
};

/// Where a topic begins in this log. Nothing below is served by anybody.
struct topic_start {
  topic_offset offset; ///< of the first event that may be kept
  log_position at;     ///< directly behind the last event that is gone: a reader below it misses something
};
/// Of the topics whose start was moved; every other one begins with its first event.
using known_starts = std::unordered_map<topic_id, topic_start>;

/// Keeps topics' starts durably; the catalog implements it.
class topic_starts {
public:
  virtual ~topic_starts() = default;
  /// Durable when it returns; bytes are removed only after. Starts only move forward.
  [[nodiscard]] virtual result<void> move_forward(topic_id topic, const topic_start& start) = 0;
};

/// Whether the log takes writes.
struct log_health {
  bool frozen = false;
  wall_time since{};
  std::string why; ///< empty while serving
};

struct log_state {
  weft::epoch epoch;
  log_position begin;      ///< first position that may be read
  seq written_end;         ///< one past the last entry given to the operating system
  seq synced_end;          ///< one past the last that may be served
  hlc time;                ///< no later entry has an HLC at or below it
  std::uint64_t bytes = 0; ///< of all segments
  log_health health;
};

/// What compaction did with a topic since the log was opened.
struct compaction_facts {
  std::uint64_t looked_at = 0;           ///< stored bytes that the last round left
  std::uint64_t superseded = 0;          ///< of those, about, what goes once it is worth writing its segments anew
  std::uint64_t saved = 0;               ///< bytes that went
  std::optional<wall_time> last_round{}; ///< when it ended
};

/// A topic as the log knows it.
struct topic_facts {
  topic_id topic;
  std::string name;                             ///< as its batches say
  topic_offset start, end;                      ///< events kept: end - start at most
  std::uint64_t bytes = 0;                      ///< stored
  std::optional<compaction_facts> compaction{}; ///< when it is on
};

/// What a reader at a position has before it of one topic.
struct topic_backlog {
  topic_id topic;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0; ///< stored; of a segment that is only partly before the reader, its share by events
  hlc oldest;              ///< append time of the first entry that counts
  bool at_most = false;    ///< compaction took some of the events, or may: fewer are left
};

struct read_request {
  log_position from;
  std::size_t bytes_max = 0;     ///< stop when the entries have this many; at least one entry is returned
  std::uint64_t scanned_max = 0; ///< stop after passing over this many bytes; 0: limits::run_scanned_bytes_max
  /// Which topics are wanted; called under no lock, must be quick.
  std::function<bool(topic_id)> wants;
};

/// What a read found: everything wanted in [from, until) of one epoch. `until` of an older epoch may be its end: then
/// the next read starts at the next epoch's first seq, which is the same seq unless the epoch has grown since.
struct read_result {
  weft::epoch epoch;
  seq from, until;
  std::vector<wire::stored_entry> entries; ///< ascending; they share buffers, checksums were checked
  bool adjacent = false; ///< the entries lie one behind the other in one buffer: `run()` takes no copy
  hlc log_time;          ///< no entry at or after `until` has an HLC at or below it
  /// What lies below these was passed over. The same object as before while no start has moved; null: all was looked
  /// at.
  std::shared_ptr<const known_starts> starts;
  /// The entries' bytes as one: a slice of their buffer when adjacent, else gathered (the one copy of reading).
  [[nodiscard]] shared_bytes run() const;
};

struct log_options {
  std::string directory; ///< holds <log>/<epoch>/<first seq>.seg
  log_id id;
  std::uint64_t segment_bytes = limits::segment_bytes;
  std::size_t tail_cache_bytes = limits::tail_cache_bytes;
  std::size_t commit_queue_bytes = limits::commit_queue_bytes_max;
  microseconds written_sync_within = limits::written_sync_within;
  std::size_t spare_segments = limits::spare_segments;
  std::uint32_t epoch_above = 0; ///< the new epoch's count is above this and every count on disk
  bool own_threads = true;       ///< false: the owner calls `commit_pending` and `maintain` (simulator, tests)
};

/// What the log stands on; all outlive it.
struct log_environment {
  weft::disk& disk;
  weft::clock& clock;
  random_source& random;
  topic_starts& starts;
  retention_leases* leases = nullptr; ///< none: policies alone count
};

/// The log. Opening recovers, starts a new epoch and syncs it before anything is appended.
/// @thread every method from any thread, unless it says otherwise
class node_log {
public:
  /// @param starts  what the catalog knows of topics' starts
  /// @error errc::io_error, errc::disk_full, errc::version_newer
  [[nodiscard]] static result<std::unique_ptr<node_log>>
  open(const log_environment& environment, const log_options& options,
       const std::vector<std::pair<topic_id, topic_start>>& starts);
  ~node_log(); ///< commits what waits, syncs, ends the threads

  /// What recovery did and found, for diagnostics.
  [[nodiscard]] const recovery_report& recovered() const noexcept;

  // --- writing
  /// Queues the batch for the next commit. Every batch in one commit shares one write and one sync.
  /// @error errc::unsupported  a level with copies: whoever counts those appends as synced and waits
  /// @error errc::would_block  the queue is full: nothing was taken, try again after some answers
  /// @error errc::log_frozen   see state().health.why
  /// Through `done`: errc::sequence_gap, errc::log_frozen, errc::not_synced
  [[nodiscard]] result<void> append(append_request request);
  /// Appends and waits; commits on this thread when no commit runs, which saves two thread hand-overs.
  [[nodiscard]] result<std::vector<appended>> append_and_wait(append_request request);
  /// Carries out one commit of everything that waits. @returns whether there was something
  bool commit_pending();

  /// Every entry that is appended from now on has an HLC above `at`. What a crash would forget is durable with the
  /// first entry behind this call.
  void go_above(hlc at);

  /// Called on the committing thread after each sync with the new synced end; must not block.
  /// One observer; set before the first append.
  void on_synced(std::function<void(seq end)> observer);
  /// Called when the log freezes or thaws. As above.
  void on_health(std::function<void(const log_health&)> observer);
  /// Called after each commit: what `append` refused with errc::would_block may be taken now. As above.
  void on_room(std::function<void()> observer);

  // --- reading
  /// @error errc::end_of_log    nothing synced at or after `from` yet
  /// @error errc::log_start     `from` lies below the log's begin; the message has the begin
  /// @error errc::out_of_range  no such epoch, or beyond the end
  /// @error errc::epoch_ended   the epoch ends at `from`, above where the next one begins: read on at go_on_at(from)
  /// @error errc::corrupt       damage at that place: the range is quarantined; the message has file and offset
  /// @error errc::version_newer  the entry there is of a later format: a newer Weft reads it
  [[nodiscard]] result<read_result> read(const read_request& request);
  /// The same, from memory only. @error errc::would_block  it would take a read from disk
  [[nodiscard]] result<read_result> read_cached(const read_request& request);
  /// The first position whose append HLC is at or after `at`; the end when there is none.
  [[nodiscard]] result<log_position> find_time(hlc at);
  /// Where a flow begins for a reader that has had everything below `from`. A reader may have more of a closed epoch
  /// than the log, which lost its end: then it goes on where the next epoch begins, at a lower seq.
  [[nodiscard]] log_position go_on_at(log_position from) const;
  /// Where reading can go on when `from` is damaged or lies below the log's begin.
  [[nodiscard]] std::optional<log_position> next_readable(log_position from);

  [[nodiscard]] log_state state() const;
  [[nodiscard]] std::vector<topic_facts> topics() const;
  [[nodiscard]] std::shared_ptr<const known_starts> starts() const; ///< never null
  /// What the wanted topics have from a position on, those that have something. From the indexes: its cost depends on
  /// the segments and topics, not on the events. May read from disk. What is written and not synced yet counts; a
  /// position below the log's begin means the begin.
  [[nodiscard]] result<std::vector<topic_backlog>> backlog(log_position from,
                                                           const std::function<bool(topic_id)>& wants);

  /// Memory of the buffers that hold the newest entries, in bytes: filled by what is appended, up to a bound.
  [[nodiscard]] std::size_t tail_memory() const;

  // --- repairing
  /// Ranges that can't be read, as far as they are known, ascending. What readers meet is added.
  [[nodiscard]] std::vector<damage> damaged() const;
  /// Puts back entries that another holder has of a damaged range, byte by byte as they were. What is there and valid
  /// is never replaced. @returns how many were put back
  /// @error errc::diverged      the log has another valid entry there: nothing was changed; the message names both
  /// @error errc::corrupt       not entries of this log and epoch within [from, until)
  /// @error errc::out_of_range  the log has no such place   @error errc::busy  it is still written to: try later
  /// @param whole  the holder has all topics: what it has nothing of in a segment with holes is not missing
  [[nodiscard]] result<std::uint64_t> repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries,
                                             bool whole = true);

  // --- what was lost
  /// Ascending; those that it has something of.
  [[nodiscard]] std::vector<closed_epoch> closed_epochs() const;
  /// Takes entries of a closed epoch back that this log had and lost, from a copy: in places where it has nothing, and
  /// behind the epoch's end, which only grows. Durable and served when it returns. What lies below topics' starts stays
  /// gone. Topics go on at offsets above those that came back. @returns how many were put
  /// @error errc::diverged        the log has another valid entry at a place: nothing was changed; the message names
  ///                              both
  /// @error errc::corrupt         not entries of this log and epoch within [from, until)
  /// @error errc::out_of_range    the epoch is not closed; or it ends below `from`: what lies between goes first
  /// @error errc::already_exists  a topic's number or name means another one here: the epoch is served by its copies
  /// @error errc::disk_full, errc::io_error
  [[nodiscard]] result<std::uint64_t> take_back(weft::epoch epoch, seq from, seq until, const shared_bytes& entries);
  /// Begins an epoch with a count above this one, unless the log's is; appends go on in it. For when an epoch is heard
  /// of that the log does not know. @returns the current epoch
  /// @error errc::log_frozen, errc::disk_full, errc::io_error  nothing was changed
  /// @error errc::out_of_range  no count is left above it
  [[nodiscard]] result<weft::epoch> open_above(std::uint32_t count);

  // --- keeping
  void set_policy(topic_id topic, const topic_policy& policy);
  /// Forgets everything of a deleted topic, leased or not: its start moves behind its last event.
  [[nodiscard]] result<void> drop_topic(topic_id topic);
  /// One round: sync of `written` entries due, spare segments, retention, cleaning, thawing. @returns when to call
  /// again
  mono_time maintain(mono_time now);

private:
  class impl;
  explicit node_log(std::unique_ptr<impl> body) noexcept;
  std::unique_ptr<impl> impl_;
};

} // namespace weft::log
