#include "sdk/src/service/request_row.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/src/requests.hpp"

#include <gtest/gtest.h>

namespace weft::detail {
namespace {

constexpr wall_time noon{1'800'000'000'000'000};

/// An event as a log has it, made as a row's is.
event made_event(std::string_view topic, std::string_view value,
                 const std::vector<std::pair<std::string, std::string>>& with = {}) {
  std::vector<wire::header_view::header> headers;
  for (const auto& [name, text] : with)
    headers.push_back({name, text});
  const timer_row row{noon, 0, "a/1-9f2c/7", "",
                      sealed_timer(topic, {noon, "T", as_bytes("k"), headers, as_bytes(value)})};
  return timer_reader::read(row)->what;
}

timer_row waiting(std::string_view kept = "kept") {
  return {noon + microseconds{5}, 0, "a/1-9f2c/7", "origin",
          sealed_timer("charged", {noon, "T", as_bytes("k"), {}, as_bytes(kept)})};
}

TEST(request_row, its_id_has_the_topic_and_when_it_was_asked) {
  const auto id = request_id("shop.payments", request_number(noon, 4097));
  EXPECT_TRUE(is_request(id));
  EXPECT_EQ(requests_of(id), "shop.payments");
  EXPECT_EQ(asked_at(id.key), noon);
  EXPECT_FALSE(is_request(timer_id{"unpaid", "A1"}));
  EXPECT_EQ(asked_at("A1"), std::nullopt);
}

TEST(request_row, the_first_key_is_the_oldest_and_those_of_one_microsecond_differ) {
  const auto key = [](wall_time at, std::uint32_t count) { return request_id("t", request_number(at, count)).key; };
  EXPECT_LT(key(wall_time{1}, 4095), key(wall_time{2}, 0));
  EXPECT_LT(key(noon, 9), key(noon + microseconds{1}, 8));
  EXPECT_LT(key(noon, 0), key(wall_time{std::int64_t{1} << 51}, 0));
  EXPECT_NE(key(noon, 1), key(noon, 2));
}

TEST(request_row, a_reply_lies_behind_what_was_kept_and_makes_it_due) {
  const auto row = answered(waiting(), made_event("shop.payments.replies", "paid"), noon);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((**row).due, noon);
  EXPECT_EQ((**row).origin, "origin");
  const auto has = timer_reader::read(**row);
  ASSERT_TRUE(has && has->behind);
  EXPECT_EQ(has->what.topic, "charged");
  EXPECT_EQ(has->what.text(), "kept");
  EXPECT_EQ(has->behind->text(), "paid");
  const due_timer due{request_id("shop.payments", 1), **row, has->what, has->behind};
  EXPECT_EQ(outcome_of(due)->text(), "paid");
}

TEST(request_row, the_first_word_counts) {
  const auto reply = made_event("shop.payments.replies", "paid");
  const auto once = answered(waiting(), reply, noon);
  ASSERT_TRUE(once && *once);
  EXPECT_EQ(*answered(**once, reply, noon), std::nullopt) << "a second reply";
  auto told = waiting();
  told.tries = 1; // its continuation threw at the end of its time
  EXPECT_EQ(*answered(told, reply, noon), std::nullopt) << "a late reply";
}

TEST(request_row, a_servers_error_and_the_end_of_its_time_are_outcomes) {
  const auto refusal =
      made_event("shop.payments.replies", "", error_options({"token", "1"}, {errc::denied, "not today"}).headers);
  const due_timer told{request_id("shop.payments", 1), waiting(), made_event("charged", "kept"), refusal};
  EXPECT_EQ(outcome_of(told).error().code(), errc::denied);
  EXPECT_EQ(outcome_of(told).error().message(), "not today");
  const due_timer over{request_id("shop.payments", 1), waiting(), made_event("charged", "kept"), std::nullopt};
  EXPECT_EQ(outcome_of(over).error().code(), errc::timed_out);
  EXPECT_NE(outcome_of(over).error().message().find("shop.payments"), std::string::npos);
}

TEST(request_row, the_largest_of_both_fit) {
  std::string kept(limits::kept_bytes_max, 'k');
  while (waiting(kept).event.size() > limits::kept_bytes_max)
    kept.pop_back();
  std::vector<std::pair<std::string, std::string>> headers;
  for (int i = 0; i < 15; ++i)
    headers.emplace_back("h" + std::to_string(i), std::string(1000, 'h'));
  const auto reply = made_event("shop.payments.replies", std::string(limits::event_value_bytes_max, 'r'), headers);
  const auto row = answered(waiting(kept), reply, noon);
  ASSERT_TRUE(row && *row);
  EXPECT_EQ(timer_reader::read(**row)->behind->value().size(), limits::event_value_bytes_max);
}

TEST(request_row, a_damaged_row_is_an_error) {
  auto row = waiting();
  row.event = row.event.slice(0, row.event.size() / 2);
  const auto done = answered(row, made_event("t", "x"), noon);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::corrupt);
}

} // namespace
} // namespace weft::detail
