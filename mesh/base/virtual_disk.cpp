#include "mesh/base/virtual_disk.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/virtual_world.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace weft {

using namespace virtual_detail;

// --- open files

class virtual_disk::handle final : public file {
public:
  handle(std::shared_ptr<world> of, inode_ptr inode, std::string path, bool writes)
      : world_(std::move(of)), inode_(std::move(inode)), path_(std::move(path)), run_(world_->run), writes_(writes) {}

  result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    const auto call = world_->begin(disk_call::read, path_);
    if (auto usable = check(call, disk_call::read); !usable) return fail(std::move(usable.error()));
    const auto bytes = inode_->content->bytes();
    const auto from = bytes.subspan(std::min<std::uint64_t>(offset, bytes.size()));
    const auto count = std::min(from.size(), into.size());
    if (count > 0) std::memcpy(into.data(), from.data(), count);
    return count;
  }

  result<void> write_at(std::uint64_t offset, std::span<const byte_view> parts) override {
    const auto call = world_->begin(disk_call::write, path_);
    if (auto usable = check_writable(call, disk_call::write); !usable) return usable;
    return world_->write(inode_, path_, offset, parts);
  }

  result<void> sync() override {
    const auto call = world_->begin(disk_call::sync, path_);
    auto usable = check(call, disk_call::sync);
    if (call.failed && run_ == world_->run && !world_->halted) inode_->writable().fail_sync();
    if (usable && !world_->plan.ignores_syncs) inode_->writable().sync();
    return usable;
  }

  result<void> truncate(std::uint64_t size) override {
    const auto call = world_->begin(disk_call::truncate, path_);
    if (auto usable = check_writable(call, disk_call::truncate); !usable) return usable;
    inode_->writable().truncate(size);
    return {};
  }

  result<std::uint64_t> size() const override {
    const std::scoped_lock lock{world_->mutex};
    if (run_ != world_->run)
      return fail(errc::io_error, fmt::format("cannot tell the size of {}: its process has ended", path_));
    return inode_->content->bytes().size();
  }

  void drop_cache(std::uint64_t offset, std::uint64_t length) const override {
    const std::scoped_lock lock{world_->mutex};
    if (run_ != world_->run) return;
    ++world_->cache_drops;
    inode_->writable().drop_cache(offset, length);
  }

private:
  [[nodiscard]] result<void> check(const world::call& call, disk_call kind) const {
    if (run_ != world_->run) return cannot(kind, path_, errc::io_error, "its process has ended");
    if (call.failed) return fail(*call.failed);
    return {};
  }
  [[nodiscard]] result<void> check_writable(const world::call& call, disk_call kind) const {
    if (!writes_) return cannot(kind, path_, errc::io_error, "it is open for reading only");
    return check(call, kind);
  }

  std::shared_ptr<world> world_;
  inode_ptr inode_;
  std::string path_;
  std::uint64_t run_;
  bool writes_;
};

class virtual_disk::held_lock final : public file_lock {
public:
  held_lock(std::shared_ptr<world> of, inode_ptr directory)
      : world_(std::move(of)), directory_(std::move(directory)), run_(world_->run) {}
  held_lock(const held_lock&) = delete;
  held_lock& operator=(const held_lock&) = delete;
  ~held_lock() override {
    const std::scoped_lock lock{world_->mutex};
    if (run_ == world_->run) std::erase(world_->locked, directory_);
  }

private:
  std::shared_ptr<world> world_;
  inode_ptr directory_;
  std::uint64_t run_;
};

// --- the disk

virtual_disk::virtual_disk() : world_(std::make_shared<world>()) {}
virtual_disk::virtual_disk(std::shared_ptr<world> of) noexcept : world_(std::move(of)) {}
virtual_disk::~virtual_disk() = default;

result<std::unique_ptr<file>> virtual_disk::open(const std::string& path, open_mode mode) {
  const auto call = world_->begin(disk_call::open, path);
  if (call.failed) return fail(*call.failed);
  auto inode = world_->open(path, mode);
  if (!inode) return fail(std::move(inode.error()));
  return std::make_unique<handle>(world_, std::move(*inode), path, mode != open_mode::read);
}

result<void> virtual_disk::rename(const std::string& from, const std::string& to) {
  const auto call = world_->begin(disk_call::rename, from);
  if (call.failed) return fail(*call.failed);
  return world_->rename(from, to);
}

result<void> virtual_disk::remove(const std::string& path) {
  const auto call = world_->begin(disk_call::remove, path);
  if (call.failed) return fail(*call.failed);
  return world_->unlink(path, false);
}

result<void> virtual_disk::remove_directory(const std::string& path) {
  const auto call = world_->begin(disk_call::remove, path);
  if (call.failed) return fail(*call.failed);
  return world_->unlink(path, true);
}

result<void> virtual_disk::sync_directory(const std::string& path) {
  const auto call = world_->begin(disk_call::sync_directory, path);
  if (call.failed) return fail(*call.failed);
  const auto found = world_->tree.find(path);
  if (!found || !found->is_directory)
    return cannot(disk_call::sync_directory, path, errc::not_found, "no such directory");
  if (!world_->plan.ignores_syncs) world_->tree.sync(found);
  return {};
}

result<void> virtual_disk::make_directories(const std::string& path) {
  const auto call = world_->begin(disk_call::make_directories, path);
  if (call.failed) return fail(*call.failed);
  return world_->make_directories(path);
}

