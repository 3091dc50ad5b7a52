#include "sdk/src/service/request_row.hpp"

#include "sdk/src/requests.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace weft::detail {
namespace {

constexpr int count_bits = 12;

} // namespace

timer_id request_id(std::string_view requests, std::uint64_t number) {
  return {fmt::format("{}{}", request_row_name, requests), fmt::format("{:020}", number)};
}

std::uint64_t request_number(wall_time now, std::uint32_t count) noexcept {
  constexpr std::uint32_t counted = (1U << count_bits) - 1;
  return static_cast<std::uint64_t>(now.us) << count_bits | (count & counted);
}

std::optional<wall_time> asked_at(std::string_view key) noexcept {
  std::uint64_t number = 0;
  const auto end = std::from_chars(key.data(), key.data() + key.size(), number);
  if (end.ec != std::errc{} || end.ptr != key.data() + key.size()) return std::nullopt;
  return wall_time{static_cast<std::int64_t>(number >> count_bits)};
}

result<std::optional<timer_row>> answered(timer_row waiting, const event& reply, wall_time now) {
  const auto has = timer_reader::read(waiting);
  if (!has) return fail(has.error());
  if (has->behind || waiting.tries > 0) return std::optional<timer_row>{};
  std::vector<wire::header_view::header> kept_headers, reply_headers;
  waiting.event =
      sealed_timer(has->what.topic, as_new_event(has->what, kept_headers), as_new_event(reply, reply_headers));
  waiting.due = std::min(waiting.due, now);
  return std::optional(std::move(waiting));
}

result<event> outcome_of(const due_timer& request) {
  return request.behind ? told_by(*request.behind) : result<event>(fail(unanswered(requests_of(request.id))));
}

} // namespace weft::detail
