// tests/system/slow_sync.cpp: a slow disk, to be preloaded: every sync waits while somebody holds an exclusive flock on
// the file that WEFT_TEST_SYNC_GATE names.
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace {

void wait_at_gate() {
  const char* const gate = std::getenv("WEFT_TEST_SYNC_GATE");
  if (gate == nullptr) return;
  const int file = ::open(gate, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  while (::flock(file, LOCK_SH) != 0) {} // interrupted by a signal
  ::close(file);
}

int call(const char* name, int file) {
  wait_at_gate();
  return reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, name))(file);
}

} // namespace

extern "C" int fsync(int file) { return call("fsync", file); }
extern "C" int fdatasync(int file) { return call("fdatasync", file); }
