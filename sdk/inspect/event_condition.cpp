// sdk/inspect/event_condition.cpp: conditions on events of the SDK; apart, so that the others need no libweft.
#include "sdk/inspect/condition.hpp"

#include <algorithm>

namespace weft::inspect {

bool passes(const event& candidate, const std::vector<condition>& all) {
  const bool of_headers =
      std::ranges::any_of(all, [](const condition& test) { return test.field.starts_with("header."); });
  return passes(event_texts{candidate.key_text(), candidate.type, candidate.text(),
                            of_headers ? candidate.headers.all() : std::vector<header>()},
                all);
}

} // namespace weft::inspect
