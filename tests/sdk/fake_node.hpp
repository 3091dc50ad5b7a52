// tests/sdk/fake_node.hpp: a node in memory behind a door: logs batches, serves demands under credit, hands all events
// of a log to a member of a group, gets lost.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/node/door.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/wire/entry.hpp"
#include "sdk/src/hosts.hpp"

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace weft::testing {

/// One log, in memory. A producer's batches are taken as a real log takes them: the next sequence, or a repeat.
class fake_log {
public:
  explicit fake_log(log_id id) : id_(id) {}

  result<log::appended> append(const wire::batch_view& batch) {
    auto& producer = producers_[batch.producer()];
    for (const auto& [first, answer] : producer.answers)
      if (first == batch.first_sequence()) {
        auto again = answer;
        again.repeated = true;
        return again;
      }
    if (batch.first_sequence() != producer.next) return fail(errc::sequence_gap, "a batch before it is missing");
    const auto answer = add(batch.bytes(), batch.topic(), static_cast<std::uint32_t>(batch.count()));
    producer.answers.emplace_back(batch.first_sequence(), answer);
    producer.next += batch.count();
    return answer;
  }

  /// Appends bytes as they are; `count` is what they cover.
  log::appended add(const shared_bytes& body, std::string_view topic, std::uint32_t count,
                    wire::entry_flags flags = wire::entry_flags::none) {
    auto& offset = offsets_[std::string(topic)];
    const auto seed = wire::checksum_seed(id_, epoch_);
    wire::entry_header header;
    header.body_length = static_cast<std::uint32_t>(body.size());
    header.body_checksum = wire::body_checksum(seed, body.view());
    header.epoch = epoch_;
    header.first_seq = end_;
    header.first_offset = topic_offset{offset};
    header.appended = hlc{++time_};
    header.count = count;
    header.flags = flags;
    std::vector<std::byte> bytes(header.stored_bytes());
    wire::encode(header, seed, std::span<std::byte, 64>(bytes.data(), 64));
    std::memcpy(bytes.data() + 64, body.data(), body.size());
    entries_.push_back({header, std::string(topic), shared_bytes::take(std::move(bytes))});
    offset += count;
    end_ = end_ + count;
    return {epoch_, header.first_seq, count, header.first_offset, header.appended};
  }

  struct entry {
    wire::entry_header header;
    std::string topic;
    shared_bytes stored;
  };
  /// The first entry that has something at or after `at`.
  [[nodiscard]] const entry* at(seq at) const {
    for (const auto& e : entries_)
      if (e.header.end_seq() > at) return &e;
    return nullptr;
  }
  [[nodiscard]] const log_id& id() const { return id_; }
  [[nodiscard]] epoch opening() const { return epoch_; }
  [[nodiscard]] seq end() const { return end_; }
  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  void new_epoch() { epoch_ = weft::epoch{epoch_.count() + 1, 7}; }

private:
  struct numbering {
    std::uint64_t next = 0;
    std::vector<std::pair<std::uint64_t, log::appended>> answers;
  };
  log_id id_;
  weft::epoch epoch_{1, 7};
  seq end_;
  std::uint64_t time_ = hlc::at({1'700'000'000'000'000}).value();
  std::map<producer_id, numbering> producers_;
  std::map<std::string, std::uint64_t> offsets_;
  std::vector<entry> entries_;
};

/// The node and its door. Nothing happens by itself: the test says when it commits, serves, goes and comes.
/// @thread any; what it calls is called under no lock of its own
class fake_node final : public node::door {
public:
  fake_node() { logs_.emplace_back(log_id{id_of(1)}); }

  static node_id id_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> bytes{};
    bytes[0] = number;
    return node_id{bytes};
  }

  // --- what a test does with it
  void attach(node::visitor& to) { to_ = &to; }
  void come() {
    {
      const std::lock_guard held{mutex_};
      there_ = true;
    }
    to_->on_connected({id_of(1), "home", node_number{1}, {}, own().opening()});
  }
  /// Publishes that are not committed are lost, or were taken and only their answers are.
  void go(bool taken = false) {
    std::deque<waiting> lost;
    std::vector<node::codec_told> unanswered;
    {
      const std::lock_guard held{mutex_};
      there_ = false;
      unanswered.swap(questions_);
      flows_.clear();
      demands_.clear();
      renewals_.clear();
      lost.swap(waiting_);
      if (taken)
        for (const auto& item : lost)
          (void)own().append(item.batch);
    }
    for (const auto& item : lost)
      item.done(fail(errc::outcome_unknown, "the node went away"));
    for (const auto& told : unanswered)
      told(fail(errc::not_connected, "the node went away"));
    to_->on_lost({errc::not_connected, "the node went away"});
  }
  /// Answers at most so many of the batches that wait. @returns how many
  std::size_t commit(std::size_t most = 1000) {
    std::size_t done = 0;
    for (; done < most; ++done) {
      std::optional<waiting> next;
      std::optional<result<log::appended>> answer;
      {
        const std::lock_guard held{mutex_};
        if (waiting_.empty()) break;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        answer = answer_next_ ? result<log::appended>(fail(answer_next_->code(), answer_next_->message()))
                              : own().append(next->batch);
        if (once_) answer_next_.reset();
      }
      if (*answer)
        next->done(outcome_of(**answer, next->level));
      else
        next->done(fail((*answer).error()));
    }
    make_room();
    return done;
  }
  void make_room() {
    std::vector<std::function<void()>> room;
    {
      const std::lock_guard held{mutex_};
      room.swap(room_);
    }
    for (const auto& call : room)
      call();
  }
  /// The next answer, or all, will be this error instead.
  void answer_with(const error& why, bool once = true) {
    const std::lock_guard held{mutex_};
    answer_next_ = why;
    once_ = once;
  }
  void answer_truly() {
    const std::lock_guard held{mutex_};
    answer_next_.reset();
  }
  void set_capacity(std::size_t batches) {
    const std::lock_guard held{mutex_};
    capacity_ = batches;
  }
  /// How topics are set from now on.
  void set_topics(const node::publish_settings& settings) {
    const std::lock_guard held{mutex_};
    topics_ = settings;
  }
  /// Questions after a topic's codec wait until answer_questions().
  void hold_questions() {
    const std::lock_guard held{mutex_};
    hold_questions_ = true;
  }
  /// @returns how many
  std::size_t answer_questions() {
    std::vector<node::codec_told> questions;
    {
      const std::lock_guard held{mutex_};
      questions.swap(questions_);
    }
    for (const auto& told : questions)
      told(topics_.codec);
    return questions.size();
  }
  /// Of the batches in submitted().
  [[nodiscard]] std::vector<std::optional<ack_level>> levels() const {
    const std::lock_guard held{mutex_};
    return levels_;
  }
  [[nodiscard]] std::vector<wire::batch_view> submitted() const {
    const std::lock_guard held{mutex_};
    return submitted_;
  }
  fake_log& own() { return logs_.front(); }
  fake_log& add_log(std::uint8_t number) { return logs_.emplace_back(log_id{id_of(number)}); }

  /// Sends what credit allows on every flow, at most `most` entries each, and a heartbeat where nothing is left. Tells
  /// members of groups of logs, and answers their signs of life; verdicts are the test's to say.
  void serve(std::size_t most = 1'000'000) {
    while (open_flows()) {} // a member demands each log that it is told of
    answer_renewals();
    std::vector<std::uint64_t> numbers;
    {
      const std::lock_guard held{mutex_};
      for (const auto& [number, flow] : flows_)
        numbers.push_back(number);
    }
    for (const auto number : numbers)
      for (std::size_t i = 0; i < most && serve_one(number); ++i) {}
  }
  /// Sends a message as the node.
  void say(const wire::control& message, const shared_bytes& payload = {}) { to_->on_message(message, payload); }

  struct open_flow {
    std::uint64_t subscription = 0;
    fake_log* log = nullptr;
    std::string topic;
    seq next;
    std::uint64_t limit = 0, used = 0;
    bool heartbeat_sent = false;
    std::uint64_t next_number = 0; // of a group's flow, counted from 1; else 0
  };
  [[nodiscard]] std::map<std::uint64_t, open_flow> flows() const {
    const std::lock_guard held{mutex_};
    return flows_;
  }
  template <class Message>
  [[nodiscard]] std::vector<Message> heard() const {
    const std::lock_guard held{mutex_};
    std::vector<Message> found;
    for (const auto& message : heard_)
      if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
    return found;
  }
  /// The names of all messages, in order.
  [[nodiscard]] std::vector<std::string> heard_names() const {
    const std::lock_guard held{mutex_};
    std::vector<std::string> names;
    names.reserve(heard_.size());
    for (const auto& message : heard_)
      names.emplace_back(wire::name_of(message));
    return names;
  }
  /// Waits for another message, at most so long.
  void listen(microseconds within) {
    std::unique_lock held{mutex_};
    heard_more_.wait_for(held, within);
  }
  void corrupt_next_run() { corrupt_ = true; }
  std::function<void(const wire::query&)> on_query;

  // --- the door
  void send(wire::control message) override {
    const wire::control copy = message;
    {
      const std::lock_guard held{mutex_};
      if (!there_) return;
      take(message);
      heard_.push_back(std::move(message));
      heard_more_.notify_all();
    }
    if (const auto* query = std::get_if<wire::query>(&copy); query && on_query) on_query(*query);
  }
  result<void> ask_codec(std::string_view, node::codec_told told) override {
    {
      const std::lock_guard held{mutex_};
      if (!there_) return fail(errc::not_connected, "away");
      if (hold_questions_) {
        questions_.push_back(std::move(told));
        return {};
      }
    }
    told(topics_.codec);
    return {};
  }
  result<void> publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) override {
    const std::lock_guard held{mutex_};
    if (!there_) return fail(errc::not_connected, "away");
    if (waiting_.size() >= capacity_) return fail(errc::would_block, "full");
    submitted_.push_back(batch);
    levels_.push_back(terms.level);
    waiting_.push_back({batch, terms.level, std::move(done)});
    return {};
  }
  result<node::publish_outcome> publish_and_wait(wire::batch_view batch, std::optional<ack_level> level) override {
    const std::lock_guard held{mutex_};
    if (!there_) return fail(errc::not_connected, "away");
    submitted_.push_back(batch);
    levels_.push_back(level);
    ++waited_for;
    const auto at = own().append(batch);
    if (!at) return fail(at.error());
    return outcome_of(*at, level);
  }
  void when_room(std::function<void()> then) override {
    {
      const std::lock_guard held{mutex_};
      if (waiting_.size() >= capacity_) {
        room_.push_back(std::move(then));
        return;
      }
    }
    then();
  }

  int waited_for = 0; // calls of publish_and_wait

private:
  struct waiting {
    wire::batch_view batch;
    std::optional<ack_level> level;
    node::publish_done done;
  };

  [[nodiscard]] node::publish_outcome outcome_of(const log::appended& at, std::optional<ack_level> level) const {
    return {at, level.value_or(topics_.level), topics_.codec};
  }

  void take(const wire::control& message) {
    if (const auto* demand = std::get_if<wire::demand>(&message)) {
      demands_[demand->subscription] = {*demand, {}};
    } else if (const auto* withdraw = std::get_if<wire::withdraw>(&message)) {
      demands_.erase(withdraw->subscription);
      std::erase_if(flows_, [&](const auto& f) { return f.second.subscription == withdraw->subscription; });
    } else if (const auto* credit = std::get_if<wire::credit>(&message)) {
      if (const auto found = flows_.find(credit->flow); found != flows_.end())
        found->second.limit = std::max(found->second.limit, credit->limit);
    } else if (const auto* closed = std::get_if<wire::flow_closed>(&message)) {
      flows_.erase(closed->flow);
    } else if (const auto* renew = std::get_if<wire::renew>(&message)) {
      renewals_.push_back(*renew);
    } else if (const auto* commit = std::get_if<wire::commit>(&message)) {
      if (const auto found = flows_.find(commit->flow); found != flows_.end())
        cursors_[found->second.log->id()] = commit->until.seq;
    }
  }

  seq start_of(const wire::demand& demand, const fake_log& log) const {
    if (!demand.name.empty())
      if (const auto cursor = cursors_.find(log.id()); cursor != cursors_.end()) return cursor->second;
    switch (demand.start) {
    case wire::start_kind::end: return log.end();
    case wire::start_kind::position: return demand.at.seq;
    default: return {};
    }
  }

  /// @returns whether it said something
  bool open_flows() {
    std::vector<wire::control> news;
    {
      const std::lock_guard held{mutex_};
      for (auto& [number, demand] : demands_)
        for (auto& log : logs_) {
          const auto& [wanted, known] = demand;
          if ((wanted.log && *wanted.log != log.id()) || std::ranges::find(known, &log) != known.end()) continue;
          demand.second.push_back(&log);
          const std::string node = &log == &own() ? "home" : "other";
          if (wanted.member && !wanted.log)
            news.emplace_back(wire::log_found{number, log.id(), node});
          else
            news.emplace_back(open(number, wanted, log, node));
        }
    }
    for (const auto& message : news)
      say(message);
    return !news.empty();
  }
  wire::flow_opened open(std::uint64_t number, const wire::demand& wanted, fake_log& log, const std::string& node) {
    const auto from = start_of(wanted, log);
    const auto* entry = log.at(from);
    const auto epoch = wanted.start == wire::start_kind::position ? wanted.at.epoch
                       : entry != nullptr                         ? entry->header.epoch
                                                                  : log.opening();
    auto& flow = flows_[++last_flow_] = {number, &log, wanted.pattern, from, wanted.window};
    if (wanted.member) {
      flow.limit = std::numeric_limits<std::uint64_t>::max(); // it gives no credit
      flow.next_number = 1;
    }
    return {number, last_flow_, log.id(), node, {epoch, from}};
  }
  void answer_renewals() {
    std::vector<wire::renew> renewals;
    {
      const std::lock_guard held{mutex_};
      renewals.swap(renewals_);
    }
    for (const auto& one : renewals)
      say(wire::renewal{one.flow, one.number});
  }

  bool serve_one(std::uint64_t number) {
    wire::run run;
    shared_bytes payload;
    {
      const std::lock_guard held{mutex_};
      const auto found = flows_.find(number);
      if (found == flows_.end()) return false;
      auto& flow = found->second;
      const auto* entry = flow.log->at(flow.next);
      if (entry == nullptr && flow.heartbeat_sent) return false;
      run = {.flow = number,
             .epoch = flow.log->opening(),
             .from = flow.next,
             .until = flow.log->end(),
             .log_time = {},
             .head = flow.log->end(),
             .starts = {},
             .gap_code = errc::ok,
             .gap = {}};
      if (entry != nullptr) {
        run.epoch = entry->header.epoch;
        run.until = entry->header.end_seq();
        if (topic_matches(flow.topic, entry->topic)) payload = entry->stored;
        if (routing::run_cost(payload.size()) > flow.limit - flow.used) return false;
        flow.used += routing::run_cost(payload.size());
        if (flow.next_number > 0 && !payload.empty()) {
          run.number = flow.next_number;
          flow.next_number += entry->header.count;
        }
      }
      flow.heartbeat_sent = entry == nullptr;
      flow.next = run.until;
      if (corrupt_ && !payload.empty()) {
        corrupt_ = false;
        std::vector<std::byte> bytes{payload.view().begin(), payload.view().end()};
        bytes[100] ^= std::byte{1};
        payload = shared_bytes::take(std::move(bytes));
      }
    }
    say(run, payload);
    return true;
  }
  static bool topic_matches(const std::string& pattern, const std::string& topic) {
    return pattern == topic || pattern == ">";
  }

  node::visitor* to_ = nullptr;
  mutable std::mutex mutex_;
  bool there_ = false;
  std::deque<fake_log> logs_;
  std::deque<waiting> waiting_;
  std::vector<wire::batch_view> submitted_;
  std::vector<std::optional<ack_level>> levels_;
  node::publish_settings topics_;
  bool hold_questions_ = false;
  std::vector<node::codec_told> questions_;
  std::size_t capacity_ = 1000;
  std::vector<std::function<void()>> room_;
  std::optional<error> answer_next_;
  bool once_ = true;
  std::map<std::uint64_t, std::pair<wire::demand, std::vector<fake_log*>>> demands_;
  std::map<std::uint64_t, open_flow> flows_;
  std::map<log_id, seq> cursors_;
  std::vector<wire::control> heard_;
  std::condition_variable heard_more_;
  std::vector<wire::renew> renewals_; // not answered
  std::uint64_t last_flow_ = 0;
  std::atomic<bool> corrupt_ = false;
};

/// Lets a participant own a door that the test owns.
class borrowed_door final : public detail::host {
public:
  explicit borrowed_door(node::door& door) : door_(door) {}
  node::door& door() noexcept override { return door_; }

private:
  node::door& door_;
};

/// A clock that only the test moves.
class test_clock final : public clock {
public:
  wall_time wall() const override { return {1'700'000'000'000'000 + now.load()}; }
  mono_time mono() const override { return {now.load()}; }
  std::atomic<std::int64_t> now = 1;
};

} // namespace weft::testing
