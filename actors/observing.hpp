// actors/observing.hpp: what a node with an observer's certificate does not do for its programs.
#pragma once
#include "actors/node_services.hpp"

#include <string_view>

namespace weft::actors {

/// Other nodes take nothing from it anyway: who tries hears why.
/// @param what  is to be done: "publish"
/// @error errc::denied  this node is an observer
[[nodiscard]] result<void> may_change(const node_services& services, std::string_view what);

/// Whether a question of a program changes nothing but the asked node itself.
[[nodiscard]] bool only_reads(std::string_view question) noexcept;

} // namespace weft::actors
