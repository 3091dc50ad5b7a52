// tests/mesh/log/log_fixture.hpp: a log on a virtual disk, with small verbs.
#pragma once
#include "mesh/base/virtual_disk.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace weft::log::testing {

class manual_clock final : public weft::clock {
public:
  [[nodiscard]] wall_time wall() const override { return wall_; }
  [[nodiscard]] mono_time mono() const override { return mono_; }
  void advance(microseconds by) {
    wall_ = wall_ + by;
    mono_ = mono_ + by;
  }
  /// The wall clock jumps; monotonic time knows nothing of it.
  void jump(microseconds by) { wall_ = wall_ + by; }

private:
  wall_time wall_{1'700'000'000'000'000};
  mono_time mono_{1'000'000};
};

/// Keeps starts as the catalog would: durable at once, and refusing to go back.
class kept_starts final : public topic_starts {
public:
  result<void> move_forward(topic_id topic, const topic_start& start) override {
    if (failing) return fail(errc::io_error, "the catalog fails");
    if (on != nullptr && *on->free_space("data") < 4096) return fail(errc::disk_full, "the catalog has no room");
    auto& known = starts[topic];
    if (start.offset < known.offset || start.at < known.at) return fail(errc::invalid_argument, "a start went back");
    known = start;
    return {};
  }
  [[nodiscard]] std::vector<std::pair<topic_id, topic_start>> all() const { return {starts.begin(), starts.end()}; }

  std::map<topic_id, topic_start> starts;
  bool failing = false;
  virtual_disk* on = nullptr; ///< needs room there; none: always has it
};

inline log_id test_log(std::uint8_t number = 7) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return {node_id{bytes}, 0};
}

inline constexpr topic_id orders{1};
inline constexpr topic_id stock{2};
inline constexpr topic_id own{3}; // `_weft.state`

inline std::string name_of(topic_id topic) {
  if (topic == orders) return "retail.orders";
  if (topic == stock) return "retail.stock";
  if (topic == own) return "_weft.state";
  return "t" + std::to_string(topic.value());
}

/// A batch with one event a value. Producer 0: not numbered.
inline wire::batch_view make_batch(topic_id topic, const std::vector<std::string>& values, std::uint64_t producer = 0,
                                   std::uint64_t sequence = 0) {
  wire::batch_builder builder(name_of(topic), producer_id{producer}, wire::codec::none);
  for (const auto& value : values)
    EXPECT_TRUE(builder.add({wall_time{1}, "", as_bytes("key"), {}, as_bytes(value)}));
  return wire::batch_view::trusted(builder.seal(sequence));
}

inline append_request request_of(topic_id topic, const wire::batch_view& batch, ack_level level = ack_level::synced) {
  append_request request;
  request.items.push_back({topic, batch});
  request.level = level;
  return request;
}

/// Values of the events in an entry, in order.
inline std::vector<std::string> values_of(const wire::stored_entry& entry) {
  const auto batch = wire::batch_view::verify(entry.body());
  EXPECT_TRUE(batch.has_value());
  std::vector<std::string> values;
  if (!batch) return values;
  const auto data = batch->unpack();
  EXPECT_TRUE(data.has_value());
  for (std::size_t i = 0; i < batch->count(); ++i)
    values.emplace_back(as_text(batch->event(i, data->view()).value));
  return values;
}

/// What a test says is needed, and what retention said.
class told_leases final : public retention_leases {
public:
  std::unordered_map<topic_id, topic_need> needs;
  std::vector<retained_topic> last; ///< of the last round

  [[nodiscard]] std::optional<topic_need> needed(topic_id topic, wall_time) override {
    const auto found = needs.find(topic);
    return found == needs.end() ? std::nullopt : std::optional(found->second);
  }
  void retained(const std::vector<retained_topic>& topics, wall_time) override { last = topics; }
};

/// One machine: its disk and clock live on when the log is opened again.
class log_fixture : public ::testing::Test {
protected:
  log_fixture() {
    options.directory = "data/log";
    options.id = test_log();
    options.segment_bytes = 16U << 10U;
    options.tail_cache_bytes = 4U << 20U;
    options.spare_segments = 0;
    options.own_threads = false;
  }

