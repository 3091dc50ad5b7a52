#include "sdk/src/service/errand_row.hpp"

#include "sdk/src/requests.hpp"
#include "sdk/src/service/request_row.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <xxhash.h>

namespace weft::detail {
namespace {

constexpr std::string_view in_line = "key ", alone = "one ";
constexpr wall_time not_yet{std::numeric_limits<std::int64_t>::max()};
constexpr std::size_t digits = 20;

std::string hash_of(std::string_view text) {
  const auto hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::uint64_t number_in(std::string_view key) {
  std::uint64_t number = 0;
  const auto text = key.substr(key.size() - std::min(key.size(), digits));
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What the keys of a line begin with, and where it ends.
std::string end_of(std::string line) {
  line.back() = ' ' + 1;
  return line;
}

shared_bytes sealed_errand(const one_event::errand& of) {
  std::vector<wire::header_view::header> headers;
  const auto value = as_new_event(of.value, headers);
  if (!of.kept) return sealed_timer(of.value.topic, value);
  std::vector<wire::header_view::header> kept_headers;
  return sealed_timer(of.value.topic, value, as_new_event(*of.kept, kept_headers));
}

/// The continuation's event with the end behind it, as a request has its reply.
std::pair<timer_id, timer_row> told_to(std::string_view continuation, const due_timer& of,
                                       const result<encoded_result>& end, std::string_view service, wall_time now) {
  std::vector<wire::header_view::header> kept_headers, end_headers;
  const auto headers = end ? std::vector<std::pair<std::string, std::string>>{} : error_headers(end.error());
  for (const auto& [name, text] : headers)
    end_headers.push_back({name, text});
  wire::new_event told{now, {}, {}, end_headers, {}};
  if (end) {
    told.type = end->type;
    told.value = as_bytes(end->value);
  }
  const auto event = sealed_timer(continuation, as_new_event(*of.behind, kept_headers), told);
  return {{std::string(request_row_name) + of.id.name, errand_id_of(service, of.row)},
          {now, 0, of.row.cause, of.row.origin, event}};
}

} // namespace

std::string errand_id_of(std::string_view service, const timer_row& of) {
  return hash_of(fmt::format("{}\n{}\n{}", service, of.cause, of.origin));
}

result<timer_changes> rows_of(const std::vector<one_event::errand>& given, std::string_view service, wall_time now,
                              const timer_view& before) {
  timer_changes rows;
  const auto known = before.with(rows);
  for (const auto& one : given) {
    timer_row row{now, 0, one.cause, one.origin, sealed_errand(one)};
    timer_id id{errand_name(one.value.topic), {}};
    if (one.value.key.empty()) {
      id.key = std::string(alone) + errand_id_of(service, row);
      const auto same = known.find(id);
      if (!same) return fail(same.error());
      if (*same) continue;
    } else {
      const auto line = fmt::format("{}{} ", in_line, hash_of(one.value.key));
      const auto last = known.last_key(id.name, line, end_of(line));
      if (!last) return fail(last.error());
      if (*last) row.due = not_yet;
      id.key = fmt::format("{}{:0{}}", line, *last ? number_in(**last) + 1 : 0, digits);
    }
    rows.insert_or_assign(std::move(id), std::move(row));
  }
  return rows;
}

result<timer_changes> rows_of_end(const due_timer& of, const result<encoded_result>& end, std::string_view service,
                                  wall_time now, const timer_view& known) {
  timer_changes rows;
  rows.emplace(of.id, std::nullopt);
  if (const auto where = continuation_of(of)) rows.insert(told_to(*where, of, end, service, now));
  if (!of.id.key.starts_with(in_line)) return rows;
  const auto line = of.id.key.substr(0, of.id.key.size() - digits);
  const auto next = known.first_key(of.id.name, of.id.key + '\0', end_of(line));
  if (!next) return fail(next.error());
  if (!*next) return rows;
  timer_id id{of.id.name, **next};
  auto row = known.find(id);
  if (!row) return fail(row.error());
  if (!*row) return fail(errc::corrupt, fmt::format("the errand {} of {} is gone", id.key, id.name));
  (*row)->due = now;
  rows.emplace(std::move(id), **std::move(row));
  return rows;
}

std::optional<std::string_view> continuation_of(const due_timer& of) {
  return of.behind ? of.behind->headers.find(then_header) : std::nullopt;
}

} // namespace weft::detail
