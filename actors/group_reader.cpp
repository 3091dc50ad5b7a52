#include "actors/group_reader.hpp"

#include "actors/mend_waits.hpp"
#include "actors/node_services.hpp"

#include <algorithm>

namespace weft::actors {

group_reader::group_reader(node_services& services, group_place& place, const std::string& pattern, std::string replay,
                           routing::start_watch::starts accepted, ways_back back)
    : services_(services),
      pattern_(topic_pattern::parse(pattern).value()), // checked when the group was made
      replay_(std::move(replay)),
      back_(std::move(back)),
      log_(place.open({pattern_, nullptr, replay_})),
      own_(!place.is_copy()),
      starts_(std::move(accepted), [this](topic_id topic) {
        auto name = log_->name_of(topic);
        if (name && !pattern_.matches(*name)) name.reset();
        return name;
      }) {}

void group_reader::want(wire::event_filter filter, bool synced) {
  filter_ = std::move(filter);
  synced_ = synced;
}

std::optional<group_reader::outcome> group_reader::read(const delivery::group_out::read& wanted) {
  wanted_ = wanted;
  return again();
}

void group_reader::put_off(const delivery::group_out::read& wanted) {
  wanted_ = wanted;
  back_.again();
}

std::optional<group_reader::outcome> group_reader::again() {
  if (!wanted_) return std::nullopt;
  auto now = log_->read(wanted_->from, limits::run_bytes_target, back_.take);
  return now ? take(std::move(*now)) : std::nullopt;
}

std::optional<group_reader::outcome> group_reader::take(result<log::read_result> answer) {
  if (!wanted_) return std::nullopt;
  if (!answer) return fail_with(answer.error());
  if (own_ && !synced_ && services_.topics.any_level_with_copies())
    waits_for_ = routing::cut_unreached(*answer, [this](auto topic, const auto& end) { return passes(topic, end); });
  auto missing = removed_before(*answer);
  const auto replay = number_of_replay(*answer);
  auto run = delivery::group_run::of(std::move(*answer), filter_, wanted_->slots, replay);
  wanted_.reset();
  for (const auto& [range, why] : run.unreadable())
    if (const log_position from{range.epoch, range.from}; told_.insert(from).second)
      missing.push_back({from, range.until, why});
  return found{std::move(run), std::move(missing)};
}

std::optional<group_reader::outcome> group_reader::fail_with(const error& why) {
  const auto from = wanted_->from;
  const auto code = why.code();
  if (code == errc::end_of_log) {
    wanted_.reset();
    return nothing{from};
  }
  const auto goes_on = log_->go_on_at(from);
  const bool moves = (code == errc::epoch_ended || code == errc::out_of_range) && goes_on > from;
  if (moves) wanted_->from = goes_on;
  if (moves || code == errc::cancelled) { // the reader went away: ask again
    back_.again();
    return std::nullopt;
  }
  if (code == errc::corrupt && own_ && wait_for_copies(why)) return std::nullopt;
  return give_up(why, log_->next_readable(from));
}

group_reader::outcome group_reader::give_up(const error& why, const std::optional<log_position>& resume) {
  wanted_.reset();
  return failure{why, resume};
}

/// @returns whether what can't be read may come back
bool group_reader::wait_for_copies(const error& why) {
  services_.copies.look_at_log(services_.own_log);
  const auto from = wanted_->from;
  const auto beyond = log_->next_readable(from);
  if (!beyond || beyond->epoch != from.epoch) return false;
  unreadable_ = why;
  mend_wait_ = std::make_shared<const int>(0);
  services_.copies.when_mended({{beyond->epoch, from.seq, beyond->seq}, mend_wait_, reply<void>(back_.mended)});
  return true;
}

std::optional<group_reader::outcome> group_reader::mended(const result<void>& done) {
  if (!wanted_ || !unreadable_) return std::nullopt;
  mend_wait_.reset();
  const auto why = *std::exchange(unreadable_, std::nullopt);
  if (done || done.error().code() == errc::cancelled) return again();
  return give_up(why, log_->next_readable(wanted_->from));
}

bool group_reader::advances() {
  if (waits_for_ && !passes(waits_for_->topic, waits_for_->end)) return false; // the gate wakes the group again
  waits_for_.reset();
  return true;
}

bool group_reader::passes(topic_id topic, const log_position& end) const {
  return services_.topics.copies_before_read(topic) == 0 || services_.gate.passes(topic, end);
}

/// Numbers are the log's, which may be another node's.
std::optional<topic_id> group_reader::number_of_replay(const log::read_result& answer) {
  std::optional<topic_id> number;
  for (const auto& entry : answer.entries) {
    const auto [known, fresh] = replays_.try_emplace(entry.header.topic, false);
    if (fresh) known->second = log_->name_of(entry.header.topic) == replay_;
    if (known->second) number = entry.header.topic;
  }
  return number;
}

void group_reader::passed(const log_position& floor) { told_.erase(told_.begin(), told_.lower_bound(floor)); }

/// Of some topics retention has removed what the group had not read.
std::vector<group_reader::missing_range> group_reader::removed_before(const log::read_result& answer) {
  const log_position from{answer.epoch, answer.from};
  const auto removed = starts_.passed(from, answer.starts);
  std::vector<missing_range> missing;
  for (std::size_t first = 0; first < removed.size(); first += limits::run_starts_max) {
    const auto last = std::min(removed.size(), first + limits::run_starts_max);
    std::vector<wire::named_start> some(removed.begin() + static_cast<std::ptrdiff_t>(first),
                                        removed.begin() + static_cast<std::ptrdiff_t>(last));
    const error why(errc::log_start, routing::removed_text(some));
    missing.push_back({from, from.seq, why, std::move(some)});
  }
  return missing;
}

} // namespace weft::actors
