// Groups that went on at copies: the records of a holder over starts, and what the log's node makes of them.
#include "actors/takeup_desk.hpp"

#include "actors/cursor_topic.hpp"
#include "actors/group_book.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using delivery::group_record;

node_id node_of(std::uint8_t n) { return node_id{{n}}; }

struct takeup_fixture : testing::services_fixture {
  takeup_fixture() {
    topics.set(std::string(cursors_topic), topic_id{9}, {});
    services.roles = security::default_roles;
    services.readers = log_reader_ref::start(system, services.supervisor, *log, 1);
  }
  [[nodiscard]] log_position at(std::uint64_t place) const { return {log->state().epoch, seq{place}}; }
  void fill(int entries) {
    topics.set("t", log::testing::orders, {});
    for (int i = 0; i < entries; ++i)
      ASSERT_TRUE(append(log::testing::orders, {"x"}));
  }
  /// At a holder of a copy of `log`: it began at `base`, and got to `floor`.
  [[nodiscard]] group_record taken(const log_id& of, std::uint64_t base, std::uint64_t floor,
                                   std::uint64_t generation = 1) const {
    group_record record{"g", "t", 7, {generation, at(floor), {}}, {}, {}, {}, {}};
    record.takeup = {of, {generation, at(base), {}}, wall_time{5}};
    return record;
  }
  void settle() {
    for (int i = 0; i < 5; ++i) {
      system.run();
      log->commit_pending();
    }
    system.run();
  }
};

// --- a holder's records

struct holders_records : takeup_fixture {
  const log_id theirs{node_of(3), 0};
  [[nodiscard]] std::optional<group_record> after_a_start(bool catalog_lost) {
    takeup_book book(services);
    EXPECT_TRUE(book.load(catalog_lost));
    return book.find({theirs, "g"});
  }
};

TEST_F(holders_records, are_there_after_a_start_until_the_logs_node_has_them) {
  fill(3);
  const auto record = taken(theirs, 1, 2);
  {
    takeup_book book(services);
    book.save(record, [](const auto&) {});
    log->commit_pending();
    book.keep({theirs, "g"});
  }
  EXPECT_EQ(after_a_start(false), record);
  EXPECT_EQ(after_a_start(true), record) << "the log has it";
  {
    takeup_book book(services);
    ASSERT_TRUE(book.load(false));
    book.forget({theirs, "g"});
    log->commit_pending();
  }
  EXPECT_FALSE(after_a_start(false));
  EXPECT_FALSE(after_a_start(true));
}

TEST_F(holders_records, are_no_groups_of_the_own_log) {
  takeup_book book(services);
  book.save(taken(theirs, 1, 2), [](const auto&) {});
  log->commit_pending();
  book.keep({theirs, "g"});
  group_book groups(services);
  ASSERT_TRUE(groups.load(false));
  EXPECT_FALSE(groups.has("g"));
}

// --- at the log's node

struct logs_node : takeup_fixture {
  logs_node() {
    holder.id = node_of(3);
    holder.name = "holder";
    holder.storage = true;
    holder.output = output;
  }
  /// @param copies  of a topic
  void start(std::uint8_t copies) {
    node::publish_settings settings;
    settings.replicas = copies;
    topics.set("u", topic_id{8}, settings);
    services.keeper = start_keeper();
    system.run();
  }
  void say(const wire::taken_up& said) {
    services.keeper.with_takeups([by = holder, said](takeup_desk& desk) { desk.taken_up(by, said); });
    settle();
  }
  void say(const group_record& record) { say(wire::taken_up{delivery::encode_takeup(record), false}); }
  void holders(const std::vector<node_id>& all) {
    services.keeper.with_takeups([all](takeup_desk& desk) { desk.holders(all); });
    system.run();
  }
  /// What a group's actor would go on from; nothing: it has to wait.
  std::shared_ptr<std::optional<std::optional<group_record>>> take() {
    auto answer = std::make_shared<std::optional<std::optional<group_record>>>();
    services.keeper.take_group("g", "t", reply<std::optional<group_record>>([answer](auto found) {
                                 if (found) *answer = *found;
                               }));
    system.run();
    return answer;
  }
  void own(std::uint64_t floor) {
    services.keeper.save_group({"g", "t", 3, {1, at(floor), {}}, {}, {}, {}, {}}, {});
    settle();
  }
  [[nodiscard]] group_record known() {
    const auto answer = take();
    EXPECT_TRUE(*answer && **answer);
    return *answer && **answer ? ***answer : group_record{};
  }
  std::size_t answers() { return output->all<wire::taken_over>().size(); }

