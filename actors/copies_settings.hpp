// actors/copies_settings.hpp: what a node keeps in its catalog about copies of its own log.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/catalog/setting_table.hpp"

#include <map>
#include <set>

namespace weft::actors {

/// This node lost something of its log or catalog, so nobody knows what displaced copies alone have: all of them stay.
/// "lost": at a start; "older": it heard of higher epochs of its log, or took something back.
inline constexpr std::string_view copies_stay_setting = "copies_stay";

/// Up to where topics have reached a level that takes copies, as kept last.
[[nodiscard]] std::map<topic_id, log_position> kept_reached(catalog::setting_table& in);
[[nodiscard]] result<void> keep_reached(catalog::setting_table& in, const std::map<topic_id, log_position>& reached);

/// Epochs that the log left for ones above others' (confirm_tracker); the last limits::epochs_left_kept.
[[nodiscard]] std::set<epoch> left_epochs(catalog::setting_table& in);
[[nodiscard]] result<void> add_left_epochs(catalog::setting_table& in, const std::set<epoch>& more);

} // namespace weft::actors
