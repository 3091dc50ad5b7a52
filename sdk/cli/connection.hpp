// sdk/cli/connection.hpp: reaches the node of a data directory.
#pragma once
#include "weft/client.hpp"

#include <string>

namespace weft::cli {

/// @error errc::not_connected  no node runs there, it does not answer, or it is not ours: the message says what to do
[[nodiscard]] result<client> connect(const std::string& data_dir);

} // namespace weft::cli
