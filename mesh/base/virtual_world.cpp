#include "mesh/base/virtual_world.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft {
namespace {

constexpr std::array<std::string_view, disk_calls> verbs{"open",   "read",           "write",
                                                         "sync",   "truncate",       "rename",
                                                         "remove", "sync directory", "make directories",
                                                         "list",   "lock",           "tell the free space of"};

} // namespace

tl::unexpected<error> virtual_detail::cannot(disk_call kind, const std::string& path, errc code, std::string_view why) {
  return fail(code, fmt::format("cannot {} {}: {}", verbs[static_cast<std::size_t>(kind)], path, why));
}

inode_ptr virtual_detail::make_file(byte_view durable) {
  auto made = std::make_shared<virtual_inode>();
  made->content = std::make_shared<virtual_content>(durable);
  return made;
}

inode_ptr virtual_detail::file_at(const virtual_tree& tree, const std::string& path) {
  auto found = tree.find(path);
  return found && !found->is_directory ? found : nullptr;
}

using virtual_detail::cannot;

// --- calls and their faults

virtual_disk::world::call virtual_disk::world::begin(disk_call kind, const std::string& path) {
  std::unique_lock lock{mutex};
  if (const auto before = before_each_call) {
    lock.unlock();
    (*before)(kind, path);
    lock.lock();
  }
  const auto index = static_cast<std::size_t>(kind);
  ++counts.by_kind[index];
  if (!faults_held) ++counts_of_plan.by_kind[index];
  if (halted) return {std::move(lock), cannot(kind, path, errc::io_error, "the disk is halted").value()};
  if (faults_held) return {std::move(lock), std::nullopt};
  for (const auto& failure : plan.failures) {
    if (failure.kind && *failure.kind != kind) continue;
    const auto count = failure.kind ? counts_of_plan.by_kind[index] : counts_of_plan.total();
    if (count == failure.nth || (failure.for_ever && count > failure.nth)) {
      ++faults_hit;
      return {std::move(lock), cannot(kind, path, failure.code, "a planned fault").value()};
    }
  }
  return {std::move(lock), std::nullopt};
}

std::uint64_t virtual_disk::world::used() const {
  std::uint64_t sum = 0;
  tree.each_file([&](const std::string&, const virtual_inode& file) { sum += file.content->bytes().size(); });
  return sum;
}

result<void> virtual_disk::world::write(const inode_ptr& file, const std::string& path, std::uint64_t offset,
                                        std::span<const byte_view> parts) {
  std::uint64_t length = 0;
  for (const auto& part : parts)
    length += part.size();
  auto target = file;
  auto allowed = length;
  const auto nth = counts_of_plan.of(disk_call::write);
  if (plan.misdirected && plan.misdirected->nth_write == nth) {
    ++faults_hit;
    target = virtual_detail::file_at(tree, plan.misdirected->path);
    WEFT_ASSERT(target != nullptr);
    offset = plan.misdirected->offset;
  }
  const bool is_short = plan.short_write == nth;
  if (is_short) {
    ++faults_hit;
    allowed = length / 2;
  }
  const std::uint64_t size = target->content->bytes().size();
  bool is_full = false;
  if (plan.capacity != disk_fault_plan::unlimited && offset + allowed > size) {
    const auto in_use = used();
    const auto end = size + (plan.capacity > in_use ? plan.capacity - in_use : 0);
    is_full = offset + allowed > end;
    allowed = std::min(allowed, end > offset ? end - offset : 0);
  }
  auto& content = target->writable();
  for (const auto& part : parts) {
    const auto piece = part.first(std::min<std::uint64_t>(part.size(), allowed));
    content.write(offset, piece);
    offset += piece.size();
    allowed -= piece.size();
  }
  if (is_full) return cannot(disk_call::write, path, errc::disk_full, "no space left: free some and try again");
  if (is_short) return cannot(disk_call::write, path, errc::io_error, "only a part was written");
  return {};
}

void virtual_disk::world::end_run() {
  ++run;
  halted = false;
  locked.clear();
}

// --- names

result<inode_ptr> virtual_disk::world::open(const std::string& path, open_mode mode) {
  const auto place = tree.place_of(path);
  auto found = tree.find(path);
  if (found && found->is_directory)
    return cannot(disk_call::open, path, mode == open_mode::create ? errc::already_exists : errc::io_error,
                  "it is a directory");
  if (mode != open_mode::create) {
    if (!found) return cannot(disk_call::open, path, errc::not_found, "no such file");
    return found;
  }
  if (found) return cannot(disk_call::open, path, errc::already_exists, "it exists");
  if (!place.directory) return cannot(disk_call::open, path, errc::not_found, "no such directory");
  found = virtual_detail::make_file();
  tree.link(place, found);
  return found;
}

result<void> virtual_disk::world::rename(const std::string& from, const std::string& to) {
  const auto source = tree.place_of(from);
  const auto target = tree.place_of(to);
  const auto moved = tree.find(from);
  if (!moved || !target.directory)
    return cannot(disk_call::rename, from + " to " + to, errc::not_found, "no such file or directory");
  if (source.name.empty() || target.name.empty())
    return cannot(disk_call::rename, from + " to " + to, errc::io_error, "the root stays");
  const auto replaced = tree.find(to);
  if (replaced == moved) return {};
  if (replaced && (replaced->is_directory || moved->is_directory))
    return cannot(disk_call::rename, from + " to " + to, errc::io_error, "only a file replaces a file");
  tree.move(source, target);
  return {};
}

result<void> virtual_disk::world::unlink(const std::string& path, bool directory) {
  const auto place = tree.place_of(path);
  const auto found = tree.find(path);
  if (!found) return cannot(disk_call::remove, path, errc::not_found, "no such file or directory");
  if (found->is_directory != directory)
    return cannot(disk_call::remove, path, errc::io_error, directory ? "it is a file" : "it is a directory");
  if (!found->entries.empty() || place.name.empty())
    return cannot(disk_call::remove, path, errc::io_error, "the directory is not empty");
  tree.unlink(place);
  return {};
}

result<void> virtual_disk::world::make_directories(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const auto prefix = path.substr(0, end);
    const auto place = tree.place_of(prefix);
    if (place.name.empty()) continue;
    const auto found = tree.find(prefix);
    if (!place.directory || (found && !found->is_directory))
      return cannot(disk_call::make_directories, path, errc::io_error, "a part of it is a file");
    if (!found) {
      auto made = std::make_shared<virtual_inode>();
      made->is_directory = true;
      tree.link(place, made);
    }
    if (!plan.ignores_syncs) tree.sync(place.directory);
  }
  return {};
}

} // namespace weft
