#include "mesh/base/os_disk.hpp"

#include "mesh/base/descriptor.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

namespace weft {
namespace {

errc code_of(int number) noexcept {
  switch (number) {
  case ENOENT: return errc::not_found;
  case EEXIST: return errc::already_exists;
  case ENOSPC:
  case EDQUOT: return errc::disk_full;
  case EMFILE:
  case ENFILE: return errc::descriptors_out;
  default: return errc::io_error;
  }
}

std::string_view remedy_of(errc code) noexcept {
  switch (code) {
  case errc::disk_full: return ": free some space or raise the quota";
  case errc::descriptors_out: return ": raise the limit of open files (ulimit -n)";
  default: return "";
  }
}

/// The failure that errno tells.
tl::unexpected<error> cannot(std::string_view verb, std::string_view what, int number = errno) {
  const auto code = code_of(number);
  return fail(code,
              fmt::format("cannot {} {}: {}{}", verb, what, std::generic_category().message(number), remedy_of(code)));
}

/// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  auto returned = call();
  while (returned < 0 && errno == EINTR)
    returned = call();
  return returned;
}

descriptor_reserve& reserve() {
  // Never destroyed: files may be closed by static destructors.
  static auto& held = *new descriptor_reserve(limits::spare_descriptors);
  return held;
}

descriptor open_path(const std::string& path, int flags) {
  return reserve().open([&] { return uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }); });
}

// --- files

class os_file final : public file {
public:
  os_file(descriptor open, std::string path) : open_(std::move(open)), path_(std::move(path)) {}
  os_file(const os_file&) = delete;
  os_file& operator=(const os_file&) = delete;
  ~os_file() override {
    open_.reset();
    reserve().refill();
  }

  result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto left = into.subspan(done);
      const auto got = uninterrupted(
          [&] { return ::pread(open_.get(), left.data(), left.size(), static_cast<off_t>(offset + done)); });
      if (got < 0) return cannot("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  result<void> write_at(std::uint64_t offset, std::span<const byte_view> parts) override;

  result<void> sync() override {
    if (uninterrupted([&] { return ::fdatasync(open_.get()); }) < 0) return cannot("sync", path_);
    return {};
  }

  result<void> truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(open_.get(), static_cast<off_t>(size)); }) < 0)
      return cannot("truncate", path_);
    return {};
  }

  result<std::uint64_t> size() const override {
    struct stat facts {};
    if (::fstat(open_.get(), &facts) < 0) return cannot("tell the size of", path_);
    return static_cast<std::uint64_t>(facts.st_size);
  }

  result<void> check_private() const override {
    struct stat facts {};
    if (::fstat(open_.get(), &facts) < 0) return cannot("tell the owner of", path_);
    if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
      return fail(errc::denied, fmt::format("{} belongs to another user: chown it to the user that runs this", path_));
    if ((facts.st_mode & 077U) != 0)
      return fail(errc::denied, fmt::format("{} can be opened by other users (mode {:04o}): chmod 600 it", path_,
                                            facts.st_mode & 07777U));
    return {};
  }

  void drop_cache(std::uint64_t offset, std::uint64_t length) const override {
    ::posix_fadvise(open_.get(), static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_DONTNEED);
  }

private:
  descriptor open_;
  std::string path_;
};

/// The next parts to write, beginning `skip` bytes into the first: as many as one call takes.
std::size_t gather(std::span<const byte_view> parts, std::size_t skip, std::span<iovec> into) {
  std::size_t count = 0;
  for (const auto& part : parts) {
    if (count == into.size()) break;
    const auto rest = part.subspan(skip);
    skip = 0;
    if (!rest.empty())
      into[count++] = {const_cast<std::byte*>(rest.data()), rest.size()}; // pwritev does not write there
  }
  return count;
}

result<void> os_file::write_at(std::uint64_t offset, std::span<const byte_view> parts) {
  std::array<iovec, 64> pieces{}; // a commit has a few parts an entry; more than this takes another call
  std::size_t skip = 0;           // written bytes of the first part
  while (!parts.empty()) {
    const auto count = gather(parts, skip, pieces);
    if (count == 0) break;
    const auto put = uninterrupted(
        [&] { return ::pwritev(open_.get(), pieces.data(), static_cast<int>(count), static_cast<off_t>(offset)); });
    if (put < 0) return cannot("write", path_);
    if (put == 0) return fail(errc::io_error, fmt::format("cannot write {}: only a part was written", path_));
    offset += static_cast<std::uint64_t>(put);
    skip += static_cast<std::size_t>(put);
    while (!parts.empty() && skip >= parts.front().size()) {
      skip -= parts.front().size();
      parts = parts.subspan(1);
    }
  }
  return {};
}

/// Syncs a directory. @returns errno, 0 when it is synced
int sync_errno(const std::string& directory) {
  const auto opened = open_path(directory, O_RDONLY | O_DIRECTORY);
  if (!opened || uninterrupted([&] { return ::fsync(opened.get()); }) < 0) return errno;
  return 0;
}

// --- locks

class os_file_lock final : public file_lock {
public:
  os_file_lock(descriptor directory, descriptor locked)
      : directory_(std::move(directory)), locked_(std::move(locked)) {}

private:
  descriptor directory_; // keeps a second one out even when somebody removes the lock file
  descriptor locked_;
};

