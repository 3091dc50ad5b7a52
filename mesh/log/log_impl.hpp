// mesh/log/log_impl.hpp: the parts of an open log, and who runs them.
#pragma once
#include "mesh/log/committer.hpp"
#include "mesh/log/compactor.hpp"
#include "mesh/log/log_begin.hpp"
#include "mesh/log/recovery.hpp"
#include "mesh/log/retention.hpp"
#include "mesh/log/topic_starts_map.hpp"

#include <atomic>
#include <condition_variable>
#include <thread>

namespace weft::log {

class node_log::impl {
public:
  impl(const log_environment& environment, const log_options& options, recovery_plan recovered, weft::epoch epoch);
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl();

  /// Makes the epoch's folder durable and takes over what earlier epochs left.
  [[nodiscard]] result<void> begin_epoch(const std::vector<std::string>& spares, const std::vector<std::string>& epochs,
                                         const std::vector<std::pair<topic_id, topic_start>>& from_catalog);
  /// That the log's first segment begins where it does now.
  [[nodiscard]] result<void> keep_begin();
  void start_threads();

  [[nodiscard]] result<pending_append> prepare(append_request request) const;
  [[nodiscard]] result<std::vector<appended>> append_and_wait(append_request request);
  bool commit_pending();
  void go_above(hlc at);
  [[nodiscard]] log_head head() const;
  [[nodiscard]] log_state state() const;
  [[nodiscard]] std::vector<topic_facts> topics() const;
  [[nodiscard]] std::size_t tail_memory() const { return writer_.buffer_memory(); }
  [[nodiscard]] result<void> drop_topic(topic_id topic);
  [[nodiscard]] result<std::uint64_t> repair(weft::epoch epoch, seq from, seq until, const shared_bytes& entries,
                                             bool whole);
  [[nodiscard]] std::vector<closed_epoch> closed_epochs() const;
  [[nodiscard]] result<std::uint64_t> take_back(weft::epoch epoch, seq from, seq until, const shared_bytes& entries);
  [[nodiscard]] result<weft::epoch> open_above(std::uint32_t count);
  mono_time maintain(mono_time now);

  const recovery_report report;
  topic_starts_map starts;
  log_progress progress;
  commit_queue queue;
  std::function<void(seq)> on_synced;
  std::function<void(const log_health&)> on_health;
  std::function<void()> on_room;
  segment_store store;
  tail_cache tail;
  log_reader reader;
  retention_policies policies;

private:
  // the leader's
  bool commit();
  [[nodiscard]] std::optional<microseconds> until_sync_due() const; ///< nothing: all is synced, or never will be

  // threads
  void run_committer();
  void run_keeper();
  void poke_keeper();
  void stop();

  [[nodiscard]] std::optional<compaction_facts>
  compaction_of(topic_id topic, const std::unordered_map<topic_id, topic_policy>& wanted) const;

  // what comes back
  [[nodiscard]] result<void> check_closed(weft::epoch epoch, seq from) const;
  [[nodiscard]] result<void> check_topics(const std::vector<wire::stored_entry>& entries) const;
  [[nodiscard]] result<void> check_bounds(const std::vector<wire::stored_entry>& entries) const;
  void leave_out_dead(std::vector<wire::stored_entry>& entries) const;
  void note_taken(const std::vector<wire::stored_entry>& entries, const std::vector<wire::entry_header>& put);

  // the keeper's round
  void sync_what_is_due(mono_time now);
  void write_indexes();
  void finish_closed();
  [[nodiscard]] bool keep_spares();
  [[nodiscard]] microseconds until_next_piece();
  void thaw_if_possible();
  void retain(mono_time now);
  void end_old_segment(hlc cutoff);
  [[nodiscard]] result<void> keep_start(topic_id topic, const topic_start& to);
  [[nodiscard]] result<void> keep_begin_at(const log_segment& first);
  [[nodiscard]] std::unordered_map<topic_id, topic_need>
  needs_of(const std::unordered_map<topic_id, topic_policy>& topics, wall_time now);
  void tell_leases(const std::vector<start_move>& moves, wall_time now);
  [[nodiscard]] bool move_starts(std::vector<start_move>& moves);
  /// @param compacted_from  what consumers need of topics with compaction
  void remove_dead(const std::optional<log_position>& compacted_from);
  [[nodiscard]] std::vector<kept_segment> closed_segments() const;
  void end_segment_to_compact(const std::unordered_map<topic_id, topic_policy>& wanted, wall_time now);
  [[nodiscard]] std::optional<mono_time> compact();
  [[nodiscard]] log_position end_of(topic_id topic);
  void drop_page_cache();
  void recycle_released();

  const log_environment environment_;
  const log_options options_;
  const log_paths paths_;
  std::atomic<std::uint32_t> seed_; // of the current epoch's checksums
  mutable log_tables tables_;
  spare_files spares_;
  segment_writer writer_;
  committer committer_;

  std::mutex maintain_mutex_; // one round at a time
  retention_clock clock_;
  std::optional<mono_time> retained_at_; // when retention was last looked after
  compactor compactor_;
  mono_time compact_at_; // not before
  std::atomic<bool> retain_soon_{false};
  seq written_at_last_piece_;         // of a spare
  std::optional<seq> uncached_until_; // first seq of the last segment whose pages were given back, of this epoch

  std::mutex closed_mutex_;
  std::vector<closed_segment> closed_;

  std::mutex keeper_mutex_;
  std::condition_variable keeper_wakes_;
  bool keeper_poked_ = false;
  std::atomic<bool> stopping_{false};
  std::thread commit_thread_;
  std::thread keeper_thread_;
};

} // namespace weft::log
