#include "tests/sim/copies/copies_checkers.hpp"

#include "mesh/base/crc32c.hpp"
#include "mesh/replication/holders.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace weft::sim {
namespace {

bool is_lost(host_change change) { return change == host_change::wiped || change == host_change::restored; }

std::string label(host_index holder, host_index owner) {
  return fmt::format("the copy of h{}'s log at h{}", owner.value(), holder.value());
}

host_index host_with(const copies_state& state, const node_id& node) {
  const auto found = std::ranges::find(state.nodes, node);
  return host_index{static_cast<std::uint32_t>(found - state.nodes.begin())};
}

class confirmed final : public checker {
public:
  confirmed(world& on, const event_book& book) : world_(on), book_(book) {}
  std::string_view name() const override { return "confirmed_stays"; }

  void on_step(host_index host) override {
    const auto* node = copies_node_on(world_, host);
    if (node == nullptr) return;
    for (const auto& [log, copy] : node->copies())
      if (copy->store() != nullptr) look(host, *copy);
  }
  void on_host(host_index host, host_change change) override {
    if (is_lost(change)) std::erase_if(told_, [host](const auto& item) { return item.first.first == host; });
  }

private:
  struct promise {
    log_position until;
    std::set<std::string> whole;
  };

  void look(host_index host, const held_log& copy) {
    auto& before = told_[{host, copy.id()}];
    if (copy.machine().held().empty()) before = {}; // all was given up
    const auto& now = copy.machine().confirmed();
    if (now < before.until && has_events(copy.id(), now, before))
      return world_.fail(name(), fmt::format("h{} has confirmed {} of a log and has {}", host.value(),
                                             to_string(before.until), to_string(now)));
    if (now != before.until) before = {now, copy.whole()};
  }

  /// Ranges without any are confirmed without a sync.
  bool has_events(const log_id& log, const log_position& from, const promise& what) const {
    const auto& all = book_.positions(log);
    return std::any_of(all.lower_bound(from), all.lower_bound(what.until), [&](const auto& item) {
      const auto& event = book_.event(item.second);
      return event.promised && what.whole.contains(std::string(mesh_topics.at(event.topic)));
    });
  }

  world& world_;
  const event_book& book_;
  std::map<std::pair<host_index, log_id>, promise> told_;
};

/// Reads whole logs and copies, and compares what is at each place.
class contents final : public checker {
public:
  contents(world& on, copies_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "copies_serve_what_was_promised"; }

  void on_host(host_index host, host_change change) override {
    const log_id log{world_.identity(host), 0};
    if (is_lost(change)) {
      state_.book.lost(log);
      state_.disks_lost.push_back(host);
    }
    if (change == host_change::killed || change == host_change::power_off) check_copies_of(log);
  }

  void at_end(world& on) override {
    for (std::uint32_t host = 0; host < on.hosts(); ++host) {
      auto* node = copies_node_on(on, host_index{host});
      if (node == nullptr) continue;
      check_copies_of(node->log()->id());
      check_own(*node->log());
    }
  }

private:
  using places = std::map<log_position, std::uint64_t>;

  void check_copies_of(const log_id& log) {
    const auto owner = host_with(state_, log.node);
    std::map<host_index, places> copies;
    std::set<host_index> away;
    for (std::uint32_t index = 0; index < world_.hosts() && !world_.failure(); ++index) {
      const host_index host{index};
      if (host == owner) continue;
      auto* node = copies_node_on(world_, host);
      const auto* copy = node == nullptr ? nullptr : node->copy(log);
      if (node == nullptr || (copy == nullptr ? node->has_on_disk(log) : copy->store() == nullptr)) away.insert(host);
      if (copy == nullptr || copy->store() == nullptr) continue;
      const auto what = label(host, owner);
      auto content = content_of(*copy);
      if (!content) return world_.fail(name(), what + ": " + content.error().message());
      check_promises(what, *copy, *content);
      copies.emplace(host, std::move(*content));
    }
    if (!world_.failure()) check_readable(log, owner, copies, away);
  }

