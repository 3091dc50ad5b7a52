#include "mesh/base/virtual_disk.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/virtual_tree.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <mutex>

namespace weft {

struct virtual_disk::world {
  /// One call under way: holds the world until it ends.
  struct call {
    std::unique_lock<std::mutex> held;
    std::optional<error> failed; ///< by the plan
  };

  mutable std::mutex mutex;
  virtual_tree tree;
  std::uint64_t run = 0; // crashes so far: files and locks of an older run are gone
  disk_fault_plan plan;
  disk_call_counts counts;
  disk_call_counts counts_of_plan;
  std::uint64_t faults_hit = 0;
  std::shared_ptr<const hook> before_each_call;
  std::vector<inode_ptr> locked; // directories of the lock files

  [[nodiscard]] call begin(disk_call kind, const std::string& path);
  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] result<void> write(const inode_ptr& file, const std::string& path, std::uint64_t offset,
                                   std::span<const byte_view> parts);
  [[nodiscard]] result<void> rename(const std::string& from, const std::string& to);
  [[nodiscard]] result<void> unlink(const std::string& path, bool directory);
  [[nodiscard]] result<void> make_directories(const std::string& path);
  [[nodiscard]] result<inode_ptr> open(const std::string& path, open_mode mode);
  void end_run();
};

namespace {

constexpr std::array<std::string_view, disk_calls> verbs{"open",   "read",           "write",
                                                         "sync",   "truncate",       "rename",
                                                         "remove", "sync directory", "make directories",
                                                         "list",   "lock",           "tell the free space of"};

auto cannot(disk_call kind, const std::string& path, errc code, std::string_view why) {
  return fail(code, fmt::format("cannot {} {}: {}", verbs[static_cast<std::size_t>(kind)], path, why));
}

inode_ptr make_file(byte_view durable = {}) {
  auto made = std::make_shared<virtual_inode>();
  made->content = std::make_shared<virtual_content>(durable);
  return made;
}

inode_ptr file_at(const virtual_tree& tree, const std::string& path) {
  auto found = tree.find(path);
  return found && !found->is_directory ? found : nullptr;
}

} // namespace

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
  ++counts_of_plan.by_kind[index];
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
    target = file_at(tree, plan.misdirected->path);
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
  locked.clear();
}

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
    if (call.failed && run_ == world_->run) inode_->writable().fail_sync();
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
    if (run_ == world_->run) inode_->writable().drop_cache(offset, length);
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
  found = make_file();
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

std::uint64_t virtual_disk::faults_hit() const {
  const std::scoped_lock lock{world_->mutex};
  return world_->faults_hit;
}

disk_call_counts virtual_disk::counts() const {
  const std::scoped_lock lock{world_->mutex};
  return world_->counts;
}

void virtual_disk::set_hook(hook before_each_call) {
  const std::scoped_lock lock{world_->mutex};
  world_->before_each_call = before_each_call ? std::make_shared<const hook>(std::move(before_each_call)) : nullptr;
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
