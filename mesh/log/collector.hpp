// mesh/log/collector.hpp: gathers what one read returns, within its bounds, never ending inside an atomic group.
#pragma once
#include "mesh/log/log_reader.hpp"

#include <algorithm>

namespace weft::log {

class log_reader::collector {
public:
  enum verdict : std::uint8_t { take, skip, stop };

  /// The request outlives the collector.
  /// @param starts  may be null
  collector(const read_request& request, log_position from, std::shared_ptr<const topic_starts_map::starts> starts)
      : request_(request),
        starts_(std::move(starts)),
        scanned_max_(request.scanned_max == 0 ? limits::run_scanned_bytes_max : request.scanned_max) {
    out_.epoch = from.epoch;
    out_.from = out_.until = from.seq;
  }

  [[nodiscard]] seq until() const noexcept { return out_.until; }
  [[nodiscard]] bool progressed() const noexcept { return out_.until > out_.from; }
  [[nodiscard]] bool empty() const noexcept { return out_.entries.empty(); }
  [[nodiscard]] bool in_group() const noexcept { return in_group_; }
  [[nodiscard]] bool wants(topic_id topic) const { return !request_.wants || request_.wants(topic); }
  [[nodiscard]] bool enough() const noexcept {
    return !in_group_ && ((!out_.entries.empty() && bytes_ >= request_.bytes_max) || scanned_ >= scanned_max_);
  }

  /// Whether something of the topic's part of a segment is wanted.
  [[nodiscard]] bool wants(const topic_extent& part) const {
    return wants(part.topic) && !(starts_ && is_dead(*starts_, part.topic, part.end_offset, {out_.epoch, part.end}));
  }
  /// Retention has removed it, though its bytes are still there: served to nobody.
  [[nodiscard]] bool below_start(const wire::entry_header& header) const {
    return starts_ && is_dead(*starts_, header);
  }

  /// What to do with the next entry.
  [[nodiscard]] verdict judge(topic_id topic, wire::entry_flags flags, std::size_t bytes) {
    const bool same_group =
        wire::has(flags, wire::entry_flags::in_group) && !wire::has(flags, wire::entry_flags::group_begin);
    if (in_group_ && !same_group) in_group_ = false; // its end was of a topic that is not looked at
    if (enough()) return stop;
    if (!wants(topic)) return skip;
    if (!in_group_ && !out_.entries.empty() && bytes_ + bytes > request_.bytes_max) return stop;
    return take;
  }
  void take_entry(wire::stored_entry entry) {
    bytes_ += entry.bytes.size();
    out_.entries.push_back(std::move(entry));
  }
  /// The entry was judged, and taken or not.
  void pass(seq end, hlc at, wire::entry_flags flags, std::size_t bytes) noexcept {
    out_.until = std::max(out_.until, end);
    out_.log_time = std::max(out_.log_time, at);
    scanned_ += bytes;
    in_group_ = wire::has(flags, wire::entry_flags::in_group) && !wire::has(flags, wire::entry_flags::group_end);
  }
  /// Nothing wanted lies below `end`.
  void skip_to(seq end, hlc at) noexcept {
    out_.until = std::max(out_.until, end);
    out_.log_time = std::max(out_.log_time, at);
  }

  /// Starts that moved since: what lies below them may be gone in part already, so all of it is left out.
  void go_by(std::shared_ptr<const topic_starts_map::starts> now) {
    if (now == starts_) return;
    starts_ = std::move(now);
    std::erase_if(out_.entries, [this](const wire::stored_entry& entry) { return below_start(entry.header); });
  }

  [[nodiscard]] read_result finish() && {
    out_.adjacent = true;
    for (std::size_t i = 1; i < out_.entries.size() && out_.adjacent; ++i) {
      const auto& before = out_.entries[i - 1].bytes;
      const auto& here = out_.entries[i].bytes;
      out_.adjacent = before.owner() == here.owner() && before.data() + before.size() == here.data();
    }
    out_.starts = std::move(starts_);
    return std::move(out_);
  }

private:
  const read_request& request_;
  std::shared_ptr<const topic_starts_map::starts> starts_;
  const std::uint64_t scanned_max_;
  read_result out_;
  std::size_t bytes_ = 0;
  std::uint64_t scanned_ = 0;
  bool in_group_ = false;
};

} // namespace weft::log