  /// What was acknowledged by n copies is at n holders, but those that are away and whose disks were lost since.
  void check_readable(const log_id& log, host_index owner, const std::map<host_index, places>& copies,
                      const std::set<host_index>& away) {
    const auto& book = state_.book;
    for (const auto& [at, number] : book.positions(log)) {
      const auto acknowledged = state_.acknowledged.find(number);
      if (acknowledged == state_.acknowledged.end()) continue;
      const auto topic = book.event(number).topic;
      if (book.removed(log, topic, at, book.moment())) continue;
      auto gone = away;
      gone.insert(state_.disks_lost.begin() + static_cast<std::ptrdiff_t>(acknowledged->second),
                  state_.disks_lost.end());
      gone.erase(owner);
      const auto has = std::ranges::count_if(copies, [&](const auto& copy) { return copy.second.contains(at); });
      const auto copies_then = topic_copies.at(topic);
      if (static_cast<std::size_t>(has) + gone.size() < copies_then)
        return world_.fail(name(), fmt::format("event {} of h{} at {} was acknowledged by {} copies; {} have it, {} "
                                               "are away or lost",
                                               number, owner.value(), to_string(at), copies_then, has, gone.size()));
    }
  }

  /// Up to what it confirmed it has all that was acknowledged of the topics that it holds whole.
  void check_promises(const std::string& what, const held_log& copy, const places& content) {
    const auto& book = state_.book;
    if (book.was_lost(copy.id())) return; // what only its node had can't be copied any more
    for (const auto& [at, number] : book.positions(copy.id())) {
      const auto& event = book.event(number);
      const std::string topic(mesh_topics.at(event.topic));
      if (!event.promised || !(at < copy.machine().confirmed()) || !copy.whole().contains(topic)) continue;
      if (content.contains(at) || book.removed(copy.id(), event.topic, at, book.moment())) continue;
      return world_.fail(name(), fmt::format("{} has confirmed {} and lacks event {} of {} at {}", what,
                                             to_string(copy.machine().confirmed()), number, topic, to_string(at)));
    }
  }

  void check_own(own_log& log) {
    for (auto from = log.log().state().begin; !world_.failure();) {
      const auto found = log.log().read({from, limits::run_bytes_target, 0, [](topic_id) { return true; }});
      if (!found) {
        if (found.error().code() != errc::end_of_log) world_.fail(name(), found.error().message());
        return;
      }
      places into;
      if (auto good = take(log.id(), *found, into); !good) return world_.fail(name(), good.error().message());
      from = {found->epoch, found->until};
    }
  }

  /// Part by part: what one lacks the others have.
  result<places> content_of(const held_log& copy) {
    places all;
    const auto state = copy.store()->state();
    for (const auto& part : state.parts)
      for (const auto& [epoch, had] : part.had)
        for (const auto& range : had.ranges())
          if (auto done = read_range(copy, part.topics, {epoch, range.from, range.until}, all); !done)
            return fail(done.error());
    return all;
  }

  result<void> read_range(const held_log& copy, const std::vector<std::string>& topics, log::epoch_range range,
                          places& into) {
    const auto wants = [&](std::string_view name) { return std::ranges::binary_search(topics, name); };
    while (!topics.empty() && range.from < range.until) {
      const auto found = copy.store()->read({{range.epoch, range.from}, limits::run_bytes_target, 0, wants});
      if (!found && found.error().code() == errc::end_of_log) return {};
      if (!found) return fail(found.error());
      if (found->epoch != range.epoch) return {};
      if (auto good = take(copy.id(), *found, into); !good) return good;
      range.from = found->until;
    }
    return {};
  }

  result<void> take(const log_id& log, const log::read_result& found, places& into) {
    for (const auto& entry : found.entries) {
      const auto sum = crc32c(0, entry.bytes.view());
      const auto [known, fresh] = sums_.emplace(std::pair(log, log_position{found.epoch, entry.header.first_seq}), sum);
      if (!fresh && known->second != sum)
        return fail(errc::corrupt,
                    fmt::format("the entry at {} has other bytes elsewhere", to_string(known->first.second)));
      const auto batch = wire::batch_view::verify(entry.body());
      if (!batch) return fail(batch.error());
      const auto data = batch->unpack();
      for (std::size_t i = 0; i < batch->count(); ++i) {
        const auto event = batch->event(i, data->view());
        const log_position at{found.epoch, entry.header.first_seq + event.place};
        const auto number = state_.book.saw(log, at, batch->topic(), event);
        if (!number) return fail(number.error());
        into[at] = *number;
      }
    }
    return {};
  }

