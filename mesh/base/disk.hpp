// mesh/base/disk.hpp: all access to files goes through here, so that tests can be the disk.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// An open file. Offsets and lengths are in bytes.
/// @thread reads from any thread; writes, truncate and sync from one thread at a time
class file {
public:
  virtual ~file() = default;

  /// Fills `into` from `offset`. @returns how many bytes: fewer only at the end of the file
  /// @error errc::io_error
  [[nodiscard]] virtual result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;

  /// Writes the parts one after another from `offset`, all of them or an error; what an error left is undefined.
  /// @error errc::disk_full  no space or quota
  /// @error errc::io_error   anything else, a short write included
  [[nodiscard]] virtual result<void> write_at(std::uint64_t offset, std::span<const byte_view> parts) = 0;
  [[nodiscard]] result<void> write_at(std::uint64_t offset, byte_view bytes) {
    return write_at(offset, std::span<const byte_view>(&bytes, 1));
  }

  /// Returns when all that was written is durable. After an error the written bytes are in an unknown state,
  /// and a later success says nothing about them.
  [[nodiscard]] virtual result<void> sync() = 0;
  [[nodiscard]] virtual result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual result<std::uint64_t> size() const = 0;

  /// Whether only this user can read and change the file; a disk without users says yes.
  /// @error errc::denied  others can; the message names the remedy
  [[nodiscard]] virtual result<void> check_private() const { return {}; }

  /// A hint that these synced bytes will not be read soon; may do nothing.
  virtual void drop_cache(std::uint64_t /*offset*/, std::uint64_t /*length*/) const {}
};

/// Holds an exclusive lock on a path until destroyed.
class file_lock {
public:
  virtual ~file_lock() = default;
};

enum class open_mode : std::uint8_t {
  read,       ///< must exist
  read_write, ///< must exist
  create,     ///< must not exist; read and write; mode 0600
};

/// A tree of files. Paths use '/'; a relative one starts at the process's or the test's current directory.
/// @thread any
class disk {
public:
  virtual ~disk() = default;

  /// @error errc::not_found        read or read_write: no such file
  /// @error errc::already_exists   create: the file exists
  /// @error errc::descriptors_out  no descriptor left
  [[nodiscard]] virtual result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) = 0;
  /// Renames within one file system, replacing `to`; durable after the directories are synced.
  [[nodiscard]] virtual result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual result<void> remove(const std::string& path) = 0;
  /// Makes creations, renames and removals in this directory durable.
  [[nodiscard]] virtual result<void> sync_directory(const std::string& path) = 0;
  /// Makes the directory and those above it, mode 0700; durable when it returns; present ones are fine.
  [[nodiscard]] virtual result<void> make_directories(const std::string& path) = 0;
  /// Removes an empty directory.
  [[nodiscard]] virtual result<void> remove_directory(const std::string& path) = 0;
  /// Names in a directory, sorted, without "." and ".."; a directory's name ends in '/'.
  /// @error errc::not_found
  [[nodiscard]] virtual result<std::vector<std::string>> list(const std::string& path) = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  /// Bytes that this user may still write on the path's file system.
  [[nodiscard]] virtual result<std::uint64_t> free_space(const std::string& path) = 0;

  /// Locks the file at `path` for this process, making it with `note` as its content. One lock a directory: it holds
  /// even when somebody removes the file.
  /// @error errc::locked  another holder; the message has the content that the holder wrote
  [[nodiscard]] virtual result<std::unique_ptr<file_lock>> lock(const std::string& path, const std::string& note) = 0;
};

/// The whole file. @error errc::too_large  it has more than `limit` bytes
[[nodiscard]] result<std::vector<std::byte>> read_file(disk& from, const std::string& path, std::uint64_t limit);
/// Replaces the file's content so that after a crash either the old or the new one is there:
/// a new file, sync, rename, sync of the directory.
[[nodiscard]] result<void> write_file_durably(disk& to, const std::string& path, byte_view content);
/// The part of a path before its last '/', "." without one.
[[nodiscard]] std::string parent_directory(const std::string& path);

} // namespace weft
