#include "actors/log_keeper.hpp"

#include "actors/contract_desk.hpp"
#include "actors/copies.hpp"
#include "actors/copies_settings.hpp"
#include "actors/cursor_book.hpp"
#include "actors/cut_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/takeup_desk.hpp"
#include "actors/topic_desk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace weft::actors {
namespace {

struct resolve {
  std::string name;
  reply<node::known_topic> to;
};
struct ask {
  std::string what, arguments;
  reply<std::string> to;
};
struct learn {
  std::vector<wire::item> records;
};
struct learn_of_cuts {
  std::vector<wire::item> records;
};
struct decide_again {};
struct take {
  std::string name, pattern;
  cursor_consumer by;
  reply<std::optional<log_position>> to;
};
struct commit_cursor {
  std::string name, pattern;
  std::uint64_t token;
  log_position until;
};
struct release {
  std::string name, pattern;
  std::uint64_t token;
};
struct forget_cursor {
  std::string name;
  bool force;
  reply<void> to;
};
struct list_cursors {
  reply<std::vector<cursor_facts>> to;
};
struct publish_cursors {};
struct note_use {};
struct publish_again {};
struct find_group {
  std::string name, pattern;
  reply<std::optional<delivery::group_record>> to;
};
struct save_group_record {
  delivery::group_record record;
  reply<void> to;
};
struct group_on_disk {
  std::string name;
};
struct forget_group {
  std::string name;
  reply<void> to;
};
struct list_groups {
  reply<std::vector<delivery::group_record>> to;
};
struct say_to_takeups {
  std::function<void(takeup_desk&)> say;
};
struct takeups_tick {
  mono_time due;
};
struct topics_returned {
  std::vector<catalog::logged_topic> topics;
  epoch of;
  reply<void> to;
};
struct hear_of_epoch {
  weft::epoch heard;
  replication::epoch_watch::source from;
  reply<void> to;
};
struct look_at_epochs {};

} // namespace

struct log_keeper_ref::message {
  std::variant<resolve, ask, learn, learn_of_cuts, decide_again, take, commit_cursor, release, forget_cursor,
               list_cursors, publish_cursors, note_use, publish_again, find_group, save_group_record, group_on_disk,
               forget_group, list_groups, say_to_takeups, takeups_tick, topics_returned, hear_of_epoch, look_at_epochs>
      content;
};

