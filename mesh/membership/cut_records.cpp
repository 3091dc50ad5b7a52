#include "mesh/membership/cut_records.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/membership/record_author.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::membership {
namespace {

constexpr std::size_t whole_percent = 100;

/// Records of one version are of one author, or of two whose ids begin alike: those go by their bytes.
bool is_newer(const wire::cut_record& record, const wire::item& item, const cut_records::entry& held) {
  const auto mine = wire::version_of(held.record);
  const auto theirs = wire::version_of(record);
  if (theirs != mine) return theirs > mine;
  return std::pair(record.author, as_text(item.bytes.view())) >
         std::pair(held.record.author, as_text(held.item.bytes.view()));
}

bool is_old(const wire::cut& what, wall_time now) { return now > what.lease_until + limits::cut_forgotten_after; }

/// By how much anything that it says lies ahead.
hlc latest_time(const wire::cut_record& record) { return std::max(record.at, record.what.bound); }

std::string text_of(const wire::cut_record& record) { return fmt::format("the record of cut {}", record.what.name); }

result<identity> checked_author(const wire::cut_record& record, const wire::item& item, const authority& by) {
  return author_of({record.author, record.certificate, record.at}, item, by, text_of(record));
}

} // namespace

std::uint64_t key_of_cut(std::string_view name) { return key_of(wire::item_kind::cut_record, as_bytes(name)); }

taken cut_records::take(const wire::item& item, const node_id& from, instant now) {
  taken result;
  auto record = wire::decode_cut_record(item.bytes);
  if (!record) {
    result.offences.push_back({from, record.error()});
    return result;
  }
  const auto* known = find(record->what.name);
  if (known != nullptr && !is_newer(*record, item, *known)) return result;
  constexpr std::chrono::milliseconds of_its_time{1}; // which has no microseconds
  if (record->what.lease_until - record->at.wall() > limits::cut_lease_max + of_its_time) {
    result.offences.push_back(
        {from, error{errc::invalid_argument, text_of(*record) + " has a lease beyond all bounds"}});
    return result;
  }
  if (is_old(record->what, now.wall)) return result; // who has it yet forgets it soon
  if (from != self_ && is_ahead(latest_time(*record), now.wall)) {
    reached("cut_records.dated_ahead");
    refuse(record->author,
           {errc::not_yet_valid, fmt::format("{} is dated {} s ahead: check its author's clock and this one's",
                                             text_of(*record), seconds_ahead(latest_time(*record), now.wall))},
           now.mono);
    return result;
  }
  const auto author = checked_author(*record, item, authority_);
  if (!author) {
    if (author.error().code() != errc::unsupported) result.offences.push_back({from, author.error()});
    return result;
  }
  if (!has_room(record->what.name, whole_percent + limits::cut_records_spare_percent)) {
    reached("cut_records.full");
    refuse(record->author,
           {errc::too_large, fmt::format("there is no room for {}: {} are held", text_of(*record), entries_.size())},
           now.mono);
    return result;
  }
  result.news.push_back(item);
  record->certificate = {};
  hold({std::move(*record), author->name, item});
  return result;
}

std::optional<wire::item> cut_records::find(std::uint64_t key) const {
  const auto found = names_.find(key);
  return found == names_.end() ? std::nullopt : std::optional(entries_.at(found->second).item);
}

const cut_records::entry* cut_records::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

result<wire::item> cut_records::decide(const wire::cut& wanted, const shared_bytes& certificate, wall_time now) const {
  if (auto valid = check(wanted); !valid) return fail(std::move(valid).error());
  if (wanted.lease_until > now + limits::cut_lease_max)
    return fail(errc::invalid_argument, fmt::format("the lease of cut {} is longer than {} days", wanted.name,
                                                    limits::cut_lease_max / std::chrono::hours(24)));
  const auto* known = find(wanted.name);
  const wire::cut_record record{wanted, self_, certificate, known == nullptr ? 1 : known->record.count + 1,
                                hlc::at(now)};
  if (is_ahead(latest_time(record), now))
    return fail(errc::not_yet_valid, fmt::format("cut {} would lie {} s ahead of this node's clock: check the clocks",
                                                 wanted.name, seconds_ahead(latest_time(record), now)));
  const auto bytes = encode(record);
  const wire::item item{wire::item_kind::cut_record, bytes, authority_.sign(wire::item_kind::cut_record, bytes.view())};
  if (const auto author = checked_author(record, item, authority_); !author)
    return fail(author.error().within("this node can't make cuts"));
  if (!has_room(wanted.name, whole_percent))
    return fail(
        errc::too_large,
        fmt::format("there is no room for cut {}: the mesh has {}, deleted ones too; each goes {} days after its "
                    "lease has ended",
                    wanted.name, entries_.size(), limits::cut_forgotten_after / std::chrono::hours(24)));
  return item;
}

void cut_records::forget_old(wall_time now) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (!is_old(at->second.record.what, now)) {
      ++at;
      continue;
    }
    const auto key = key_of_cut(at->first);
    held_.erase(key);
    names_.erase(key);
    events_.emplace_back(cut_event::forgotten{key});
    at = entries_.erase(at);
  }
}

/// Another cut of the same key has no room either: its record could not be found.
bool cut_records::has_room(std::string_view name, std::size_t percent) const {
  if (find(name) != nullptr) return true;
  return !names_.contains(key_of_cut(name)) && entries_.size() < limits::cut_records_max * percent / whole_percent;
}

void cut_records::hold(entry made) {
  const auto key = key_of_cut(made.record.what.name);
  held_.set(key, wire::version_of(made.record));
  names_.emplace(key, made.record.what.name);
  events_.emplace_back(cut_event::changed{made.record.what.name});
  entries_[made.record.what.name] = std::move(made);
}

/// Counts, and tells now and then.
void cut_records::refuse(const node_id& author, error why, mono_time now) {
  ++refused_;
  if (now - told_ < limits::refusals_told_every) return;
  told_ = now;
  events_.emplace_back(cut_event::refused{author, std::move(why), std::exchange(refused_, 0)});
}

} // namespace weft::membership
