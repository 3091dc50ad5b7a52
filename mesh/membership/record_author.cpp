#include "mesh/membership/record_author.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <fmt/format.h>

namespace weft::membership {

result<identity> author_of(const claimed_author& claimed, const wire::item& item, const authority& by,
                           std::string_view what) {
  auto author = by.read_identity(claimed.certificate.view(), claimed.at.wall());
  if (!author) return author;
  if (author->id != claimed.id)
    return fail(errc::bad_certificate, fmt::format("{} has another node's certificate", what));
  if (by.verify(item.kind, item.bytes.view(), item.signature, *author)) return author;
  reached("records.forged");
  return fail(errc::protocol_violation, fmt::format("{} is not signed by '{}'", what, author->name));
}

bool is_ahead(hlc at, wall_time now) noexcept { return at.wall() > now + limits::hlc_lead_max; }

std::int64_t seconds_ahead(hlc at, wall_time now) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(at.wall() - now).count();
}

} // namespace weft::membership
