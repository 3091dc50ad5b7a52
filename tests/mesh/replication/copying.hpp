// tests/mesh/replication/copying.hpp: an owner's log, a copy on another machine, and the puller between them.
#pragma once
#include "mesh/log/replica_log.hpp"
#include "mesh/replication/replica_puller.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#include <deque>

namespace weft::replication::testing {

using log::testing::name_of;
using log::testing::orders;
using log::testing::own;
using log::testing::stock;
using log::testing::strings;
using in = replica_puller::in;
using out = replica_puller::out;

/// The store, the flows and the links are played; each step happens when the test says so.
class copying : public log::testing::log_fixture {
protected:
  struct flow {
    log_position at;
    topic_names topics;
    std::uint64_t credit = 1U << 20U;
    std::uint64_t used = 0;
    bool opened = false;
  };

  copying() {
    copy_settings.directory = "copy/log";
    copy_settings.id = options.id;
    copy_settings.segment_bytes = 4096;
  }
  void start_puller() {
    fx.clear();
    requests.clear();
    flows.clear();
    puller.emplace(fx);
    carry_out();
  }
  void want(strings topics, std::vector<node_id> holders = {}) {
    puller->on(in::wanted{std::move(topics), std::move(holders)}, fx);
    carry_out();
  }
  void source_ready() {
    puller->on(in::source_ready{}, now, fx);
    carry_out();
  }
  void lose_links(bool source_gone) {
    auto before = std::exchange(flows, {});
    for (const auto& [pull, of] : before)
      puller->on(in::lost{pull, source_gone}, now);
  }
  void pass(microseconds time) {
    now = now + time;
    puller->tick(now, fx);
    carry_out();
  }

  /// One request of the puller is carried out by the store. @returns whether there was one
  bool store_step() {
    if (requests.empty()) return false;
    const auto request = std::move(requests.front());
    requests.pop_front();
    result<void> done;
    if (std::holds_alternative<out::open_store>(request)) {
      copy.reset();
      auto opened = log::replica_log::open(copy_disk, copy_settings);
      if (opened) copy = std::move(*opened);
      if (opened) puller->on(in::view{in::view::open_store, view_of(copy->state())}, now, fx);
      if (!opened) done = fail(opened.error());
    } else if (!copy) {
      done = fail(errc::log_frozen, "not open");
    } else if (const auto* topics = std::get_if<out::set_topics>(&request)) {
      done = copy->set_topics(*topics->topics);
      if (done) puller->on(in::view{in::view::set_topics, view_of(copy->state())}, now, fx);
    } else if (const auto* take = std::get_if<out::take>(&request)) {
      done = copy->take(take->run);
      if (code_of(done) == errc::would_block) {
        done = copy->sync();
        if (done) done = copy->take(take->run);
      }
    } else if (const auto* moved = std::get_if<out::move_starts>(&request)) {
      done = copy->move_starts(moved->starts);
    } else {
      ++syncs;
      done = copy->sync();
      if (done && std::get<out::sync>(request).want_view)
        puller->on(in::view{in::view::sync, view_of(copy->state())}, now, fx);
      if (done) puller->on(in::synced{}, now, fx);
    }
    if (!done) puller->on(in::store_failed{done.error()}, now, fx);
    carry_out();
    return true;
  }
  /// One flow sends a run. @returns whether one did
  bool source_step() {
    for (auto& [pull, of] : flows) {
      if (!of.opened) {
        of.opened = true;
        puller->on(in::opened{pull, of.at}, now, fx);
        carry_out();
        return true;
      }
      const auto names = of.topics;
      log::read_request request{
          of.at, 1500, 0, [&](topic_id id) { return std::binary_search(names->begin(), names->end(), name_of(id)); }};
      const auto read = log->read(request);
      if (!read) {
        if (read.error().code() == errc::end_of_log) continue;
        const auto next = log->next_readable(of.at);
        if (!next) continue;
        const log::epoch_range range{next->epoch, of.at.seq, next->seq};
        of.at = *next;
        puller->on(in::gap{pull, range, read.error().code()}, now, fx);
        carry_out();
        return true;
      }
      const auto bytes = read->run();
      const auto cost = bytes.empty() ? 0 : std::max<std::uint64_t>(bytes.size(), 4096);
      if (of.used + cost > of.credit) continue;
      of.used += cost;
      of.at = {read->epoch, read->until};
      ++runs;
      puller->on(in::run{pull, {read->epoch, read->from, read->until}, read->log_time, bytes, cost}, now, fx);
      carry_out();
      return true;
    }
    return false;
  }
  void settle_down() {
    while (store_step() || source_step()) {}
  }