  world& world_;
  copies_state& state_;
  std::map<std::pair<log_id, log_position>, std::uint32_t> sums_; // of entries
};

/// A reader may have what n holders have once said to have on their disks.
class levels final : public checker {
public:
  levels(world& on, copies_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "nobody_reads_before_the_level"; }

  void on_step(host_index host) override {
    const auto* node = copies_node_on(world_, host);
    if (node == nullptr) return;
    for (const auto& [log, copy] : node->copies())
      if (copy->store() != nullptr) note(host, *copy);
    const auto& reader = *state_.readers.at(host.value());
    for (const auto& [log, all] : reader.readings())
      look(log, all);
  }

private:
  struct confirmed {
    log_position until;
    std::set<std::string> whole;
  };

  void note(host_index holder, const held_log& copy) {
    auto& last = last_[{holder, copy.id()}];
    const auto& until = copy.machine().confirmed();
    if (last.until == until && last.whole == copy.whole()) return;
    last = {until, copy.whole()};
    for (const auto& topic : last.whole) {
      auto& mark = marks_[{copy.id(), topic}][holder];
      mark = std::max(mark, until);
    }
  }

  void look(const log_id& log, const std::vector<reading>& all) {
    auto& [readings, events] = looked_[log];
    if (all.size() > readings) {
      readings = all.size();
      events = 0;
    }
    const auto& got = all.back().got;
    for (; events < got.size(); ++events)
      if (!world_.failure()) check(log, got[events].first, got[events].second);
  }

  void check(const log_id& log, const log_position& at, std::uint64_t number) {
    const auto topic = state_.book.event(number).topic;
    const auto& marks = marks_[{log, std::string(mesh_topics.at(topic))}];
    const auto have = std::ranges::count_if(marks, [&](const auto& holder) { return at < holder.second; });
    if (static_cast<std::size_t>(have) < topic_copies.at(topic))
      world_.fail(name(), fmt::format("event {} at {} is read, {} of {} copies have it", number, to_string(at), have,
                                      topic_copies.at(topic)));
  }

  world& world_;
  copies_state& state_;
  std::map<std::pair<host_index, log_id>, confirmed> last_;
  std::map<std::pair<log_id, std::string>, std::map<host_index, log_position>> marks_;
  std::map<log_id, std::pair<std::size_t, std::size_t>> looked_; // readings, and events of the last one
};

/// The log's end, and how many holders have the topic up to there.
class all_copied final : public checker {
public:
  all_copied(world& on, copies_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "every_log_has_its_copies"; }
  bool converged(world& on) override { return missing(on).empty(); }

  std::string missing(world& on) override {
    std::vector<replication::storage_node> all;
    for (const auto& node : state_.nodes)
      all.push_back({node, {}});
    for (std::uint32_t host = 0; host < on.hosts(); ++host) {
      auto* node = copies_node_on(on, host_index{host});
      if (node == nullptr) return fmt::format("h{} does not work", host);
      const auto state = node->log()->log().state();
      const auto& log = node->log()->id();
      if (state.health.frozen || state_.book.was_lost(log)) continue;
      const auto holders = replication::holders_of(log, all);
      for (std::size_t topic = 0; topic < mesh_topics.size(); ++topic)
        for (std::size_t place = 0; place < std::min<std::size_t>(topic_copies.at(topic), holders.size()); ++place)
          if (auto what = behind(log, state.synced_end, std::string(mesh_topics.at(topic)), holders.at(place));
              !what.empty())
            return fmt::format("h{}'s log ends at {}: {}", host, state.synced_end.value(), what);
      if (node->acks_waiting() != 0) return fmt::format("{} acks wait at h{}", node->acks_waiting(), host);
    }
    return {};
  }

private:
  std::string behind(const log_id& log, seq end, const std::string& topic, const node_id& holder) const {
    const auto host = host_with(state_, holder);
    auto* node = copies_node_on(world_, host);
    if (node == nullptr) return fmt::format("h{} does not work", host.value());
    const auto copy = node->copies().find(log);
    if (copy == node->copies().end()) return fmt::format("h{} has no copy", host.value());
    if (!copy->second->whole().contains(topic)) return fmt::format("h{} does not hold {}", host.value(), topic);
    const auto& until = copy->second->machine().confirmed();
    return until.seq >= end ? "" : fmt::format("h{} has {}", host.value(), to_string(until));
  }

