#include "mesh/catalog/files.hpp"

#include "mesh/catalog/schema.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace weft::catalog {
namespace {

constexpr std::string_view main_name = "catalog.db";
constexpr std::string_view damaged_name = "catalog.damaged-";
constexpr std::array suffixes = {"", "-wal", "-shm", "-journal"};

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t header_bytes = 100;

std::uint32_t big_endian(byte_view header, std::size_t at) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8U | std::to_integer<std::uint32_t>(header[at + i]);
  return number;
}

/// @source https://www.sqlite.org/fileformat2.html, section 1.3
file_state judge(byte_view header, std::size_t& version) {
  const bool wal = header[18] == std::byte{2} && header[19] == std::byte{2};
  const bool utf8 = big_endian(header, 56) == 1;
  const bool ours = big_endian(header, 68) == application_id;
  const auto written = version_from(big_endian(header, 60));
  if (as_text(header.first(magic.size())) != magic || !wal || !utf8 || !ours || !written) return file_state::damaged;
  version = *written;
  return file_state::usable;
}

} // namespace

std::string main_path(const std::string& directory) { return fmt::format("{}/{}", directory, main_name); }

result<file_state> look_at(disk& in, const std::string& directory, std::size_t newest_version) {
  const auto path = main_path(directory);
  if (!in.exists(path)) return file_state::absent;
  const auto opened = in.open(path, open_mode::read);
  if (!opened) return fail(opened.error());
  std::array<std::byte, header_bytes> header{};
  const auto got = (*opened)->read_at(0, header);
  if (!got) return fail(got.error());
  if (*got < header.size()) return file_state::damaged;
  std::size_t version = 0;
  const auto state = judge(header, version);
  if (state == file_state::usable && version > newest_version)
    return fail(
        errc::version_newer,
        fmt::format("{} has version {}, this Weft knows versions up to {}: use a newer Weft; nothing was changed", path,
                    version, newest_version));
  return state;
}

result<bool> has_damaged(disk& in, const std::string& directory) {
  const auto names = in.list(directory);
  if (!names) return fail(names.error());
  return std::ranges::any_of(*names, [](const std::string& name) { return name.starts_with(damaged_name); });
}

result<std::string> set_aside(disk& in, const std::string& directory) {
  const auto names = in.list(directory);
  if (!names) return fail(names.error());
  const auto taken = [&](unsigned n) {
    const auto stem = fmt::format("{}{}", damaged_name, n);
    return std::ranges::any_of(*names,
                               [&](const std::string& name) { return name == stem || name.starts_with(stem + "-"); });
  };
  unsigned n = 1;
  while (taken(n))
    ++n;
  const auto from = main_path(directory);
  const auto to = fmt::format("{}/{}{}", directory, damaged_name, n);
  // The main file first: without its write-ahead log it would pass for an older catalog.
  for (const auto suffix : suffixes)
    if (in.exists(from + suffix))
      if (const auto moved = in.rename(from + suffix, to + suffix); !moved) return fail(moved.error());
  if (const auto synced = in.sync_directory(directory); !synced) return fail(synced.error());
  return to;
}

} // namespace weft::catalog
