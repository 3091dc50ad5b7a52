#include "sdk/src/service/reply_inbox.hpp"

#include "mesh/base/limits.hpp"

#include <atomic>
#include <future>
#include <gtest/gtest.h>

namespace weft::detail {
namespace {

constexpr wall_time noon{1'800'000'000'000'000};
constexpr auto hang = std::chrono::seconds(60);

/// One that says nothing by itself.
class silent_consumer final : public consumer {
public:
  explicit silent_consumer(std::atomic<int>& closed) : closed_(closed) {}
  void start(bool) override {}
  void on_connected() override {}
  void on_lost() override {}
  void on_message(const wire::control&, const shared_bytes&) override {}
  void on_refused(const error&) override {}
  result<std::optional<event>> poll(microseconds) override { return std::nullopt; }
  result<std::vector<event>> poll_batch(std::size_t, microseconds) override { return std::vector<event>{}; }
  void commit() override {}
  void done(const event&) override {}
  void failed(const event&, std::string_view) override {}
  void rejected(const event&, std::string_view) override {}
  void close() override { ++closed_; }
  result<void> wait() override { return {}; }
  std::optional<error> stopped() const override { return std::nullopt; }
  std::vector<log_progress> progress() const override { return {}; }

private:
  std::atomic<int>& closed_;
};

struct reply_inbox_test : ::testing::Test {
  void open(const std::vector<reply_inbox::asked>& endpoints) {
    auto opened = reply_inbox::open(
        "saga", endpoints,
        [this](const std::string& pattern, const subscription_options& options,
               event_handler handler) -> result<std::shared_ptr<consumer>> {
          patterns.push_back(pattern);
          asked.push_back(options);
          put = std::move(handler);
          return std::make_shared<silent_consumer>(closed);
        },
        [this] { ++came; });
    ASSERT_TRUE(opened) << opened.error().message();
    inbox = std::move(*opened);
  }
  std::vector<std::string> patterns;
  std::vector<subscription_options> asked;
  event_handler put; // as the last subscription's thread does
  std::atomic<int> came = 0, closed = 0;
  std::unique_ptr<reply_inbox> inbox;
};

TEST_F(reply_inbox_test, reads_from_before_the_oldest_open_request_and_else_from_now_on) {
  open({{"shop.payments", noon}, {"shop.stock", std::nullopt}});
  EXPECT_EQ(patterns, (std::vector<std::string>{"shop.payments.replies", "shop.stock.replies"}));
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(std::get<wall_time>(asked[0].from.value()), noon - request_clocks_apart);
  EXPECT_TRUE(std::holds_alternative<start::from_end>(asked[1].from.value()));
  for (const auto& options : asked) {
    EXPECT_EQ(options.key, reply_token("saga"));
    EXPECT_TRUE(options.name.empty()) << "no cursor that another could move";
  }
  EXPECT_EQ(reply_token("saga").size(), caller_token_bytes);
  EXPECT_NE(reply_token("saga"), reply_token("sage"));
}

TEST_F(reply_inbox_test, gives_each_reply_once_in_order) {
  open({{"shop.payments", std::nullopt}});
  EXPECT_EQ(inbox->take(), std::nullopt);
  event one, two;
  one.topic = "one";
  two.topic = "two";
  ASSERT_TRUE(put(one) && put(two));
  EXPECT_EQ(came, 2);
  EXPECT_EQ(inbox->take()->topic, "one");
  EXPECT_EQ(inbox->take()->topic, "two");
  EXPECT_EQ(inbox->take(), std::nullopt);
}

TEST_F(reply_inbox_test, is_bounded_also_by_replies_without_a_value) {
  open({{"shop.payments", std::nullopt}});
  std::atomic<std::size_t> given = 0;
  const auto most = limits::replies_waiting_bytes / sizeof(event) + 1;
  auto giving = std::async(std::launch::async, [&] {
    for (; given <= most; ++given)
      ASSERT_TRUE(put(event{}));
  });
  while (given < most)
    std::this_thread::yield(); // the last one waits for room
  EXPECT_EQ(giving.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(came, static_cast<int>(most));
  EXPECT_TRUE(inbox->take());
  EXPECT_EQ(giving.wait_for(hang), std::future_status::ready);
  EXPECT_EQ(came, static_cast<int>(most) + 1);
}

TEST_F(reply_inbox_test, closing_lets_go_of_who_waits_for_room) {
  open({{"shop.payments", std::nullopt}});
  std::atomic<std::size_t> given = 0;
  auto giving = std::async(std::launch::async, [&] {
    for (std::size_t i = 0; i <= 2 * limits::replies_waiting_bytes / sizeof(event); ++i, ++given)
      ASSERT_TRUE(put(event{}));
  });
  while (given <= limits::replies_waiting_bytes / sizeof(event))
    std::this_thread::yield();
  inbox->close();
  EXPECT_EQ(giving.wait_for(hang), std::future_status::ready);
  EXPECT_EQ(closed, 1);
}

TEST_F(reply_inbox_test, says_why_a_subscription_has_ended) {
  open({{"shop.payments", std::nullopt}});
  EXPECT_EQ(inbox->failed(), std::nullopt);
  asked[0].on_stopped({errc::denied, "no right to read"});
  asked[0].on_stopped({errc::cancelled, "later"});
  EXPECT_EQ(came, 1);
  EXPECT_EQ(inbox->failed().value().code(), errc::denied);
}

} // namespace
} // namespace weft::detail