/// @returns whether it is ours now. A file system without locks on directories counts as ours.
result<bool> try_lock(const descriptor& on, const std::string& path, bool required) {
  if (uninterrupted([&] { return ::flock(on.get(), LOCK_EX | LOCK_NB); }) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  if (!required) return true;
  return cannot("lock", path);
}

tl::unexpected<error> held_by_another(const std::string& path, const descriptor& file) {
  std::array<char, 256> note{};
  const auto got = uninterrupted([&] { return ::pread(file.get(), note.data(), note.size(), 0); });
  if (got <= 0) // it has just begun, or its lock file was replaced
    return fail(errc::locked, fmt::format("cannot lock {}: another process holds it; stop that one first", path));
  const std::string_view holder(note.data(), static_cast<std::size_t>(got));
  return fail(errc::locked, fmt::format("cannot lock {}: it is held by {}; stop that one first", path, holder));
}

// --- the disk

class linux_disk final : public disk {
public:
  result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    const auto flags = mode == open_mode::read         ? O_RDONLY
                       : mode == open_mode::read_write ? O_RDWR
                                                       : O_RDWR | O_CREAT | O_EXCL;
    auto opened = open_path(path, flags | O_NONBLOCK | O_NOCTTY); // a named pipe would wait for who writes into it
    if (!opened) return cannot("open", path);
    struct stat facts {};
    if (::fstat(opened.get(), &facts) < 0 || !S_ISREG(facts.st_mode))
      return fail(errc::io_error, fmt::format("cannot open {}: it is not a file", path));
    return std::make_unique<os_file>(std::move(opened), path);
  }

  result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) < 0) return cannot("rename", fmt::format("{} to {}", from, to));
    return {};
  }

  result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) < 0) return cannot("remove", path);
    return {};
  }

  result<void> sync_directory(const std::string& path) override {
    const auto opened = open_path(path, O_RDONLY | O_DIRECTORY);
    if (!opened || uninterrupted([&] { return ::fsync(opened.get()); }) < 0) return cannot("sync directory", path);
    return {};
  }

  result<void> make_directories(const std::string& path) override {
    for (std::size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      const auto prefix = path.substr(0, end);
      if (auto made = make_directory(prefix); !made) return made;
    }
    struct stat facts {};
    if (::stat(path.c_str(), &facts) < 0) return cannot("make directory", path);
    if (!S_ISDIR(facts.st_mode)) return cannot("make directory", path, ENOTDIR);
    return {};
  }

  result<void> remove_directory(const std::string& path) override {
    if (::rmdir(path.c_str()) < 0) return cannot("remove directory", path);
    return {};
  }

  result<std::vector<std::string>> list(const std::string& path) override;

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  result<std::uint64_t> free_space(const std::string& path) override {
    struct statvfs facts {};
    if (uninterrupted([&] { return ::statvfs(path.c_str(), &facts); }) < 0)
      return cannot("tell the free space of", path);
    return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
  }

  result<std::unique_ptr<file_lock>> lock(const std::string& path, const std::string& note) override;

private:
  result<void> make_directory(const std::string& path);
};

/// A directory that is there may have been made by a run that died before it synced, so its parent is synced too.
result<void> linux_disk::make_directory(const std::string& path) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  const auto why = errno;
  if (!made && why != EEXIST) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode))
      return {}; // there, in a place where we may make nothing
    return cannot("make directory", path, why);
  }
  const auto parent = parent_directory(path);
  const auto number = sync_errno(parent);
  const bool foreign = number == EACCES || number == EPERM || number == EINVAL || number == EROFS;
  if (number == 0 || (!made && foreign)) // somebody else's, who made it long ago
    return {};
  return cannot("sync directory", parent, number);
}

result<std::vector<std::string>> linux_disk::list(const std::string& path) {
  auto opened = open_path(path, O_RDONLY | O_DIRECTORY);
  if (!opened) return cannot("list", path);
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> stream{::fdopendir(opened.get()), close};
  if (!stream) return cannot("list", path);
  static_cast<void>(opened.release());
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (!entry) break;
    std::string name = static_cast<const char*>(entry->d_name);
    if (name == "." || name == "..") continue;
    struct stat facts {};
    const bool directory = entry->d_type == DT_UNKNOWN
                               ? ::fstatat(::dirfd(stream.get()), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
                                     S_ISDIR(facts.st_mode)
                               : entry->d_type == DT_DIR;
    names.push_back(directory ? name + '/' : std::move(name));
  }
  if (errno != 0) return cannot("list", path);
  std::sort(names.begin(), names.end());
  return names;
}

result<std::unique_ptr<file_lock>> linux_disk::lock(const std::string& path, const std::string& note) {
  auto directory = open_path(parent_directory(path), O_RDONLY | O_DIRECTORY);
  if (!directory) return cannot("lock", path);
  auto opened = open_path(path, O_RDWR | O_CREAT);
  if (!opened) return cannot("lock", path);
  const auto directory_ours = try_lock(directory, path, false);
  if (!directory_ours) return fail(directory_ours.error());
  const auto file_ours = try_lock(opened, path, true);
  if (!file_ours) return fail(file_ours.error());
  if (!*directory_ours || !*file_ours) return held_by_another(path, opened);
  if (::ftruncate(opened.get(), 0) < 0 ||
      uninterrupted([&] { return ::pwrite(opened.get(), note.data(), note.size(), 0); }) < 0)
    return cannot("write", path);
  return std::make_unique<os_file_lock>(std::move(directory), std::move(opened));
}

} // namespace

disk& os_disk() noexcept {
  static auto& instance = *new linux_disk; // never destroyed, as the reserve
  static_cast<void>(reserve());
  return instance;
}

} // namespace weft
