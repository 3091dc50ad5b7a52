#include "tests/sim/copies/copies_checkers.hpp"

#include "mesh/replication/holders.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace weft::sim {
namespace {

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

/// The log's end, how many holders have the topic up to there, and that nobody has a newer epoch of it.
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
      if (state.health.frozen) continue;
      if (const auto newest = newest_copied(log); newest > state.epoch)
        return fmt::format("h{} writes epoch {} while copies have {}", host, to_string(state.epoch), to_string(newest));
      if (state_.book.was_lost(log)) continue;
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
  epoch newest_copied(const log_id& log) const {
    epoch newest{};
    for (std::uint32_t host = 0; host < world_.hosts(); ++host) {
      auto* node = copies_node_on(world_, host_index{host});
      const auto* copy = node == nullptr ? nullptr : node->copy(log);
      if (copy == nullptr || copy->store() == nullptr) continue;
      for (const auto& part : copy->store()->state().parts)
        if (!part.had.empty()) newest = std::max(newest, part.had.rbegin()->first);
    }
    return newest;
  }

  std::string behind(const log_id& log, seq end, const std::string& topic, const node_id& holder) const {
    const auto host = copies_host(state_, holder);
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
      if (node != nullptr && world_.state(host_index{host}) == host_state::running)
        look(host_index{host}, *node);
      else
        begin_anew(host_index{host}); // who is paused learns nothing meanwhile
    }
  }
  void on_host(host_index host, host_change) override { begin_anew(host); }

private:
  static constexpr microseconds patience{15'000'000};

  void begin_anew(host_index host) {
    ends_.erase(host);
    std::erase_if(short_since_, [host](const auto& item) { return item.first.first == host; });
  }

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

host_index copies_host(const copies_state& state, const node_id& node) {
  const auto found = std::ranges::find(state.nodes, node);
  return host_index{static_cast<std::uint32_t>(found - state.nodes.begin())};
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
