#include "actors/process_facts.hpp"

#include <fstream>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace weft::actors {
namespace {

std::uint64_t us_of(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

/// The second number of statm, in pages. @source proc(5)
std::uint64_t resident_bytes() {
  std::ifstream pages("/proc/self/statm");
  std::uint64_t whole = 0;
  std::uint64_t resident = 0;
  return pages >> whole >> resident ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace

process_facts facts_of_process(const std::string& data_dir) {
  process_facts facts;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) facts.cpu_us = us_of(used.ru_utime) + us_of(used.ru_stime);
  facts.memory_bytes = resident_bytes();
  struct statvfs disk {};
  if (::statvfs(data_dir.c_str(), &disk) == 0) {
    facts.disk_bytes = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
    facts.disk_free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  }
  return facts;
}

} // namespace weft::actors
