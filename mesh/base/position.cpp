#include "mesh/base/position.hpp"

#include "mesh/base/names.hpp"

#include <charconv>
#include <fmt/format.h>

namespace weft {
namespace {

template <class Int>
bool parse_whole(std::string_view text, Int& value, int base) noexcept {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return problem == std::errc{} && end == text.data() + text.size() && !text.empty();
}

} // namespace

std::string to_string(epoch value) { return fmt::format("{}-{:x}", value.count(), value.random()); }

std::string to_string(const log_position& at) { return fmt::format("{}/{}", to_string(at.epoch), at.seq.value()); }

std::string to_string(const named_position& position) { return position.node + "/" + to_string(position.at); }

result<epoch> parse_epoch(std::string_view text) {
  const auto dash = text.find('-');
  std::uint32_t count = 0;
  std::uint32_t random = 0;
  if (dash == std::string_view::npos || !parse_whole(text.substr(0, dash), count, 10) ||
      !parse_whole(text.substr(dash + 1), random, 16))
    return fail(errc::invalid_argument, fmt::format("'{}' is not an epoch: write COUNT-RANDOM, such as 3-9f2c", text));
  return epoch{count, random};
}

result<named_position> parse_position(std::string_view text) {
  const auto wrong = [&] {
    return fail(errc::invalid_argument,
                fmt::format("'{}' is not a position: write NODE/EPOCH/SEQ, such as inventory/3-9f2c/1042", text));
  };
  const auto first = text.find('/');
  const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return wrong();
  const auto node = text.substr(0, first);
  const auto opening = parse_epoch(text.substr(first + 1, second - first - 1));
  std::uint64_t number = 0;
  if (!check_node_name(node) || !opening || !parse_whole(text.substr(second + 1), number, 10)) return wrong();
  return named_position{std::string(node), {*opening, seq{number}}};
}

} // namespace weft
