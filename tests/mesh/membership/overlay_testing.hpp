// tests/mesh/membership/overlay_testing.hpp: many overlays over a network that only has links, delays and deaths.
#pragma once
#include "mesh/membership/overlay.hpp"
#include "tests/mesh/membership/membership_testing.hpp"

#include <memory>

namespace weft::membership {

using namespace std::chrono_literals;

/// Links are there at both ends at once, their messages in order. What a directory would tell is told by itself: who
/// joins is known to all within a second, who vanishes is gone after ten.
class overlay_world {
public:
  using in = overlay::in;
  using out = overlay::out;
  using node_pair = std::pair<std::uint32_t, std::uint32_t>;

  explicit overlay_world(std::uint64_t seed) : random_(seed) {}

  agenda clock;
  std::uint64_t messages = 0;
  std::uint64_t changes = 0; // neighbours up or down
  bool tell_members = true;
  std::function<std::uint32_t(std::uint32_t)> seed_of = [](std::uint32_t) { return 0U; };
  microseconds delay_most{50'000};

  [[nodiscard]] overlay& at(std::uint32_t n) { return *nodes_.at(n).machine; }
  [[nodiscard]] seeded_random& random() { return random_; }

  /// The n-th node begins; it knows the address of its seed.
  void start(std::uint32_t n) {
    auto& one = nodes_[n];
    one = {};
    overlay::effects fx;
    one.machine = std::make_unique<overlay>(node(n), random_, clock.now(), fx);
    carry_out(n, fx);
    if (!tell_members) return;
    for (const auto& [m, other] : nodes_)
      if (m != n && other.machine) {
        tell_later(m, in::known{node(n)}, microseconds(random_.below(1'000'000)));
        tell_later(n, in::known{node(m)}, microseconds(random_.below(1'000'000)));
      }
  }
  void vanish(std::uint32_t n) {
    nodes_[n].machine.reset();
    for (const auto& [m, other] : nodes_) {
      if (!other.machine) continue;
      const auto key = std::minmax(n, m);
      if (links_.contains(key)) clock.after(3s + delay(), [=, this] { cut(key); });
      if (tell_members) tell_later(m, in::gone{node(n)}, 10s);
    }
  }
  /// Loses the link between two; it comes back when one of them wants it.
  void cut(node_pair ends) {
    if (links_.erase(ends) == 0) return;
    for (const auto& [from, to] : {ends, std::pair(ends.second, ends.first)})
      tell(from, in::peer_down{node(to)});
    for (const auto& [from, to] : {ends, std::pair(ends.second, ends.first)})
      if (alive(from) && nodes_[from].wants.contains(to)) link(from, to);
  }
  template <class Message>
  void tell(std::uint32_t n, const Message& message) {
    if (!alive(n)) return;
    overlay::effects fx;
    at(n).on(message, clock.now(), fx);
    carry_out(n, fx);
  }
  void leave(std::uint32_t n) {
    overlay::effects fx;
    at(n).on(in::leave{}, fx);
    carry_out(n, fx);
    clock.after(1s, [=, this] { vanish(n); });
  }
  void run(microseconds time) { clock.run_until(clock.now() + time); }

  [[nodiscard]] bool alive(std::uint32_t n) const { return nodes_.contains(n) && nodes_.at(n).machine; }
  [[nodiscard]] std::vector<std::uint32_t> living() const {
    std::vector<std::uint32_t> all;
    for (const auto& [n, one] : nodes_)
      if (one.machine) all.push_back(n);
    return all;
  }
  /// How many hang together with the first one.
  [[nodiscard]] std::size_t reachable() {
    std::set<std::uint32_t> seen{living().front()};
    std::vector<std::uint32_t> todo(seen.begin(), seen.end());
    while (!todo.empty()) {
      const auto n = todo.back();
      todo.pop_back();
      for (const auto& id : at(n).neighbors())
        if (alive(number_of(id)) && seen.insert(number_of(id)).second) todo.push_back(number_of(id));
    }
    return seen.size();
  }
  [[nodiscard]] bool connected() { return reachable() == living().size(); }
  /// Pairs of which one alone thinks, for three seconds, that they are neighbours.
  [[nodiscard]] std::size_t one_sided() {
    const auto before = one_sided_now();
    run(3s);
    const auto after = one_sided_now();
    std::set<node_pair> both;
    std::set_intersection(before.begin(), before.end(), after.begin(), after.end(), std::inserter(both, both.end()));
    return both.size();
  }
  /// Degree -> how many nodes have it.
  [[nodiscard]] std::map<std::size_t, int> degrees() {
    std::map<std::size_t, int> all;
    for (const auto n : living())
      ++all[at(n).neighbors().size()];
    return all;
  }
  [[nodiscard]] std::size_t links_of(std::uint32_t n) const {
    std::size_t count = 0;
    for (const auto& [pair, link] : links_)
      count += pair.first == n || pair.second == n ? 1 : 0;
    return count;
  }

private:
  struct one_node {
    std::unique_ptr<overlay> machine;
    std::set<std::uint32_t> wants;
    bool contact = false;
    mono_time wake{INT64_MAX};
  };
  struct one_link {
    std::uint64_t life = 0;
    std::array<mono_time, 2> last{};
    mono_time used;
  };

  microseconds delay() { return microseconds(random_.below(static_cast<std::uint64_t>(delay_most.count()))); }

  std::set<node_pair> one_sided_now() {
    std::set<node_pair> found;
    for (const auto n : living())
      for (const auto& id : at(n).neighbors()) {
        const auto m = number_of(id);
        const auto has = [&](const std::vector<node_id>& all) {
          return std::find(all.begin(), all.end(), node(n)) != all.end();
        };
        if (!alive(m) || !has(at(m).neighbors())) found.emplace(n, m);
      }
    return found;
  }
  template <class Message>
  void tell_later(std::uint32_t n, Message message, microseconds wait) {
    clock.after(wait, [=, this] { tell(n, message); });
  }
  void link(std::uint32_t from, std::uint32_t to) {
    clock.after(delay() * 3, [=, this] {
      if (!alive(from)) return;
      const node_pair key = std::minmax(from, to);
      if (links_.contains(key)) return;
      if (!alive(to)) {
        clock.after(1s, [=, this] {
          if (alive(from) && nodes_[from].wants.contains(to)) tell(from, in::link_failed{node(to)});
        });
        return;
      }
      links_[key] = {++lives_, {}, clock.now()};
      close_when_idle(key, lives_);
      tell(from, in::peer_up{node(to)});
      tell(to, in::peer_up{node(from)});
    });
  }
  void close_when_idle(node_pair key, std::uint64_t life) {
    clock.after(limits::link_idle_max, [=, this] {
      const auto at = links_.find(key);
      if (at == links_.end() || at->second.life != life) return;
      const auto wanted = [&](std::uint32_t a, std::uint32_t b) { return alive(a) && nodes_[a].wants.contains(b); };
      const bool keep = wanted(key.first, key.second) || wanted(key.second, key.first) ||
                        clock.now() - at->second.used < limits::link_idle_max;
      if (keep) return close_when_idle(key, life);
      cut(key);
    });
  }
  void send(std::uint32_t from, std::uint32_t to, wire::mesh_message message) {
    ++messages;
    const node_pair key = std::minmax(from, to);
    const auto at = links_.find(key);
    if (at == links_.end()) return;
    at->second.used = clock.now();
    auto& last = at->second.last[from < to ? 0 : 1];
    last = std::max(last, clock.now() + delay());
    clock.at(last, [=, this, life = at->second.life, message = std::move(message)] {
      const auto now_at = links_.find(key);
      if (now_at == links_.end() || now_at->second.life != life || !alive(to)) return;
      overlay::effects fx;
      std::visit(
          [&](const auto& m) {
            if constexpr (requires { this->at(to).on(node(from), m, clock.now(), fx); })
              this->at(to).on(node(from), m, clock.now(), fx);
          },
          message);
      carry_out(to, fx);
    });
  }
  void carry_out(std::uint32_t n, const overlay::effects& fx) {
    auto& one = nodes_[n];
    for (const auto& effect : fx)
      std::visit(overloaded{[&](const out::send& s) { send(n, number_of(s.to), s.message); },
                            [&](const out::want_link& w) {
                              one.wants.insert(number_of(w.id));
                              link(n, number_of(w.id));
                            },
                            [&](const out::release_link& r) { one.wants.erase(number_of(r.id)); },
                            [&](const out::need_contact& c) {
                              one.contact = c.wanted;
                              if (c.wanted) dial_seed(n);
                            },
                            [&](const auto&) { ++changes; }},
                 effect);
    wake(n);
  }
  void dial_seed(std::uint32_t n) {
    if (n == seed_of(n) || !alive(n) || !nodes_[n].contact) return;
    link(n, seed_of(n));
    clock.after(1s + delay(), [=, this] { dial_seed(n); });
  }
  void wake(std::uint32_t n) {
    auto& one = nodes_[n];
    if (!one.machine) return;
    const auto next = one.machine->next_tick();
    if (one.wake > clock.now() && next >= one.wake) return;
    one.wake = next;
    clock.at(next, [=, this, machine = one.machine.get()] {
      auto& it = nodes_[n];
      if (it.machine.get() != machine || it.wake != next) return;
      it.wake = mono_time{INT64_MAX};
      overlay::effects fx;
      it.machine->tick(clock.now(), fx);
      carry_out(n, fx);
    });
  }

  seeded_random random_;
  std::map<std::uint32_t, one_node> nodes_;
  std::map<node_pair, one_link> links_;
  std::uint64_t lives_ = 0;
};

} // namespace weft::membership
