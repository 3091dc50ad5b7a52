// Cursors over starts of a node: the log has what the catalog does not.
#include "actors/cursor_book.hpp"

#include "actors/cursor_topic.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "tests/actors/services_fixture.hpp"

#include <algorithm>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;

constexpr topic_id cursors_id{9};

struct cursor_book_fixture : testing::services_fixture {
  cursor_book_fixture() { topics.set(std::string(cursors_topic), cursors_id, {}); }

  [[nodiscard]] log_position at(std::uint64_t place) const { return {log->state().epoch, seq{place}}; }
  /// As if a node had published it and its catalog had not taken it.
  void only_in_the_log(const std::string& value) {
    wire::batch_builder builder{std::string(cursors_topic), producer_id{}, wire::codec::none};
    ASSERT_TRUE(builder.add({wall_time{1}, {}, {}, {}, as_bytes(value)}));
    const auto batch = wire::batch_view::trusted(builder.seal(0));
    ASSERT_TRUE(log->append_and_wait(log::testing::request_of(cursors_id, batch)));
  }
  void only_in_the_log(const std::string& name, std::uint64_t place) {
    only_in_the_log(R"({"name":")" + name + R"(","pattern":"t","epoch":")" + to_string(log->state().epoch) +
                    R"(","seq":)" + std::to_string(place) + "}");
  }
  /// Somebody who reads with the name gets there. Who has it already goes on having it.
  static void move(cursor_book& book, const std::string& name, log_position until) {
    const bool taken = book.take(name, "t", {"somebody", 1}).has_value();
    book.commit(name, "t", 1, until);
    if (taken) book.release(name, "t", 1);
  }
  /// As an operator asks. @returns the error's code
  errc remove(cursor_book& book, const std::string& name, bool force = false) {
    std::optional<errc> code;
    book.remove(name, force, [&](result<void> done) { code = done ? errc::ok : done.error().code(); });
    log->commit_pending();
    return code.value_or(errc::internal);
  }
  /// The next start of the node.
  std::optional<log_position> after_a_start(const std::string& name, bool catalog_lost = false) {
    cursor_book book(services);
    EXPECT_TRUE(book.load(catalog_lost));
    for (const auto& cursor : book.all())
      if (cursor.name == name) return cursor.until;
    return std::nullopt;
  }
  [[nodiscard]] std::optional<log_position> held() {
    const auto need = cursor_leases.needed(log::testing::orders, clock.wall());
    return need ? std::optional(need->from) : std::nullopt;
  }
  void fill(int entries) {
    for (int i = 0; i < entries; ++i)
      ASSERT_TRUE(append(log::testing::orders, {"x"}));
  }
};

TEST_F(cursor_book_fixture, one_that_only_the_log_has_is_in_the_catalog_when_another_moves) {
  fill(10);
  only_in_the_log("b", 5);
  {
    cursor_book book(services);
    ASSERT_TRUE(book.load(false));
    fill(10);
    move(book, "a", at(20)); // later starts look at the log from here on
    book.publish();
    log->commit_pending();
  }
  EXPECT_EQ(after_a_start("a"), at(20));
  EXPECT_EQ(after_a_start("b"), at(5));
}

TEST_F(cursor_book_fixture, those_that_rest_come_again_with_the_time_at_which_they_were_used) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(7));
    book.publish();
    log->commit_pending();
  }
  const auto used = clock.wall();
  clock.advance(48h);
  const log_position later{log->state().epoch, log->state().synced_end};
  {
    cursor_book book(services);
    ASSERT_TRUE(book.load(false));
    book.publish_again();
    log->commit_pending();
  }
  std::vector<std::pair<std::string, wall_time>> again;
  ASSERT_TRUE(each_cursor_event(
      services, later, [&](const wire::event_view& event) { again.emplace_back(as_text(event.value), event.time); }));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_NE(again[0].first.find(R"("seq":7)"), std::string::npos);
  EXPECT_LE(again[0].second, used);
  EXPECT_EQ(after_a_start("a", true), at(7));
}

TEST_F(cursor_book_fixture, events_that_are_not_well_formed_are_passed_over) {
  for (const auto* value : {"", "7", "[]", "{}", R"({"epoch":1})", R"({"epoch":"1-00000000","seq":"7"})",
                            R"({"name":{},"epoch":"1-00000000","seq":-1})"})
    only_in_the_log(value);
  only_in_the_log("b", 3);
  EXPECT_EQ(after_a_start("b"), at(3));
}

TEST_F(cursor_book_fixture, one_beyond_the_end_of_the_log_hides_no_other) {
  fill(3);
  {
    cursor_book book(services);
    move(book, "a", at(1'000)); // the log has lost its tail since
    move(book, "b", at(2));
    book.publish();
    log->commit_pending();
  }
  cursor_book book(services);
  EXPECT_TRUE(book.load(false));
  EXPECT_EQ(after_a_start("b"), at(2));
}

TEST_F(cursor_book_fixture, one_that_is_removed_stays_so_over_starts_with_and_without_the_catalog) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(7));
    move(book, "b", at(3));
    book.publish();
    log->commit_pending();
    EXPECT_EQ(remove(book, "a"), errc::ok);
    EXPECT_FALSE(book.has("a"));
    EXPECT_EQ(remove(book, "a"), errc::not_found);
  }
  for (const bool catalog_lost : {false, true}) {
    EXPECT_EQ(after_a_start("a", catalog_lost), std::nullopt);
    EXPECT_EQ(after_a_start("b", catalog_lost), at(3));
  }
}

