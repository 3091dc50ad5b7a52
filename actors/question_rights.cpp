#include "actors/question_rights.hpp"

#include <algorithm>
#include <array>

namespace weft::actors {

question_right right_to_ask(std::string_view what) noexcept {
  static constexpr std::array<std::string_view, 5> reads{"lag", "groups.list", "groups.describe", "letters.list",
                                                         "letters.parked"};
  static constexpr std::array<std::string_view, 6> changes{"groups.seek", "groups.unpark",  "groups.delete",
                                                           "groups.move", "letters.replay", "letters.drop"};
  if (std::ranges::find(reads, what) != reads.end()) return question_right::member;
  if (std::ranges::find(changes, what) != changes.end()) return question_right::admin;
  return question_right::own_user;
}

} // namespace weft::actors
