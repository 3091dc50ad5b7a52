#include "mesh/replication/returned.hpp"

#include <fmt/format.h>
#include <sstream>

namespace weft::replication {

std::string to_text(const std::vector<returned>& all) {
  std::string text;
  for (const auto& each : all)
    text += fmt::format("{} {} {} {}\n", to_string(each.epoch), to_string(each.holder), each.until.value(),
                        each.end.value());
  return text;
}

result<std::vector<returned>> parse_returned(std::string_view text) {
  std::vector<returned> all;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string opening, holder, rest;
    std::uint64_t until = 0, end = 0;
    words >> opening >> holder >> until >> end;
    const auto epoch = parse_epoch(opening);
    const auto id = from_hex(holder);
    if (!words || words >> rest || !epoch || !id)
      return fail(errc::corrupt, fmt::format("line {} is not EPOCH HOLDER UNTIL END: {}", all.size() + 1, line));
    all.push_back({*epoch, node_id{*id}, seq{until}, seq{end}});
  }
  return all;
}

} // namespace weft::replication
