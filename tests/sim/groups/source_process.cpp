#include "tests/sim/groups/source_process.hpp"

#include "mesh/wire/batch_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;
using in = group_source::in;
using out = group_source::out;

constexpr std::string_view rejected_ends = "rejected_is_not_tried_again";
constexpr microseconds tick = 200ms; // as often as cursors are published
constexpr std::uint64_t unpark_one_in = 20;
node_id id_of(host_index host) {
  std::array<std::uint8_t, 32> id{};
  id[0] = static_cast<std::uint8_t>(host.value());
  return node_id{id};
}

constexpr std::uint64_t save_most = 5'000, slow_save_most = 3'000'000; // microseconds

} // namespace

void source_process::on_start() {
  ++log().openings;
  if (const auto holder = book_.holders.find(around_.host().value()); holder != book_.holders.end()) {
    told_.emplace(now());
    told_->holders({id_of(holder->second)});
  } else {
    go_on();
  }
  around_.arm(now() + tick);
}

void source_process::go_on() {
  source_.emplace(weft::delivery::group_state{log().cursor, log().holders, book_.policy(), log().parked},
                  log().end().seq, now());
  log().parked_before = log().parked;
  for (const auto& [link, letter] : std::exchange(waiting_, {}))
    take(link, letter);
}

/// What the holder has from now on, however late it hears of it.
void source_process::tell_holder() {
  if (holder_ == link_id{}) return;
  group_record record{"g", "t", 0, log().cursor, log().holders, log().parked};
  book_.letters.send(around_, holder_, {{}, copied{log().items.size(), log().epoch(), std::move(record)}});
}

void source_process::take(link_id link, const takeup_told& told) {
  const auto at = around_.host().value();
  holder_ = link;
  told_->told(id_of(book_.holders.at(at)));
  if (told.record) {
    const auto cursor = weft::delivery::within(told.record->cursor, log().end());
    if (source_) {
      book_.apart(at);
      group_source::effects fx;
      source_->on(in::taken_up{cursor}, fx);
      carry_out(fx);
      publish_cursor();
    } else {
      auto merged = weft::delivery::merged({"g", "t", 0, log().cursor, log().holders}, *told.record);
      book_.published(at, merged.cursor);
      log().cursor = merged.cursor;
      log().holders = merged.holders;
    }
    book_.letters.send(around_, link, {{}, taken_over{told.record->version}});
  }
  tell_holder();
  if (!source_ && told_->may_go_on(now())) go_on();
}

void source_process::publish(slot of, unsigned fails, bool rejects) {
  book_.append(around_.host().value(), of, fails, rejects);
  tell_holder();
  if (!source_) return;
  group_source::effects fx;
  source_->on(in::advanced{log().end().seq}, fx);
  carry_out(fx);
}

void source_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  static_cast<void>(payload);
  if (const auto* letter = book_.letters.open(control)) take(link, *letter);
}

void source_process::take(link_id link, const group_letter& letter) {
  if (const auto* told = std::get_if<takeup_told>(&letter.content)) return take(link, *told);
  if (!source_) {
    waiting_.emplace_back(link, letter);
    return;
  }
  group_source::effects fx;
  if (const auto* joined = std::get_if<in::joined>(&letter.content)) {
    links_[letter.member] = link;
    if (!source_->on(*joined, now(), fx)) tell(letter.member, expelled{});
  } else if (const auto at = links_.find(letter.member); at != links_.end() && at->second != link) {
    return; // over a flow that is over
  } else if (const auto* handled = std::get_if<in::handled>(&letter.content)) {
    source_->on(*handled, now(), fx);
  } else if (const auto* failed = std::get_if<in::failed>(&letter.content)) {
    source_->on(*failed, now(), fx);
    if (failed->rejected) check_rejected(*failed, fx);
  } else if (const auto* renewed = std::get_if<in::renewed>(&letter.content)) {
    source_->on(*renewed, now(), fx);
  } else if (const auto* leaving = std::get_if<in::leaving>(&letter.content)) {
    source_->on(*leaving, fx);
  } else if (const auto* left = std::get_if<in::left>(&letter.content)) {
    source_->on(*left, now(), fx);
    links_.erase(letter.member);
  }
  carry_out(fx);
}

/// The source has just heard that an event can never be processed. Where it does not block, nobody tries it again.
void source_process::check_rejected(const in::failed& failed, const group_source::effects& fx) {
  if (book_.policy().then == weft::delivery::after_failing::block) return;
  for (const auto& effect : fx) {
    if (const auto* verdict = std::get_if<out::verdict>(&effect);
        verdict && verdict->number == failed.number && verdict->again)
      around_.fail(rejected_ends, fmt::format("m{} is to try {} again", failed.member.value(), failed.number));
    if (const auto* skipped = std::get_if<out::skipped>(&effect)) rejected_.insert(skipped->event.at);
    if (const auto* aside = std::get_if<out::set_aside>(&effect)) rejected_.insert(aside->event.at);
  }
}

void source_process::on_link_closed(link_id link, close_cause cause) {
  static_cast<void>(cause);
  if (link == holder_) holder_ = link_id{};
  std::erase_if(waiting_, [&](const auto& item) { return item.first == link; });
  std::erase_if(links_, [&](const auto& item) { return item.second == link; });
}

