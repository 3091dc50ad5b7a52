// tests/actors/door_testing.hpp: a program behind a door, for tests: it waits for what it expects.
#pragma once
#include "mesh/node/door.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/entry.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace weft::actors::testing {

/// A hung test ends after this; no result depends on it.
inline constexpr auto hang = std::chrono::seconds(60);

/// Consumes everything that comes, with credit, and remembers the values.
class program final : public node::visitor {
public:
  void use(node::door& door) {
    const std::lock_guard lock(mutex_);
    door_ = &door;
  }

  /// Demands a pattern. @returns the subscription's number
  std::uint64_t subscribe(const std::string& pattern, wire::start_kind start = wire::start_kind::beginning,
                          const std::string& name = {}, wire::event_filter filter = {}) {
    wire::demand wanted;
    wanted.filter = std::move(filter);
    wanted.subscription = ++last_;
    wanted.pattern = pattern;
    wanted.start = start;
    wanted.name = name;
    wanted.window = window;
    wanted.synced = synced;
    door_->send(wanted);
    return wanted.subscription;
  }

  /// Demands a log as a member of a group. @returns the subscription's number
  std::uint64_t join_group(const std::string& pattern, const std::string& group, const log_id& log) {
    wire::demand wanted;
    wanted.subscription = ++last_;
    wanted.log = log;
    wanted.pattern = pattern;
    wanted.start = wire::start_kind::beginning;
    wanted.window = window;
    wanted.member = wire::group_membership{group, wire::member_id{last_}, 100, {}};
    door_->send(wanted);
    return wanted.subscription;
  }

  /// Waits until the condition holds for what came so far. @returns false when the test hangs
  bool wait(const std::function<bool(const program&)>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, hang, [&] { return condition(*this); });
  }

  static constexpr std::uint64_t window = limits::flow_window_bytes_min;
  std::vector<std::string> values; // in the order they came
  std::map<std::string, std::vector<std::string>> by_node;
  std::vector<log_position> positions; // of the values
  std::vector<wire::flow_opened> opened;
  std::vector<wire::flow_closed> closed;
  std::vector<wire::run> gaps;
  std::map<std::uint64_t, wire::answer> answers;
  std::uint64_t connected = 0, lost = 0;
  bool consume = true;    // grant credit for what came
  bool commit = false;    // commit what came
  bool synced = false;    // ask for what has not reached its level, too
  std::uint64_t held = 0; // bytes that came and were not granted again

private:
  void take(const wire::answer& answer) {
    auto& document = parts_[answer.request];
    document += answer.document;
    if (answer.more) return;
    auto whole = answer;
    whole.document = std::move(document);
    parts_.erase(answer.request);
    answers.insert_or_assign(answer.request, std::move(whole));
  }

  struct flow {
    wire::flow_opened opened;
    routing::flow_sink sink;
  };

  void on_connected(const node::node_facts&) override {
    change([&] { ++connected; });
  }
  void on_lost(const error&) override {
    change([&] { ++lost; });
  }

  void on_message(const wire::control& message, const shared_bytes& payload) override {
    change([&] {
      if (const auto* begun = std::get_if<wire::flow_opened>(&message)) {
        opened.push_back(*begun);
        flows_.insert_or_assign(begun->flow, flow{*begun, routing::flow_sink(begun->at, window)});
      } else if (const auto* run = std::get_if<wire::run>(&message))
        take(*run, payload);
      else if (const auto* over = std::get_if<wire::flow_closed>(&message))
        closed.push_back(*over);
      else if (const auto* answer = std::get_if<wire::answer>(&message))
        take(*answer);
    });
  }

  void take(const wire::run& run, const shared_bytes& payload) {
    auto& from = flows_.at(run.flow);
    const auto followed = from.sink.on_run({run.epoch, run.from, run.until}, payload.size());
    if (!followed) throw std::runtime_error(followed.error().message());
    if (run.gap_code != errc::ok) gaps.push_back(run);
    wire::entry_walker walker(payload, wire::checksum_seed(from.opened.log, run.epoch));
    for (auto entry = walker.next(); entry; entry = walker.next())
      read(*entry, from.opened.node);
    held += routing::run_cost(payload.size());
    if (!consume) return;
    held -= routing::run_cost(payload.size());
    if (const auto limit = from.sink.consumed(routing::run_cost(payload.size())))
      door_->send(wire::credit{run.flow, *limit});
    if (commit) door_->send(wire::commit{run.flow, {run.epoch, run.until}});
  }

  void read(const wire::stored_entry& entry, const std::string& node) {
    const auto batch = wire::batch_view::verify(entry.body()).value();
    const auto data = batch.unpack().value();
    for (std::size_t i = 0; i < batch.count(); ++i) {
      values.emplace_back(as_text(batch.event(i, data.view()).value));
      by_node[node].push_back(values.back());
      positions.push_back({entry.header.epoch, entry.header.first_seq + i});
    }
  }

  template <class Change>
  void change(Change apply) {
    const std::lock_guard lock(mutex_);
    apply();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  node::door* door_ = nullptr;
  std::map<std::uint64_t, std::string> parts_; // of answers that are not whole
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, flow> flows_;
};

/// A batch of one event.
inline wire::batch_view batch_of(const std::string& topic, const std::string& value, const std::string& key = {}) {
  wire::batch_builder builder(topic, producer_id{}, wire::codec::none);
  if (const auto added = builder.add({wall_time{1}, {}, as_bytes(key), {}, as_bytes(value)}); !added)
    throw std::runtime_error(added.error().message());
  return wire::batch_view::trusted(builder.seal(0));
}

} // namespace weft::actors::testing
