// actors/telemetry_rows.hpp: which rows of a node's listings are news in its next frame of telemetry. Pure.
#pragma once
#include "mesh/telemetry/frame.hpp"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

/// A listing whose rows a frame has.
struct row_list {
  telemetry::Kind kind;
  std::string_view name;                    ///< of the list, in the listing's document and in the frame
  std::vector<std::string_view> key;        ///< fields that name a row; with "/" between they are its key
  std::vector<std::string_view> left_out{}; ///< fields that are not told: they change without anything happening
};
/// In the order in which telemetry_publisher asks for them.
[[nodiscard]] std::span<const row_list> row_lists();

/// What was told of one list.
class told_rows {
public:
  struct news {
    std::vector<std::string> rows; ///< JSON objects
    std::vector<std::string> gone; ///< keys
    friend bool operator==(const news&, const news&) = default;
  };

  explicit told_rows(const row_list& of) : of_(&of) {}

  /// Rows that came or changed, and the keys of those that went.
  /// @param node   this node's name: of nodes it tells of itself, and of those that are not well
  /// @param whole  all rows; then none is gone, as what is not there is not
  [[nodiscard]] news changes(const nlohmann::json& document, const std::string& node, bool whole);

private:
  const row_list* of_;
  std::map<std::string, std::string> told_; // value by key
};

} // namespace weft::actors
