// tests/sim/heap.hpp: how many bytes each simulated node holds. Counted in programs that link counted_new.cpp.
#pragma once
#include "tests/sim/process.hpp"

#include <cstddef>
#include <optional>

namespace weft::sim {

/// What is allocated while it lives is of the host, or of nobody; freed bytes are taken from whoever allocated them.
class heap_owner {
public:
  explicit heap_owner(std::optional<host_index> host) noexcept;
  heap_owner(const heap_owner&) = delete;
  heap_owner& operator=(const heap_owner&) = delete;
  ~heap_owner();

private:
  std::size_t before_;
};

/// Of a process and its disk's content; hosts from heap_hosts_max on are not counted.
[[nodiscard]] std::int64_t heap_bytes(host_index host) noexcept;
inline constexpr std::size_t heap_hosts_max = 63;

/// For counted_new.cpp.
struct heap_ledger {
  std::size_t owner = 0;                       ///< 0: nobody, else a host's index and 1
  std::int64_t bytes[heap_hosts_max + 1] = {}; ///< by owner
  bool counts = false;                         ///< whether anybody counts
};
[[nodiscard]] heap_ledger& heap_of_process() noexcept;

} // namespace weft::sim
