#include "tests/sim/membership/whole_file.hpp"

#include "mesh/base/crc32c.hpp"

#include <cstring>

namespace weft::sim {

result<std::vector<std::byte>> load_whole(disk& from, const std::string& name) {
  const auto file = from.open(name, open_mode::read);
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  std::uint32_t sum = 0;
  if (*size < sizeof sum) return fail(errc::corrupt, "a file without its sum");
  std::vector<std::byte> all(*size);
  if (const auto read = (*file)->read_at(0, all); !read) return fail(read.error());
  std::memcpy(&sum, all.data(), sizeof sum);
  all.erase(all.begin(), all.begin() + sizeof sum);
  if (crc32c(0, all) != sum) return fail(errc::corrupt, "a file that was not written whole");
  return all;
}

result<void> save_whole(disk& to, const std::string& name, byte_view content) {
  const auto fresh = name + ".new";
  static_cast<void>(to.remove(fresh));
  auto file = to.open(fresh, open_mode::create);
  if (!file) return fail(file.error());
  const auto sum = crc32c(0, content);
  if (auto done = (*file)->write_at(0, std::as_bytes(std::span(&sum, 1))); !done) return done;
  if (auto done = (*file)->write_at(sizeof sum, content); !done) return done;
  if (auto done = (*file)->sync(); !done) return done;
  if (auto done = to.rename(fresh, name); !done) return done;
  return to.sync_directory("");
}

} // namespace weft::sim
