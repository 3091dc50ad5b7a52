// mesh/wire/entry_glance.hpp: what an entry's header says, unchecked.
#pragma once
#include "mesh/wire/entry.hpp"

#include <optional>

namespace weft::wire {

/// For figures about bytes that somebody else checks, or has checked: a header and its body are within the bytes, and
/// no checksum is looked at. Nothing: that is not so.
[[nodiscard]] std::optional<entry_header> glance_at(byte_view bytes) noexcept;

} // namespace weft::wire
