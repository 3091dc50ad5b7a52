// actors/group_words.hpp: what passes between a member of a group and the source of its flow, on any hop.
#pragma once
#include "mesh/wire/group_messages.hpp"

#include <variant>

namespace weft::actors {

/// From the member. `flow` is numbered anew on each hop.
using member_word = std::variant<wire::handled, wire::failed, wire::leaving, wire::renew>;
/// To the member; the same.
using source_word = std::variant<wire::verdict, wire::revoke, wire::renewal>;

} // namespace weft::actors
