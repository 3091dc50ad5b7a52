#include "tests/mesh/log/compaction_history.hpp"

#include <fmt/format.h>

namespace weft::log::testing {
namespace {

/// A tombstone has no value of its own: its key tells it from others.
std::string name_of_event(const key_value& event) {
  return event.value.empty() ? "tombstone of " + event.key : event.value;
}

} // namespace

void compaction_history::submitted(topic_id topic, const std::vector<key_value>& events) {
  for (const auto& event : events)
    submitted_[topic][name_of_event(event)] = event.key;
}

void compaction_history::promised(topic_id topic, const std::vector<key_value>& events, const appended& where) {
  for (std::uint32_t i = 0; i < events.size(); ++i)
    known_[topic][{where.epoch, where.first + i}] = {events[i], where.first_offset + i, where.at};
}

std::string compaction_history::check(node_log& log, const ages& old) {
  std::map<topic_id, topic_events> found;
  if (auto broken = read_all(log, found); !broken.empty()) return broken;
  for (auto& [topic, events] : known_) {
    if (auto broken = compare(events, found[topic], old); !broken.empty())
      return fmt::format("topic {}: {}", topic.value(), broken);
    events.insert(found[topic].begin(), found[topic].end());
  }
  for (const auto& [topic, events] : found)
    known_[topic].insert(events.begin(), events.end());
  return {};
}

std::string compaction_history::read_all(node_log& log, std::map<topic_id, topic_events>& into) const {
  auto from = log.state().begin;
  log_position before;
  while (true) {
    const auto read = log.read({from, 2000, 0, {}});
    if (!read && read.error().code() == errc::end_of_log) return {};
    if (!read) return read.error().message();
    for (const auto& entry : read->entries)
      for (const auto& [topic, at, offset, event] : events_of(entry)) {
        if (at < from || at <= before) return fmt::format("{} comes behind {}", to_string(at), to_string(before));
        before = at;
        const auto topic_known = submitted_.find(topic);
        if (topic_known == submitted_.end()) return "an unknown topic";
        const auto known = topic_known->second.find(name_of_event(event));
        if (known == topic_known->second.end() || known->second != event.key) return "invented: " + event.value;
        into[topic][at] = {event, offset, entry.header.appended};
      }
    from = {read->epoch, read->until};
  }
}

std::string compaction_history::compare(topic_events& known, const topic_events& found, const ages& old) const {
  std::map<std::string, log_position> last_found;
  for (const auto& [at, what] : found)
    if (!what.event.key.empty()) last_found[what.event.key] = at;
  std::map<std::string, std::pair<log_position, const known_event*>> last_known;
  for (const auto& [at, what] : known) {
    if (!what.event.key.empty()) last_known[what.event.key] = {at, &what};
    const auto there = found.find(at);
    if (there != found.end()) {
      if (there->second.event != what.event || there->second.offset != what.offset)
        return fmt::format("{} is not what it was", to_string(at));
      continue;
    }
    if (what.gone) continue;
    const auto name =
        fmt::format("{} of key '{}' at {}", what.event.value.substr(0, 20), what.event.key, to_string(at));
    if (what.event.key.empty()) return "lost, and it has no key: " + name;
    if (what.appended >= hlc::at(old.now - old.rules.after)) return "lost, and it is young: " + name;
  }
  for (const auto& [key, last] : last_known) {
    const auto& [at, what] = last;
    const auto there = last_found.find(key);
    if (there != last_found.end() && there->second >= at) continue;
    const bool old_tombstone = what->event.value.empty() && what->appended < hlc::at(old.now - old.rules.tombstones);
    if (!old_tombstone && !what->gone)
      return fmt::format("the last of key '{}' is lost: it was at {}", key, to_string(at));
    if (there != last_found.end())
      return fmt::format("key '{}' lives again at {}: its tombstone at {} is gone", key, to_string(there->second),
                         to_string(at));
  }
  for (auto& [at, what] : known)
    what.gone = !found.contains(at);
  return {};
}

} // namespace weft::log::testing
