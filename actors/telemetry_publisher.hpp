// actors/telemetry_publisher.hpp: publishes what this node knows of itself, frame by frame.
#pragma once
#include "actors/telemetry_rows.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"
#include "mesh/node/latency_board.hpp"
#include "mesh/telemetry/frame_text.hpp"
#include "mesh/telemetry/rollup_maker.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// Asks for the node's own listings and appends what is news in them to a topic of its log, at the level `synced`, as
/// nobody reads what is not: one event a frame. A part of telemetry's actor.
class telemetry_publisher {
public:
  /// A listing's document came, or an empty text for none; to be handed to came() on the actor's thread.
  using document_came = std::function<void(std::uint64_t round, std::size_t list, std::string document)>;
  /// All that the node says of itself, to `_weft.telemetry`; or what moves, to who looks at it, and no frame without
  /// news.
  enum class scope : std::uint8_t { everything, view };

  /// @param started_us  when this node began to speak: as frames have it
  telemetry_publisher(node_services& services, scope what, std::int64_t started_us, document_came came);

  /// Begins a frame of what has changed; every limits::telemetry_whole_every one of all. A listing that is slow is not
  /// asked for again before it came, and the others don't wait for it for ever. While the log is frozen, frames are
  /// few: they take of the room that is kept for cursors.
  void look(mono_time now);
  /// @param list  its place in row_lists()
  void came(std::uint64_t round, std::size_t list, std::string document);
  /// The next frame has all rows: there is a new reader.
  void begin_anew() { whole_ = true; }
  /// How long the last frame took, from the look to its end.
  [[nodiscard]] microseconds last_took() const noexcept { return took_; }

private:
  using latency_rows = std::vector<std::unique_ptr<telemetry::LatencyT>>;
  struct listing {
    std::size_t at; ///< in row_lists()
    told_rows told;
    std::optional<std::string> document{}; ///< that came since the last frame
    bool asked = false;
  };
  [[nodiscard]] bool rests(mono_time now);
  void ask(std::size_t list);
  void publish();
  void publish_frames();
  [[nodiscard]] bool rolls_up() const;
  [[nodiscard]] std::vector<std::string> parts(bool& whole);
  void add_log(telemetry::FrameT& to) const;
  [[nodiscard]] latency_rows latencies(bool whole);
  void append(telemetry::FrameT frame);
  void roll_up();
  void give_up(const error& why);

  node_services& services_;
  const scope scope_;
  const std::string topic_;
  const document_came came_;
  const std::int64_t started_us_;
  telemetry::frame_reader reader_;
  std::vector<listing> listings_;                                    ///< in the order of row_lists()
  std::map<node::latency_board::key, std::uint64_t> told_latencies_; ///< counts
  std::uint64_t round_ = 0;                                          ///< of listings that are asked for together
  std::size_t waiting_ = 0;                                          ///< for so many of them
  std::uint64_t sequence_ = 0;                                       ///< of the last frame
  std::optional<mono_time> asked_at_{}, whole_at_{};
  microseconds took_{0};
  telemetry::rollup_maker rollup_;
  bool was_frozen_ = false;
  bool whole_ = true; ///< the next frame is to be whole
};

} // namespace weft::actors
