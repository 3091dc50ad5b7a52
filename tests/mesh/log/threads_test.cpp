// Real threads on the operating system's disk; run under TSan too.
#include "mesh/base/os_disk.hpp"
#include "mesh/log/commit_queue.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <atomic>
#include <condition_variable>
#include <thread>

namespace weft::log::testing {

class threads_test : public ::testing::Test {
protected:
  threads_test() {
    options.directory = folder.path() + "/log";
    options.id = test_log();
    options.segment_bytes = 1U << 20U;
    options.tail_cache_bytes = 2U << 20U;
  }
  void open() {
    log.reset();
    auto opened = node_log::open({os_disk(), system_clock(), os_random(), starts}, options, starts.all());
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    log = std::move(*opened);
  }
  /// Counts events until `end`. @returns how many
  std::uint64_t follow(log_position from, std::uint64_t end) {
    std::uint64_t events = 0;
    while (from.seq.value() < end) {
      read_request request;
      request.from = from;
      request.bytes_max = 64U << 10U;
      const auto found = log->read(request);
      if (!found) {
        EXPECT_EQ(found.error().code(), errc::end_of_log) << found.error().message();
        if (found.error().code() != errc::end_of_log) return events;
        std::this_thread::yield();
        continue;
      }
      for (const auto& entry : found->entries)
        events += entry.header.count;
      from = {found->epoch, found->until};
    }
    return events;
  }