  void carry_out() {
    for (auto& each : std::exchange(fx, {})) {
      if (auto* demand = std::get_if<out::demand>(&each)) {
        demands.push_back(*demand);
        flows[demand->pull] = {demand->from ? log->go_on_at(*demand->from) : log->state().begin, demand->topics};
        flows[demand->pull].credit = window;
      } else if (const auto* withdraw = std::get_if<out::withdraw>(&each)) {
        flows.erase(withdraw->pull);
      } else if (const auto* consumed = std::get_if<out::consumed>(&each)) {
        if (const auto of = flows.find(consumed->pull); of != flows.end()) of->second.credit += consumed->cost;
      } else if (const auto* holds = std::get_if<out::holds>(&each)) {
        if (holds->anew) whole.clear();
        whole.insert(holds->more.begin(), holds->more.end());
        for (const auto& less : holds->less)
          whole.erase(less);
      } else if (const auto* confirm = std::get_if<out::confirm>(&each)) {
        confirmed = confirm->until;
        ++confirms;
      } else if (const auto* alarm = std::get_if<out::alarm>(&each)) {
        alarms.push_back(alarm->why);
      } else if (auto* open = std::get_if<out::open_store>(&each)) {
        requests.emplace_back(*open);
      } else if (auto* topics = std::get_if<out::set_topics>(&each)) {
        requests.emplace_back(*topics);
      } else if (auto* take = std::get_if<out::take>(&each)) {
        requests.emplace_back(*take);
      } else if (auto* moved = std::get_if<out::move_starts>(&each)) {
        requests.emplace_back(*moved);
      } else {
        requests.emplace_back(std::get<out::sync>(each));
      }
    }
  }

  void append_values(int count, topic_id topic = orders) {
    for (int i = 0; i < count; ++i) {
      const auto value = std::to_string(number++) + "-" + filler(200);
      ASSERT_TRUE(append(topic, {value}));
      written[name_of(topic)].push_back(value);
    }
  }
  /// What the copy serves of a topic, from where it begins.
  strings copied(const std::string& topic) {
    strings values;
    auto from = copy->begin();
    for (int i = 0; i < 100'000; ++i) {
      from = copy->go_on_at(from);
      const auto read = copy->read({from, 1500, 0, [&](std::string_view each) { return each == topic; }});
      if (!read) {
        EXPECT_EQ(read.error().code(), errc::end_of_log) << read.error().message();
        return values;
      }
      for (const auto& entry : read->entries)
        for (auto& value : log::testing::values_of(entry))
          values.push_back(std::move(value));
      from = {read->epoch, read->until};
    }
    return values;
  }

  /// How many events of a topic the owner was told to be on the copy's disk.
  std::size_t confirmed_events(const std::string& topic) {
    std::size_t events = 0;
    auto from = log->state().begin;
    while (from < confirmed) {
      const auto read = log->read({from, 1, 0, [&](topic_id id) { return name_of(id) == topic; }});
      if (!read) break;
      for (const auto& entry : read->entries)
        if (log_position{read->epoch, entry.header.end_seq()} <= confirmed) events += entry.header.count;
      from = {read->epoch, read->until};
    }
    return events;
  }

  mono_time now{1'000'000};
  virtual_disk copy_disk;
  log::replica_options copy_settings;
  std::unique_ptr<log::replica_log> copy;
  std::optional<replica_puller> puller;
  replica_puller::effects fx;
  std::deque<std::variant<out::open_store, out::set_topics, out::take, out::move_starts, out::sync>> requests;
  std::map<replica_puller::pull_number, flow> flows;
  std::vector<out::demand> demands;
  std::set<std::string> whole; ///< as the owner was told
  log_position confirmed;      ///< the same
  std::vector<error> alarms;
  std::map<std::string, strings> written;
  std::uint64_t window = 1U << 20U;
  int syncs = 0, runs = 0, confirms = 0, number = 0;
};

} // namespace weft::replication::testing
