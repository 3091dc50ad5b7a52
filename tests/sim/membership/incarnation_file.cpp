#include "tests/sim/membership/incarnation_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace weft::sim {
namespace {

const std::string file_name = "incarnation";
constexpr std::uint64_t sector_bytes = 512; // what a disk writes whole or not at all

/// Two of them by turns, so that a torn one leaves the other.
struct saved {
  std::uint64_t count = 0;
  std::uint64_t inverse = 0;
};

} // namespace

result<std::uint64_t> load_count(disk& from) {
  const auto file = from.open(file_name, open_mode::read);
  if (!file && file.error().code() == errc::not_found) return std::uint64_t{0};
  if (!file) return fail(file.error());
  std::uint64_t highest = 0;
  for (const auto offset : {std::uint64_t{0}, sector_bytes}) {
    std::array<std::byte, sizeof(saved)> bytes{};
    if (const auto read = (*file)->read_at(offset, bytes); !read) return fail(read.error());
    saved one;
    std::memcpy(&one, bytes.data(), sizeof one);
    if (one.inverse == ~one.count) highest = std::max(highest, one.count);
  }
  return highest;
}

result<void> save_count(disk& to, std::uint64_t count) {
  const bool there = to.exists(file_name);
  auto file = to.open(file_name, there ? open_mode::read_write : open_mode::create);
  if (!file) return fail(file.error());
  const saved one{count, ~count};
  if (auto done = (*file)->write_at(count % 2 * sector_bytes, std::as_bytes(std::span(&one, 1))); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  return there ? result<void>{} : to.sync_directory("");
}

} // namespace weft::sim
