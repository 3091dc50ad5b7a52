// gui/core/speaker.hpp: all that one node has said of itself, put together from its frames. Pure.
#pragma once
#include "gui/core/lag_trend.hpp"
#include "gui/core/latency_window.hpp"
#include "gui/core/rate_meter.hpp"
#include "mesh/telemetry/frame.hpp"

#include <map>
#include <optional>
#include <string>

namespace weft::monitor {

struct told_node {
  telemetry::NodeT row;
};
struct told_link {
  telemetry::LinkT row;
  rate_meter received, sent;
};
struct told_flow {
  telemetry::FlowT row;
  rate_meter events, bytes;
};
struct told_topic {
  telemetry::TopicT row;
  rate_meter published, bytes;
};
struct told_group {
  telemetry::GroupT row;
  rate_meter repeated;
};
struct told_lag {
  telemetry::LagT row;
  std::uint64_t end = 0; ///< of its topic
  rate_meter processed;
  lag_trend seconds;
};
struct told_latency {
  telemetry::LatencyT row;
  latency_window window;
};
struct told_service {
  telemetry::ServiceT row;
  rate_meter handled;
};
template <class Told>
using told_rows = std::map<std::string, Told>; // by key_of

/// Takes a node's frames in the order they come in.
class speaker {
public:
  /// What became of a frame.
  enum class answer : std::uint8_t {
    taken,
    old ///< said again, or by a process that is no more
  };
  /// A hole before a frame: its rows are taken, as they are newer, but the picture is not whole until a whole frame.
  /// Another started_us: the process began anew, and so does its picture.
  /// @pre the frame is within bounds (bound())
  answer take(telemetry::FrameT frame, time_us heard_at);
  /// A quick frame, which comes besides (telemetry::view_topic_of): flows, topics and lag that are known are newer.
  /// What comes and goes, and whether the node is heard, is told by frames alone.
  /// @pre as take()
  void take_quick(telemetry::FrameT frame);

  [[nodiscard]] bool is_silent(time_us now) const noexcept { return now - heard_at_ > silent_after(); }
  [[nodiscard]] time_us silent_after() const noexcept;
  [[nodiscard]] time_us heard_at() const noexcept { return heard_at_; }
  [[nodiscard]] time_us said_at() const noexcept { return said_at_; }
  [[nodiscard]] time_us started_at() const noexcept { return started_; }
  /// Nothing it said was lost since its last whole frame.
  [[nodiscard]] bool is_whole() const noexcept { return whole_; }
  /// Of its clock to the monitor's, as far as the fastest frame of late tells.
  [[nodiscard]] double clock_offset_s() const noexcept;
  [[nodiscard]] std::uint64_t rows_refused() const noexcept { return refused_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  [[nodiscard]] const std::optional<telemetry::LogT>& log() const noexcept { return log_; }
  [[nodiscard]] double cpu_percent() const noexcept { return cpu_.per_s(said_at_) / 1e4; }
  [[nodiscard]] const told_rows<told_node>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] const told_rows<told_link>& links() const noexcept { return links_; }
  [[nodiscard]] const told_rows<told_flow>& flows() const noexcept { return flows_; }
  [[nodiscard]] const told_rows<told_topic>& topics() const noexcept { return topics_; }
  [[nodiscard]] const told_rows<told_group>& groups() const noexcept { return groups_; }
  [[nodiscard]] const told_rows<told_lag>& lag() const noexcept { return lag_; }
  [[nodiscard]] const told_rows<told_latency>& latencies() const noexcept { return latencies_; }
  [[nodiscard]] const told_rows<told_service>& services() const noexcept { return services_; }

private:
  bool follows(const telemetry::FrameT& frame);
  void begin_anew();
  void note_times(const telemetry::FrameT& frame, time_us heard_at);
  void take_rows(telemetry::FrameT& frame);
  void take_log(const telemetry::FrameT& frame);
  void take_away(const std::vector<std::unique_ptr<telemetry::GoneT>>& gone);
  void note_lag(time_us at);
  template <class Row, class Told, class Note>
  static void renew(std::vector<std::unique_ptr<Row>>& list, told_rows<Told>& rows, Note note);
  template <class Row, class Told, class Note>
  void take_list(std::vector<std::unique_ptr<Row>>& list, told_rows<Told>& into, bool whole, Note note);

  std::string id_;
  time_us started_ = 0, started_before_ = 0;
  time_us heard_at_ = 0;
  time_us quick_at_ = 0;                  // of the last quick frame
  time_us said_at_ = 0, said_before_ = 0; // of the frames before: what they did not tell had not changed then
  double interval_us_ = 0;                // usual, between two frames
  std::uint64_t sequence_ = 0;
  bool begun_ = false, whole_ = false;
  std::int64_t offset_ = 0, offset_before_ = 0; // the largest said - heard, of this minute and the last
  time_us offset_since_ = 0;
  std::uint64_t refused_ = 0;

  std::optional<telemetry::LogT> log_;
  rate_meter cpu_;
  told_rows<told_node> nodes_;
  told_rows<told_link> links_;
  told_rows<told_flow> flows_;
  told_rows<told_topic> topics_;
  told_rows<told_group> groups_;
  told_rows<told_lag> lag_;
  told_rows<told_latency> latencies_;
  told_rows<told_service> services_;
};

} // namespace weft::monitor
