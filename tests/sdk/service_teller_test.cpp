#include "sdk/src/service/service_teller.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <queue>

namespace weft::detail {
namespace {

using nlohmann::json;
using condition = service_health::condition;

service_health how(condition now, std::uint64_t handled = 0) {
  service_health one;
  one.now = now;
  one.handled = handled;
  return one;
}

/// What the node was told, in order.
class told {
public:
  void put(std::string document) {
    const std::lock_guard held{mutex_};
    documents_.push(std::move(document));
    came_.notify_all();
  }
  json next() {
    std::unique_lock held{mutex_};
    came_.wait(held, [this] { return !documents_.empty(); });
    auto document = json::parse(documents_.front());
    documents_.pop();
    return document.at("services");
  }
  [[nodiscard]] std::size_t waiting() {
    const std::lock_guard held{mutex_};
    return documents_.size();
  }

private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::queue<std::string> documents_;
};

constexpr std::chrono::microseconds at_once{200};

TEST(services_document, has_the_words_of_telemetry) {
  std::map<std::string, service_health> all;
  all["a"] = how(condition::running, 7);
  all["b"] = how(condition::standby);
  all["c"] = how(condition::restarting);
  all["c"].why = error(errc::locked, "another has it");
  all["c"].restarts = 3;
  all["d"] = how(condition::stopped);
  all["e"] = how(condition::stopped);
  all["e"].why = error(errc::corrupt, "the state is damaged");
  all["f"] = how(condition::hindered);
  all["f"].why = error(errc::disk_full, std::string(2000, 'x'));
  const auto rows = json::parse(services_document(all)).at("services");
  ASSERT_EQ(rows.size(), 6U);
  for (const auto& [row, state] :
       {std::pair{0, "running"}, {1, "waiting"}, {2, "starting"}, {3, "stopping"}, {4, "failed"}, {5, "waiting"}})
    EXPECT_EQ(rows[static_cast<std::size_t>(row)]["state"], state);
  EXPECT_EQ(rows[0]["handled"], 7);
  EXPECT_EQ(rows[1]["why"], "") << "one that stands by is well";
  EXPECT_EQ(rows[2]["restarts"], 3);
  EXPECT_EQ(rows[4]["why"], "the state is damaged");
  EXPECT_EQ(rows[5]["why"].get<std::string>().size(), limits::service_why_bytes_max);
}

TEST(service_teller, tells_what_changed_until_a_service_is_taken_away) {
  told node;
  std::atomic<std::uint64_t> handled{1};
  service_teller teller([&](std::string document) { node.put(std::move(document)); }, at_once);
  teller.add(&handled, "till", [&] { return how(condition::running, handled); });
  EXPECT_EQ(node.next().at(0)["handled"], 1);
  handled = 2;
  EXPECT_EQ(node.next().at(0)["handled"], 2);
  teller.remove(&handled);
  EXPECT_TRUE(node.next().empty());
}

TEST(service_teller, services_of_one_name_are_one_row) {
  told node;
  const int a = 0, b = 0;
  service_teller teller([&](std::string document) { node.put(std::move(document)); }, at_once);
  teller.add(&a, "till", [] { return how(condition::running, 3); });
  teller.add(&b, "till", [] { return how(condition::hindered, 4); });
  json rows;
  do
    rows = node.next();
  while (rows.at(0)["handled"] != 7); // it may have been asked between the two
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["state"], "waiting");
}

TEST(service_teller, asks_nobody_once_it_is_closed) {
  told node;
  std::atomic<bool> closed{false}, asked_late{false};
  const int one = 0;
  service_teller teller([&](std::string document) { node.put(std::move(document)); }, at_once);
  teller.add(&one, "till", [&] {
    asked_late = asked_late || closed;
    return how(condition::running);
  });
  (void)node.next();
  teller.close();
  closed = true;
  teller.add(&one, "late", [] { return how(condition::running); });
  teller.remove(&one);
  EXPECT_FALSE(asked_late);
  EXPECT_EQ(node.waiting(), 0U);
}

} // namespace
} // namespace weft::detail
