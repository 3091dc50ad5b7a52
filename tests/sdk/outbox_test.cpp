#include "mesh/wire/batch_builder.hpp"
#include "sdk/src/service/outbox.hpp"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <vector>

namespace weft::detail {
namespace {

using namespace std::chrono_literals;
using numbers = std::vector<std::uint64_t>;

/// A node that answers when a test says so.
class slow_door final : public node::door {
public:
  void send(wire::control) override {}
  result<void> ask_codec(std::string_view, node::codec_told) override { return {}; }
  result<void> publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) override {
    until = terms.until;
    if (refuses != errc::ok) return fail(refuses, "as the test wants it");
    sent.push_back(batch.first_sequence());
    open.emplace_back(batch.first_sequence(), std::move(done));
    return {};
  }
  result<node::publish_outcome> publish_and_wait(wire::batch_view, std::optional<ack_level>) override {
    return fail(errc::internal, "not used");
  }
  void when_room(std::function<void()> then) override { room = std::move(then); }

  /// Answers one that is open, the first unless said.
  void answer(errc code = errc::ok, std::ptrdiff_t which = 0) {
    auto [sequence, done] = std::move(*(open.begin() + which));
    open.erase(open.begin() + which);
    if (code == errc::ok)
      done(node::publish_outcome{});
    else
      done(fail(code, "as the test wants it"));
  }

  errc refuses = errc::ok;
  std::optional<mono_time> until; // of the last
  numbers sent;
  std::vector<std::pair<std::uint64_t, node::publish_done>> open;
  std::function<void()> room;
};

struct sending : ::testing::Test {
  /// Batches with these sequences, of one event each.
  void add(std::uint64_t first, std::uint64_t until, bool behind_all = false) {
    for (auto n = first; n < until; ++n) {
      wire::batch_builder builder{"t", producer_id{7}, wire::codec::none};
      ASSERT_TRUE(builder.add({}));
      box->add(static_cast<std::int64_t>(n), builder.seal(n), behind_all);
    }
  }
  slow_door door;
  std::vector<std::int64_t> acknowledged;
  std::optional<errc> failed;
  std::vector<errc> hindered;
  std::shared_ptr<outbox> box =
      std::make_shared<outbox>(door, std::nullopt,
                               outbox::callbacks{[this](std::int64_t id) { acknowledged.push_back(id); },
                                                 [this](const error& why) { failed = why.code(); },
                                                 [this](const error& why) { hindered.push_back(why.code()); }});
};

TEST_F(sending, batches_go_in_order_and_are_told_when_they_are_there) {
  add(0, 3);
  EXPECT_EQ(door.sent, (numbers{0, 1, 2}));
  door.answer();
  door.answer();
  EXPECT_EQ(acknowledged, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(box->size(), 1U);
}

TEST_F(sending, a_batch_behind_all_waits_for_what_is_before_and_lets_later_ones_pass) {
  add(0, 2);
  add(2, 3, true);
  add(3, 4);
  EXPECT_EQ(door.sent, (numbers{0, 1, 3}));
  door.answer(errc::ok, 1);
  EXPECT_EQ(door.sent, (numbers{0, 1, 3})) << "the first is not there";
  door.answer(errc::outcome_unknown);
  door.answer();
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1, 3, 0}));
  door.answer();
  EXPECT_EQ(door.sent, (numbers{0, 1, 3, 0, 2}));
  door.answer();
  EXPECT_EQ(box->size(), 0U);
}

TEST_F(sending, batches_behind_all_do_not_wait_for_each_other) {
  add(0, 1);
  add(1, 3, true);
  add(3, 4);
  add(4, 5, true);
  EXPECT_EQ(door.sent, (numbers{0, 3}));
  door.answer();
  EXPECT_EQ(door.sent, (numbers{0, 3, 1, 2})) << "what is behind them is not there";
  door.answer();
  EXPECT_EQ(door.sent, (numbers{0, 3, 1, 2, 4}));
}

TEST_F(sending, nothing_is_sent_while_it_may_not) {
  std::optional<mono_time> until;
  box->only_until([&until] { return until; });
  add(0, 2);
  EXPECT_EQ(door.sent, numbers{});
  until = mono_time{77};
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1}));
  EXPECT_EQ(door.until, mono_time{77}) << "the log is told";
  until.reset();
  door.answer(errc::outcome_unknown);
  door.answer(errc::sequence_gap);
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1})) << "though it was sent before";
  box->close(1h);
}

