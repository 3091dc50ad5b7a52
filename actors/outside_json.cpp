#include "actors/outside_json.hpp"

#include "mesh/base/limits.hpp"

namespace weft::actors {

std::optional<nlohmann::json> outside_json(std::string_view text) {
  using nlohmann::json;
  bool too_deep = false;
  const auto within = [&too_deep](int depth, json::parse_event_t, const json&) {
    too_deep = too_deep || depth > limits::question_depth_max;
    return !too_deep;
  };
  auto parsed = json::parse(text, within, false);
  if (too_deep || parsed.is_discarded()) return std::nullopt;
  return parsed;
}

} // namespace weft::actors
