// actors/question_rights.hpp: what other nodes may ask a node.
#pragma once
#include <cstdint>
#include <string_view>

namespace weft::actors {

/// Who may have this node answer a question that comes from another node.
enum class question_right : std::uint8_t {
  own_user, ///< nobody else: programs of this node's user only
  member,   ///< every node of the mesh: it could read the same from this log
  admin,    ///< a node whose certificate has the role admin, by its proof
};
[[nodiscard]] question_right right_to_ask(std::string_view what) noexcept;

} // namespace weft::actors
