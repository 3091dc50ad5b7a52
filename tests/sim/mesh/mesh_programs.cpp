#include "tests/sim/mesh/mesh_programs.hpp"

#include "tests/sim/mesh/mesh_topics.hpp"
#include "tests/sim/seeds.hpp"

#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr std::array<const char*, 7> patterns{"retail.>", "retail.orders", "retail.*",        "logistics.>",
                                              ">",        "weather",       "retail.orders.eu"};

template <class List>
auto pick(const List& from, random_source& random) {
  return from[random.below(from.size())];
}

microseconds pause(random_source& random, microseconds mean) {
  return microseconds{between(random, 1, 2 * mean.count())};
}

host_index any_host(const world& on, random_source& random) {
  return host_index{static_cast<std::uint32_t>(random.below(on.hosts()))};
}

template <class Act>
bool at_node(world& on, host_index host, Act act) {
  return on.visit(host, [&act](process& p) { act(static_cast<mesh_process&>(p)); });
}

std::vector<std::uint64_t> make_events(event_book& book, const node_id& at, std::size_t topic, std::size_t count,
                                       std::size_t padding, random_source& random) {
  std::vector<std::uint64_t> events;
  for (std::size_t i = 0; i < count; ++i)
    events.push_back(book.published({{at, 0},
                                     topic,
                                     fmt::format("key{}", random.below(6)),
                                     random.below(3) == 0 ? "" : fmt::format("type{}", random.below(3)),
                                     random.below(padding + 1)}));
  return events;
}

consumer* add_consumer(mesh_state& state, consumer::plan what) {
  const auto number = state.consumers.size() + state.ended.size() + 1;
  auto& made = state.consumers[number];
  made = std::make_unique<consumer>(number, std::move(what), state.book);
  return made.get();
}

wire::event_filter any_filter(random_source& random) {
  wire::event_filter filter;
  switch (random.below(5)) {
  case 0: filter.key = fmt::format("key{}", random.below(6)); break;
  case 1: filter.types = {fmt::format("type{}", random.below(3)), "type7"}; break;
  case 2:
    filter.slots.emplace();
    for (std::size_t slot = random.below(2); slot < filter.slots->size(); slot += 2)
      filter.slots->set(slot);
    break;
  default: break; // all
  }
  return filter;
}

class programs final : public workload {
public:
  programs(mesh_state& state, program_options options) : state_(state), options_(options) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    if (gray_ && random.below(200) == 0) set_gray(on, *gray_, false);
    const auto what = random.below(1000);
    if (what < 880)
      publish(on, random);
    else if (what < 920 || state_.consumers.empty())
      subscribe(on, random);
    else if (what < 945)
      unsubscribe(on, random);
    else if (what < 965)
      seek(on, random);
    else if (what < 970)
      lease(on, random);
    else if (what < 990)
      stand_still(on, random);
    else if (options_.gray_relays && !gray_)
      set_gray(on, any_host(on, random), true);
    return pause(random, options_.every);
  }

