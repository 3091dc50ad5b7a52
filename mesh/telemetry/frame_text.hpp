// mesh/telemetry/frame_text.hpp: rows of a frame from JSON, as a node's listings have them. Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/telemetry/frame.hpp"

#include <memory>
#include <string>

namespace weft::telemetry {

/// Reads by the schema. Fields that it does not have are passed over; null is what may be absent and is.
/// @thread one at a time
class frame_reader {
public:
  frame_reader();
  ~frame_reader();

  /// @param json  an object as the table Frame: {"links": [{"name": "b", ...}], "gone": [...], ...}
  /// @error errc::corrupt  a field is not what the schema says: which
  [[nodiscard]] result<FrameT> read(const std::string& json);

private:
  struct state;
  const std::unique_ptr<state> state_;
};

} // namespace weft::telemetry