  void open() {
    log.reset();
    auto opened = node_log::open({disk, clock, random, starts, &leases}, options, starts.all());
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    log = std::move(*opened);
  }
  [[nodiscard]] errc open_error() {
    log.reset();
    return code_of(node_log::open({disk, clock, random, starts, &leases}, options, starts.all()));
  }
  /// The process dies; the operating system goes on.
  void kill() {
    disk.halt();
    log.reset();
    disk.crash_losing_nothing();
  }
  void lose_power() {
    disk.halt();
    log.reset();
    disk.crash(random);
  }

  result<appended> append(topic_id topic, const std::vector<std::string>& values, ack_level level = ack_level::synced) {
    return append_batch(topic, make_batch(topic, values), level);
  }
  result<appended> append_batch(topic_id topic, const wire::batch_view& batch, ack_level level = ack_level::synced) {
    auto answer = log->append_and_wait(request_of(topic, batch, level));
    if (!answer) return fail(answer.error());
    EXPECT_EQ(answer->size(), 1U);
    return answer->front();
  }
  result<appended> append_numbered(std::uint64_t producer, std::uint64_t sequence,
                                   const std::vector<std::string>& values) {
    return append_batch(orders, make_batch(orders, values, producer, sequence));
  }
  /// Queues without committing; the answer goes into `answers`.
  result<void> queue(topic_id topic, const std::vector<std::string>& values, ack_level level = ack_level::synced) {
    auto request = request_of(topic, make_batch(topic, values), level);
    request.done = [this](const result<std::vector<appended>>& answer) { answers.push_back(answer); };
    return log->append(std::move(request));
  }

  [[nodiscard]] log_position begin() const { return log->state().begin; }
  /// All values from a position to the end, over epochs and behind damage. @param topics  empty: all
  std::vector<std::string> read_from(log_position from, std::vector<topic_id> topics = {}, std::size_t bytes = 4096) {
    std::vector<std::string> values;
    for (int rounds = 0; rounds < 100'000; ++rounds) {
      read_request request;
      request.from = from;
      request.bytes_max = bytes;
      if (!topics.empty())
        request.wants = [&](topic_id t) { return std::find(topics.begin(), topics.end(), t) != topics.end(); };
      const auto found = log->read(request);
      if (code_of(found) == errc::corrupt) {
        damages.push_back(found.error().message());
        const auto next = log->next_readable(from);
        EXPECT_TRUE(next.has_value()) << found.error().message();
        if (!next || !(from < *next)) return values;
        from = *next;
        continue;
      }
      if (!found) {
        EXPECT_EQ(found.error().code(), errc::end_of_log) << found.error().message();
        return values;
      }
      EXPECT_EQ(found->from, from.seq);
      EXPECT_GT(found->until, found->from);
      for (const auto& entry : found->entries)
        for (auto& value : values_of(entry))
          values.push_back(std::move(value));
      from = {found->epoch, found->until};
    }
    ADD_FAILURE() << "reading does not end";
    return values;
  }
  std::vector<std::string> read_all(std::vector<topic_id> topics = {}) { return read_from(begin(), std::move(topics)); }

  /// Paths that end with the suffix, below the log's folder, ascending by epoch and seq.
  [[nodiscard]] std::vector<std::string> files(std::string_view suffix) const {
    std::vector<std::string> found;
    for (const auto& path : disk.files())
      if (path.ends_with(suffix)) found.push_back(path);
    return found;
  }
  static std::string filler(std::size_t bytes, char with = 'x') { return std::string(bytes, with); }

  virtual_disk disk;
  manual_clock clock;
  seeded_random random{42};
  kept_starts starts;
  told_leases leases;
  log_options options;
  std::vector<result<std::vector<appended>>> answers;
  std::vector<std::string> damages; ///< that read_from met
  std::unique_ptr<node_log> log;    // the last: its end answers what waits
};

using strings = std::vector<std::string>;

} // namespace weft::log::testing
