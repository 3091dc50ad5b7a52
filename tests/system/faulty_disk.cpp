// tests/system/faulty_disk.cpp: a disk that a test controls, to be preloaded. WEFT_TEST_DISK names a directory:
//   sync-waits   while somebody holds an exclusive flock on it, every sync waits
//   sync-fails   while it is there, every sync fails with EIO
//   no-quota     while it is there, every write of the log fails with EDQUOT
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::string named(const char* fault) {
  const char* const directory = std::getenv("WEFT_TEST_DISK");
  return directory == nullptr ? std::string() : std::string(directory) + "/" + fault;
}

bool is_there(const char* fault) { return ::access(named(fault).c_str(), F_OK) == 0; }

void wait_at_gate() {
  const int file = ::open(named("sync-waits").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  while (::flock(file, LOCK_SH) != 0) {} // interrupted by a signal
  ::close(file);
}

int sync(const char* name, int file) {
  wait_at_gate();
  if (is_there("sync-fails")) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(file);
}

} // namespace

extern "C" int fsync(int file) { return sync("fsync", file); }
extern "C" int fdatasync(int file) { return sync("fdatasync", file); }

extern "C" ssize_t pwritev(int file, const iovec* parts, int count, off_t offset) {
  if (is_there("no-quota")) {
    errno = EDQUOT;
    return -1;
  }
  using function = ssize_t (*)(int, const iovec*, int, off_t);
  return reinterpret_cast<function>(::dlsym(RTLD_NEXT, "pwritev"))(file, parts, count, offset);
}
