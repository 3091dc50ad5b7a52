// gui/core/filter_completion.hpp: how a filter line may go on where somebody types. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

/// What is known of the mesh, each in the order in which it is offered.
struct filter_words {
  std::vector<std::string> topics{}, types{}, nodes{};
  std::vector<std::string> fields{}; ///< of values
};

/// Each choice may stand for `length` bytes from `at` on.
struct filter_completion {
  std::size_t at = 0, length = 0;
  std::vector<std::string> choices{}; ///< limits::completions_max at most; empty: nothing is known
};

/// Offers names of fields and words that join terms, operators after a field, and after an operator topics, types and
/// nodes that begin as the word at the cursor does, whatever its case.
/// @param cursor  in bytes
/// @param all     also where nothing is typed yet
[[nodiscard]] filter_completion complete_filter(std::string_view line, std::size_t cursor, const filter_words& known,
                                                bool all = false);

} // namespace weft::monitor
