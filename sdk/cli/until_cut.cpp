#include "sdk/cli/until_cut.hpp"

namespace weft::cli {
namespace {

constexpr std::chrono::seconds found_within{1};     // every log that may have something, after the last one
constexpr std::chrono::seconds progress_within{10}; // of any log, else what is missing is not waited for

} // namespace

bool until_cut::is_read(const log_progress& log) {
  if (log.log_time >= cut_.bound) return log.handled.seq >= ends_.try_emplace(log.log, log.head).first->second;
  return cut_.absent.contains(log.node) && log.log_time > wall_time{} && log.handled.seq >= log.head;
}

until_cut::verdict until_cut::look(const std::vector<log_progress>& logs, std::chrono::steady_clock::time_point now) {
  auto unread = expected_;
  std::map<log_id, log_position> handled;
  for (const auto& log : logs) {
    handled.emplace(log.log, log.handled);
    if (is_read(log))
      unread.erase(log.node);
    else
      unread.insert(log.node);
  }
  const bool moves = unread != unread_ || handled.size() != handled_.size() || (!unread.empty() && handled != handled_);
  if (!progress_at_ || moves) progress_at_ = now;
  unread_ = std::move(unread);
  handled_ = std::move(handled);
  const bool is_whole = unread_.empty();
  if (now - *progress_at_ < (is_whole ? found_within : progress_within)) return verdict::reading;
  return is_whole ? verdict::whole : verdict::lacking;
}

} // namespace weft::cli
