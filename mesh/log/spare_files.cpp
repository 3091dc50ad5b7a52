#include "mesh/log/spare_files.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/log/spare_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace weft::log {
namespace {

/// @pre count <= limits::spare_piece_bytes
byte_view zeros(std::uint64_t count) {
  static std::array<std::byte, limits::spare_piece_bytes> all{}; // of no log's memory
  return byte_view(all).first(count);
}

} // namespace

std::string spare_files::fresh_name(bool recycled) {
  while (true) {
    auto name =
        fmt::format("{}/{}{}{}", folder_, spare_prefix, ++number_, recycled ? spare_used_suffix : spare_zero_suffix);
    if (!disk_.exists(name)) return name;
  }
}

void spare_files::add(spare_file spare) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(spare));
}

std::size_t spare_files::count() const {
  const std::lock_guard lock(mutex_);
  return ready_.size();
}

std::optional<spare_file> spare_files::take(bool last_too) {
  const std::lock_guard lock(mutex_);
  if (ready_.size() < (last_too ? 1U : 2U)) return std::nullopt;
  auto spare = std::move(ready_.front());
  ready_.erase(ready_.begin());
  return spare;
}

result<void> spare_files::move_to(std::string folder) {
  give_up();
  std::vector<std::string> paths;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& spare : ready_)
      paths.push_back(spare.path);
    ready_.clear();
  }
  folder_ = std::move(folder);
  return adopt(paths);
}

result<void> spare_files::adopt(const std::vector<std::string>& paths) {
  std::set<std::string> touched;
  for (const auto& path : paths) {
    touched.insert(parent_directory(path));
    auto opened = disk_.open(path, open_mode::read_write);
    if (!opened) return fail(std::move(opened.error()));
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    if (*size != bytes_ || !wanted()) {
      if (auto done = disk_.remove(path); !done) return done;
      continue;
    }
    const bool recycled = path.ends_with(spare_used_suffix);
    const auto name = fresh_name(recycled);
    if (auto done = disk_.rename(path, name); !done) return done;
    add({name, std::move(*opened), recycled});
  }
  if (touched.empty()) return {};
  touched.insert(folder_);
  for (const auto& directory : touched)
    if (auto done = disk_.sync_directory(directory); !done) return done;
  return {};
}

result<bool> spare_files::make_piece() {
  if (!making_.opened)
    if (auto begun = begin_one(); !begun) return fail(std::move(begun.error()));
  const auto piece = zeros(std::min<std::uint64_t>(limits::spare_piece_bytes, bytes_ - made_bytes_));
  auto done = making_.opened->write_at(made_bytes_, piece);
  if (done) done = making_.opened->sync();
  if (done) made_bytes_ += piece.size();
  if (done && made_bytes_ < bytes_) return false;
  if (done) done = disk_.rename(making_.path + std::string(unfinished_suffix), making_.path);
  if (!done) {
    give_up();
    return fail(std::move(done.error()));
  }
  add(std::exchange(making_, {}));
  return true;
}

result<void> spare_files::begin_one() {
  const auto name = fresh_name(false);
  auto made = disk_.open(name + std::string(unfinished_suffix), open_mode::create);
  if (!made) return fail(std::move(made.error()));
  making_ = {name, std::move(*made), false};
  made_bytes_ = 0;
  return {};
}

void spare_files::give_up() {
  if (!making_.opened) return;
  making_.opened.reset();
  static_cast<void>(disk_.remove(making_.path + std::string(unfinished_suffix))); // the next opening removes it too
}

bool spare_files::release_one() {
  const auto spare = take(true);
  return spare && disk_.remove(spare->path).has_value();
}

result<void> spare_files::recycle(const std::string& segment_path) {
  auto opened = disk_.open(segment_path, open_mode::read_write);
  if (!opened && opened.error().code() == errc::not_found) // an earlier attempt came so far
    return disk_.sync_directory(parent_directory(segment_path));
  if (!opened) return fail(std::move(opened.error()));
  const auto size = (*opened)->size();
  if (!size) return fail(size.error());
  // One that no spare was ready for has grown, up to where the next commit did not fit.
  const bool fits = *size <= bytes_ && bytes_ - *size <= limits::spare_piece_bytes;
  if (!fits || count() >= limits::recycled_spares_most * keep_) {
    if (auto done = disk_.remove(segment_path); !done) return done;
    return disk_.sync_directory(parent_directory(segment_path));
  }

  // Out of its place durably before its header goes: a crash in between must not leave a segment without one.
  const auto name = fresh_name(true);
  const auto unfinished = name + std::string(unfinished_suffix);
  if (auto done = disk_.rename(segment_path, unfinished); !done) return done;
  if (auto done = disk_.sync_directory(parent_directory(segment_path)); !done) return done;
  if (auto done = disk_.sync_directory(folder_); !done) return done;
  constexpr std::array<std::byte, segment_header_bytes> blank{};
  auto done = (*opened)->write_at(0, byte_view(blank));
  if (done) done = (*opened)->write_at(*size, zeros(bytes_ - *size));
  if (done) done = (*opened)->sync();
  if (done) done = disk_.rename(unfinished, name);
  if (!done) {
    static_cast<void>(disk_.remove(unfinished)); // a disk that is full needs its space
    return done;
  }
  add({name, std::move(*opened), true});
  return {};
}

} // namespace weft::log
