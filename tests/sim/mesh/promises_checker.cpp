// tests/sim/mesh/promises_checker.cpp: compares logs and what programs got with what was published and promised.
#include "tests/sim/mesh/mesh_checkers.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

using events_by_place = std::map<log_position, std::uint64_t>;

/// All that a log has.
result<events_by_place> content_of(own_log& of, event_book& book) {
  events_by_place all;
  auto& log = of.log();
  for (auto from = log.state().begin;;) {
    const auto found = log.read({from, limits::run_bytes_target, 0, [](topic_id) { return true; }});
    if (!found && found.error().code() == errc::end_of_log) return all;
    if (!found) return fail(found.error());
    for (const auto& entry : found->entries) {
      const auto batch = wire::batch_view::verify(entry.body());
      if (!batch) return fail(batch.error());
      const auto data = batch->unpack();
      for (std::size_t i = 0; i < batch->count(); ++i) {
        const auto event = batch->event(i, data->view());
        const log_position at{found->epoch, entry.header.first_seq + event.place};
        const auto number = book.saw(of.id(), at, batch->topic(), event);
        if (!number) return fail(number.error());
        all[at] = *number;
      }
    }
    from = {found->epoch, found->until};
  }
}

class promises final : public checker {
public:
  promises(world& on, mesh_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "promises_are_kept"; }

  void on_host(host_index host, host_change change) override {
    if (change == host_change::wiped || change == host_change::restored || change == host_change::cloned)
      state_.book.lost({world_.identity(host), 0});
    if (world_.process_of(host) == nullptr)
      for (const auto& [number, by] : state_.consumers)
        if (by->what().home == host) by->cut_off();
  }

  void at_end(world& on) override {
    for (auto* node : mesh_nodes(on)) {
      const auto content = content_of(*node->log(), state_.book);
      if (!content) return world_.fail(name(), content.error().message());
      check_log(node->log()->id(), *content);
    }
  }

private:
  void check_log(const log_id& log, const events_by_place& content) {
    if (state_.book.was_lost(log)) return;
    auto known = content;
    for (const auto& [at, number] : state_.book.positions(log)) {
      if (!state_.book.event(number).promised || content.contains(at)) continue;
      if (!gone(log, at, number))
        return world_.fail(name(), fmt::format("lost: event {} at {} was acknowledged", number, to_string(at)));
      known.emplace(at, number);
    }
    for (const auto& [number, by] : state_.consumers)
      check_readings(*by, log, known);
    for (const auto& by : state_.ended)
      check_readings(*by, log, known);
  }

  /// Retention took it.
  bool gone(const log_id& log, const log_position& at, std::uint64_t number) const {
    return state_.book.removed(log, state_.book.event(number).topic, at, state_.book.moment());
  }

  void check_readings(const consumer& by, const log_id& log, const events_by_place& known) {
    const auto found = by.readings().find(log);
    if (found == by.readings().end()) return;
    for (const auto& one : found->second)
      if (const auto wrong = what_is_wrong(by, log, one, known); !wrong.empty())
        return world_.fail(name(), fmt::format("program {} of h{}: {}", by.number(), by.what().home.value(), wrong));
  }

  std::string what_is_wrong(const consumer& by, const log_id& log, const reading& one,
                            const events_by_place& known) const {
    const events_by_place got(one.got.begin(), one.got.end());
    for (const auto& [at, number] : got)
      if (!known.contains(at) && !gone(log, at, number))
        return fmt::format("event {} at {} was seen and is gone", number, to_string(at));
    for (auto at = known.lower_bound(one.begin); at != known.end() && at->first < one.end; ++at)
      if (by.wants(state_.book.event(at->second)) && !got.contains(at->first) && !excused(log, one, *at))
        return fmt::format("event {} of {} at {} is missing between {} and {}, {} gaps were told", at->second,
                           mesh_topics.at(state_.book.event(at->second).topic), to_string(at->first),
                           to_string(one.begin), to_string(one.end), one.gaps.size());
    return {};
  }

  /// A gap was told, or it was gone when the reading began, and the program asked for what there was.
  bool excused(const log_id& log, const reading& one, const events_by_place::value_type& event) const {
    const auto& [at, number] = event;
    const auto topic = state_.book.event(number).topic;
    const bool takes_what_is = one.from != wire::start_kind::position;
    if (takes_what_is && state_.book.removed(log, topic, at, one.begun_at)) return true;
    return std::ranges::any_of(one.gaps, [&](const wire::run& gap) {
      if (gap.starts.empty()) return gap.from <= at.seq && at.seq < gap.until;
      return std::ranges::any_of(gap.starts, [&](const wire::named_start& start) {
        return start.topic == mesh_topics.at(topic) && at < start.at;
      });
    });
  }

  world& world_;
  mesh_state& state_;
};

class forward_starts final : public checker {
public:
  forward_starts(world& on, mesh_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "starts_only_move_forward"; }

  void on_step(host_index host) override {
    auto* node = mesh_node_on(world_, host);
    if (node == nullptr) return;
    const auto& log = *node->log();
    const auto begins = log.log().starts();
    for (const auto& [topic, durable] : state_.book.starts(log.id())) {
      const auto found = begins->find(topic);
      if (found != begins->end() && found->second.offset >= durable.offset) continue;
      world_.fail(name(),
                  fmt::format("h{}: {} begins at offset {} and did at {}", host.value(),
                              mesh_topics.at(topic.value() - 1),
                              found == begins->end() ? 0 : found->second.offset.value(), durable.offset.value()));
    }
  }

private:
  world& world_;
  mesh_state& state_;
};

class held_starts final : public checker {
public:
  explicit held_starts(world& on) : world_(on) {}
  std::string_view name() const override { return "retention_stops_at_leases"; }

  void on_step(host_index host) override {
    auto* node = mesh_node_on(world_, host);
    if (node == nullptr || !node->log()->lease()) return;
    const auto begins = node->log()->log().starts();
    for (const auto& [topic, start] : *begins)
      if (*node->log()->lease() < start.at)
        world_.fail(name(), fmt::format("h{}: {} begins at {}, above the lease at {}", host.value(),
                                        mesh_topics.at(topic.value() - 1), to_string(start.at),
                                        to_string(*node->log()->lease())));
  }

private:
  world& world_;
};

} // namespace

std::unique_ptr<checker> starts_only_move_forward(world& on, mesh_state& state) {
  return std::make_unique<forward_starts>(on, state);
}
std::unique_ptr<checker> retention_stops_at_leases(world& on) { return std::make_unique<held_starts>(on); }
std::unique_ptr<checker> promises_are_kept(world& on, mesh_state& state) {
  return std::make_unique<promises>(on, state);
}

} // namespace weft::sim
