#include "tests/sim/groups/holder_process.hpp"

#include <algorithm>
#include <utility>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;
using in = group_source::in;
using out = group_source::out;
using turn = weft::delivery::owner_watch::turn;

constexpr microseconds tick = 100ms;
constexpr std::uint64_t save_most = 5'000; // microseconds

} // namespace

void holder_process::on_start() {
  watch_ = weft::delivery::owner_watch(now());
  on_timer();
}

void holder_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  static_cast<void>(peer);
  if (dialed == nullptr) return;
  dials_ = false;
  owner_ = link;
  watch_.linked();
  hand_back();
}

void holder_process::on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) {
  static_cast<void>(dial), static_cast<void>(address), static_cast<void>(cause);
  dials_ = false;
}

void holder_process::on_link_closed(link_id link, close_cause cause) {
  static_cast<void>(cause);
  if (link == owner_) {
    owner_ = link_id{};
    watch_.gone(now());
  }
  std::erase_if(waiting_, [&](const auto& one) { return one.link == link; });
  std::erase_if(links_, [&](const auto& item) { return item.second == link; });
}

void holder_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  static_cast<void>(payload);
  const auto* letter = book_.letters.open(control);
  if (letter == nullptr) return;
  if (const auto* more = std::get_if<copied>(&letter->content)) {
    copy().last = *more;
  } else if (const auto* over = std::get_if<taken_over>(&letter->content)) {
    if (copy().own && copy().own->version == over->version) copy().own.reset();
  } else {
    take(link, *letter);
  }
}

void holder_process::take(link_id link, const group_letter& letter) {
  if (!source_) {
    if (std::holds_alternative<in::joined>(letter.content)) waiting_.push_back({link, letter, now()});
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

void holder_process::on_timer() {
  if (owner_ == link_id{} && !std::exchange(dials_, true))
    static_cast<void>(around_.dial(world::first_address(host_index{log_})));
  answer_those_who_ask();
  if (source_) {
    group_source::effects fx;
    source_->tick(now(), fx);
    carry_out(fx);
    save_cursor();
  }
  around_.arm(now() + tick);
}

void holder_process::answer_those_who_ask() {
  for (const auto& one : std::exchange(waiting_, {})) {
    const auto decided = watch_.turn_of(one.at, now());
    if (decided == turn::wait) {
      waiting_.push_back(one);
    } else if (decided == turn::refuse || !copy().last) {
      book_.letters.send(around_, one.link, {one.letter.member, refused_here{}});
    } else {
      if (!source_) take_up();
      take(one.link, one.letter);
    }
  }
}

/// Strictly only when it knows who may be at work by the log's node, and that one does not go on.
void holder_process::take_up() {
  const auto& last = *copy().last;
  if (book_.runs(log_) || last.record.holders != book_.logs[log_].holders) book_.apart(log_);
  auto record = weft::delivery::taken_up({node_id{}, log_}, last.record, copy().own, {});
  source_.emplace(weft::delivery::group_state{record.cursor, record.holders, weft::delivery::at_copy(book_.policy()),
                                              record.parked, weft::delivery::withheld(record)},
                  seq{last.end}, now());
  ++record.version;
  copy().own = std::move(record);
}

void holder_process::hand_back() {
  if (source_) {
    save_cursor();
    for (const auto& [member, link] : std::exchange(links_, {}))
      book_.letters.send(around_, link, {member, refused_here{}});
    source_.reset();
    asked_.reset();
    saving_.reset();
  }
  book_.letters.send(around_, owner_, {{}, takeup_told{copy().own}});
}

void holder_process::save_cursor() {
  if (!source_) return;
  auto cursor = source_->cursor();
  if (cursor == copy().own->cursor) return;
  book_.check_true(log_, cursor);
  copy().own->cursor = std::move(cursor);
  ++copy().own->version;
}

void holder_process::on_woken(std::uint64_t token) {
  if (!source_) return;
  if (token == read_is_due && asked_) answer_read();
  if (token != save_is_due || !saving_) return;
  copy().own->holders = saving_->holders;
  ++copy().own->version;
  group_source::effects fx;
  source_->on(in::saved{std::exchange(saving_, std::nullopt)->version}, fx);
  carry_out(fx);
}

/// Of one epoch at a time, as logs are read.
void holder_process::answer_read() {
  const auto wanted = *std::exchange(asked_, std::nullopt);
  const auto& last = *copy().last;
  const auto found = book_.logs[log_].read(wanted, {last.epoch, seq{last.end}});
  offers_ = found.offers;
  offers_epoch_ = found.epoch;
  group_source::effects fx;
  source_->on(found, now(), fx);
  carry_out(fx);
}

void holder_process::carry_out(const group_source::effects& fx) {
  for (const auto& effect : fx) {
    if (const auto* save = std::get_if<out::save>(&effect)) {
      saving_ = *save;
      around_.wake_after(microseconds(500 + static_cast<std::int64_t>(around_.random().below(save_most))), save_is_due);
    } else if (const auto* read = std::get_if<out::read>(&effect)) {
      asked_ = *read;
      around_.wake_after(microseconds(50 + static_cast<std::int64_t>(around_.random().below(1000))), read_is_due);
    } else if (const auto* hand = std::get_if<out::hand_out>(&effect)) {
      handed_out letter{hand->first_number, {}, hand->tried};
      for (const auto place : hand->offers)
        letter.events.push_back({{offers_epoch_, offers_[place].at}, offers_[place].of});
      tell(hand->member, std::move(letter));
    } else if (const auto* verdict = std::get_if<out::verdict>(&effect)) {
      tell(verdict->member, *verdict);
    } else if (const auto* skipped = std::get_if<out::skipped>(&effect)) {
      book_.put_aside(log_, skipped->event, false, skipped->tried);
    } else if (std::holds_alternative<out::set_aside>(effect) || std::holds_alternative<out::replay>(effect)) {
      around_.fail("nothing_is_set_aside_at_a_copy", "a holder is to keep an event");
    } else if (const auto* revoke = std::get_if<out::revoke>(&effect)) {
      tell(revoke->member, *revoke);
    } else if (const auto* renewal = std::get_if<out::renewal>(&effect)) {
      tell(renewal->member, *renewal);
    } else if (const auto* expel = std::get_if<out::expel>(&effect)) {
      book_.expelled(log_, expel->member);
      tell(expel->member, expelled{});
      links_.erase(expel->member);
    }
  }
}

void holder_process::tell(member_id member, decltype(group_letter::content) content) {
  const auto at = links_.find(member);
  if (at != links_.end()) book_.letters.send(around_, at->second, {member, std::move(content)});
}

} // namespace weft::sim
