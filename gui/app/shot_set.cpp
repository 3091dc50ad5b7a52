#include "gui/app/shot_set.hpp"

namespace weft::monitor {
namespace {

/// Which of two a picture has: both occur in three pictures.
constexpr std::array<std::array<bool, 3>, 6> patterns{{{false, true, false},
                                                       {true, false, true},
                                                       {false, false, true},
                                                       {true, true, false},
                                                       {true, false, false},
                                                       {false, true, true}}};
constexpr std::array scales{100, 150, 80};

} // namespace

std::array<Shot, 3> shotsOf(std::size_t page) {
  std::array<Shot, 3> made;
  for (std::size_t at = 0; at < made.size(); ++at) {
    const bool isLight = patterns[page % 6][at], isLarge = patterns[(page * 5 + 2) % 6][at],
               isFine = patterns[(page / 2 + 4) % 6][at];
    made[at] = {isLight ? ThemeChoice::light : ThemeChoice::dark, isLarge ? largeWindow : smallWindow,
                isFine ? 2.0 : 1.0, scales[at]};
  }
  return made;
}

} // namespace weft::monitor
