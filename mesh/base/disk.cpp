#include "mesh/base/disk.hpp"

#include <fmt/format.h>

namespace weft {

result<std::vector<std::byte>> read_file(disk& from, const std::string& path, std::uint64_t limit) {
  auto opened = from.open(path, open_mode::read);
  if (!opened) return fail(std::move(opened.error()));
  const auto size = (*opened)->size();
  if (!size) return fail(size.error());
  if (*size > limit)
    return fail(errc::too_large, fmt::format("{} has {} bytes, at most {} are read", path, *size, limit));
  std::vector<std::byte> content(*size);
  const auto got = (*opened)->read_at(0, content);
  if (!got) return fail(got.error());
  content.resize(*got); // somebody may have cut it meanwhile
  return content;
}

namespace {

result<void> write_new_file(disk& to, const std::string& path, byte_view content) {
  auto created = to.open(path, open_mode::create);
  if (!created && created.error().code() == errc::already_exists) { // left by a crash
    if (auto removed = to.remove(path); !removed) return removed;
    created = to.open(path, open_mode::create);
  }
  if (!created) return fail(std::move(created.error()));
  if (auto written = (*created)->write_at(0, content); !written) return written;
  return (*created)->sync();
}

} // namespace

result<void> write_file_durably(disk& to, const std::string& path, byte_view content) {
  const auto fresh = path + ".new";
  auto done = write_new_file(to, fresh, content);
  if (done) done = to.rename(fresh, path);
  if (!done) {
    static_cast<void>(to.remove(fresh)); // the error to tell is the first one
    return done;
  }
  return to.sync_directory(parent_directory(path));
}

std::string parent_directory(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace weft