result<std::vector<std::string>> virtual_disk::list(const std::string& path) {
  const auto call = world_->begin(disk_call::list, path);
  if (call.failed) return fail(*call.failed);
  const auto found = world_->tree.find(path);
  if (!found || !found->is_directory) return cannot(disk_call::list, path, errc::not_found, "no such directory");
  std::vector<std::string> names;
  for (const auto& [name, inode] : found->entries)
    names.push_back(inode->is_directory ? name + "/" : name);
  std::sort(names.begin(), names.end());
  return names;
}

bool virtual_disk::exists(const std::string& path) {
  const std::scoped_lock lock{world_->mutex};
  return world_->tree.find(path) != nullptr;
}

result<std::uint64_t> virtual_disk::free_space(const std::string& path) {
  const auto call = world_->begin(disk_call::free_space, path);
  if (call.failed) return fail(*call.failed);
  const auto used = world_->used();
  return world_->plan.capacity > used ? world_->plan.capacity - used : 0;
}

result<std::unique_ptr<file_lock>> virtual_disk::lock(const std::string& path, const std::string& note) {
  const auto call = world_->begin(disk_call::lock, path);
  if (call.failed) return fail(*call.failed);
  const auto place = world_->tree.place_of(path);
  if (!place.directory) return cannot(disk_call::lock, path, errc::not_found, "no such directory");
  auto inode = world_->tree.find(path);
  if (std::ranges::find(world_->locked, place.directory) != world_->locked.end())
    return cannot(disk_call::lock, path, errc::locked,
                  inode ? as_text(inode->content->bytes()) : "somebody holds it whose lock file is gone");
  if (!inode) {
    inode = make_file();
    world_->tree.link(place, inode);
  }
  inode->writable().truncate(0);
  inode->writable().write(0, as_bytes(note));
  world_->locked.push_back(place.directory);
  return std::make_unique<held_lock>(world_, place.directory);
}

// --- faults

void virtual_disk::set_faults(disk_fault_plan plan) {
  const std::scoped_lock lock{world_->mutex};
  world_->plan = std::move(plan);
  world_->counts_of_plan = {};
  world_->faults_hit = 0;
}

void virtual_disk::hold_faults(bool held) {
  const std::scoped_lock lock{world_->mutex};
  world_->faults_held = held;
}

std::uint64_t virtual_disk::memory() const {
  const std::scoped_lock lock{world_->mutex};
  std::uint64_t sum = 0;
  world_->tree.each_file([&](const std::string&, const virtual_inode& file) { sum += file.content->memory(); });
  return sum;
}

std::uint64_t virtual_disk::faults_hit() const {
  const std::scoped_lock lock{world_->mutex};
  return world_->faults_hit;
}

std::uint64_t virtual_disk::cache_drops() const {
  const std::scoped_lock lock{world_->mutex};
  return world_->cache_drops;
}

disk_call_counts virtual_disk::counts() const {
  const std::scoped_lock lock{world_->mutex};
  return world_->counts;
}

void virtual_disk::set_hook(hook before_each_call) {
  const std::scoped_lock lock{world_->mutex};
  world_->before_each_call = before_each_call ? std::make_shared<const hook>(std::move(before_each_call)) : nullptr;
}

void virtual_disk::halt() {
  const std::scoped_lock lock{world_->mutex};
  world_->halted = true;
}

void virtual_disk::crash(random_source& random) {
  const std::scoped_lock lock{world_->mutex};
  world_->end_run();
  world_->tree.crash(random);
  world_->tree.each_file([&](const std::string&, virtual_inode& file) { file.writable().crash(random); });
}

void virtual_disk::crash_losing_nothing() {
  const std::scoped_lock lock{world_->mutex};
  world_->end_run();
}

void virtual_disk::crash_losing_everything_unsynced() {
  const std::scoped_lock lock{world_->mutex};
  world_->end_run();
  world_->tree.crash_losing_everything_unsynced();
  world_->tree.each_file(
      [](const std::string&, virtual_inode& file) { file.writable().crash_losing_everything_unsynced(); });
}

void virtual_disk::flip_bit(const std::string& path, std::uint64_t offset, unsigned bit) {
  const std::scoped_lock lock{world_->mutex};
  const auto found = file_at(world_->tree, path);
  WEFT_ASSERT(found != nullptr);
  found->writable().flip_bit(offset, bit);
}

// --- for tests

std::unique_ptr<virtual_disk> virtual_disk::clone() const {
  const std::scoped_lock lock{world_->mutex};
  auto copy = std::make_shared<world>();
  copy->tree = world_->tree.clone();
  return std::unique_ptr<virtual_disk>(new virtual_disk(std::move(copy)));
}

std::optional<std::vector<std::byte>> virtual_disk::content(const std::string& path) const {
  const std::scoped_lock lock{world_->mutex};
  const auto found = file_at(world_->tree, path);
  if (!found) return std::nullopt;
  const auto bytes = found->content->bytes();
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

void virtual_disk::restore(const std::string& path, byte_view content) {
  const std::scoped_lock lock{world_->mutex};
  const auto lying = std::exchange(world_->plan.ignores_syncs, false);
  const auto made = world_->make_directories(parent_directory(path));
  WEFT_ASSERT(made.has_value());
  const auto place = world_->tree.place_of(path);
  world_->tree.link(place, make_file(content));
  world_->tree.sync(place.directory);
  world_->plan.ignores_syncs = lying;
}

std::vector<std::string> virtual_disk::files() const {
  const std::scoped_lock lock{world_->mutex};
  std::vector<std::string> paths;
  world_->tree.each_file([&](const std::string& path, virtual_inode&) { paths.push_back(path); });
  std::sort(paths.begin(), paths.end());
  return paths;
}

} // namespace weft
