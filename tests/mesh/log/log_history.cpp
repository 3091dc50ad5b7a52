#include "tests/mesh/log/log_history.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log::testing {

void log_history::submitted(const std::string& value, topic_id topic, std::uint32_t events, std::uint64_t group) {
  submitted_[value] = {topic, events, group};
}

void log_history::promised(const std::string& value, const appended& where) {
  const auto& what = submitted_.at(value);
  promised_[{where.epoch, where.first}] = {value, where.first_offset, what.topic, what.events};
}

std::string log_history::check(node_log& log, const std::map<topic_id, topic_start>& starts) {
  seen now;
  if (auto broken = read_all(log, now); !broken.empty()) return broken;
  if (auto broken = check_order(now); !broken.empty()) return broken;
  if (auto broken = check_groups(now, starts); !broken.empty()) return broken;
  for (auto known = promised_.begin(); known != promised_.end();) {
    const auto& [at, what] = *known;
    const auto found = now.entries.find(at);
    if (found == now.entries.end() && !may_be_missing(at, what, now, starts))
      return fmt::format("lost: {} at {}", what.value.substr(0, 40), to_string(at));
    if (found != now.entries.end() && (found->second.value != what.value || found->second.offset != what.offset))
      return fmt::format("position {} twice: {} and {}", to_string(at), what.value.substr(0, 40),
                         found->second.value.substr(0, 40));
    known = found == now.entries.end() ? promised_.erase(known) : std::next(known);
  }
  // What a reader saw must stay.
  promised_.insert(now.entries.begin(), now.entries.end());
  damage_met_ += now.unreadable.size();
  return {};
}

std::string log_history::read_all(node_log& log, seen& into) {
  auto from = log.state().begin;
  while (true) {
    read_request request;
    request.from = from;
    request.bytes_max = 3000;
    const auto found = log.read(request);
    if (!found && found.error().code() == errc::end_of_log) return {};
    if (!found && found.error().code() == errc::corrupt) {
      const auto next = log.next_readable(from);
      if (!next || !(from < *next)) return "no way on after damage: " + found.error().message();
      into.unreadable.push_back({next->epoch, from.seq, next->seq});
      from = *next;
      continue;
    }
    if (!found) return found.error().message();
    if (found->until <= found->from) return "a read that does not move on";
    for (const auto& entry : found->entries)
      if (auto broken = take(entry, found->epoch, into); !broken.empty()) return broken;
    from = {found->epoch, found->until};
  }
}

std::string log_history::take(const wire::stored_entry& entry, weft::epoch epoch, seen& into) {
  ++read_entries_;
  const auto batch = wire::batch_view::verify(entry.body());
  if (!batch) return "a batch that is none: " + batch.error().message();
  const auto data = batch->unpack();
  const std::string value(as_text(batch->event(0, data->view()).value));
  const auto known = submitted_.find(value);
  if (known == submitted_.end()) return "invented: " + value.substr(0, 40);
  if (known->second.topic != entry.header.topic || known->second.events != entry.header.count)
    return "changed: " + value.substr(0, 40);
  const log_position at{epoch, entry.header.first_seq};
  const place here{value, entry.header.first_offset, entry.header.topic, entry.header.count};
  if (const auto before = into.entries.find(at); before != into.entries.end())
    return before->second.value == value ? std::string() : fmt::format("two entries at {}", to_string(at));
  into.entries[at] = here;
  return {};
}

std::string log_history::check_order(const seen& now) {
  std::map<topic_id, topic_offset> next;
  std::set<std::string> values;
  for (const auto& [at, what] : now.entries) {
    if (!values.insert(what.value).second)
      return fmt::format("twice: {} at {}", what.value.substr(0, 40), to_string(at));
    const auto expected = next.find(what.topic);
    const bool hole_known = !now.unreadable.empty() || !damaged_.empty();
    if (expected != next.end() && (hole_known ? what.offset < expected->second : what.offset != expected->second))
      return fmt::format("topic {} goes on at {} instead of {}", what.topic.value(), what.offset.value(),
                         expected->second.value());
    next[what.topic] = what.offset + what.events;
  }
  return {};
}

/// Of topics that retention has touched, a part of a group may be gone.
std::string log_history::check_groups(const seen& now, const std::map<topic_id, topic_start>& starts) const {
  if (!damaged_.empty()) return {};
  std::set<std::string> there;
  std::set<std::uint64_t> groups;
  for (const auto& [at, what] : now.entries) {
    there.insert(what.value);
    const auto& asked = submitted_.at(what.value);
    if (asked.group != 0 && !starts.contains(asked.topic)) groups.insert(asked.group);
  }
  for (const auto& [value, asked] : submitted_)
    if (groups.contains(asked.group) && !starts.contains(asked.topic) && !there.contains(value))
      return fmt::format("group {} without {}", asked.group, value.substr(0, 40));
  return {};
}

bool log_history::may_be_missing(const log_position& at, const place& what, const seen& now,
                                 const std::map<topic_id, topic_start>& starts) const {
  const auto start = starts.find(what.topic);
  if (start != starts.end() && what.offset + what.events <= start->second.offset) return true;
  const auto covers = [&](const range& r) { return r.epoch == at.epoch && r.from <= at.seq && at.seq < r.until; };
  const bool said = std::any_of(now.unreadable.begin(), now.unreadable.end(), covers);
  return said && std::any_of(damaged_.begin(), damaged_.end(), [&](const range& r) {
           return r.epoch == at.epoch && r.from < at.seq + what.events && at.seq < r.until;
         });
}

} // namespace weft::log::testing
