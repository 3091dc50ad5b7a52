#include "mesh/base/crc32c.hpp"
#include "tests/sim/copies/copies_checkers.hpp"
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
    log_position told;  ///< as the holder confirmed it
    log_position until; ///< as far as it had anything: an epoch without events is confirmed, and not kept
    std::set<std::string> whole;
  };

  void look(host_index host, const held_log& copy) {
    auto& before = told_[{host, copy.id()}];
    if (copy.machine().held().empty()) before = {}; // all was given up
    const auto& told = copy.machine().confirmed();
    if (told == before.told) return;
    if (told < before.until && has_events(copy.id(), told, before))
      return world_.fail(name(), fmt::format("h{} has confirmed {} of a log and has {}", host.value(),
                                             to_string(before.until), to_string(told)));
    before = {told, std::min(told, copy.store()->state().end()), copy.whole()};
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
      on.disk(host_index{host}).hold_faults(true);
      check_own(*node->log());
      on.disk(host_index{host}).hold_faults(false);
    }
  }

private:
  using places = std::map<log_position, std::uint64_t>;

  void check_copies_of(const log_id& log) {
    const auto owner = copies_host(state_, log.node);
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
      world_.disk(host).hold_faults(true);
      auto content = content_of(*copy);
      world_.disk(host).hold_faults(false);
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

} // namespace

std::unique_ptr<checker> confirmed_stays(world& on, copies_state& state) {
  return std::make_unique<confirmed>(on, state.book);
}
std::unique_ptr<checker> copies_serve_what_was_promised(world& on, copies_state& state) {
  return std::make_unique<contents>(on, state);
}

} // namespace weft::sim