TEST_F(cursor_book_fixture, one_that_is_removed_begins_anew_below_where_it_was) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(9));
    book.publish();
    EXPECT_EQ(remove(book, "a"), errc::ok);
    EXPECT_EQ(book.take("a", "u", {"somebody", 2}).value(), std::nullopt); // with another pattern, too
    book.release("a", "u", 2);
    move(book, "a", at(2));
    book.publish();
    log->commit_pending();
  }
  for (const bool catalog_lost : {false, true})
    EXPECT_EQ(after_a_start("a", catalog_lost), at(2));
}

TEST_F(cursor_book_fixture, one_that_a_catalog_from_before_its_removal_has_is_not_back) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(7));
    book.publish();
    EXPECT_EQ(remove(book, "a"), errc::ok);
  }
  const catalog::cursor_record old{"a", services.own_log, "t", at(7), 0, wall_time{1}};
  ASSERT_TRUE(catalog->cursors().keep({&old, 1}));
  EXPECT_EQ(after_a_start("a"), std::nullopt);
  EXPECT_TRUE(catalog->cursors().list().value().empty());
}

TEST_F(cursor_book_fixture, one_in_use_is_removed_by_force_alone_and_its_consumer_is_told) {
  fill(10);
  cursor_book book(services);
  std::optional<errc> told;
  ASSERT_TRUE(book.take("a", "t", {"somebody", 1, [&](const error& why) { told = why.code(); }}));
  book.commit("a", "t", 1, at(3));
  EXPECT_EQ(remove(book, "a"), errc::busy);
  EXPECT_EQ(told, std::nullopt);
  EXPECT_EQ(remove(book, "a", true), errc::ok);
  EXPECT_EQ(told, errc::cursor_moved);
  book.commit("a", "t", 1, at(5)); // on its way
  book.release("a", "t", 1);
  book.publish();
  log->commit_pending();
  EXPECT_TRUE(book.all().empty());
  EXPECT_EQ(after_a_start("a"), std::nullopt);
}

struct leased_cursors : cursor_book_fixture {
  leased_cursors() { topics.set("t", log::testing::orders, {}); }
};

TEST_F(leased_cursors, hold_what_is_needed_by_the_cursor_on_disk_not_by_the_one_in_memory) {
  fill(10);
  cursor_book book(services);
  ASSERT_TRUE(book.take("a", "t", {"somebody", 1}));
  move(book, "a", at(3));
  EXPECT_EQ(held(), std::nullopt);
  book.publish();
  EXPECT_EQ(held(), std::nullopt); // on its way
  log->commit_pending();
  EXPECT_EQ(held(), at(3));
  move(book, "a", at(7));
  EXPECT_EQ(held(), at(3));
  book.publish();
  log->commit_pending();
  EXPECT_EQ(held(), at(7));
}

TEST_F(leased_cursors, that_are_removed_hold_nothing_also_what_was_on_its_way_to_the_disk) {
  fill(10);
  cursor_book book(services);
  move(book, "a", at(3));
  book.publish();
  log->commit_pending();
  EXPECT_EQ(held(), at(3));
  move(book, "a", at(7));
  book.publish();
  EXPECT_EQ(remove(book, "a"), errc::ok);
  EXPECT_EQ(held(), std::nullopt);
}

TEST_F(leased_cursors, that_could_not_be_written_hold_by_the_last_that_was) {
  fill(10);
  cursor_book book(services);
  move(book, "a", at(3));
  book.publish();
  log->commit_pending();
  disk_fault_plan plan;
  plan.failures.push_back({1, errc::io_error, disk_call::sync, true});
  disk.set_faults(plan);
  move(book, "a", at(7));
  book.publish();
  log->commit_pending();
  EXPECT_EQ(held(), at(3));
}

TEST_F(leased_cursors, are_known_after_a_start_from_the_catalog_and_from_the_log_alone) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(3));
    book.publish();
    log->commit_pending();
  }
  for (const bool catalog_lost : {false, true}) {
    cursor_leases.forget("a");
    cursor_book book(services);
    ASSERT_TRUE(book.load(catalog_lost));
    EXPECT_EQ(held(), at(3));
  }
}

TEST_F(leased_cursors, run_out_by_when_they_were_used_last_however_often_the_node_starts) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(3));
    book.publish();
    log->commit_pending();
  }
  for (const bool catalog_lost : {false, true}) {
    cursor_leases.forget("a");
    clock.advance(limits::lease_unused_max / 2 + 1s);
    cursor_book book(services);
    ASSERT_TRUE(book.load(catalog_lost));
    EXPECT_EQ(held(), catalog_lost ? std::nullopt : std::optional(at(3)));
  }
}

TEST_F(leased_cursors, that_stand_still_and_are_used_say_so) {
  fill(10);
  {
    cursor_book book(services);
    move(book, "a", at(3));
    ASSERT_TRUE(book.take("a", "t", {"somebody", 1}));
    book.publish();
    log->commit_pending();
    clock.advance(limits::lease_unused_max + 1s);
    EXPECT_EQ(held(), at(3));
    EXPECT_TRUE(book.note_use());
    log->commit_pending();
    book.release("a", "t", 1);
    EXPECT_FALSE(book.note_use());
  }
  for (const bool catalog_lost : {false, true}) {
    cursor_leases.forget("a");
    cursor_book book(services);
    ASSERT_TRUE(book.load(catalog_lost));
    EXPECT_EQ(held(), at(3));
  }
}

} // namespace
} // namespace weft::actors
