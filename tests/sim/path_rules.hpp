// tests/sim/path_rules.hpp: which machine's bytes reach which, as faults have it at the moment.
#pragma once
#include "tests/sim/process.hpp"

#include <cstdint>
#include <vector>

namespace weft::sim {

/// Hosts by index; those past its end are not in it.
class host_set {
public:
  host_set() = default;
  host_set(std::initializer_list<host_index> hosts) {
    for (const auto host : hosts)
      add(host);
  }
  void add(host_index host) {
    if (host.value() >= in_.size()) in_.resize(host.value() + 1);
    in_[host.value()] = true;
  }
  /// Everybody but those in it, however many there are.
  [[nodiscard]] host_set others() const {
    auto rest = *this;
    rest.inverted_ = !inverted_;
    return rest;
  }
  [[nodiscard]] static host_set all() { return host_set{}.others(); }
  [[nodiscard]] bool has(host_index host) const noexcept {
    return (host.value() < in_.size() && in_[host.value()]) != inverted_;
  }

private:
  std::vector<bool> in_;
  bool inverted_ = false;
};

/// What a rule does to the way from a host of one set to a host of another.
enum class path_effect : std::uint8_t {
  cut,        ///< nothing comes through; TCP holds what is sent, and a dial has no reply
  clog,       ///< the same for frames, but dials only wait
  undialable, ///< dials have no reply: a segment or NAT; links that are there go on
};

struct path_rule {
  path_effect effect = path_effect::cut;
  host_set from;
  host_set to;
  [[nodiscard]] bool covers(host_index a, host_index b) const noexcept { return from.has(a) && to.has(b); }
};

using rule_id = strong<struct rule_tag, std::uint64_t>;

/// The rules in force. There are few, and they are asked when a link or a dial begins, not for each frame.
class path_rules {
public:
  rule_id add(path_rule rule) {
    rules_.push_back({rule_id{++last_}, std::move(rule)});
    return rule_id{last_};
  }
  /// The rule that no longer holds. @pre it is in force
  path_rule remove(rule_id id);

  /// How many rules keep frames from passing.
  [[nodiscard]] std::uint32_t blocks(host_index from, host_index to) const noexcept;
  [[nodiscard]] bool cut(host_index from, host_index to) const noexcept {
    return count(path_effect::cut, from, to) > 0;
  }
  [[nodiscard]] bool dialable(host_index from, host_index to) const noexcept {
    return count(path_effect::undialable, from, to) == 0 && !cut(from, to);
  }

private:
  struct entry {
    rule_id id;
    path_rule rule;
  };
  [[nodiscard]] std::uint32_t count(path_effect effect, host_index from, host_index to) const noexcept;

  std::vector<entry> rules_;
  std::uint64_t last_ = 0;
};

} // namespace weft::sim
