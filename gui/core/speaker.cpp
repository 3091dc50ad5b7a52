#include "gui/core/speaker.hpp"

#include <algorithm>
#include <set>

namespace weft::monitor {

using namespace telemetry;

time_us speaker::silent_after() const noexcept {
  if (interval_us_ == 0) return limits::silent_after_first;
  const auto usual = static_cast<time_us>(interval_us_ * limits::silent_after_frames);
  return std::clamp(usual, limits::silent_after_least, limits::silent_after_most);
}

double speaker::clock_offset_s() const noexcept {
  return static_cast<double>(std::max(offset_, offset_before_)) / limits::second;
}

speaker::answer speaker::take(FrameT frame, time_us heard_at) {
  if (!follows(frame)) return answer::old;
  note_times(frame, heard_at);
  take_log(frame);
  take_rows(frame);
  take_away(frame.gone);
  if (said_at_ > quick_at_) note_lag(said_at_);
  return answer::taken;
}

template <class Row, class Told, class Note>
void speaker::renew(std::vector<std::unique_ptr<Row>>& list, told_rows<Told>& rows, Note note) {
  for (auto& row : list) {
    const auto known = rows.find(key_of(*row));
    if (known == rows.end()) continue;
    known->second.row = std::move(*row);
    note(known->second);
  }
}

void speaker::take_quick(FrameT frame) {
  const auto before = std::max(said_at_, quick_at_);
  if (!begun_ || frame.started_us != started_ || frame.time_us <= before) return;
  quick_at_ = frame.time_us;
  const auto count = [&](rate_meter& meter, std::uint64_t value) {
    meter.hold(before);
    meter.note(quick_at_, value);
  };
  renew(frame.flows, flows_, [&](told_flow& told) {
    count(told.events, told.row.events);
    count(told.bytes, told.row.bytes);
  });
  renew(frame.topics, topics_, [&](told_topic& told) {
    count(told.published, told.row.end);
    count(told.bytes, told.row.bytes);
  });
  renew(frame.lag, lag_, [](told_lag&) {});
  note_lag(quick_at_);
}

bool speaker::follows(const FrameT& frame) {
  if (begun_ && frame.started_us != started_) {
    if (frame.started_us == started_before_) return false; // was under way while its process began anew
    started_before_ = started_;
    begin_anew();
  }
  if (begun_ && frame.sequence <= sequence_) return false;
  whole_ = frame.whole || (begun_ && whole_ && frame.sequence == sequence_ + 1);
  begun_ = true;
  started_ = frame.started_us;
  sequence_ = frame.sequence;
  if (!frame.node_id.empty()) id_ = frame.node_id;
  return true;
}

void speaker::begin_anew() {
  speaker fresh;
  fresh.started_before_ = started_before_;
  fresh.refused_ = refused_;
  fresh.interval_us_ = interval_us_;
  *this = std::move(fresh);
}

void speaker::note_times(const FrameT& frame, time_us heard_at) {
  const auto offset = frame.time_us - heard_at;
  if (heard_at_ == 0) {
    offset_ = offset_before_ = offset;
    offset_since_ = heard_at;
  } else if (heard_at - offset_since_ > limits::minute) {
    offset_before_ = offset_;
    offset_ = offset;
    offset_since_ = heard_at;
  }
  offset_ = std::max(offset_, offset);
  said_before_ = said_at_;
  said_at_ = frame.time_us;
  if (said_before_ != 0 && said_at_ > said_before_) {
    const auto passed = static_cast<double>(std::min(said_at_ - said_before_, limits::silent_after_most));
    interval_us_ = interval_us_ == 0 ? passed : 0.75 * interval_us_ + 0.25 * passed;
  }
  heard_at_ = std::max(heard_at_, heard_at);
}

void speaker::take_log(const FrameT& frame) {
  if (!frame.log) return;
  cpu_.hold(said_before_);
  cpu_.note(said_at_, frame.log->cpu_us);
  log_ = *frame.log;
}

template <class Row, class Told, class Note>
void speaker::take_list(std::vector<std::unique_ptr<Row>>& list, told_rows<Told>& into, bool whole, Note note) {
  std::set<std::string> here;
  for (auto& row : list) {
    auto key = key_of(*row);
    if (into.size() >= limits::speaker_rows_max && !into.contains(key)) {
      ++refused_;
      continue;
    }
    auto& told = into[key];
    told.row = std::move(*row);
    note(told);
    if (whole) here.insert(std::move(key));
  }
  if (whole) std::erase_if(into, [&](const auto& item) { return !here.contains(item.first); });
}

void speaker::take_rows(FrameT& frame) {
  const auto count = [this](rate_meter& meter, std::uint64_t value) {
    meter.hold(said_before_);
    meter.note(said_at_, value);
  };
  // What a quick frame said later is newer: the next frame says it again.
  const auto count_on = [&](rate_meter& meter, std::uint64_t value) {
    if (said_at_ > quick_at_) count(meter, value);
  };
  const bool whole = frame.whole;
  take_list(frame.nodes, nodes_, whole, [](told_node&) {});
  take_list(frame.links, links_, whole, [&](told_link& told) {
    count(told.received, told.row.bytes_received);
    count(told.sent, told.row.bytes_sent);
  });
  take_list(frame.flows, flows_, whole, [&](told_flow& told) {
    count_on(told.events, told.row.events);
    count_on(told.bytes, told.row.bytes);
  });
  take_list(frame.topics, topics_, whole, [&](told_topic& told) {
    count_on(told.published, told.row.end);
    count_on(told.bytes, told.row.bytes);
  });
  take_list(frame.groups, groups_, whole, [&](told_group& told) { count(told.repeated, told.row.repeated); });
  take_list(frame.lag, lag_, whole, [](told_lag&) {});
  take_list(frame.latencies, latencies_, whole,
            [this](told_latency& told) { told.window.note(said_at_, told.row.buckets, started_); });
  take_list(frame.services, services_, whole, [&](told_service& told) { count(told.handled, told.row.handled); });
}

void speaker::take_away(const std::vector<std::unique_ptr<GoneT>>& gone) {
  for (const auto& row : gone) {
    switch (row->kind) {
    case Kind::node: nodes_.erase(row->key); break;
    case Kind::link: links_.erase(row->key); break;
    case Kind::flow: flows_.erase(row->key); break;
    case Kind::topic: topics_.erase(row->key); break;
    case Kind::group: groups_.erase(row->key); break;
    case Kind::lag: lag_.erase(row->key); break;
    case Kind::latency: latencies_.erase(row->key); break;
    case Kind::service: services_.erase(row->key); break;
    }
  }
}

/// The topic's end and the lag in it change in different rows, so both are put together after each frame.
void speaker::note_lag(time_us at) {
  for (auto& [key, told] : lag_) {
    const auto topic = topics_.find(told.row.topic);
    told.end = topic == topics_.end() ? told.row.events : topic->second.row.end;
    told.processed.note(at, told.end - std::min(told.end, told.row.events));
    told.seconds.note(at, told.row.seconds);
  }
}

} // namespace weft::monitor
