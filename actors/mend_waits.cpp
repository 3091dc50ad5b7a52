#include "actors/mend_waits.hpp"

#include "actors/log_repair.hpp"
#include "actors/node_services.hpp"

#include <algorithm>

namespace weft::actors {
namespace {

bool overlap(const log::epoch_range& a, const log::epoch_range& b) {
  return a.epoch == b.epoch && a.from < b.until && b.from < a.until;
}

bool lacks(const std::vector<log::damage>& damaged, const log::epoch_range& range) {
  return std::ranges::any_of(damaged, [&](const auto& each) {
    return overlap({each.epoch, each.from, each.until}, range);
  });
}

} // namespace

mend_waits::mend_waits(node_services& services) : services_(services), begun_(services.clock.mono()) {}

void mend_waits::add(mend_wait one) {
  if (std::ranges::none_of(lacking_, [&](const lacking& each) { return overlap(each.range, one.range); }))
    lacking_.push_back({one.range, services_.clock.mono()});
  waits_.push_back(std::move(one));
}

void mend_waits::look(const log_repair* repair) {
  std::erase_if(waits_, [](const mend_wait& one) { return one.caller.expired(); });
  if (lacking_.empty()) return;
  const auto damaged = services_.log.damaged();
  const auto now = services_.clock.mono();
  std::erase_if(waits_, [&](const mend_wait& one) {
    const bool there = !lacks(damaged, one.range);
    if (!there && !is_over(one, repair, now)) return false;
    one.to(there ? result<void>() : fail(errc::not_found, "no node that holds a copy has it"));
    return true;
  });
  std::erase_if(lacking_, [&](const lacking& each) { return !lacks(damaged, each.range); });
}

bool mend_waits::is_over(const mend_wait& one, const log_repair* repair, mono_time now) const {
  if (now < begun_ + limits::holders_come_within) return false;
  return repair == nullptr || !repair->may_come_back(one.range) || now >= since(one.range) + limits::replace_after;
}

mono_time mend_waits::since(const log::epoch_range& range) const {
  auto earliest = services_.clock.mono();
  for (const auto& each : lacking_)
    if (overlap(each.range, range)) earliest = std::min(earliest, each.since);
  return earliest;
}

std::optional<mono_time> mend_waits::next_tick() const {
  if (waits_.empty()) return std::nullopt;
  const auto holders_due = begun_ + limits::holders_come_within;
  if (services_.clock.mono() < holders_due) return holders_due;
  std::optional<mono_time> next;
  for (const auto& one : waits_) {
    const auto due = since(one.range) + limits::replace_after;
    next = std::min(next.value_or(due), due);
  }
  return next;
}

} // namespace weft::actors
