// gui/core/json_tree.hpp: a JSON document as a tree that knows which bytes each part is. Pure.
#pragma once
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

enum class json_kind : std::uint8_t { object, array, text, number, truth, null };

struct json_item {
  std::string name; ///< of a field; of an array's item its number
  std::string text; ///< the value for people; of an object or array what it has
  json_kind kind = json_kind::null;
  std::size_t begin = 0, end = 0; ///< bytes of the document, with quotes and brackets
  std::vector<json_item> items;   ///< in the order of the document
};

/// @error errc::undecodable  it is no JSON document: where it ceases to be one
/// @error errc::too_large    more than limits::json_items_max parts, or deeper than limits::json_depth_max
[[nodiscard]] result<json_item> json_tree(std::string_view document);

/// A document with a line for each field; what is no JSON stays as it is.
[[nodiscard]] std::string pretty_json(std::string_view document);

} // namespace weft::monitor