  world& world_;
  copies_state& state_;
};

/// Each second: what no longer has its copies by what holders' disks have must be told as short, some seconds later.
class known_shortages final : public checker {
public:
  known_shortages(world& on, copies_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "shortages_are_known"; }

  void on_step(host_index) override {
    constexpr microseconds every{1'000'000};
    if (world_.now() < looked_ + every) return;
    looked_ = world_.now();
    for (std::uint32_t host = 0; host < world_.hosts(); ++host) {
      auto* node = copies_node_on(world_, host_index{host});
      if (node != nullptr && world_.state(host_index{host}) == host_state::running) look(host_index{host}, *node);
    }
  }
  void on_host(host_index host, host_change) override {
    ends_.erase(host);
    std::erase_if(short_since_, [host](const auto& item) { return item.first.first == host; });
  }

private:
  static constexpr microseconds patience{15'000'000};

  void look(host_index host, copies_process& node) {
    const auto& log = node.log()->id();
    auto& ends = ends_[host];
    ends.emplace_back(world_.now(), node.log()->log().state().synced_end);
    while (ends.size() > 1 && ends[1].first + patience <= world_.now())
      ends.pop_front();
    if (ends.front().first + patience > world_.now()) return;
    for (const auto& topic : node.tracker()->standings()) {
      auto& since = short_since_.try_emplace({host, topic.topic}, world_.now()).first->second;
      if (copies_of(log, topic.topic, ends.front().second) >= topic.replicas || topic.short_since)
        since = world_.now();
      else if (world_.now() - since > patience)
        return world_.fail(name(), fmt::format("h{} does not know that {} lacks copies", host.value(), topic.topic));
    }
  }

  std::uint32_t copies_of(const log_id& log, const std::string& topic, seq until) const {
    std::uint32_t copies = 0;
    for (std::uint32_t host = 0; host < world_.hosts(); ++host) {
      auto* node = copies_node_on(world_, host_index{host});
      if (node == nullptr) {
        ++copies; // nobody knows what its disk has
        continue;
      }
      const auto copy = node->copies().find(log);
      if (copy == node->copies().end()) continue;
      copies += copy->second->whole().empty() || // not heard of again since its start
                        (copy->second->whole().contains(topic) && copy->second->machine().confirmed().seq >= until)
                    ? 1U
                    : 0U;
    }
    return copies;
  }

  world& world_;
  copies_state& state_;
  virtual_time looked_;
  std::map<host_index, std::deque<std::pair<virtual_time, seq>>> ends_;
  std::map<std::pair<host_index, std::string>, virtual_time> short_since_;
};

} // namespace

copies_process* copies_node_on(const world& on, host_index host) {
  auto* node = static_cast<copies_process*>(on.process_of(host));
  return node == nullptr || node->log() == nullptr ? nullptr : node;
}

std::unique_ptr<checker> confirmed_stays(world& on, copies_state& state) {
  return std::make_unique<confirmed>(on, state.book);
}
std::unique_ptr<checker> copies_serve_what_was_promised(world& on, copies_state& state) {
  return std::make_unique<contents>(on, state);
}
std::unique_ptr<checker> nobody_reads_before_the_level(world& on, copies_state& state) {
  return std::make_unique<levels>(on, state);
}
std::unique_ptr<checker> every_log_has_its_copies(world& on, copies_state& state) {
  return std::make_unique<all_copied>(on, state);
}
std::unique_ptr<checker> shortages_are_known(world& on, copies_state& state) {
  return std::make_unique<known_shortages>(on, state);
}

} // namespace weft::sim
