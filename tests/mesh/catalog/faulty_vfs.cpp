#include "tests/mesh/catalog/faulty_vfs.hpp"

#include <cerrno>
#include <new>
#include <sqlite3.h>
#include <unistd.h>

namespace weft::catalog {
namespace {

struct {
  fault what = fault::none;
  std::uint64_t after = 0, calls = 0, syncs = 0;
} plan;

sqlite3_vfs* real_vfs = nullptr;

struct wrapped_file {
  sqlite3_file base;
  sqlite3_file* real; // lies behind this struct
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<wrapped_file*>(file)->real; }

/// SQLITE_OK, or what the fault returns.
int strike(bool is_sync) {
  if (is_sync) ++plan.syncs;
  if (plan.calls++ < plan.after || plan.what == fault::none) return SQLITE_OK;
  if (plan.what == fault::sudden_end) ::_exit(77);
  if (plan.what == fault::failed) return is_sync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
  return is_sync ? SQLITE_OK : SQLITE_FULL;
}

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), into, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const auto code = strike(false);
  return code == SQLITE_OK ? real(file)->pMethods->xWrite(real(file), from, size, at) : code;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const auto code = strike(false);
  return code == SQLITE_OK ? real(file)->pMethods->xTruncate(real(file), size) : code;
}
int sync_file(sqlite3_file* file, int flags) {
  const auto code = strike(true);
  return code == SQLITE_OK ? real(file)->pMethods->xSync(real(file), flags) : code;
}
int size_of_file(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* out) { return real(file)->pMethods->xCheckReservedLock(real(file), out); }
int control_file(sqlite3_file* file, int op, void* arg) {
  return real(file)->pMethods->xFileControl(real(file), op, arg);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

/// Version 1: without shared memory, which exclusive locking does not need.
const sqlite3_io_methods methods = {
    1,         close_file,  read_file,  write_file,   truncate_file, sync_file,       size_of_file,
    lock_file, unlock_file, check_lock, control_file, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,     nullptr,    nullptr,      nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* into, int flags, int* out_flags) {
  auto* file = new (into) wrapped_file{{nullptr}, nullptr};
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  const auto code = real_vfs->xOpen(real_vfs, name, file->real, flags, out_flags);
  if (file->real->pMethods != nullptr) file->base.pMethods = &methods;
  return code;
}

} // namespace

void arm(fault what, std::uint64_t after) { plan = {what, after, 0, 0}; }

std::uint64_t calls() { return plan.calls; }

std::uint64_t syncs() { return plan.syncs; }

void install_faulty_vfs() {
  if (real_vfs != nullptr) return;
  real_vfs = sqlite3_vfs_find(nullptr);
  static auto vfs = *real_vfs; // all but opening is the real one's
  vfs.zName = "faulty";
  vfs.szOsFile = static_cast<int>(sizeof(wrapped_file)) + real_vfs->szOsFile;
  vfs.xOpen = open_file;
  sqlite3_vfs_register(&vfs, 1);
}

} // namespace weft::catalog
