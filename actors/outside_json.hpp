// actors/outside_json.hpp: documents that another node wrote.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace weft::actors {

/// Nothing: it is no JSON, or deeper than limits::question_depth_max. What is deep is copied and written by recursion,
/// so that a document of brackets alone would end the process.
[[nodiscard]] std::optional<nlohmann::json> outside_json(std::string_view text);

} // namespace weft::actors
