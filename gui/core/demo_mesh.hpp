// gui/core/demo_mesh.hpp: a made-up mesh of any size that speaks as a real one does. Pure, on a clock of its own.
#pragma once
#include "gui/core/demo_story.hpp"
#include "gui/core/limits.hpp"
#include "mesh/telemetry/frame.hpp"

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace weft::monitor {

struct demo_settings {
  std::size_t nodes = 12;
  std::size_t links_per_node = 3; ///< that a node dials
  std::size_t topics = 14;
  std::size_t groups = 12;
  std::uint64_t seed = 1;
  bool with_story = true;
  time_us start = 1'800'000'000 * limits::second; ///< of the clock; the story is at its beginning then
  time_us frame_every = limits::second / 2;       ///< of each node
  time_us whole_every = 10 * limits::second;
};

/// Nodes publish at rates that vary smoothly, groups take what they can, and each node tells of it in frames. The same
/// settings and calls give the same frames.
/// @thread one
class demo_mesh {
public:
  using heard = std::function<void(telemetry::FrameT, time_us heard_at)>;

  explicit demo_mesh(const demo_settings& settings);
  /// Goes on to `until` and gives the frames that are due until then, in the order of time.
  /// @param frame_every  a step, at which each node that lives speaks once
  void advance_to(time_us until, time_us frame_every, const heard& take);
  /// Before the first step: the mesh begins so much earlier.
  void begin_earlier(time_us by) { now_ -= by; }
  [[nodiscard]] time_us now() const noexcept { return now_; }

private:
  struct made_link {
    std::size_t to = 0;
    double sent = 0, received = 0, round_trip_s = 0;
    bool dialled = false;
  };
  struct made_node {
    std::string name, zone, id;
    std::vector<made_link> links;
    time_us started = 0;
    std::uint64_t sequence = 0;
    time_us whole_at = 0; // its last whole frame
    double cpu_us = 0, memory = 0, log_bytes = 0;
    std::uint64_t head = 0;
    bool dead = false, frozen = false;
    std::vector<std::string> spoken_of; // nodes that its last frame told of
  };
  /// A topic's part in a node's log.
  struct made_part {
    std::size_t topic = 0, node = 0;
    double base_per_s = 0, phase = 0, event_bytes = 0;
    double per_s = 0, end = 0;
    bool changed = false;
    telemetry::sketch publish;
  };
  /// A group's cursor in one log, and the flow that serves it.
  struct made_cursor {
    std::size_t group = 0, part = 0;
    double backlog = 0, flowed = 0, processed_per_s = 0;
    time_us oldest = 0;
    std::vector<std::size_t> path; // nodes
    bool flows = true;
    telemetry::sketch delivery;
  };
  struct made_group {
    std::string name;
    std::size_t topic = 0, node = 0;
    std::uint32_t members = 1;
    double repeated = 0, handled = 0;
    telemetry::sketch handler;
  };

  void make_nodes();
  void make_links();
  void make_topics();
  void make_groups();
  [[nodiscard]] std::vector<std::size_t> shortest(std::size_t from, std::size_t to) const;
  [[nodiscard]] double uniform(double from, double until);

  void step(time_us passed);
  void step_nodes(double seconds);
  void publish(made_part& of, double seconds);
  void consume(made_cursor& of, double seconds);
  void carry(const made_cursor& of, double events, double bytes);

  [[nodiscard]] telemetry::FrameT frame_of(std::size_t index, time_us at);
  void tell_nodes(telemetry::FrameT& frame, made_node& of, time_us at);
  void tell_links(telemetry::FrameT& frame, const made_node& of) const;
  void tell_log(telemetry::FrameT& frame, std::size_t index) const;
  void tell_cursors(telemetry::FrameT& frame, std::size_t index) const;
  void tell_flow(telemetry::FrameT& frame, std::size_t index, const made_cursor& of) const;
  void tell_services(telemetry::FrameT& frame, std::size_t index) const;

  demo_settings settings_;
  std::mt19937_64 drawn_;
  demo_story story_;
  time_us now_;
  std::vector<made_node> nodes_;
  std::vector<std::string> topics_;
  std::vector<made_part> parts_;
  std::vector<made_group> groups_;
  std::vector<made_cursor> cursors_;
};

} // namespace weft::monitor
