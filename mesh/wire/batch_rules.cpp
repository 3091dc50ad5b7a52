#include "mesh/wire/batch_rules.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::wire {

result<void> check_type_name(std::string_view name) {
  if (name.empty()) return fail(errc::invalid_argument, "a type's name has at least one byte");
  if (name.size() > limits::event_type_bytes_max)
    return fail(errc::too_large, fmt::format("a type's name has {} bytes, at most {} are allowed", name.size(),
                                             limits::event_type_bytes_max));
  const auto control = std::find_if(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (control != name.end())
    return fail(errc::invalid_argument, fmt::format("a type's name has the control character 0x{:02x} at byte {}",
                                                    static_cast<unsigned char>(*control), control - name.begin()));
  return {};
}

} // namespace weft::wire