void source_process::on_timer() {
  if (!source_ && told_->may_go_on(now())) {
    book_.apart(around_.host().value()); // the holder may have it
    go_on();
  }
  if (!source_) return around_.arm(now() + tick);
  group_source::effects fx;
  source_->tick(now(), fx);
  carry_out(fx);
  if (around_.random().below(unpark_one_in) == 0) unpark_one();
  publish_cursor();
  around_.arm(now() + tick);
}

/// An operator has mended what made a key fail.
void source_process::unpark_one() {
  const auto& parked = source_->parked();
  if (parked.empty()) return;
  const auto drawn = static_cast<std::ptrdiff_t>(around_.random().below(parked.size()));
  group_source::effects fx;
  source_->on(in::unpark{*std::next(parked.begin(), drawn), log().end()}, fx);
  carry_out(fx);
}

void source_process::replay() {
  for (const auto key : std::exchange(replays_, {})) {
    const bool fails_again = around_.random().below(4) == 0;
    const auto until = book_.replay(around_.host().value(), key, fails_again);
    group_source::effects fx;
    source_->on(in::advanced{log().end().seq}, fx);
    source_->on(in::replayed{key, until}, fx);
    carry_out(fx);
  }
}

void source_process::publish_cursor() {
  log().parked = source_->parked();
  std::erase_if(log().parked_before, [this](hashed_key key) { return !log().parked.contains(key); });
  auto cursor = source_->cursor();
  if (cursor == log().cursor) return;
  book_.published(around_.host().value(), cursor);
  log().cursor = std::move(cursor);
  tell_holder();
}

void source_process::on_woken(std::uint64_t token) {
  if (token == read_is_due) return answer_read();
  if (token == aside_is_due) return keep_aside();
  if (token == replay_is_due) return replay();
  log().holders = saving_->holders;
  tell_holder();
  group_source::effects fx;
  source_->on(in::saved{std::exchange(saving_, std::nullopt)->version}, fx);
  carry_out(fx);
}

/// As one append keeps several.
void source_process::keep_aside() {
  group_source::effects fx;
  for (const auto& one : std::exchange(aside_, {})) {
    book_.put_aside(around_.host().value(), one.event, one.parked, one.tried);
    if (one.parked) log().parked.insert(*one.key);
    source_->on(in::kept{one.event}, fx);
  }
  carry_out(fx);
}

void source_process::answer_read() {
  const auto wanted = *std::exchange(asked_, std::nullopt);
  const auto found = log().read(wanted, log().end());
  offers_ = found.offers;
  offers_epoch_ = found.epoch;
  group_source::effects fx;
  source_->on(found, now(), fx);
  carry_out(fx);
}

void source_process::carry_out(const group_source::effects& fx) {
  for (const auto& effect : fx) {
    if (const auto* save = std::get_if<out::save>(&effect)) {
      saving_ = *save;
      const auto most = around_.random().below(10) == 0 ? slow_save_most : save_most;
      around_.wake_after(microseconds(500 + static_cast<std::int64_t>(around_.random().below(most))), save_is_due);
    } else if (const auto* read = std::get_if<out::read>(&effect)) {
      asked_ = *read;
      around_.wake_after(microseconds(50 + static_cast<std::int64_t>(around_.random().below(1000))), read_is_due);
    } else if (const auto* hand = std::get_if<out::hand_out>(&effect)) {
      handed_out letter{hand->first_number, {}, hand->tried};
      for (const auto place : hand->offers) {
        letter.events.push_back({{offers_epoch_, offers_[place].at}, offers_[place].of});
        if (const auto& at = letter.events.back().at; rejected_.contains(at))
          around_.fail(rejected_ends, fmt::format("{} is handed out again", to_string(at)));
      }
      tell(hand->member, std::move(letter));
    } else if (const auto* verdict = std::get_if<out::verdict>(&effect)) {
      tell(verdict->member, *verdict);
    } else if (const auto* skipped = std::get_if<out::skipped>(&effect)) {
      book_.put_aside(around_.host().value(), skipped->event, false, skipped->tried);
    } else if (const auto* aside = std::get_if<out::set_aside>(&effect)) {
      if (aside_.empty())
        around_.wake_after(microseconds(500 + static_cast<std::int64_t>(around_.random().below(save_most))),
                           aside_is_due);
      aside_.push_back(*aside);
    } else if (const auto* again = std::get_if<out::replay>(&effect)) {
      if (replays_.empty())
        around_.wake_after(microseconds(500 + static_cast<std::int64_t>(around_.random().below(save_most))),
                           replay_is_due);
      replays_.push_back(again->key);
    } else if (const auto* revoke = std::get_if<out::revoke>(&effect)) {
      tell(revoke->member, *revoke);
    } else if (const auto* renewal = std::get_if<out::renewal>(&effect)) {
      tell(renewal->member, *renewal);
    } else if (const auto* expel = std::get_if<out::expel>(&effect)) {
      if (expel->why.code() != errc::timed_out) around_.fail("members_are_honest", expel->why.message());
      book_.expelled(around_.host().value(), expel->member);
      tell(expel->member, expelled{});
      links_.erase(expel->member);
    }
  }
}

void source_process::tell(member_id member, decltype(group_letter::content) content) {
  const auto at = links_.find(member);
  if (at != links_.end()) book_.letters.send(around_, at->second, {member, std::move(content)});
}

} // namespace weft::sim
