#include "sdk/cli/publish_tally.hpp"

namespace weft::cli {

void publish_tally::add(const result<ack>& outcome) {
  const std::lock_guard held{mutex_};
  if (outcome) {
    ++counts_.acknowledged;
    const auto& at = outcome->position;
    if (!counts_.first || at.at < counts_.first->at) counts_.first = at;
    if (!counts_.last || at.at > counts_.last->at) counts_.last = at;
  } else {
    ++counts_.failed;
    if (!counts_.why) counts_.why = outcome.error();
  }
  more_.notify_all();
}

publish_tally::counts publish_tally::now() const {
  const std::lock_guard held{mutex_};
  return counts_;
}

void publish_tally::wait_beyond(std::uint64_t answered, std::chrono::milliseconds within) const {
  std::unique_lock held{mutex_};
  more_.wait_for(held, within, [&] { return counts_.answered() > answered; });
}

} // namespace weft::cli
