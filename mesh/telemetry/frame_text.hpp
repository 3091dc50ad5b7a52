// mesh/telemetry/frame_text.hpp: rows of a frame from JSON, as a node's listings have them. Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/telemetry/frame.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

/// Rows as texts that frame_reader takes, each within its bytes: what does not fit one frame goes on in the next.
class frame_texts {
public:
  /// A text without rows.
  static constexpr std::string_view none = "{}";

  explicit frame_texts(std::size_t bytes_most) : bytes_most_(bytes_most) {}

  /// @param list  name of a list of the table Frame. Rows of one list come one after the other: a frame has each once
  /// @param row   a JSON object; one that is larger than a frame may be has one of its own
  void add(std::string_view list, const std::string& row);
  /// All of them, at least one.
  [[nodiscard]] std::vector<std::string> take();

private:
  void close();

  const std::size_t bytes_most_;
  std::vector<std::string> made_;
  std::string text_ = "{";
  std::string list_; ///< that is open; empty: none
};

} // namespace weft::telemetry
