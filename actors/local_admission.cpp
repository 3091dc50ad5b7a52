#include "actors/local_admission.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {

result<std::optional<admission::admitted>> local_admission::begin(link_output&) {
  since_ = clock_.mono();
  return std::nullopt;
}

result<std::optional<admission::admitted>> local_admission::on_bytes(const shared_bytes& bytes, link_output& output) {
  const auto message = wire::decode_control(bytes);
  if (!message) return fail(message.error());
  const auto* hello = std::get_if<wire::local_hello>(&*message);
  if (hello == nullptr)
    return fail(errc::protocol_violation, fmt::format("a program's first message was {}", wire::name_of(*message)));
  const auto version = std::min(hello->versions_max, limits::protocol_version_max);
  if (version < std::max(hello->versions_min, limits::protocol_version_min)) {
    error why(errc::wrong_version,
              fmt::format("{} speaks versions {} to {}, this node {} to {}: use programs and node of one release",
                          hello->program, hello->versions_min, hello->versions_max, limits::protocol_version_min,
                          limits::protocol_version_max));
    output.send(wire::refused{why.code(), why.message(), 0, 0});
    return fail(std::move(why));
  }
  output.mark_proven();
  output.send(wire::local_welcome{version, facts_.id, facts_.name, facts_.number, facts_.mesh, facts_.epoch});
  return admitted{false, hello->program, {}, {}, {}};
}

result<void> local_admission::tick() {
  if (clock_.mono() - since_ < limits::handshake_within) return {};
  return fail(errc::timed_out, "a program connected and said nothing");
}

} // namespace weft::actors
