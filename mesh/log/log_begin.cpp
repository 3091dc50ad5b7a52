#include "mesh/log/log_begin.hpp"

#include <charconv>
#include <fmt/format.h>

namespace weft::log {
namespace {

constexpr std::size_t bytes_max = 64; // of the file

std::optional<log_begin> parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
  const auto epoch = parse_epoch(text.substr(0, slash));
  std::uint64_t first = 0;
  const auto digits = text.substr(slash + 1, text.size() - slash - 2);
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), first);
  if (!epoch || bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return log_begin{*epoch, seq{first}};
}

} // namespace

std::string log_begin_path(const log_paths& paths) { return paths.log() + "/begin"; }

result<std::optional<log_begin>> load_log_begin(disk& from, const log_paths& paths) {
  const auto text = read_file(from, log_begin_path(paths), bytes_max);
  if (!text && text.error().code() == errc::not_found) return std::optional<log_begin>{};
  if (!text) return fail(text.error());
  const auto begin = parse(as_text(*text));
  if (!begin) return fail(errc::corrupt, "it does not say where the log begins, as 3-9f2c61aa/1042 would");
  return std::optional(*begin);
}

result<void> keep_log_begin(disk& to, const log_paths& paths, const log_begin& begin) {
  const auto text = fmt::format("{}/{}\n", to_string(begin.epoch), begin.first.value());
  return write_file_durably(to, log_begin_path(paths), as_bytes(text));
}

std::optional<seq> missing_until(const std::optional<log_begin>& begin, const log_begin& first) {
  if (!begin || first <= *begin || first.first <= begin->first) return std::nullopt;
  return first.first;
}

} // namespace weft::log
