// gui/core/heard_frame.hpp: a frame as it was heard, with its place in the log that it came from. Values.
#pragma once
#include "gui/core/snapshot.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::monitor {

/// Where an event of a frame is.
struct frame_place {
  log_id log;
  std::string node; ///< the name of the node whose log it is
  log_position at;
  topic_offset offset;
  time_us logged_at = 0;
  contract_id contract;
};

/// What a frame came as; both null of one that is made up.
struct frame_origin {
  std::shared_ptr<const std::vector<std::byte>> bytes; ///< of the event's value
  std::shared_ptr<const frame_place> place;
};

struct heard_frame {
  time_us heard_at = 0;
  std::string node; ///< who said it
  bool whole = false;
  std::shared_ptr<const std::vector<std::byte>> bytes; ///< as telemetry::decode takes it
  std::shared_ptr<const frame_place> place;            ///< null: made up
};

using frame_sink = std::function<void(const heard_frame&)>;

/// How a reading of frames went.
struct frames_read {
  std::vector<std::string> missing{}; ///< nodes whose logs were not read to the end of the span: none of them waits
};

/// What is read of an archive: a moment that somebody waits for, which is over in seconds whatever comes, or a part of
/// a span that is saved, which takes as long as something comes.
enum class archive_part { moment, span };

/// Frames that are kept elsewhere than in memory: in the logs of the mesh, in a file.
/// @thread one at a time; it waits for the mesh or the disk
class frame_archive {
public:
  frame_archive() = default;
  frame_archive(const frame_archive&) = delete;
  frame_archive& operator=(const frame_archive&) = delete;
  virtual ~frame_archive() = default;

  /// Gives the frames of [from, until); those of a node in the order of time, nodes in any. Takes a limited time,
  /// whatever follows.
  [[nodiscard]] virtual result<frames_read> read(time_us from, time_us until, archive_part what, const frame_sink& take,
                                                 const std::stop_token& stop) = 0;
  /// From when on it has some; nothing when that is not known. @thread any
  [[nodiscard]] virtual std::optional<time_us> oldest() const = 0;
};

} // namespace weft::monitor