TEST_F(sending, what_is_lost_on_the_way_goes_again_with_what_lies_behind_it) {
  add(0, 4);
  door.answer();
  door.answer(errc::outcome_unknown);
  door.answer(errc::sequence_gap);
  EXPECT_EQ(door.sent, (numbers{0, 1, 2, 3})) << "not before all are answered";
  door.answer(errc::outcome_unknown);
  EXPECT_EQ(door.sent.size(), 4U) << "not at once";
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1, 2, 3, 1, 2, 3}));
  door.answer(errc::already_exists); // it was there
  door.answer();
  door.answer();
  EXPECT_EQ(acknowledged, (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_FALSE(failed);
}

TEST_F(sending, a_gap_waits_for_what_lies_before_it) {
  add(0, 2);
  door.answer(errc::sequence_gap, 1);
  EXPECT_EQ(door.sent, (numbers{0, 1})) << "the first is not answered";
  door.answer();
  EXPECT_EQ(door.sent, (numbers{0, 1, 1}));
}

TEST_F(sending, full_node_is_sent_to_when_it_has_room) {
  door.refuses = errc::would_block;
  add(0, 2);
  EXPECT_TRUE(door.sent.empty());
  door.refuses = errc::ok;
  std::exchange(door.room, nullptr)();
  EXPECT_EQ(door.sent, (numbers{0, 1}));
}

TEST_F(sending, node_that_is_away_is_tried_again) {
  door.refuses = errc::not_connected;
  add(0, 2);
  box->resume();
  EXPECT_TRUE(door.sent.empty());
  door.refuses = errc::ok;
  add(2, 3);
  EXPECT_TRUE(door.sent.empty()) << "not before the next try";
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1, 2}));
}

TEST_F(sending, what_the_log_will_never_take_ends_it) {
  add(0, 2);
  door.answer(errc::denied);
  EXPECT_EQ(failed, errc::denied);
  door.answer(errc::sequence_gap);
  box->resume();
  EXPECT_EQ(door.sent, (numbers{0, 1}));
  EXPECT_TRUE(acknowledged.empty());
}

TEST_F(sending, what_was_on_its_way_when_it_ended_still_counts) {
  add(0, 3);
  door.answer(errc::denied);
  door.answer();
  EXPECT_EQ(acknowledged, (std::vector<std::int64_t>{1}));
  door.answer(errc::denied);
  EXPECT_EQ(box->size(), 2U);
  EXPECT_EQ(door.sent, (numbers{0, 1, 2}));
  box->close(1h); // waits for nothing
}

TEST_F(sending, what_the_node_refuses_at_once_ends_it_too) {
  door.refuses = errc::invalid_argument;
  add(0, 1);
  EXPECT_EQ(failed, errc::invalid_argument);
  EXPECT_TRUE(hindered.empty());
}

TEST_F(sending, what_hinders_is_told_once_until_a_batch_is_taken) {
  add(0, 2);
  door.answer(errc::log_frozen);
  door.answer(errc::sequence_gap);
  box->resume();
  door.answer(errc::disk_full);
  door.answer(errc::sequence_gap);
  EXPECT_EQ(hindered, (std::vector{errc::log_frozen}));
  box->resume();
  door.answer();
  door.answer(errc::busy);
  EXPECT_EQ(hindered, (std::vector{errc::log_frozen, errc::busy}));
  EXPECT_FALSE(failed);
}

TEST_F(sending, first_batch_that_is_a_gap_ends_it) {
  add(5, 6);
  door.answer(errc::sequence_gap);
  EXPECT_EQ(failed, errc::sequence_gap) << "what was before it is gone";
}

TEST_F(sending, closed_one_calls_nothing) {
  add(0, 2);
  box->close(0us);
  door.answer();
  door.answer(errc::denied);
  add(2, 3);
  EXPECT_TRUE(acknowledged.empty());
  EXPECT_FALSE(failed);
  EXPECT_EQ(door.sent, (numbers{0, 1}));
}

} // namespace
} // namespace weft::detail
