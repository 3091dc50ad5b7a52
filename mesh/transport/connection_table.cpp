// mesh/transport/connection_table.cpp: joins descriptors, handshakes and frames by the order of events.
#include "mesh/transport/connection_table.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::transport {

connection& connection_table::accepted(int fd, std::string address, mono_time now) {
  const connection_number number{++last_connection_};
  connection made;
  made.number = number;
  made.fd = fd;
  made.address = std::move(address);
  made.since = now;
  made.opened_at = ++events_;
  by_fd_[fd].push_back(number);
  return connections_.emplace(number, std::move(made)).first->second;
}

connection* connection_table::disconnected(int fd, mono_time now) {
  const auto found = by_fd_.find(fd);
  if (found == by_fd_.end()) return nullptr;
  connection* last = find(found->second.back());
  if (last == nullptr || last->lost) return nullptr;
  last->lost = now;
  last->lost_at = ++events_;
  lost_.push_back(last->number);
  return last;
}

serial connection_table::admit(const curve_public_key& key) {
  const serial speaker{++last_serial_};
  admissions_.emplace(speaker, admission{key, events_, {}});
  ++unbound_;
  return speaker;
}

const connection_table::admission* connection_table::find(serial speaker) const {
  const auto found = admissions_.find(speaker);
  return found == admissions_.end() ? nullptr : &found->second;
}

connection* connection_table::find(connection_number number) {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : &found->second;
}

bool connection_table::could_be(const connection& c, const admission& a) const noexcept {
  return !c.speaker && c.opened_at <= a.at && (!c.lost || c.lost_at > a.at);
}

connection* connection_table::bind(serial speaker, int fd) {
  const auto admitted = admissions_.find(speaker);
  if (admitted == admissions_.end()) return nullptr;
  if (admitted->second.bound) return find(*admitted->second.bound);
  const auto found = by_fd_.find(fd);
  if (found == by_fd_.end()) return nullptr;
  for (const auto number : found->second) {
    auto& candidate = connections_.at(number);
    if (!could_be(candidate, admitted->second)) continue;
    candidate.speaker = speaker;
    admitted->second.bound = number;
    --unbound_;
    return &candidate;
  }
  return nullptr;
}

void connection_table::forget(connection_number number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  const auto at_fd = by_fd_.find(found->second.fd);
  std::erase(at_fd->second, number);
  if (at_fd->second.empty()) by_fd_.erase(at_fd);
  if (found->second.lost) std::erase(lost_, number);
  if (found->second.speaker) admissions_.erase(*found->second.speaker);
  connections_.erase(found);
  // Most connections that never spoke were never admitted; a look over all now and then bounds the others.
  if (unbound_ > look_over_at_) forget_impossible_admissions();
}

void connection_table::forget_impossible_admissions() {
  unbound_ -= std::erase_if(admissions_, [this](const auto& item) {
    return !item.second.bound && std::none_of(connections_.begin(), connections_.end(),
                                              [&](const auto& open) { return could_be(open.second, item.second); });
  });
  // One that is open and silent may be any of many that are gone: then the older half of those is given up.
  if (unbound_ >= limits::admissions_kept_max) {
    const serial recent{last_serial_ - limits::admissions_kept_max / 2};
    unbound_ -= std::erase_if(admissions_, [&](const auto& item) { return !item.second.bound && item.first < recent; });
  }
  look_over_at_ = std::min(2 * unbound_ + 16, limits::admissions_kept_max);
}

} // namespace weft::transport