namespace {

class log_keeper final : public port::role_of<log_keeper_ref::message> {
public:
  log_keeper(node_services& services, std::shared_ptr<cursor_book> cursors, std::shared_ptr<group_book> groups,
             std::shared_ptr<cut_book> cuts, std::shared_ptr<takeup_desk> takeups, const topic_author& author)
      : services_(services),
        topics_(services, author),
        contracts_(services, topics_),
        cursors_(std::move(cursors)),
        groups_(std::move(groups)),
        cuts_(std::move(cuts)),
        cut_desk_(services, *cuts_),
        takeups_(std::move(takeups)),
        epochs_(services.log.state().epoch) {}
  ~log_keeper() override { cursors_->publish(); }

private:
  void begin() override {
    topics_.begin();
    if (cursors_->note_use()) note_use_later();
    if (!cursors_->all().empty() || !groups_->all().empty() || !takeups_->takeups().empty())
      publish_again_after(limits::cursors_again_after_start);
    arm_takeups();
  }
  void on(const log_keeper_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  void handle(const resolve& ask) { ask.to(topics_.resolve(ask.name)); }
  void handle(const actors::ask& question) {
    if (question.what.starts_with("cuts.")) return question.to(cut_desk_.answer(question.what, question.arguments));
    const bool of_contracts = question.what.starts_with("contracts.");
    question.to(of_contracts ? contracts_.answer(question.what, question.arguments)
                             : topics_.answer(question.what, question.arguments));
  }
  void handle(const learn& news) { topics_.learn(news.records); }
  void handle(const learn_of_cuts& news) { cuts_->learn(news.records); }
  void handle(const decide_again&) { topics_.decide_again(); }
  void handle(const topics_returned& come) {
    auto done = keep_that_it_is_older(come.of);
    come.to(done ? topics_.come_back(come.topics) : std::move(done));
  }
  void handle(const take& ask) {
    if (groups_->has(ask.name))
      return ask.to(fail(errc::invalid_argument,
                         fmt::format("{} is a group here: take another name for a subscription", ask.name)));
    auto taken = cursors_->take(ask.name, ask.pattern, ask.by);
    if (taken) note_use_later();
    ask.to(std::move(taken));
  }
  void note_use_later() {
    if (!std::exchange(noting_use_, true)) tell_self_after(lease_noted_every(services_.settings), {actors::note_use{}});
  }
  void handle(const actors::note_use&) {
    noting_use_ = false;
    if (cursors_->note_use()) note_use_later();
  }
  // --- cursors that rest

  void publish_again_after(microseconds time) {
    if (!std::exchange(again_is_due_, true)) tell_self_after(time, {actors::publish_again{}});
  }
  void handle(const actors::publish_again&) {
    again_is_due_ = false;
    publish_all_again();
  }
  void publish_all_again() {
    cursors_->publish_again();
    groups_->publish_again();
    takeups_->takeups().publish_again();
    bytes_before_ = services_.cursor_bytes;
    publish_again_after(limits::cursors_again_every);
  }
  /// What moves takes the place of what rests.
  void look_at_bytes() {
    if (services_.cursor_bytes - bytes_before_ >= limits::cursors_again_bytes) return publish_all_again();
    publish_again_after(limits::cursors_again_every);
  }

  // --- named subscriptions

  void handle(const commit_cursor& commit) {
    cursors_->commit(commit.name, commit.pattern, commit.token, commit.until);
    if (!std::exchange(publishing_soon_, true))
      tell_self_after(services_.settings.cursor_publish_interval, {publish_cursors{}});
  }
  void handle(const release& ask) { cursors_->release(ask.name, ask.pattern, ask.token); }
  void handle(const forget_cursor& ask) { cursors_->remove(ask.name, ask.force, ask.to); }
  void handle(const list_cursors& ask) { ask.to(cursors_->all()); }
  void handle(const publish_cursors&) {
    publishing_soon_ = false;
    cursors_->publish();
    look_at_bytes();
  }

  // --- groups

  void handle(const find_group& ask) {
    if (cursors_->has(ask.name))
      return ask.to(fail(errc::invalid_argument,
                         fmt::format("{} is a named subscription here: take another name for a group", ask.name)));
    takeups_->when_told([groups = groups_, ask] { ask.to(groups->find(ask.name, ask.pattern)); });
    arm_takeups();
  }
  void handle(const save_group_record& save) {
    groups_->save(save.record, [me = me(), to = save.to, name = save.record.name](const result<void>& done) {
      if (done) me.tell({group_on_disk{name}});
      to(done);
    });
    look_at_bytes();
  }
  void handle(const group_on_disk& kept) { groups_->keep(kept.name); }
  void handle(const forget_group& ask) { groups_->remove(ask.name, ask.to); }
  void handle(const list_groups& ask) { ask.to(groups_->all()); }

  // --- groups that go on at copies

  void handle(const say_to_takeups& word) {
    word.say(*takeups_);
    arm_takeups();
  }
  void handle(const takeups_tick& tick) {
    if (takeups_due_ != tick.due) return; // an earlier one came between
    takeups_due_.reset();
    takeups_->tick();
    arm_takeups();
  }
  /// A timer runs only while something waits for it.
  void arm_takeups() {
    const auto next = takeups_->next_tick();
    if (!next || (takeups_due_ && *takeups_due_ <= *next)) return;
    takeups_due_ = next;
    tell_self_after(std::max(microseconds{0}, *next - services_.clock.mono()), {takeups_tick{*next}});
  }

  // --- epochs of the own log

  using epoch_watch = replication::epoch_watch;
  void handle(const hear_of_epoch& word) {
    epoch_watch::effects fx;
    epochs_.on(epoch_watch::in::heard{word.heard, word.from}, services_.clock.mono(), fx);
    carry_out(fx);
    const bool above = services_.log.state().epoch >= word.heard;
    word.to(above ? result<void>() : fail(errc::out_of_range, "the log stays below that epoch"));
  }
  void handle(const look_at_epochs&) {
    looking_at_epochs_ = false;
    epoch_watch::effects fx;
    epochs_.tick(services_.clock.mono(), fx);
    carry_out(fx);
  }
  void carry_out(const epoch_watch::effects& fx) {
    for (const auto& effect : fx)
      std::visit([this](const auto& one) { do_it(one); }, effect);
    if (const auto next = epochs_.next_tick(); next && !std::exchange(looking_at_epochs_, true))
      tell_self_after(*next - services_.clock.mono(), {look_at_epochs{}});
  }
  void do_it(const epoch_watch::out::open_above& wish) {
    const auto before = services_.log.state().epoch;
    auto opened = result<epoch>(before);
    if (const auto kept = keep_that_it_is_older(before); !kept)
      opened = fail(kept.error());
    else
      opened = services_.log.open_above(wish.count);
    if (!opened) {
      services_.to.error(fmt::format("an epoch of this node's log is known elsewhere that is above {}: {}",
                                     to_string(before), opened.error().message()));
      return;
    }
    epochs_.on(epoch_watch::in::opened{*opened});
    services_.to.warning(
        fmt::format("an epoch of this node's log with count {} is known elsewhere, this one was at {}: "
                    "the log goes on in {}",
                    wish.count, to_string(before), to_string(*opened)));
    services_.membership.look_at_facts();
    services_.copies.look_at_log(services_.own_log);
  }
  /// On disk before anything is done because of it.
  [[nodiscard]] result<void> keep_that_it_is_older(epoch left) {
    auto& settings = services_.catalog.settings();
    if (auto kept = settings.set(copies_stay_setting, "older"); !kept) return kept;
    if (auto kept = add_left_epochs(settings, {left}); !kept) return kept;
    services_.copies.left(left);
    return {};
  }
  void do_it(const epoch_watch::out::alarm& alarm) {
    services_.to.error(fmt::format("another machine seems to run with this node's key: it writes epoch {} of this log; "
                                   "stop one of the two",
                                   to_string(alarm.heard)));
  }

  node_services& services_;
  topic_desk topics_;
  contract_desk contracts_;
  std::shared_ptr<cursor_book> cursors_;
  std::shared_ptr<group_book> groups_;
  std::shared_ptr<cut_book> cuts_;
  cut_desk cut_desk_;
  std::shared_ptr<takeup_desk> takeups_;
  std::optional<mono_time> takeups_due_;
  epoch_watch epochs_;
  bool looking_at_epochs_ = false; // a look is on its way
  bool again_is_due_ = false;      // all cursors come again
  std::uint64_t bytes_before_ = 0; // published when they did last
  bool noting_use_ = false;        // the next note is on its way
  bool publishing_soon_ = false;   // a publish is on its way; at rest nothing wakes this actor
};

} // namespace

log_keeper_ref log_keeper_ref::start(node_services& services, std::shared_ptr<cursor_book> cursors,
                                     std::shared_ptr<group_book> groups, std::shared_ptr<cut_book> cuts,
                                     std::shared_ptr<takeup_desk> takeups, const topic_author& author) {
  const auto at = services.system.reserve();
  services.supervisor.adopt({kinds::log_keeper,
                             "log-keeper",
                             at,
                             [&services, cursors = std::move(cursors), groups = std::move(groups),
                              cuts = std::move(cuts), takeups = std::move(takeups), author] {
                               return std::make_unique<log_keeper>(services, cursors, groups, cuts, takeups, author);
                             },
                             {}});
  return log_keeper_ref(port::ref<message>(at));
}

void log_keeper_ref::resolve_topic(std::string name, reply<node::known_topic> to) const {
  to_.tell({resolve{std::move(name), std::move(to)}});
}
void log_keeper_ref::query(std::string what, std::string arguments, reply<std::string> to) const {
  to_.tell({ask{std::move(what), std::move(arguments), std::move(to)}});
}
void log_keeper_ref::learn_topics(std::vector<wire::item> records) const { to_.tell({learn{std::move(records)}}); }
void log_keeper_ref::learn_cuts(std::vector<wire::item> records) const {
  to_.tell({learn_of_cuts{std::move(records)}});
}
void log_keeper_ref::decide_topics_again() const { to_.tell({decide_again{}}); }
void log_keeper_ref::take_cursor(std::string name, std::string pattern, cursor_consumer by,
                                 reply<std::optional<log_position>> to) const {
  to_.tell({take{std::move(name), std::move(pattern), std::move(by), std::move(to)}});
}
void log_keeper_ref::commit(std::string name, std::string pattern, std::uint64_t token, log_position until) const {
  to_.tell({commit_cursor{std::move(name), std::move(pattern), token, until}});
}
void log_keeper_ref::remove_cursor(std::string name, bool force, reply<void> to) const {
  to_.tell({forget_cursor{std::move(name), force, std::move(to)}});
}
void log_keeper_ref::release_cursor(std::string name, std::string pattern, std::uint64_t token) const {
  to_.tell({release{std::move(name), std::move(pattern), token}});
}
void log_keeper_ref::take_group(std::string name, std::string pattern,
                                reply<std::optional<delivery::group_record>> to) const {
  to_.tell({find_group{std::move(name), std::move(pattern), std::move(to)}});
}
void log_keeper_ref::save_group(delivery::group_record record, reply<void> to) const {
  to_.tell({save_group_record{std::move(record), std::move(to)}});
}
void log_keeper_ref::remove_group(std::string name, reply<void> to) const {
  to_.tell({forget_group{std::move(name), std::move(to)}});
}
void log_keeper_ref::groups(reply<std::vector<delivery::group_record>> to) const {
  to_.tell({list_groups{std::move(to)}});
}
void log_keeper_ref::with_takeups(std::function<void(takeup_desk&)> say) const {
  to_.tell({say_to_takeups{std::move(say)}});
}
void log_keeper_ref::takeups(reply<std::vector<delivery::group_record>> to) const {
  with_takeups([to = std::move(to)](takeup_desk& desk) { to(desk.takeups().all()); });
}
void log_keeper_ref::topics_come_back(std::vector<catalog::logged_topic> topics, epoch of, reply<void> to) const {
  to_.tell({topics_returned{std::move(topics), of, std::move(to)}});
}
void log_keeper_ref::heard_of_epoch(weft::epoch heard, replication::epoch_watch::source from, reply<void> to) const {
  to_.tell({hear_of_epoch{heard, from, std::move(to)}});
}
void log_keeper_ref::cursors(reply<std::vector<cursor_facts>> to) const { to_.tell({list_cursors{std::move(to)}}); }

} // namespace weft::actors
