#include "tests/sim/mesh/event_book.hpp"

#include "tests/sim/heap.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace weft::sim {

std::uint64_t event_book::published(published_event event) {
  const heap_owner nobody{std::nullopt};
  events_.push_back(std::move(event));
  return events_.size() - 1;
}

std::string event_book::value_of(std::uint64_t number) const {
  auto value = fmt::format("{}:", number);
  value.resize(value.size() + events_.at(number).padding, static_cast<char>('a' + number % 26));
  return value;
}

void event_book::acknowledged(std::uint64_t number, const log_position& at, ack_level level) {
  const heap_owner nobody{std::nullopt};
  auto& event = events_.at(number);
  event.at = at;
  event.promised = level == ack_level::synced;
  positions_[event.log].emplace(at, number);
}

// --- what may be seen

void event_book::opened(const log_id& log, epoch opening, seq begin) {
  const heap_owner nobody{std::nullopt};
  auto& known = synced_[log];
  for (auto& [before, end] : known)
    if (before < opening) end = std::max(end, begin);
  known[opening] = begin;
}

void event_book::synced(const log_id& log, epoch opening, seq end) {
  const heap_owner nobody{std::nullopt};
  auto& known = synced_[log][opening];
  known = std::max(known, end);
}

result<void> event_book::check_synced(const log_id& log, const log_position& at) const {
  const auto known = synced_.find(log);
  const auto end = known == synced_.end() ? std::map<epoch, seq>::const_iterator{} : known->second.find(at.epoch);
  if (known == synced_.end() || end == known->second.end())
    return fail(errc::corrupt, fmt::format("{}: there never was that epoch", to_string(at)));
  if (at.seq >= end->second)
    return fail(errc::corrupt,
                fmt::format("{} is seen, and synced is what lies below {}", to_string(at), end->second.value()));
  return {};
}

result<void> event_book::place(std::uint64_t number, const log_id& log, const log_position& at) {
  const heap_owner nobody{std::nullopt};
  auto& event = events_[number];
  const auto [there, fresh] = positions_[log].emplace(at, number);
  if (there->second != number)
    return fail(errc::corrupt, fmt::format("events {} and {} are both at {}", there->second, number, to_string(at)));
  if (event.at && *event.at != at)
    return fail(errc::corrupt, fmt::format("event {} is at {} and at {}", number, to_string(*event.at), to_string(at)));
  event.at = at;
  return {};
}

result<std::uint64_t> event_book::saw(const log_id& log, const log_position& at, std::string_view topic,
                                      const wire::event_view& event) {
  const auto value = as_text(event.value);
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (bad != std::errc{} || number >= events_.size())
    return fail(errc::corrupt, fmt::format("invented: {} at {}", value.substr(0, 20), to_string(at)));
  const auto& truth = events_[number];
  if (truth.log != log || mesh_topics.at(truth.topic) != topic || truth.key != as_text(event.key) ||
      truth.type != event.type || value != value_of(number))
    return fail(errc::corrupt, fmt::format("event {} at {} is not as it was published", number, to_string(at)));
  if (auto good = check_synced(log, at); !good) return fail(good.error());
  if (auto good = place(number, log, at); !good) return fail(good.error());
  return number;
}

const std::map<log_position, std::uint64_t>& event_book::positions(const log_id& log) const {
  static const std::map<log_position, std::uint64_t> none;
  const auto found = positions_.find(log);
  return found == positions_.end() ? none : found->second;
}

// --- retention

void event_book::start_moved(const log_id& log, topic_id topic, const log::topic_start& to) {
  const heap_owner nobody{std::nullopt};
  starts_[{log, topic}].push_back({++moment_, to});
  begins_[log][topic] = to;
}

const std::map<topic_id, log::topic_start>& event_book::starts(const log_id& log) const {
  static const std::map<topic_id, log::topic_start> none;
  const auto found = begins_.find(log);
  return found == begins_.end() ? none : found->second;
}

bool event_book::removed(const log_id& log, std::size_t topic, const log_position& at, std::uint64_t by) const {
  const auto found = starts_.find({log, topic_number(topic)});
  return found != starts_.end() &&
         std::ranges::any_of(found->second, [&](const moved_start& one) { return one.when <= by && at < one.to.at; });
}

} // namespace weft::sim
