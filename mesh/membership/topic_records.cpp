#include "mesh/membership/topic_records.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/membership/record_author.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::membership {

namespace {

constexpr std::size_t whole_percent = 100;

/// Records of one version are of one author, or of two whose ids begin alike: those go by their bytes.
bool is_newer(const wire::topic_record& record, const wire::item& item, const topic_records::entry& held) {
  const auto mine = wire::version_of(held.record);
  const auto theirs = wire::version_of(record);
  if (theirs != mine) return theirs > mine;
  return std::pair(record.author, as_text(item.bytes.view())) >
         std::pair(held.record.author, as_text(held.item.bytes.view()));
}

} // namespace

std::uint64_t key_of_topic(std::string_view topic) { return key_of(wire::item_kind::topic_record, as_bytes(topic)); }

taken topic_records::take(const wire::item& item, const node_id& from, instant now) {
  taken result;
  auto record = wire::decode_topic_record(item.bytes);
  if (!record) {
    if (record.error().code() != errc::unsupported) result.offences.push_back({from, record.error()});
    return result;
  }
  const auto* known = find(record->topic);
  if (known != nullptr && !is_newer(*record, item, *known)) return result;
  if (from != self_ && is_ahead(record->at, now.wall)) {
    reached("topic_records.dated_ahead");
    const auto why = fmt::format("its record of topic {} is dated {} s ahead: check its clock and this one's",
                                 record->topic, seconds_ahead(record->at, now.wall));
    refuse(record->author, {errc::not_yet_valid, why}, now.mono);
    return result;
  }
  const auto author = checked_author(*record, item);
  if (!author) {
    if (author.error().code() != errc::unsupported) result.offences.push_back({from, author.error()});
    return result;
  }
  if (!has_room(record->topic, item.bytes.size(), whole_percent + limits::topic_records_spare_percent)) {
    reached("topic_records.full");
    const auto why =
        fmt::format("there is no room for its record of topic {}: {} are held", record->topic, entries_.size());
    refuse(record->author, {errc::too_large, why}, now.mono);
    return result;
  }
  // What its author may not have flooded is kept all the same; neighbours find it when they compare.
  if (from == self_ || may_spread(record->author, now.mono)) result.news.push_back(item);
  record->certificate = {};
  hold({std::move(*record), author->name, item});
  return result;
}

std::optional<wire::item> topic_records::find(std::uint64_t key) const {
  const auto found = topics_.find(key);
  return found == topics_.end() ? std::nullopt : std::optional(entries_.at(found->second).item);
}

const topic_records::entry* topic_records::find(std::string_view topic) const {
  const auto found = entries_.find(topic);
  return found == entries_.end() ? nullptr : &found->second;
}

result<wire::item> topic_records::decide(const topic_decision& wanted, const shared_bytes& certificate,
                                         wall_time now) const {
  if (auto named = check_topic_name(wanted.topic); !named) return fail(std::move(named).error());
  if (is_reserved_topic(wanted.topic))
    return fail(errc::denied, fmt::format("topic {} is the mesh's own", wanted.topic));
  if (auto valid = check(wanted.settings); !valid) return fail(std::move(valid).error());
  WEFT_ASSERT(!wanted.deleted || wanted.settings == wire::topic_settings{});
  const auto* known = find(wanted.topic);
  const auto count = known == nullptr ? 1 : std::min(known->record.count + 1, wire::topic_count_max);
  // The count is what makes it newer, so that a clock that was ahead once does no lasting harm.
  const bool counts = known == nullptr || count > known->record.count;
  const auto at = next_after(counts ? hlc{} : known->record.at, now);
  if (is_ahead(at, now))
    return fail(errc::not_yet_valid,
                fmt::format("topic {} was changed last at a time that is {} s ahead of this node's clock: check it",
                            wanted.topic, seconds_ahead(at, now)));
  const wire::topic_record record{wanted.topic,      self_,          certificate,    count, at,
                                  wanted.by_publish, wanted.deleted, wanted.settings};
  const auto bytes = encode(record);
  const wire::item item{wire::item_kind::topic_record, bytes,
                        authority_.sign(wire::item_kind::topic_record, bytes.view())};
  if (const auto author = checked_author(record, item); !author)
    return fail(author.error().within("this node can't decide on topics"));
  if (!has_room(wanted.topic, bytes.size(), whole_percent))
    return fail(
        errc::too_large,
        fmt::format("there is no room for topic {}: the mesh has records of {} topics, deleted ones too, at most "
                    "{} in {} bytes; topics without replicas that a publish makes need none",
                    wanted.topic, entries_.size(), limits::topic_records_max, limits::topic_records_bytes_max));
  return item;
}

std::vector<topic_decision> topic_records::dated_ahead(wall_time now) const {
  std::vector<topic_decision> all;
  for (const auto& [topic, held] : entries_)
    if (held.record.author == self_ && is_ahead(held.record.at, now))
      all.push_back({topic, held.record.settings, held.record.by_publish, held.record.deleted});
  return all;
}

/// Any member may have decided it.
result<identity> topic_records::checked_author(const wire::topic_record& record, const wire::item& item) const {
  return author_of({record.author, record.certificate, record.at}, item, authority_,
                   fmt::format("the record of topic {}", record.topic));
}

/// Another topic of the same key has no room either: its record could not be found.
bool topic_records::has_room(std::string_view topic, std::size_t bytes, std::size_t percent) const {
  const auto* known = find(topic);
  if (const auto same = topics_.find(key_of_topic(topic)); known == nullptr && same != topics_.end()) return false;
  const auto count = entries_.size() + (known == nullptr ? 1 : 0);
  const auto all_bytes = bytes_ + bytes - (known == nullptr ? 0 : known->item.bytes.size());
  return count <= limits::topic_records_max * percent / whole_percent &&
         all_bytes <= limits::topic_records_bytes_max * percent / whole_percent;
}

void topic_records::hold(entry made) {
  const auto key = key_of_topic(made.record.topic);
  held_.set(key, wire::version_of(made.record));
  topics_.emplace(key, made.record.topic);
  events_.emplace_back(topic_event::changed{made.record.topic, made.record.settings.replicas, made.record.deleted});
  auto& held = entries_[made.record.topic];
  bytes_ = bytes_ + made.item.bytes.size() - held.item.bytes.size();
  held = std::move(made);
}

bool topic_records::may_spread(const node_id& author, mono_time now) {
  if (news_.size() > limits::topic_news_authors_kept)
    std::erase_if(news_, [&](const auto& one) { return one.second.whole(now); });
  auto& of = news_.try_emplace(author, limits::topic_news_burst, limits::topic_news_per_s).first->second;
  if (of.spend(1, now)) return true;
  reached("topic_records.too_often");
  return false;
}

/// Counts, and tells now and then.
void topic_records::refuse(const node_id& author, error why, mono_time now) {
  ++refused_;
  if (now - told_ < limits::refusals_told_every) return;
  told_ = now;
  events_.emplace_back(topic_event::refused{author, std::move(why), std::exchange(refused_, 0)});
}

} // namespace weft::membership
