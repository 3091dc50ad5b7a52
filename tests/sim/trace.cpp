#include "tests/sim/trace.hpp"

#include <array>
#include <fmt/format.h>
#include <ostream>

namespace weft::sim {
namespace {

/// A line's word, and what its numbers mean; an empty one is not written.
struct wording {
  std::string_view what, a, b, c;
};
constexpr std::array<wording, static_cast<std::size_t>(happened::count_)> wordings{{
    {"start", "starts", "", ""},
    {"stop", "", "", ""},
    {"kill", "", "", ""},
    {"power_off", "", "", ""},
    {"pause", "", "", ""},
    {"resume", "", "", ""},
    {"wall_jump", "us", "", ""},
    {"dial", "dial", "to", ""},
    {"dial_failed", "dial", "cause", ""},
    {"opened", "link", "peer", "dial"},
    {"send", "link", "control", "payload"},
    {"frame", "link", "control", "payload"},
    {"dropped", "link", "control", "payload"},
    {"closed", "link", "cause", ""},
    {"timer", "", "", ""},
    {"woken", "token", "", ""},
    {"visit", "", "", ""},
}};
static_assert(!wordings.back().what.empty());

} // namespace

void trace::text(virtual_time now, std::string_view line) {
  add(static_cast<std::uint64_t>(now.us));
  for (const char c : line)
    add(static_cast<unsigned char>(c));
  if (to_ != nullptr) *to_ << to_string(now) << " - " << line << '\n';
}

void trace::write(virtual_time now, host_index host, happened what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const auto& words = wordings[static_cast<std::size_t>(what)];
  auto line = fmt::format("{} h{} {}", to_string(now), host.value(), words.what);
  const auto append = [&](std::string_view name, std::uint64_t value) {
    if (!name.empty()) fmt::format_to(std::back_inserter(line), " {}={}", name, static_cast<std::int64_t>(value));
  };
  append(words.a, a);
  append(words.b, b);
  append(words.c, c);
  *to_ << line << '\n';
}

} // namespace weft::sim
