// Allocations counted by heap.hpp. The other forms of new and delete, but those for larger alignments, come here.
#include "tests/sim/heap.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // these have their own
#include <cstdlib>
#include <new>

namespace {

/// In front of each block; as large as the alignment that new has to keep.
struct alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) block_head {
  std::size_t owner;
  std::size_t size;
};

} // namespace

void* operator new(std::size_t size) {
  auto* const head = static_cast<block_head*>(std::malloc(sizeof(block_head) + size));
  if (head == nullptr) throw std::bad_alloc();
  auto& ledger = weft::sim::heap_of_process();
  ledger.counts = true;
  *head = {ledger.owner, size};
  ledger.bytes[head->owner] += static_cast<std::int64_t>(size);
  return head + 1;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  auto* const head = static_cast<block_head*>(block) - 1;
  weft::sim::heap_of_process().bytes[head->owner] -= static_cast<std::int64_t>(head->size);
  std::free(head);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
#endif
