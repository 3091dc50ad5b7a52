// actors/service_rows.hpp: what a program tells of its services, from and to JSON.
#pragma once
#include "actors/node_services.hpp"

#include <string>
#include <string_view>

namespace weft::actors {

/// A program's question, which is no question.
inline constexpr std::string_view services_question = "services.tell";

/// Notes what a program tells of its services, in place of what it told before.
/// @param by         its link
/// @param arguments  {"services": [{"name": ..., "state": ..., ...}]}, fields as of a row of telemetry
/// @returns "{}"
/// @error errc::invalid_argument  what is wrong with which of them; errc::too_large
result<std::string> note_services(node_services& services, const void* by, const std::string& arguments);

/// Of all programs: {"services": [...]}.
[[nodiscard]] std::string services_document(const node_services& services);

} // namespace weft::actors
