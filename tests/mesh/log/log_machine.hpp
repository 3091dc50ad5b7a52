// tests/mesh/log/log_machine.hpp: one machine with a log and the history of what was asked of it.
#pragma once
#include "tests/mesh/log/log_fixture.hpp"
#include "tests/mesh/log/log_history.hpp"

namespace weft::log::testing {

class log_machine {
public:
  log_machine() {
    options.directory = "data/log";
    options.id = test_log();
    options.segment_bytes = 2048;
    options.tail_cache_bytes = 4U << 20U;
    options.spare_segments = 2;
    options.own_threads = false;
  }

  /// @returns whether it opened
  bool open() {
    log.reset();
    auto opened = node_log::open({disk, clock, random, starts}, options, starts.all());
    if (opened) log = std::move(*opened);
    open_problem = opened ? "" : opened.error().message();
    return opened.has_value();
  }
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
  void lose_all_unsynced() {
    disk.halt();
    log.reset();
    disk.crash_losing_everything_unsynced();
  }

  [[nodiscard]] std::string fresh_value(std::size_t bytes) {
    return std::to_string(number_++) + "-" + std::string(bytes, 'x');
  }
  /// Appends one event and waits. @returns whether it was acknowledged
  bool submit(topic_id topic, ack_level level, std::size_t bytes = 300) {
    const auto value = fresh_value(bytes);
    history.submitted(value, topic, 1);
    const auto answer = log->append_and_wait(request_of(topic, make_batch(topic, {value}), level));
    if (answer && level == ack_level::synced) history.promised(value, answer->front());
    return answer.has_value();
  }
  bool submit_group(std::size_t batches, std::size_t bytes = 100) {
    append_request group;
    strings values;
    ++group_;
    for (std::size_t i = 0; i < batches; ++i) {
      const auto topic = i % 2 == 0 ? orders : stock;
      values.push_back(fresh_value(bytes));
      history.submitted(values.back(), topic, 1, group_);
      group.items.push_back({topic, make_batch(topic, {values.back()})});
    }
    const auto answer = log->append_and_wait(std::move(group));
    for (std::size_t i = 0; answer && i < batches; ++i)
      history.promised(values[i], answer->at(i));
    return answer.has_value();
  }

  virtual_disk disk;
  manual_clock clock;
  seeded_random random{42};
  kept_starts starts;
  log_options options;
  log_history history;
  std::string open_problem;
  std::unique_ptr<node_log> log; // last: while it ends, it answers

private:
  std::size_t number_ = 0;
  std::uint64_t group_ = 0;
};

} // namespace weft::log::testing
