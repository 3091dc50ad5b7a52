#include "mesh/catalog/numbers.hpp"

#include <fmt/format.h>
#include <limits>

namespace weft::catalog {
namespace {

result<std::optional<std::int64_t>> next_of(database& in, std::string_view name) {
  auto found = in.ask("SELECT next FROM numbers WHERE name = ?1", {name});
  if (!found) return fail(found.error());
  const auto row = found->next();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return found->optional_integer(0);
}

result<void> set_next(database& in, std::string_view name, std::int64_t next) {
  return in.run("REPLACE INTO numbers (name, next, sum) VALUES (?1, ?2, weft_sum(?1, ?2))", {name, next});
}

} // namespace

result<std::uint32_t> take_number(database& in, std::string_view name) {
  const auto next = next_of(in, name);
  if (!next) return fail(next.error());
  if (!*next)
    return fail(errc::corrupt, fmt::format("{}: the next {} number is not known since the catalog was damaged: tell it "
                                           "the highest number in use first",
                                           in.path(), name));
  if (**next > std::numeric_limits<std::uint32_t>::max())
    return fail(errc::out_of_range, fmt::format("{}: no {} number is left", in.path(), name));
  if (const auto set = set_next(in, name, **next + 1); !set) return fail(set.error());
  return static_cast<std::uint32_t>(**next);
}

result<void> raise_number(database& in, std::string_view name, std::uint64_t least) {
  const auto next = next_of(in, name);
  if (!next) return fail(next.error());
  const auto wanted = static_cast<std::int64_t>(least);
  if (*next && **next >= wanted) return {};
  return set_next(in, name, wanted);
}

result<bool> knows_number(database& in, std::string_view name) {
  return next_of(in, name).map([](const auto& next) { return next.has_value(); });
}

result<std::optional<std::uint32_t>> last_number(database& in, std::string_view name) {
  const auto next = next_of(in, name);
  if (!next) return fail(next.error());
  if (!*next) return std::nullopt;
  return static_cast<std::uint32_t>(**next - 1);
}

result<void> forget_number(database& in, std::string_view name) {
  return in.run("UPDATE numbers SET next = NULL, sum = weft_sum(name, NULL) WHERE name = ?1", {name});
}

result<void> forget_numbers(database& in) {
  return in.run("UPDATE numbers SET next = NULL, sum = weft_sum(name, NULL)");
}

} // namespace weft::catalog
