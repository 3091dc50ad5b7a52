// tests/sim/mesh/own_log.hpp: the log of a simulated node: commits in turns of their own, as a thread would.
#pragma once
#include "mesh/log/log.hpp"
#include "tests/sim/mesh/node_turns.hpp"
#include "tests/sim/mesh/starts_file.hpp"

#include <limits>
#include <memory>

namespace weft::sim {

class own_log {
public:
  struct answer {
    std::vector<std::uint64_t> events; ///< of the batch
    ack_level level = ack_level::synced;
    result<log::appended> became;
  };

  /// @param advanced  the log may serve everything below
  own_log(node_turns& turns, std::function<void(seq)> advanced);

  [[nodiscard]] result<void> open(std::uint64_t segment_bytes);
  /// As node_log::open_above.
  [[nodiscard]] result<epoch> open_above(std::uint32_t count);
  /// Instead of the book, `by` is told of what was appended, as synced as it asked for.
  void on_appended(std::function<void(const answer&)> by) { appended_ = std::move(by); }
  /// Publishes events of one topic as one batch; the book has them already.
  /// @error errc::would_block, errc::log_frozen
  [[nodiscard]] result<void> publish(const std::vector<std::uint64_t>& events, ack_level level);
  /// Retention removes what is older of all topics.
  void keep_little_of_all();
  /// A lease of all topics at the end of what is synced, until the log is closed or it is let go.
  void hold(bool held);
  [[nodiscard]] const std::optional<log_position>& lease() const noexcept { return leases_.from; }
  void maintain_when_due();
  [[nodiscard]] mono_time next_turn() const noexcept { return maintain_at_; }
  /// Commits what waits and closes.
  void stop();

  [[nodiscard]] log::node_log& log() const { return *log_; }
  [[nodiscard]] const log_id& id() const noexcept { return id_; }
  /// One past the last event that flows may have.
  [[nodiscard]] seq served_end() const noexcept { return served_end_; }
  /// A read, and how long it takes.
  [[nodiscard]] std::pair<result<log::read_result>, microseconds> read(const log::read_request& request);

private:
  void ask_for_commit();
  void commit();
  void finished();
  void acknowledge(const answer& to);
  void serve_what_is_synced();

  node_turns& turns_;
  std::function<void(seq)> advanced_;
  std::function<void(const answer&)> appended_;
  log_id id_;
  epoch opening_;
  starts_file starts_;
  seq served_end_;
  struct kept_leases final : log::retention_leases {
    std::optional<log_position> from;
    [[nodiscard]] std::optional<log::topic_need> needed(topic_id, wall_time) override {
      if (!from) return std::nullopt;
      return log::topic_need{*from, std::numeric_limits<std::uint64_t>::max()};
    }
    void retained(const std::vector<log::retained_topic>&, wall_time) override {}
  };
  kept_leases leases_;
  mono_time maintain_at_{};
  bool commit_asked_ = false, committing_ = false;
  std::vector<answer> answers_;        // of the commit under way
  std::unique_ptr<log::node_log> log_; // the last: its end answers what waits
};

} // namespace weft::sim
