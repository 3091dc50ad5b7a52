#include "sdk/cli/start_text.hpp"

#include "mesh/base/text_time.hpp"

#include <fmt/format.h>

namespace weft::cli {

result<start::point> parse_start(std::string_view text, wall_time now) {
  if (text == "beginning") return start::point{start::beginning};
  if (text == "end") return start::point{start::end};
  if (text.find('/') != std::string_view::npos) {
    auto position = parse_position(text);
    if (!position) return fail(position.error());
    return start::point{*std::move(position)};
  }
  const auto time = parse_time(text, now);
  if (!time)
    return fail(errc::invalid_argument,
                fmt::format("'{}' is no start: write beginning, end, a time such as 2011-11-01T08:16:00Z, an age such "
                            "as 15m, or a position such as inventory/3-9f2c/1042",
                            text));
  return start::point{*time};
}

} // namespace weft::cli
