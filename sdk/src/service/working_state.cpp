#include "sdk/src/service/working_state.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"

#include <utility>

namespace weft::detail {
namespace {

std::size_t size_of(const state_key& of, const std::optional<std::string>& value) {
  return of.table.size() + of.key.size() + (value ? value->size() : 0);
}

} // namespace

result<std::optional<std::string>> working_state::read(const state_key& of) {
  std::unique_lock held{mutex_};
  for (const auto* const part : {&changes_, &sealed_, &known_})
    if (const auto found = part->find(of); found != part->end()) return found->second;
  const auto before = steps_written_;
  held.unlock();
  auto value = on_disk_->read(of);
  held.lock();
  if (value && before == steps_written_) remember(of, *value);
  return value;
}

void working_state::change(const state_key& of, std::optional<std::string> value) {
  const std::lock_guard held{mutex_};
  bytes_ += size_of(of, value);
  changes_.insert_or_assign(of, std::move(value));
}

const state_changes& working_state::seal() {
  const std::lock_guard held{mutex_};
  WEFT_ASSERT(sealed_.empty());
  std::swap(sealed_, changes_);
  bytes_ = 0;
  return sealed_;
}

void working_state::written() {
  const std::lock_guard held{mutex_};
  ++steps_written_;
  for (auto& [at, value] : sealed_)
    remember(at, std::move(value));
  sealed_.clear();
}

// Needs the lock.
void working_state::remember(const state_key& of, std::optional<std::string> value) {
  if (const auto before = known_.find(of); before != known_.end()) {
    known_bytes_ -= size_of(of, before->second);
    known_.erase(before);
  }
  const auto size = size_of(of, value);
  if (known_bytes_ + size > limits::state_cache_bytes) {
    known_.clear();
    known_bytes_ = 0;
  }
  known_bytes_ += size;
  known_.emplace(of, std::move(value));
}

} // namespace weft::detail
