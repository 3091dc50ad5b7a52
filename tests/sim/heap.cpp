#include "tests/sim/heap.hpp"

#include <utility>

namespace weft::sim {

heap_ledger& heap_of_process() noexcept {
  static constinit heap_ledger ledger; // one thread: see isolated_run.hpp
  return ledger;
}

heap_owner::heap_owner(std::optional<host_index> host) noexcept
    : before_(std::exchange(heap_of_process().owner,
                            host && host->value() < heap_hosts_max ? std::size_t{host->value()} + 1 : 0)) {}
heap_owner::~heap_owner() { heap_of_process().owner = before_; }

std::int64_t heap_bytes(host_index host) noexcept {
  return host.value() < heap_hosts_max ? heap_of_process().bytes[host.value() + 1] : 0;
}

} // namespace weft::sim
