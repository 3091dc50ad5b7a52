#include "tests/sdk/fake_node.hpp"

#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/group_inbox.hpp"

#include <gtest/gtest.h>

namespace weft::testing {
namespace {

using namespace std::chrono_literals;
using detail::group_inbox;
using detail::group_job;
using ranges = std::vector<wire::number_range>;
using places = std::vector<std::uint64_t>;
using names = std::vector<std::string>;

/// A log, and the flow of it that the member has.
struct source {
  explicit source(std::uint8_t number) : log(log_id{fake_node::id_of(number)}) {}
  fake_log log;
  std::uint64_t flow = 0, next_number = 1;
};

std::uint64_t place_of(const group_job& job) { return job.what.at.seq.value(); }

class group_inbox_fixture : public ::testing::Test {
public:
  group_inbox_fixture() { start_with(from_beginning()); }

  static detail::demand_settings from_beginning() {
    detail::demand_settings settings;
    settings.pattern = "test.orders";
    settings.start = wire::start_kind::beginning;
    settings.window = limits::flow_window_bytes;
    settings.subscribed_at = hlc::at({1'700'000'000'000'000});
    return settings;
  }
  static wire::group_membership membership() { return {"workers", wire::member_id{42}, 100, {}}; }

  void start_with(const detail::demand_settings& settings) {
    inbox.emplace(settings, membership(), [this] { return ++last_id; });
  }

  // --- as the node
  void hear(const wire::control& message, const shared_bytes& payload = {}) {
    const auto taken = inbox->on(message, payload, now, out);
    ASSERT_TRUE(taken) << taken.error().message();
  }
  void connect() { inbox->on_connected(now, out); }
  void find(const source& from) {
    for (const auto& wanted : sent<wire::demand>())
      if (!wanted.log) finder = wanted.subscription;
    hear(wire::log_found{finder, from.log.id(), "home"});
  }
  /// The last demand of this log.
  [[nodiscard]] wire::demand demand_of(const source& from) const {
    wire::demand last;
    for (const auto& wanted : sent<wire::demand>())
      if (wanted.log == from.log.id()) last = wanted;
    return last;
  }
  void open(source& from) {
    from.flow = ++last_flow;
    from.next_number = 1;
    hear(wire::flow_opened{demand_of(from).subscription, from.flow, from.log.id(), "home", {from.log.opening(), {}}});
  }
  void follow(source& from) {
    if (sent<wire::demand>().empty()) connect();
    find(from);
    open(from);
  }
  /// Events with these keys are logged and handed out; an empty key is none.
  void come(source& from, const names& keys, const std::vector<wire::tried_event>& tried = {}) {
    const auto first = from.log.end();
    add(from, keys);
    come_again(from, first, tried);
  }
  void add(source& from, const names& keys) {
    wire::batch_builder builder{"test.orders", producer_id{7}, wire::codec::none};
    for (const auto& key : keys)
      ASSERT_TRUE(
          builder.add({.time = {}, .type = "", .key = as_bytes(key), .headers = {}, .value = as_bytes("value")}));
    from.log.add(builder.seal(from.log.end().value()), "test.orders", static_cast<std::uint32_t>(keys.size()));
  }
  /// What was logged together at `first` is handed out.
  void come_again(source& from, seq first, const std::vector<wire::tried_event>& tried = {}) {
    const auto* entry = from.log.at(first);
    auto run = run_of(from, first, entry->header.end_seq());
    run.number = from.next_number;
    run.tried = tried;
    from.next_number += entry->header.count;
    hear(run, entry->stored);
  }
  static wire::run run_of(const source& from, seq first, seq until) {
    return {.flow = from.flow,
            .epoch = from.log.opening(),
            .from = first,
            .until = until,
            .log_time = {},
            .head = until,
            .starts = {},
            .gap_code = errc::ok,
            .gap = {}};
  }

  // --- as the program
  group_job begin() { return inbox->begin(now).value(); }
  void process(const group_job& job) { static_cast<void>(inbox->finish(job, now)); }
  void fail(const group_job& job, const std::string& cause = "no stock") {
    static_cast<void>(inbox->fail(job, cause, now));
  }
  /// Begins and processes what may begin.
  places process_all() {
    places all;
    while (const auto job = inbox->begin(now)) {
      all.push_back(place_of(*job));
      process(*job);
    }
    return all;
  }

  // --- time, and what was sent
  void tick() { inbox->tick(now, out); }
  void pass(microseconds time) { now = now + time; }
  void forget_sent() { out.clear(); }
  template <class Message>
  [[nodiscard]] std::vector<Message> sent() const {
    std::vector<Message> found;
    for (const auto& message : out)
      if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
    return found;
  }
  [[nodiscard]] names sent_names() const {
    names all;
    for (const auto& message : out)
      all.emplace_back(wire::name_of(message));
    return all;
  }
  /// The only one that was sent.
  [[nodiscard]] wire::handled told() const {
    const auto all = sent<wire::handled>();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? wire::handled{} : all[0];
  }
  static wire::slot_event keyed(const source& from, std::uint64_t place, std::string_view key) {
    return {{from.log.opening(), seq{place}}, wire::slot_of(wire::key_hash(as_bytes(key)))};
  }

  mono_time now{1'000'000};
  std::uint64_t last_id = 0, last_flow = 0, finder = 0;
  group_inbox::sends out;
  source home{1}, other{2};
  std::optional<group_inbox> inbox;
};

/// A member with state whose home is the log `home`.
class group_with_home : public group_inbox_fixture {
public:
  group_with_home() { start(false); }
  void start(bool waits) {
    auto who = membership();
    who.alone = true;
    inbox.emplace(
        from_beginning(), who, [this] { return ++last_id; }, detail::state_home{"home", home.log.id(), waits, 2});
    connect();
    finder = sent<wire::demand>().at(0).subscription;
  }
  /// The home answers: it gave this term, and the last that was gone on with is that.
  result<void> answer(std::uint64_t term, std::uint64_t begun = 0) {
    home.flow = ++last_flow;
    home.next_number = 1;
    const wire::flow_opened opened{demand_of(home).subscription,
                                   home.flow,
                                   home.log.id(),
                                   "home",
                                   {home.log.opening(), {}},
                                   {},
                                   0,
                                   term,
                                   begun,
                                   begun == 0 ? 0 : std::uint64_t{77}};
    return inbox->on(opened, {}, now, out);
  }
  void grant(std::uint64_t term, std::uint64_t begun = 0) { ASSERT_TRUE(answer(term, begun)); }
  void go_to_work(std::uint64_t term) {
    grant(term);
    inbox->begin_term(term, now, out);
    grant(term, term);
  }
  [[nodiscard]] wire::claim_stage claimed() const { return demand_of(home).member->claim; }
  [[nodiscard]] bool has_demanded(const source& from) const {
    for (const auto& wanted : sent<wire::demand>())
      if (wanted.log == from.log.id()) return true;
    return false;
  }
  result<void> refuse(errc code) {
    return inbox->on(wire::flow_closed{0, demand_of(home).subscription, code, "another has it"}, {}, now, out);
  }
};

TEST_F(group_with_home, asks_for_a_term_and_goes_to_work_before_it_demands_another_log) {
  using enum wire::claim_stage;
  ASSERT_TRUE(demand_of(home).member);
  EXPECT_EQ(claimed(), asks);
  EXPECT_EQ(demand_of(home).member->term, 2U) << "what it knows of";
  find(other);
  EXPECT_FALSE(has_demanded(other));
  EXPECT_FALSE(inbox->grant());
  grant(4, 3);
  ASSERT_TRUE(inbox->grant());
  EXPECT_EQ(inbox->grant()->term, 4U);
  EXPECT_EQ(inbox->grant()->begun, 3U);
  EXPECT_EQ(inbox->grant()->begun_by, wire::member_id{77});
  EXPECT_TRUE(inbox->holds_state(now));
  come(home, {"k"});
  EXPECT_FALSE(inbox->begin(now)) << "the home does not know that it is at work";
  EXPECT_FALSE(has_demanded(other));
  forget_sent();
  inbox->begin_term(4, now, out);
  EXPECT_EQ(claimed(), at_work);
  EXPECT_EQ(demand_of(home).member->term, 4U);
  EXPECT_FALSE(has_demanded(other));
  EXPECT_FALSE(inbox->has_begun(now));
  grant(4, 4);
  EXPECT_EQ(demand_of(other).member->term, 4U);
  EXPECT_EQ(demand_of(other).member->claim, none);
  come(home, {"k"});
  EXPECT_TRUE(inbox->begin(now));
}

TEST_F(group_with_home, says_where_it_is_when_it_was_lost_meanwhile) {
  using enum wire::claim_stage;
  const auto lose = [this] {
    inbox->on_lost();
    forget_sent();
    inbox->on_connected(now, out);
  };
  lose();
  EXPECT_EQ(claimed(), asks);
  grant(3);
  lose();
  EXPECT_EQ(claimed(), reads);
  EXPECT_EQ(demand_of(home).member->term, 3U);
  inbox->on_lost();
  inbox->begin_term(3, now, out);
  lose();
  EXPECT_EQ(claimed(), at_work);
  EXPECT_FALSE(inbox->has_begun(now));
  grant(3, 3);
  EXPECT_TRUE(inbox->has_begun(now));
}

TEST_F(group_with_home, a_home_that_says_another_term_than_it_gave_ends_it) {
  EXPECT_EQ(answer(2).error().code(), errc::protocol_violation) << "it knew of that";
  start(false);
  grant(3);
  inbox->begin_term(3, now, out);
  EXPECT_EQ(answer(4).error().code(), errc::protocol_violation);
}

TEST_F(group_with_home, a_home_that_was_not_known_is_asked_when_it_is) {
  auto who = membership();
  who.alone = true;
  inbox.emplace(
      from_beginning(), who, [this] { return ++last_id; }, detail::state_home{"home", std::nullopt, false, 2});
  connect();
  finder = sent<wire::demand>().at(0).subscription;
  find(home);
  find(other);
  forget_sent();
  inbox->on_lost();
  inbox->find_home(home.log.id(), now, out); // and not before its node is there
  EXPECT_FALSE(has_demanded(home));
  inbox->on_connected(now, out);
  EXPECT_EQ(claimed(), wire::claim_stage::asks);
}

TEST_F(group_with_home, goes_on_with_a_higher_term_that_the_home_has_forgotten) {
  grant(3);
  inbox->begin_term(9, now, out);
  EXPECT_EQ(demand_of(home).member->term, 9U);
  grant(9, 9);
  EXPECT_TRUE(inbox->has_begun(now));
}

TEST_F(group_with_home, gives_the_state_up_when_its_home_asks_for_it) {
  find(other);
  go_to_work(3);
  open(other);
  wire::revoke all{other.flow, {}, 0, true};
  all.slots.set();
  hear(all);
  EXPECT_FALSE(inbox->is_asked_back()) << "only the home says that";
  all.flow = home.flow;
  hear(all);
  EXPECT_TRUE(inbox->is_asked_back());
}

TEST_F(group_with_home, goes_to_another_home_that_the_one_before_names) {
  const auto send_on = [this](const std::string& to) {
    wire::flow_opened word{demand_of(home).subscription, ++last_flow, home.log.id(), "home", {}, {}, 0, 0, 4, 77};
    word.home = to;
    word.given = 5;
    return inbox->on(word, {}, now, out);
  };
  EXPECT_FALSE(inbox->heard_home());
  ASSERT_TRUE(send_on("hub"));
  EXPECT_EQ(inbox->home()->node, "hub");
  EXPECT_FALSE(inbox->home()->log);
  EXPECT_EQ(inbox->home()->before, names{"home"});
  EXPECT_FALSE(inbox->heard_home());
  forget_sent();
  inbox->find_home(other.log.id(), now, out);
  EXPECT_EQ(demand_of(other).member->claim, wire::claim_stage::asks);
  EXPECT_EQ(demand_of(other).member->term, 5U) << "which the one before has given";
  const auto given = [this](std::uint64_t begun) {
    return wire::flow_opened{
        demand_of(other).subscription, ++last_flow, other.log.id(), "hub", {}, {}, 0, 6, begun, 78};
  };
  hear(given(0));
  ASSERT_TRUE(inbox->grant());
  EXPECT_EQ(inbox->grant()->begun, 4U) << "as the one before says";
  EXPECT_EQ(inbox->grant()->begun_by, wire::member_id{77});

  start(true);
  ASSERT_TRUE(send_on("hub"));
  inbox->find_home(other.log.id(), now, out);
  const auto wait_at = [this](const source& at) {
    return inbox->on(wire::flow_closed{0, demand_of(at).subscription, errc::locked, "at work"}, {}, now, out);
  };
  ASSERT_TRUE(wait_at(other));
  EXPECT_TRUE(inbox->heard_home());
  inbox->go_to_home("home", out); // as its own node has heard
  inbox->find_home(home.log.id(), now, out);
  ASSERT_TRUE(send_on("hub"));

  start(false);
  ASSERT_TRUE(send_on("hub"));
  inbox->find_home(other.log.id(), now, out);
  auto to_home = given(4);
  to_home.home = "home";
  const auto back = inbox->on(to_home, {}, now, out);
  ASSERT_FALSE(back);
  EXPECT_NE(back.error().message().find("home, hub"), std::string::npos) << back.error().message();

  start(false);
  go_to_work(3);
  inbox->on_lost();
  forget_sent();
  inbox->on_connected(now, out);
  ASSERT_TRUE(send_on("hub"));
  EXPECT_TRUE(inbox->is_asked_back()) << "by the term of the one before it works no longer";
}

TEST_F(group_with_home, a_home_that_an_operator_named_says_so) {
  auto word = wire::flow_opened{demand_of(home).subscription, ++last_flow, home.log.id(), "home", {}, {}, 0, 5};
  word.home = "home";
  hear(word);
  ASSERT_TRUE(inbox->grant());
  EXPECT_TRUE(inbox->home()->is_named);
}

TEST_F(group_with_home, events_of_another_shard_end_it) {
  auto who = membership();
  who.alone = true;
  who.shard = {0, 64};
  inbox.emplace(
      from_beginning(), who, [this] { return ++last_id; }, detail::state_home{"home", home.log.id(), true, 2});
  connect();
  finder = sent<wire::demand>().at(0).subscription;
  go_to_work(3);
  std::optional<error> why;
  for (int n = 0; n < 100 && !why; ++n) { // a key of another one
    const auto at = home.log.end();
    add(home, {"k" + std::to_string(n)});
    auto run = run_of(home, at, home.log.end());
    run.number = home.next_number++;
    if (const auto taken = inbox->on(run, home.log.at(at)->stored, now, out); !taken) why = taken.error();
  }
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code(), errc::unsupported);
  EXPECT_NE(why->message().find("version that knows shards"), std::string::npos) << why->message();
}

TEST_F(group_with_home, who_waits_for_the_state_waits_again_when_it_was_taken_over) {
  start(true);
  go_to_work(3);
  ASSERT_TRUE(refuse(errc::locked));
  EXPECT_TRUE(inbox->is_asked_back());
  ASSERT_TRUE(inbox->put_off());
  EXPECT_EQ(inbox->put_off()->message(), "another has it");
  start(true);
  go_to_work(3);
  EXPECT_FALSE(refuse(errc::denied)) << "it may never have it";
}

TEST_F(group_with_home, begins_and_publishes_nothing_when_the_home_is_silent) {
  find(other);
  go_to_work(3);
  open(other);
  come(other, {"a", "b"});
  pass(limits::group_lease);
  EXPECT_TRUE(inbox->begin(now));
  pass(microseconds{1});
  EXPECT_FALSE(inbox->holds_state(now));
  EXPECT_FALSE(inbox->begin(now)) << "the other log's lease is not its state's";
  // A demand that nobody answers is no word of the home.
  inbox->on_lost();
  inbox->on_connected(now, out);
  EXPECT_FALSE(inbox->holds_state(now));
  grant(3, 3);
  EXPECT_TRUE(inbox->has_begun(now));
}

TEST_F(group_with_home, a_sign_of_life_that_is_answered_keeps_the_state_from_when_it_was_sent) {
  go_to_work(3);
  pass(limits::group_renew_every);
  forget_sent();
  tick();
  const auto sign = sent<wire::renew>();
  ASSERT_EQ(sign.size(), 1U);
  const auto then = now;
  pass(microseconds{500'000});
  hear(wire::renewal{home.flow, sign[0].number});
  EXPECT_EQ(inbox->state_until(), then + limits::group_lease);
  EXPECT_TRUE(inbox->holds_state(then + limits::group_lease));
  EXPECT_FALSE(inbox->holds_state(then + limits::group_lease + microseconds{1}));
}

TEST_F(group_with_home, ends_when_another_has_the_state_and_as_a_standby_asks_again) {
  const auto refused = refuse(errc::locked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::locked);
  out.clear();
  start(true);
  ASSERT_TRUE(refuse(errc::locked));
  ASSERT_TRUE(inbox->put_off());
  EXPECT_EQ(inbox->put_off()->code(), errc::locked);
  forget_sent();
  pass(limits::demand_again_after);
  tick();
  EXPECT_TRUE(has_demanded(home));
  go_to_work(3);
  EXPECT_FALSE(inbox->put_off());
}

TEST_F(group_with_home, has_the_state_no_longer_when_it_has_left) {
  go_to_work(3);
  EXPECT_TRUE(inbox->holds_state(now));
  inbox->withdraw(out);
  EXPECT_FALSE(inbox->holds_state(now));
}

// --- demands

TEST_F(group_inbox_fixture, asks_for_logs_and_then_for_each_that_is_found) {
  connect();
  ASSERT_EQ(sent<wire::demand>().size(), 1U);
  const auto finds = sent<wire::demand>()[0];
  EXPECT_FALSE(finds.log);
  EXPECT_EQ(finds.pattern, "test.orders");
  EXPECT_EQ(finds.member, membership());
  find(home);
  find(home);
  find(other);
  const auto all = sent<wire::demand>();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].log, home.log.id());
  EXPECT_EQ(all[2].log, other.log.id());
  EXPECT_EQ(all[1].start, wire::start_kind::beginning);
  EXPECT_EQ(all[1].member, membership());
  EXPECT_EQ((std::set{finds.subscription, all[1].subscription, all[2].subscription}).size(), 3U);
}

TEST_F(group_inbox_fixture, a_log_that_an_older_demand_found_is_not_demanded) {
  connect();
  const auto before = sent<wire::demand>()[0].subscription;
  inbox->on_lost();
  hear(wire::log_found{before, home.log.id(), "home"});
  connect();
  hear(wire::log_found{before, home.log.id(), "home"});
  EXPECT_EQ(sent<wire::demand>().size(), 2U);
}

TEST_F(group_inbox_fixture, the_end_of_a_log_is_the_time_of_subscribing) {
  auto settings = from_beginning();
  settings.start = wire::start_kind::end;
  start_with(settings);
  connect();
  find(home);
  EXPECT_EQ(demand_of(home).start, wire::start_kind::time);
  EXPECT_EQ(demand_of(home).time, settings.subscribed_at);
}

TEST_F(group_inbox_fixture, a_position_is_demanded_of_its_log_only) {
  auto settings = from_beginning();
  settings.start = wire::start_kind::position;
  settings.log = other.log.id();
  settings.at = {other.log.opening(), seq{5}};
  start_with(settings);
  connect();
  find(home);
  find(other);
  ASSERT_EQ(sent<wire::demand>().size(), 2U);
  EXPECT_EQ(demand_of(other).start, wire::start_kind::position);
  EXPECT_EQ(demand_of(other).at, settings.at);
}

TEST_F(group_inbox_fixture, a_node_takes_its_demands_wherever_they_start) {
  for (const auto start :
       {wire::start_kind::beginning, wire::start_kind::end, wire::start_kind::time, wire::start_kind::position}) {
    SCOPED_TRACE(static_cast<int>(start));
    auto settings = from_beginning();
    settings.start = start;
    settings.time = settings.subscribed_at;
    settings.at = {home.log.opening(), seq{5}};
    if (start == wire::start_kind::position) settings.log = home.log.id();
    start_with(settings);
    forget_sent();
    connect();
    find(home);
    ASSERT_EQ(sent<wire::demand>().size(), 2U);
    for (const auto& wanted : sent<wire::demand>()) {
      const auto read = wire::decode_control(wire::encode(wanted));
      EXPECT_TRUE(read) << (wanted.log ? "of the log: " : "of all logs: ") << read.error().message();
    }
  }
}

TEST_F(group_inbox_fixture, a_flow_that_was_not_demanded_is_refused) {
  follow(home);
  const auto wanted = demand_of(home).subscription;
  hear(wire::flow_opened{wanted, 77, home.log.id(), "home", {}});
  hear(wire::flow_opened{wanted + 100, 78, home.log.id(), "home", {}});
  hear(wire::flow_opened{wanted, 79, other.log.id(), "other", {}});
  const auto refused = sent<wire::flow_closed>();
  ASSERT_EQ(refused.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(refused[i].flow, 77 + i);
    EXPECT_EQ(refused[i].code, errc::cancelled);
  }
  come(home, {"a"});
  EXPECT_EQ(process_all(), places{0});
}

// --- what may begin

TEST_F(group_inbox_fixture, events_of_one_key_begin_one_after_another_and_others_go_on) {
  follow(home);
  come(home, {"a", "a", "b", "a"});
  const auto first = begin();
  EXPECT_EQ(place_of(first), 0U);
  const auto of_b = begin();
  EXPECT_EQ(place_of(of_b), 2U);
  EXPECT_FALSE(inbox->begin(now));
  EXPECT_EQ(inbox->under_way(), 2U);
  process(of_b);
  EXPECT_FALSE(inbox->begin(now));
  process(first);
  const auto second = begin();
  EXPECT_EQ(place_of(second), 1U);
  EXPECT_FALSE(inbox->begin(now));
  process(second);
  EXPECT_EQ(place_of(begin()), 3U);
}

TEST_F(group_inbox_fixture, the_next_of_a_key_may_be_let_begin_before_the_first_is_finished) {
  follow(home);
  come(home, {"a", "a", "a"});
  auto first = begin();
  inbox->let_next(first);
  auto second = begin();
  EXPECT_EQ(place_of(second), 1U);
  process(first);
  EXPECT_FALSE(inbox->begin(now)) << "the second was not let go";
  inbox->let_next(second);
  EXPECT_EQ(place_of(begin()), 2U);
}

TEST_F(group_inbox_fixture, an_event_knows_what_of_its_slot_waits_before_it) {
  const auto slot_of = [](const std::string& key) { return wire::slot_of(wire::key_hash(as_bytes(key))); };
  std::string beside; // another key of that slot
  for (int n = 0; beside.empty() || slot_of(beside) != slot_of("a"); ++n)
    beside = "k" + std::to_string(n);
  follow(home);
  come(home, {"a", "a", "elsewhere", beside});
  const auto first = begin();
  EXPECT_TRUE(first.before.empty());
  inbox->fail(first, "no tea", now);
  EXPECT_TRUE(begin().before.empty()) << "of another slot";
  const auto last = begin();
  EXPECT_EQ(place_of(last), 3U);
  ASSERT_EQ(last.before.size(), 2U);
  EXPECT_EQ(last.before[0], first.what.at);
}

TEST_F(group_inbox_fixture, events_without_a_key_are_all_free) {
  follow(home);
  come(home, {"", "", ""});
  for (std::uint64_t place = 0; place < 3; ++place)
    EXPECT_EQ(place_of(begin()), place);
  EXPECT_EQ(inbox->under_way(), 3U);
}

TEST_F(group_inbox_fixture, two_logs_take_turns) {
  follow(home);
  follow(other);
  come(home, {"", "", ""});
  come(other, {"", ""});
  std::vector<log_id> turns;
  while (const auto job = inbox->begin(now))
    turns.push_back(job->log);
  const auto here = home.log.id(), there = other.log.id();
  EXPECT_EQ(turns, (std::vector{here, there, here, there, here}));
}

TEST_F(group_inbox_fixture, a_key_waits_in_its_own_log_only) {
  follow(home);
  follow(other);
  come(home, {"a", "a"});
  come(other, {"a", "a"});
  EXPECT_NE(begin().log, begin().log);
  EXPECT_FALSE(inbox->begin(now));
}

// --- failures

TEST_F(group_inbox_fixture, what_failed_is_told_and_its_key_waits_until_its_time_has_come) {
  follow(home);
  come(home, {"a", "a", "b"});
  tick();
  forget_sent();
  fail(begin());
  EXPECT_EQ(inbox->under_way(), 0U);
  EXPECT_EQ(process_all(), places{2});
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(sent<wire::failed>(), (std::vector{wire::failed{home.flow, 1, "no stock"}}));
  EXPECT_EQ(told().done, (ranges{{3, 4}}));

  hear(wire::verdict{home.flow, 1, 1s});
  const auto again_at = now + 1s;
  EXPECT_EQ(inbox->due(), again_at);
  now = again_at + -1us;
  EXPECT_FALSE(inbox->begin(now));
  now = again_at;
  EXPECT_EQ(process_all(), (places{0, 1}));
  EXPECT_GT(inbox->due(), again_at);
  forget_sent();
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(told().done, (ranges{{1, 3}}));
}

TEST_F(group_inbox_fixture, what_is_rejected_is_told_as_that_and_its_key_waits_for_the_verdict) {
  follow(home);
  come(home, {"a", "a"});
  tick();
  forget_sent();
  static_cast<void>(inbox->reject(begin(), "no such item", now));
  EXPECT_EQ(process_all(), places{});
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(sent<wire::failed>(), (std::vector{wire::failed{home.flow, 1, "no such item", true}}));
  hear(wire::verdict{home.flow, 1, std::nullopt});
  EXPECT_EQ(process_all(), places{1});
}

TEST_F(group_inbox_fixture, what_failed_without_a_key_holds_up_nothing) {
  follow(home);
  come(home, {"", ""});
  fail(begin());
  EXPECT_EQ(process_all(), places{1});
  hear(wire::verdict{home.flow, 1, 0us});
  EXPECT_EQ(process_all(), places{0});
}

TEST_F(group_inbox_fixture, what_is_dropped_lets_its_key_go_on) {
  follow(home);
  come(home, {"a", "a"});
  fail(begin());
  hear(wire::verdict{home.flow, 1, std::nullopt});
  tick();
  forget_sent();
  EXPECT_EQ(process_all(), places{1});
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(told().done, (ranges{{2, 3}}));
}

TEST_F(group_inbox_fixture, what_others_tried_waits_for_its_time_and_so_does_its_key) {
  follow(home);
  come(home, {"a", "a", "b"}, {{1, 2, 1s}});
  EXPECT_EQ(process_all(), places{2});
  tick();
  const auto due = inbox->due();
  ASSERT_TRUE(due);
  EXPECT_LE(*due, now + 1s);
  pass(1s);
  EXPECT_EQ(process_all(), (places{0, 1}));
}

// --- what is given back

TEST_F(group_inbox_fixture, a_revoked_slot_gives_back_what_is_not_begun) {
  follow(home);
  come(home, {"a", "a", "b", "a"});
  const auto begun = begin();
  wire::slot_set slots;
  slots.set(keyed(home, 0, "a").of.value());
  hear(wire::revoke{home.flow, slots});
  EXPECT_EQ(inbox->due(), now);
  tick();
  EXPECT_EQ(told().returned, (ranges{{2, 3}, {4, 5}}));
  EXPECT_TRUE(told().done.empty());
  process(begun);
  EXPECT_EQ(process_all(), places{2});
}

TEST_F(group_inbox_fixture, what_failed_is_given_back_with_its_slot) {
  follow(home);
  come(home, {"a", "a"});
  fail(begin());
  hear(wire::revoke{home.flow, wire::slot_set().set()});
  tick();
  EXPECT_EQ(sent<wire::failed>().size(), 1U);
  EXPECT_EQ(told().returned, (ranges{{1, 3}}));
  hear(wire::verdict{home.flow, 1, 0us});
  EXPECT_FALSE(inbox->begin(now));
}

// --- reports and signs of life

TEST_F(group_inbox_fixture, what_is_done_is_told_together) {
  follow(home);
  come(home, {"a", "b", "c"});
  tick();
  EXPECT_TRUE(sent<wire::handled>().empty());
  const auto at = now + limits::group_report_within;
  EXPECT_TRUE(inbox->finish(begin(), now));
  EXPECT_EQ(inbox->due(), at);
  pass(1ms);
  EXPECT_FALSE(inbox->finish(begin(), now)) << "it is told with the one before";
  EXPECT_FALSE(inbox->finish(begin(), now));
  EXPECT_EQ(inbox->due(), at);
  tick();
  EXPECT_TRUE(sent<wire::handled>().empty());
  now = at;
  tick();
  EXPECT_EQ(told(), (wire::handled{home.flow, {{1, 4}}, {}}));
}

TEST_F(group_inbox_fixture, gives_signs_of_life_each_after_what_it_has_to_tell) {
  follow(home);
  come(home, {"a"});
  tick();
  forget_sent();
  const auto first = now + limits::group_renew_every;
  EXPECT_EQ(inbox->due(), first);
  const auto job = begin();
  now = first + -1us;
  tick();
  EXPECT_TRUE(out.empty());
  process(job);
  now = first;
  tick();
  EXPECT_EQ(sent_names(), (names{"handled", "renew"}));
  pass(limits::group_renew_every);
  tick();
  EXPECT_EQ(sent<wire::renew>(), (std::vector{wire::renew{home.flow, 1}, wire::renew{home.flow, 2}}));
}

TEST_F(group_inbox_fixture, begins_nothing_after_its_lease_until_a_sign_of_life_is_answered) {
  follow(home);
  come(home, {"a"});
  pass(limits::group_lease + 1us);
  EXPECT_FALSE(inbox->begin(now));
  tick();
  ASSERT_EQ(sent<wire::renew>().size(), 1U);
  hear(wire::renewal{home.flow, sent<wire::renew>()[0].number});
  EXPECT_EQ(process_all(), places{0});
}

// --- the end of a flow

TEST_F(group_inbox_fixture, a_flow_that_ends_for_a_passing_reason_is_demanded_again_with_what_was_begun_and_processed) {
  for (const auto code : {errc::ok, errc::busy, errc::cancelled, errc::no_route, errc::not_connected, errc::not_held,
                          errc::timed_out, errc::internal}) {
    SCOPED_TRACE(to_string(code));
    home = source{1};
    start_with(from_beginning());
    forget_sent();
    follow(home);
    come(home, {"a", "b", "c"});
    const auto begun = begin();
    process(begin());
    const auto before = demand_of(home);
    hear(wire::flow_closed{home.flow, before.subscription, code, "it will pass"});
    EXPECT_EQ(inbox->due(), now + limits::demand_again_after);
    pass(limits::demand_again_after - 1us);
    tick();
    EXPECT_EQ(demand_of(home), before);
    pass(1us);
    tick();
    const auto again = demand_of(home);
    EXPECT_GT(again.subscription, before.subscription);
    ASSERT_TRUE(again.member);
    EXPECT_EQ(again.member->begun, std::vector{keyed(home, 0, "a")});
    EXPECT_EQ(again.member->processed, std::vector{keyed(home, 1, "b")});
    EXPECT_EQ(sent<wire::demand>().size(), 3U) << "it is demanded once";
    EXPECT_FALSE(inbox->due());
  }
}

TEST_F(group_inbox_fixture, a_demand_that_ended_is_withdrawn_so_that_a_node_does_not_keep_it) {
  follow(home);
  const auto before = demand_of(home).subscription;
  hear(wire::flow_closed{home.flow, before, errc::no_route, "it will pass"});
  pass(limits::demand_again_after);
  tick();
  EXPECT_EQ(sent<wire::withdraw>(), std::vector{wire::withdraw{before}});
}

TEST_F(group_inbox_fixture, a_demand_that_leads_to_no_flow_is_made_again) {
  connect();
  find(home);
  const auto before = demand_of(home).subscription;
  hear(wire::flow_closed{0, before, errc::no_route, "no way there"});
  pass(limits::demand_again_after);
  tick();
  EXPECT_GT(demand_of(home).subscription, before);
  open(home);
  come(home, {"a"});
  EXPECT_EQ(process_all(), places{0});
}

TEST_F(group_inbox_fixture, a_reason_that_does_not_pass_is_an_error) {
  follow(home);
  const auto ended = inbox->on(wire::flow_closed{home.flow, 0, errc::denied, "not for you"}, {}, now, out);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  EXPECT_EQ(ended.error().message(), "the group workers ended here: not for you");
}

TEST_F(group_inbox_fixture, without_a_demand_for_logs_it_can_not_go_on) {
  connect();
  const auto ended =
      inbox->on(wire::flow_closed{0, sent<wire::demand>()[0].subscription, errc::denied, "not for you"}, {}, now, out);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
}

TEST_F(group_inbox_fixture, a_missing_number_closes_the_flow_and_demands_again) {
  follow(home);
  come(home, {"a"});
  const auto before = demand_of(home).subscription;
  home.next_number = 3;
  come(home, {"b"});
  const auto closed = sent<wire::flow_closed>();
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].flow, home.flow);
  EXPECT_EQ(closed[0].code, errc::protocol_violation);
  EXPECT_EQ(closed[0].message, "event 2 of the flow was expected, 3 came");
  EXPECT_EQ(sent<wire::withdraw>(), std::vector{wire::withdraw{before}});
  pass(limits::demand_again_after);
  tick();
  EXPECT_GT(demand_of(home).subscription, before);
}

TEST_F(group_inbox_fixture, of_a_run_that_can_not_be_read_nothing_is_taken_and_it_is_demanded_again) {
  follow(home);
  add(home, {"a", "b"});
  const auto* entry = home.log.at({});
  std::vector<std::byte> damaged{entry->stored.view().begin(), entry->stored.view().end()};
  damaged[100] ^= std::byte{1};
  auto run = run_of(home, {}, seq{2});
  run.number = 1;
  hear(run, shared_bytes::take(std::move(damaged)));
  ASSERT_EQ(sent<wire::flow_closed>().size(), 1U);
  EXPECT_EQ(sent<wire::flow_closed>()[0].code, errc::corrupt);
  EXPECT_FALSE(inbox->begin(now));
  pass(limits::demand_again_after);
  tick();
  open(home);
  come_again(home, {});
  EXPECT_EQ(process_all(), (places{0, 1}));
}

TEST_F(group_inbox_fixture, what_comes_over_a_flow_that_has_ended_is_ignored) {
  follow(home);
  hear(wire::flow_closed{home.flow, 0, errc::busy, "it will pass"});
  come(home, {"a"});
  hear(wire::revoke{home.flow, {}});
  hear(wire::verdict{home.flow, 1, std::nullopt});
  hear(wire::renewal{home.flow, 1});
  EXPECT_FALSE(inbox->begin(now));
  EXPECT_TRUE(sent<wire::flow_closed>().empty());
}

// --- losses of the node

TEST_F(group_inbox_fixture, after_a_loss_what_is_there_goes_on_within_the_lease) {
  follow(home);
  come(home, {"a", "b", "c"});
  const auto before = begin();
  inbox->on_lost();
  EXPECT_FALSE(inbox->due()) << "there is nobody to tell";
  process(begin());
  pass(limits::group_lease + 1us);
  EXPECT_FALSE(inbox->begin(now));

  connect();
  find(home);
  EXPECT_EQ(demand_of(home).member->begun, std::vector{keyed(home, 0, "a")});
  EXPECT_EQ(demand_of(home).member->processed, std::vector{keyed(home, 1, "b")});
  EXPECT_FALSE(inbox->begin(now)) << "what was not begun comes again";
  open(home);
  come_again(home, {});
  EXPECT_EQ(process_all(), places{2});
  process(before);
  forget_sent();
  tick();
  EXPECT_EQ(told().done, (ranges{{1, 4}}));
}

TEST_F(group_inbox_fixture, a_key_that_is_under_way_over_a_loss_still_waits) {
  follow(home);
  come(home, {"a", "a"});
  const auto before = begin();
  inbox->on_lost();
  connect();
  find(home);
  open(home);
  come_again(home, {});
  EXPECT_FALSE(inbox->begin(now));
  process(before);
  EXPECT_EQ(process_all(), places{1});
}

TEST_F(group_inbox_fixture, what_is_processed_before_it_comes_again_is_told_by_its_place) {
  follow(home);
  come(home, {"a"});
  const auto before = begin();
  inbox->on_lost();
  connect();
  find(home);
  open(home);
  forget_sent();
  process(before);
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(told().processed, std::vector{keyed(home, 0, "a")});
}

TEST_F(group_inbox_fixture, what_fails_before_it_comes_again_is_given_back_and_begins_again_then) {
  follow(home);
  come(home, {"a", "a"});
  const auto before = begin();
  inbox->on_lost();
  connect();
  find(home);
  open(home);
  forget_sent();
  fail(before);
  EXPECT_FALSE(inbox->begin(now));
  pass(limits::group_report_within);
  tick();
  EXPECT_EQ(told().abandoned, std::vector{keyed(home, 0, "a")});
  EXPECT_TRUE(sent<wire::failed>().empty());
  come_again(home, {});
  EXPECT_EQ(process_all(), (places{0, 1}));
}

// --- gaps

TEST_F(group_inbox_fixture, a_gap_is_given_once_and_the_events_around_it_come) {
  follow(home);
  come(home, {"a"});
  auto run = run_of(home, seq{1}, seq{5});
  run.gap_code = errc::log_start;
  run.gap = "retention";
  hear(run);
  const auto gap = inbox->take_gap();
  ASSERT_TRUE(gap);
  EXPECT_FALSE(inbox->take_gap());
  EXPECT_EQ(gap->log, home.log.id());
  EXPECT_EQ(*gap->node, "home");
  EXPECT_EQ(gap->range.from, seq{1});
  EXPECT_EQ(gap->range.until, seq{5});
  EXPECT_EQ(gap->gap_code, errc::log_start);
  EXPECT_EQ(gap->gap, "retention");
  come(home, {"b"});
  EXPECT_EQ(process_all(), (places{0, 1}));
}

// --- leaving, and logs that go

TEST_F(group_inbox_fixture, who_leaves_gives_back_what_is_not_begun_and_finishes_the_rest) {
  follow(home);
  come(home, {"a", "a", "b"});
  const auto begun = begin();
  tick();
  forget_sent();
  inbox->leave(out);
  EXPECT_EQ(sent_names(), (names{"handled", "leaving"}));
  EXPECT_EQ(told().returned, (ranges{{2, 4}}));
  EXPECT_FALSE(inbox->begin(now));
  EXPECT_EQ(inbox->under_way(), 1U);
  forget_sent();
  come(home, {"c"}); // it was on its way
  tick();
  EXPECT_EQ(told().returned, (ranges{{4, 5}}));
  EXPECT_FALSE(inbox->begin(now));
  process(begun);
  EXPECT_EQ(inbox->under_way(), 0U);
}

TEST_F(group_inbox_fixture, who_has_left_tells_what_it_did_ends_its_flows_and_withdraws) {
  follow(home);
  come(home, {"a"});
  process(begin());
  const auto wanted = demand_of(home).subscription;
  inbox->leave(out);
  forget_sent();
  come(home, {"b"});
  inbox->withdraw(out);
  EXPECT_EQ(sent_names(), (names{"handled", "flow_closed", "withdraw", "withdraw"}));
  EXPECT_EQ(sent<wire::flow_closed>()[0].flow, home.flow);
  EXPECT_EQ(sent<wire::flow_closed>()[0].code, errc::ok);
  EXPECT_EQ(sent<wire::withdraw>(), (std::vector{wire::withdraw{wanted}, wire::withdraw{finder}}));
  EXPECT_FALSE(inbox->due());
}

TEST_F(group_inbox_fixture, what_a_leaving_member_processes_is_told_as_it_ends) {
  follow(home);
  come(home, {"a"});
  const auto begun = begin();
  inbox->leave(out);
  process(begun);
  forget_sent();
  inbox->withdraw(out);
  EXPECT_EQ(told().done, (ranges{{1, 2}}));
}

TEST_F(group_inbox_fixture, what_fails_while_it_leaves_is_given_back) {
  follow(home);
  come(home, {"a"});
  const auto begun = begin();
  inbox->leave(out);
  fail(begun);
  forget_sent();
  inbox->withdraw(out);
  EXPECT_EQ(told().returned, (ranges{{1, 2}}));
  EXPECT_TRUE(sent<wire::failed>().empty());
}

TEST_F(group_inbox_fixture, who_leaves_demands_no_more_logs_and_says_so_over_flows_that_open) {
  connect();
  find(home);
  inbox->leave(out);
  find(other);
  EXPECT_EQ(demand_of(other).subscription, 0U);
  open(home);
  EXPECT_EQ(sent<wire::leaving>(), std::vector{wire::leaving{home.flow}});
}

TEST_F(group_inbox_fixture, a_log_that_is_gone_is_not_demanded_again_until_it_is_found) {
  follow(home);
  hear(wire::log_gone{finder, home.log.id()});
  hear(wire::flow_closed{home.flow, 0, errc::no_route, "its node is gone"});
  EXPECT_FALSE(inbox->due());
  const auto before = demand_of(home).subscription;
  find(home);
  EXPECT_GT(demand_of(home).subscription, before);
}

TEST_F(group_inbox_fixture, knows_how_far_it_got_in_each_log) {
  follow(home);
  come(home, {"a", "b", "c"});
  const auto first = begin();
  process(begin());
  process(first);
  auto all = inbox->progress();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].node, "home");
  EXPECT_EQ(all[0].handled, (log_position{home.log.opening(), seq{2}}));
  EXPECT_EQ(all[0].head, seq{3});
  EXPECT_TRUE(all[0].flowing);
  inbox->on_lost();
  EXPECT_FALSE(inbox->progress()[0].flowing);
}

} // namespace
} // namespace weft::testing
