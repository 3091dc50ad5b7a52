// actors/process_facts.hpp: what the process of a node uses of its machine.
#pragma once
#include <cstdint>
#include <string>

namespace weft::actors {

/// 0 for what the system does not tell.
struct process_facts {
  std::uint64_t cpu_us = 0;                          ///< used by all threads, in user and kernel mode
  std::uint64_t memory_bytes = 0;                    ///< resident
  std::uint64_t disk_bytes = 0, disk_free_bytes = 0; ///< of the file system that has the directory; free for its user
};

/// @thread any; a few system calls, none that waits
[[nodiscard]] process_facts facts_of_process(const std::string& data_dir);

} // namespace weft::actors