  temporary_directory folder;
  kept_starts starts;
  log_options options;
  std::mutex mutex; // callbacks of the log use what follows, so it outlives the log
  std::condition_variable wake;
  virtual_disk slow;
  std::unique_ptr<node_log> log;
};

TEST_F(threads_test, many_publishers_and_readers_at_once) {
  open();
  constexpr std::uint64_t publishers = 4;
  constexpr std::uint64_t each = 300;
  const log_position begin = log->state().begin;
  std::atomic<std::uint64_t> answered{0};
  std::vector<std::thread> threads;
  for (std::uint64_t p = 1; p <= publishers; ++p)
    threads.emplace_back([&, p] {
      for (std::uint64_t i = 0; i < each; ++i) {
        const topic_id topic{static_cast<std::uint32_t>(p)};
        auto request = request_of(topic, make_batch(topic, {std::string(2000, 'x')}, p, i));
        if (i % 10 == 0) {
          ASSERT_TRUE(log->append_and_wait(std::move(request)));
          ++answered;
          continue;
        }
        request.level = i % 7 == 0 ? ack_level::written : ack_level::synced;
        request.done = [&](const auto& answer) {
          EXPECT_TRUE(answer.has_value());
          ++answered;
        };
        while (true) {
          const auto taken = log->append(request);
          if (taken) break;
          ASSERT_EQ(taken.error().code(), errc::would_block);
          std::this_thread::yield();
        }
      }
    });
  std::atomic<std::uint64_t> read{0};
  for (int r = 0; r < 2; ++r)
    threads.emplace_back([&] { read += follow(begin, publishers * each); });
  threads.emplace_back([&] {
    while (answered.load() < publishers * each) {
      static_cast<void>(log->state());
      static_cast<void>(log->topics());
      static_cast<void>(log->find_time(hlc::at(system_clock().wall())));
      std::this_thread::yield();
    }
  });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(read.load(), 2 * publishers * each);
  open();
  EXPECT_TRUE(log->recovered().clean_stop);
  EXPECT_EQ(follow(log->state().begin, publishers * each), publishers * each);
}

TEST_F(threads_test, retention_beside_reading_and_writing) { // T12
  open();
  log->set_policy(orders, {{}, 1U << 20U});
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done.load()) {
      read_request request;
      request.from = log->state().begin;
      request.bytes_max = 256U << 10U;
      const auto found = log->read(request);
      if (!found) {
        EXPECT_TRUE(found.error().code() == errc::end_of_log || found.error().code() == errc::log_start)
            << found.error().message();
        continue;
      }
      for (const auto& entry : found->entries)
        EXPECT_EQ(wire::body_checksum(wire::checksum_seed(options.id, found->epoch), entry.body().view()),
                  entry.header.body_checksum);
    }
  });
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(log->append_and_wait(request_of(orders, make_batch(orders, {std::string(20'000, 'x')}))));
    if (i % 50 == 0) static_cast<void>(log->drop_topic(stock));
  }
  done.store(true);
  reader.join();
}

TEST_F(threads_test, a_commit_thread_that_is_woken_while_a_caller_leads_gets_its_turn) {
  commit_queue queue(1U << 20U, true);
  for (int round = 0; round < 2000; ++round) {
    queue.lead();
    std::atomic<bool> led{false};
    std::thread committer([&] {
      queue.lead_when_work(std::nullopt);
      led = true;
      queue.stop_leading();
    });
    for (int i = 0; i < round % 50; ++i)
      std::this_thread::yield();
    queue.wake_committer(false);
    for (int i = 0; i < round % 20; ++i)
      std::this_thread::yield(); // it may look meanwhile, and sleep again
    queue.stop_leading();
    committer.join(); // for ever, if the wake-up was lost
    EXPECT_TRUE(led.load());
  }
}

TEST_F(threads_test, written_is_synced_in_time_without_anything_else) {
  options.written_sync_within = std::chrono::milliseconds(20);
  open();
  const auto end = std::make_shared<seq>();
  log->on_synced([this, end](seq to) {
    const std::lock_guard lock(mutex);
    *end = to;
    wake.notify_one();
  });
  ASSERT_TRUE(log->append_and_wait(request_of(orders, make_batch(orders, {"x"}), ack_level::written)));
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return *end == seq{1}; });
}

TEST(commit_queue, a_wake_up_while_somebody_leads_is_not_lost) {
  commit_queue queue(1U << 20U, true);
  for (int round = 0; round < 300; ++round) {
    queue.lead();
    std::atomic<bool> begun{false};
    std::thread committer([&] {
      begun.store(true);
      queue.lead_when_work(std::nullopt);
      queue.stop_leading();
    });
    while (!begun.load())
      std::this_thread::yield();
    const auto let_it_sleep = [] {
      for (int i = 0; i < 50; ++i)
        std::this_thread::yield();
    };
    let_it_sleep();
    queue.wake_committer(false);
    let_it_sleep();
    queue.stop_leading();
    committer.join();
  }
}

TEST(commit_queue, the_commit_thread_whose_time_is_over_leads_as_soon_as_nobody_does) {
  commit_queue queue(1U << 20U, true);
  for (int round = 0; round < 300; ++round) {
    queue.lead();
    std::thread committer([&] { queue.lead_when_work(microseconds{round % 3}); });
    for (int i = 0; i < round % 50; ++i)
      std::this_thread::yield();
    queue.stop_leading();
    committer.join();
    EXPECT_FALSE(queue.try_lead()); // the commit thread does
    queue.stop_leading();
  }
}

TEST_F(threads_test, a_slow_disk_holds_publishers_back_and_nothing_else) { // T11
  bool hold = false;
  bool held = false;
  slow.set_hook([&](disk_call call, const std::string&) {
    if (call != disk_call::sync) return;
    std::unique_lock lock(mutex);
    held = hold;
    wake.notify_all();
    wake.wait(lock, [&] { return !hold; });
  });
  options.commit_queue_bytes = 10'000;
  options.spare_segments = 0;
  auto opened = node_log::open({slow, system_clock(), os_random(), starts}, options, {});
  ASSERT_TRUE(opened);
  log = std::move(*opened);
  ASSERT_TRUE(log->append_and_wait(request_of(orders, make_batch(orders, {"before"}))));
  {
    const std::lock_guard lock(mutex);
    hold = true;
  }
  std::atomic<int> answers{0};
  int taken = 0;
  const auto publish = [&] {
    auto request = request_of(orders, make_batch(orders, {std::string(1000, 'x')}));
    request.done = [&](const auto& answer) { answers += answer.has_value() ? 1 : 0; };
    return log->append(std::move(request));
  };
  ASSERT_TRUE(publish());
  ++taken;
  {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return held; });
  }
  while (publish())
    ++taken;
  EXPECT_LT(taken, 20);
  EXPECT_EQ(answers.load(), 0);
  EXPECT_FALSE(log->state().health.frozen);
  read_request request;
  request.from = log->state().begin;
  EXPECT_TRUE(log->read(request)); // readers do not wait for the disk's sync
  {
    const std::lock_guard lock(mutex);
    hold = false;
    wake.notify_all();
  }
  log.reset();
  EXPECT_EQ(answers.load(), taken);
}

} // namespace weft::log::testing
