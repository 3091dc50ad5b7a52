// tests/mesh/log/log_history.hpp: what was asked of a log and what it answered; checks that it keeps its promises.
//
// Checked: what was acknowledged as synced, or read once, is there, at its position, until retention or known damage
// takes it; nothing is there that nobody appended; nothing twice; topic offsets dense; atomic groups whole; times grow.
#pragma once
#include "mesh/log/log.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::log::testing {

class log_history {
public:
  /// What a batch with this text is to become. @param group  batches of one atomic group share a number, 0: none
  void submitted(const std::string& value, topic_id topic, std::uint32_t events, std::uint64_t group = 0);
  /// The answer to a batch: its place is promised now.
  void promised(const std::string& value, const appended& where);
  /// Bytes of these seqs were destroyed on purpose: they may be missing when the log says so.
  void damage(weft::epoch epoch, seq from, seq until) { damaged_.push_back({epoch, from, until}); }

  /// Reads the whole log and compares. @returns the first broken promise, empty when all hold
  [[nodiscard]] std::string check(node_log& log, const std::map<topic_id, topic_start>& starts);

  [[nodiscard]] std::size_t read_entries() const noexcept { return read_entries_; }
  [[nodiscard]] std::size_t promises() const noexcept { return promised_.size(); }
  [[nodiscard]] std::size_t damage_met() const noexcept { return damage_met_; }

private:
  struct submission {
    topic_id topic;
    std::uint32_t events = 0;
    std::uint64_t group = 0;
  };
  struct place {
    std::string value;
    topic_offset offset;
    topic_id topic;
    std::uint32_t events = 0;
  };
  struct range {
    weft::epoch epoch;
    seq from, until;
  };
  struct seen {
    std::map<log_position, place> entries;
    std::vector<range> unreadable;
  };
  [[nodiscard]] std::string read_all(node_log& log, seen& into);
  [[nodiscard]] std::string take(const wire::stored_entry& entry, weft::epoch epoch, seen& into);
  [[nodiscard]] std::string check_order(const seen& now);
  [[nodiscard]] std::string check_groups(const seen& now, const std::map<topic_id, topic_start>& starts) const;
  [[nodiscard]] bool may_be_missing(const log_position& at, const place& what, const seen& now,
                                    const std::map<topic_id, topic_start>& starts) const;

  std::map<std::string, submission> submitted_;
  std::map<log_position, place> promised_; // acknowledged or read
  std::vector<range> damaged_;
  std::size_t read_entries_ = 0;
  std::size_t damage_met_ = 0;
};

} // namespace weft::log::testing