private:
  void publish(world& on, random_source& random) {
    const auto host = any_host(on, random);
    const auto topic = random.below(mesh_topics.size());
    const auto padding = random.below(10) == 0 ? options_.large_padding : options_.padding_max;
    const auto level = random.below(5) == 0 ? ack_level::written : ack_level::synced;
    const auto events = make_events(state_.book, on.identity(host), topic, 1 + random.below(4), padding, random);
    at_node(on, host, [&](mesh_process& node) { node.publish(events, level); });
  }

  /// Its node may be down: then it subscribes when that is up.
  void subscribe(world& on, random_source& random) {
    if (state_.consumers.size() >= options_.consumers_max) return;
    const auto home = any_host(on, random);
    auto pattern = topic_pattern::parse(pick(patterns, random)).value();
    const auto start = random.below(2) == 0 ? wire::start_kind::beginning : wire::start_kind::end;
    auto filter = any_filter(random);
    if (on.process_of(home) == nullptr) return;
    consumer* made = nullptr;
    at_node(on, home, [&](mesh_process& node) {
      made = add_consumer(state_, {home, std::move(pattern), std::move(filter), start});
      node.subscribe(*made);
    });
  }

  consumer& any_consumer(random_source& random) {
    auto at = state_.consumers.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(state_.consumers.size())));
    return *at->second;
  }

  void unsubscribe(world& on, random_source& random) {
    auto& by = any_consumer(random);
    const auto number = by.number();
    if (on.process_of(by.what().home) != nullptr &&
        !at_node(on, by.what().home, [&](mesh_process& node) { node.unsubscribe(number); }))
      return;
    state_.ended.push_back(std::move(state_.consumers.at(number)));
    state_.consumers.erase(number);
  }

  /// To the beginning, the end, or somewhere that it had come by.
  void seek(world& on, random_source& random) {
    auto& by = any_consumer(random);
    const log_id log{on.identity(any_host(on, random)), 0};
    auto kind = random.below(2) == 0 ? wire::start_kind::beginning : wire::start_kind::end;
    log_position at;
    const auto read = by.readings().find(log);
    if (read != by.readings().end() && !read->second.back().got.empty() && random.below(2) == 0) {
      kind = wire::start_kind::position;
      at = pick(read->second.back().got, random).first;
    }
    at_node(on, by.what().home, [&](mesh_process& node) { node.seek(by, log, kind, at); });
  }

  void lease(world& on, random_source& random) {
    at_node(on, any_host(on, random), [](mesh_process& node) {
      if (auto* log = node.log(); log != nullptr) log->hold(!log->lease());
    });
  }

  void stand_still(world& on, random_source& random) {
    auto& by = any_consumer(random);
    const bool stop = options_.slow_ones && !by.stopped() && random.below(2) == 0;
    at_node(on, by.what().home, [&](mesh_process& node) { node.set_stopped(by, stop); });
  }

  void set_gray(world& on, host_index host, bool gray) {
    if (at_node(on, host, [&](mesh_process& node) { node.set_gray(gray); }) || !gray)
      gray_ = gray ? std::optional(host) : std::nullopt;
  }

  mesh_state& state_;
  program_options options_;
  std::optional<host_index> gray_;
};

class slow_one final : public workload {
public:
  explicit slow_one(mesh_state& state) : state_(state) {}

  std::optional<microseconds> act(world& on, random_source& random) override {
    using namespace std::chrono_literals;
    if (state_.consumers.empty()) subscribe(on, random);
    const host_index host{static_cast<std::uint32_t>(random.below(2))};
    const auto events =
        make_events(state_.book, on.identity(host), random.below(2), 1 + random.below(3), 60'000, random);
    at_node(on, host, [&](mesh_process& node) { node.publish(events, ack_level::synced); });
    auto& slow = *state_.consumers.rbegin()->second;
    const bool stop = !slow.stopped();
    if (on.now().us > microseconds(10s).count() && random.below(stop ? 5 : 600) == 0)
      at_node(on, slow.what().home, [&](mesh_process& node) { node.set_stopped(slow, stop); });
    return pause(random, 100ms);
  }

private:
  /// At each node two with equal demands, the slow one beside them.
  void subscribe(world& on, random_source& random) {
    const auto add = [&](host_index home) {
      auto* made =
          add_consumer(state_, {home, topic_pattern::parse("retail.>").value(), {}, wire::start_kind::beginning});
      at_node(on, home, [&](mesh_process& node) { node.subscribe(*made); });
    };
    for (std::uint32_t host = 0; host < on.hosts(); ++host)
      for (int i = 0; i < 2; ++i)
        add(host_index{host});
    add(any_host(on, random));
  }

  mesh_state& state_;
};

} // namespace

std::unique_ptr<workload> mesh_programs(mesh_state& state, program_options options) {
  return std::make_unique<programs>(state, options);
}
std::unique_ptr<workload> one_slow_program(mesh_state& state) { return std::make_unique<slow_one>(state); }

} // namespace weft::sim
