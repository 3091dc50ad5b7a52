#include "mesh/security/roles.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace weft::security {
namespace {

constexpr std::array<std::pair<std::string_view, role>, 5> names{{{"storage", role::storage},
                                                                  {"relay", role::relay},
                                                                  {"issuer", role::issuer},
                                                                  {"admin", role::admin},
                                                                  {"observer", role::observer}}};

result<role> parse_role(std::string_view word) {
  for (const auto& [name, one] : names)
    if (name == word) return one;
  // The word is not repeated: it may come from a file, with any bytes in it.
  return fail(
      errc::invalid_argument,
      "unknown role: roles are storage, relay, issuer and admin, with commas between them, or observer alone, or "
      "none");
}

} // namespace

std::string to_string(role_set roles) {
  std::string text;
  const auto add = [&text](std::string_view word) {
    if (!text.empty()) text += ',';
    text += word;
  };
  for (const auto& [name, one] : names)
    if (roles.has(one)) add(name);
  if (const auto unknown = roles.bits & ~(all_roles.bits | observer_only.bits); unknown != 0)
    add(fmt::format("0x{:x}", unknown));
  return text.empty() ? "none" : text;
}

result<role_set> parse_roles(std::string_view text) {
  role_set roles;
  if (text == "none") return roles;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto one = parse_role(text.substr(begin, end - begin));
    if (!one) return fail(one.error());
    roles = roles.with(*one);
    begin = end + 1;
  }
  if (roles.has(role::observer) && roles != observer_only)
    return fail(errc::invalid_argument, "the role observer goes with no other: who only reads has nothing else to do");
  return roles;
}

} // namespace weft::security