  std::shared_ptr<testing::recorded_output> output = std::make_shared<testing::recorded_output>();
  linked_peer holder;
};

TEST_F(logs_node, groups_of_a_log_without_copies_go_on_at_once) {
  start(0);
  EXPECT_TRUE(*take());
}

TEST_F(logs_node, groups_wait_until_all_holders_have_told_and_go_on_from_what_they_did) {
  fill(10);
  start(1);
  own(2);
  const auto answer = take();
  EXPECT_FALSE(*answer) << "nobody knows the holders";
  holders({holder.id});
  EXPECT_FALSE(*answer);
  say(taken(services.own_log, 1, 8));
  EXPECT_FALSE(*answer) << "it may have more to tell";
  say(wire::taken_up{{}, true});
  ASSERT_TRUE(*answer && **answer);
  EXPECT_EQ((***answer).cursor.floor, at(8));
  EXPECT_EQ(output->all<wire::taken_over>(), (std::vector<wire::taken_over>{{"g", 7}}));
}

TEST_F(logs_node, groups_go_on_without_a_holder_that_does_not_come) {
  start(1);
  const auto answer = take();
  holders({holder.id});
  wait(limits::takeup_told_within - 100ms);
  EXPECT_FALSE(*answer);
  wait(100ms);
  EXPECT_TRUE(*answer);
}

TEST_F(logs_node, what_both_did_is_counted_once_however_often_it_is_told) {
  fill(10);
  start(0);
  own(6);
  for (int i = 0; i < 2; ++i)
    say(taken(services.own_log, 2, 8));
  EXPECT_EQ(known().cursor.floor, at(8));
  EXPECT_EQ(known().repeated, 4U);
  EXPECT_EQ(answers(), 2U);
}

TEST_F(logs_node, what_a_holder_says_beyond_the_logs_end_is_not_believed) {
  fill(4);
  start(0);
  own(2);
  const auto end = log->state().synced_end;
  say(taken(services.own_log, 2, 1000));
  EXPECT_LE(known().cursor.floor.seq, log->state().synced_end);
  EXPECT_GE(known().cursor.floor.seq, end);
}

TEST_F(logs_node, a_record_of_another_log_or_of_none_is_of_no_account) {
  fill(4);
  start(0);
  own(2);
  say(taken({node_of(5), 0}, 2, 3));
  say(wire::taken_up{shared_bytes::copy(as_bytes("no record")), false});
  EXPECT_EQ(known().cursor.floor, at(2));
  EXPECT_EQ(answers(), 0U);
}

TEST_F(logs_node, what_was_done_before_a_seek_is_of_no_account_and_forgotten) {
  fill(10);
  start(0);
  services.keeper.save_group({"g", "t", 3, {2, at(1), {}}, {}, {}, {}, {}}, {});
  settle();
  say(taken(services.own_log, 2, 8, 1));
  EXPECT_EQ(known().cursor.floor, at(1));
  EXPECT_EQ(answers(), 1U);
}

// --- at a holder of a copy

TEST_F(logs_node, a_holder_tells_what_it_did_when_it_is_linked_and_forgets_what_is_taken_over) {
  fill(3);
  start(0);
  const log_id theirs{holder.id, 0};
  services.keeper.with_takeups([record = taken(theirs, 1, 2)](takeup_desk& desk) { desk.save(record, {}); });
  settle();
  services.keeper.with_takeups([peer = holder](takeup_desk& desk) { desk.peer_up(peer); });
  settle();
  const auto told = output->all<wire::taken_up>();
  ASSERT_EQ(told.size(), 2U);
  const auto record = delivery::decode_group_record(told[0].record);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->cursor.floor, at(2));
  EXPECT_TRUE(told[1].last);
  const auto over = [&](std::uint64_t version) {
    services.keeper.with_takeups([by = holder.id, version](takeup_desk& desk) {
      desk.taken_over(by, wire::taken_over{"g", version});
    });
    settle();
    std::size_t left = 9;
    services.keeper.takeups(reply<std::vector<group_record>>([&left](auto all) { left = all ? all->size() : 9; }));
    system.run();
    return left;
  };
  EXPECT_EQ(over(6), 1U) << "it got further since";
  EXPECT_EQ(over(7), 0U);
}

} // namespace
} // namespace weft::actors
