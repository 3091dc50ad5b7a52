#include "tests/sim/membership/member_checkers.hpp"

#include "tests/sim/membership/member_process.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <xxhash.h>

namespace weft::sim {
namespace {

using membership::member_state;

const membership::node_membership* member_on(const world& w, host_index host) {
  const auto* process = static_cast<const member_process*>(w.process_of(host));
  return process == nullptr ? nullptr : process->member();
}

bool contains(const std::vector<node_id>& all, const node_id& one) { return std::ranges::find(all, one) != all.end(); }

std::string short_name(const node_id& id) { return to_string(id).substr(0, 8); }

class records final : public checker {
public:
  explicit records(world& on) : world_(on) {}
  std::string_view name() const override { return "records_are_their_nodes"; }

  void on_step(host_index host) override {
    const auto* member = member_on(world_, host);
    if (member == nullptr) return;
    note_own(world_.identity(host), *member);
    for (const auto& [id, known] : member->members().members())
      if (const auto made = newest_.find(id); made == newest_.end() || known.record.incarnation > made->second)
        return world_.fail(name(), fmt::format("h{} has incarnation {} of {}, which never was", host.value(),
                                               known.record.incarnation.value(), short_name(id)));
      else if (contradicts(id, known.record))
        return world_.fail(name(), fmt::format("h{} has incarnation {} in a record that {} made in another one",
                                               host.value(), known.record.incarnation.value(), short_name(id)));
  }

  void on_host(host_index host, host_change change) override {
    if (change == host_change::wiped || change == host_change::restored || change == host_change::cloned)
      copied_.insert(world_.identity(host));
  }

private:
  /// Not where a node made several records in one step: of those the last is known here.
  [[nodiscard]] bool contradicts(const node_id& id, const wire::node_record& record) const {
    const auto made = made_at_.find({id, record.announced});
    return made != made_at_.end() && !copied_.contains(id) && !made->second.contains(record.incarnation);
  }
  static std::uint64_t hash_of(const wire::node_record& record) {
    const auto bytes = encode(record);
    return XXH3_64bits(bytes.data(), bytes.size());
  }
  void note_own(const node_id& id, const membership::node_membership& member) {
    const auto own = member.incarnation();
    if (!own) return;
    auto& newest = newest_[id];
    newest = std::max(newest, *own);
    const auto* record = member.members().find(id);
    if (record == nullptr || record->record.incarnation != *own || copied_.contains(id)) return;
    made_at_[{id, record->record.announced}].insert(*own);
    const auto hash = hash_of(record->record);
    const auto [found, fresh] = said_.try_emplace({id, own->value(), record->record.revision}, hash);
    if (!fresh && found->second != hash)
      world_.fail(name(), fmt::format("{} said two things as revision {} of incarnation {}", short_name(id),
                                      record->record.revision, own->value()));
  }

  world& world_;
  std::map<node_id, wire::incarnation> newest_;
  std::map<std::tuple<node_id, std::uint64_t, std::uint64_t>, std::uint64_t> said_;
  std::map<std::pair<node_id, wall_time>, std::set<wire::incarnation>> made_at_; // by when it was announced
  std::set<node_id> copied_; // identities that were on two disks, or lost theirs
};

class degree final : public checker {
public:
  explicit degree(world& on) : world_(on) {}
  std::string_view name() const override { return "degree_is_bounded"; }
  void on_step(host_index host) override {
    const auto* member = member_on(world_, host);
    if (member != nullptr && member->neighbors().size() > limits::active_view_max)
      world_.fail(name(), fmt::format("h{} has {} neighbours", host.value(), member->neighbors().size()));
  }

private:
  world& world_;
};

class all_known final : public checker {
public:
  std::string_view name() const override { return "all_know_all"; }
  bool converged(world& on) override { return missing(on).empty(); }

  std::string missing(world& on) override {
    std::vector<host_index> running;
    for (std::uint32_t i = 0; i < on.hosts(); ++i)
      if (member_on(on, host_index{i}) != nullptr) running.emplace_back(i);
    for (const auto here : running)
      for (const auto there : running)
        if (auto what = unknown(on, here, there); !what.empty()) return what;
    return parted(on, running);
  }

private:
  static std::string unknown(world& on, host_index here, host_index there) {
    const auto* knows = member_on(on, here)->members().find(on.identity(there));
    const auto& other = *member_on(on, there);
    const auto* itself = other.members().find(on.identity(there));
    const auto names = fmt::format("h{} of h{}", here.value(), there.value());
    if (knows == nullptr) return names + ": nothing is known";
    if (knows->state != member_state::alive) return fmt::format("{}: {}", names, to_string(knows->state));
    if (itself == nullptr || knows->record.incarnation != other.incarnation() ||
        knows->record.revision != itself->record.revision)
      return names + ": an old record";
    if (contains(member_on(on, here)->neighbors(), on.identity(there)) &&
        !contains(other.neighbors(), on.identity(here)))
      return names + ": neighbour of one side only";
    return {};
  }

  static std::string parted(world& on, const std::vector<host_index>& running) {
    if (running.empty()) return {};
    std::map<node_id, host_index> by_id;
    for (const auto host : running)
      by_id.emplace(on.identity(host), host);
    std::set<node_id> reached{on.identity(running.front())};
    std::vector<node_id> open(reached.begin(), reached.end());
    while (!open.empty()) {
      const auto next = by_id.find(open.back());
      open.pop_back();
      if (next == by_id.end()) continue;
      for (const auto& neighbor : member_on(on, next->second)->neighbors())
        if (reached.insert(neighbor).second) open.push_back(neighbor);
    }
    return reached.size() >= by_id.size() ? std::string()
                                          : fmt::format("{} of {} hang together", reached.size(), by_id.size());
  }
};

/// An eviction that the other side does not hear of ends when the link idles out; by then it was there far too long.
class mutual final : public checker {
public:
  explicit mutual(world& on) : world_(on) {}
  std::string_view name() const override { return "neighbours_are_mutual"; }

  void on_step(host_index host) override {
    constexpr microseconds patience{10'000'000}; // a message under way, or one that a clog held
    const auto* member = member_on(world_, host);
    if (!healing_ || member == nullptr) return;
    const auto& self = world_.identity(host);
    std::erase_if(one_sided_, [&](const auto& item) {
      return item.first.first == self && !contains(member->neighbors(), item.first.second);
    });
    for (const auto& id : member->neighbors()) {
      const auto* other = by_id(id);
      if (other == nullptr || contains(other->neighbors(), self)) {
        one_sided_.erase({self, id});
        continue;
      }
      const auto since = one_sided_.try_emplace({self, id}, world_.now()).first->second;
      if (world_.now().us - since.us > patience.count())
        return world_.fail(name(),
                           fmt::format("h{} holds {} for a neighbour, which does not", host.value(), short_name(id)));
    }
  }
  bool converged(world&) override {
    healing_ = true;
    return true;
  }

private:
  const membership::node_membership* by_id(const node_id& id) const {
    for (std::uint32_t host = 0; host < world_.hosts(); ++host)
      if (world_.identity(host_index{host}) == id) return member_on(world_, host_index{host});
    return nullptr;
  }

  world& world_;
  bool healing_ = false;
  std::map<std::pair<node_id, node_id>, virtual_time> one_sided_;
};

class false_deaths final : public checker {
public:
  explicit false_deaths(world& on) : world_(on) {}
  std::string_view name() const override { return "nobody_dies_of_a_pause"; }
  void on_step(host_index host) override {
    const auto* process = static_cast<const member_process*>(world_.process_of(host));
    if (process == nullptr || process->deaths().empty()) return;
    world_.fail(name(), fmt::format("h{} holds {} dead", host.value(), short_name(process->deaths().front().first)));
  }

private:
  world& world_;
};

class forgotten final : public checker {
public:
  explicit forgotten(world& on) : world_(on) {}
  std::string_view name() const override { return "the_dead_are_forgotten"; }
  void on_step(host_index host) override {
    constexpr auto slack = std::chrono::minutes(10);
    const auto* member = member_on(world_, host);
    if (member == nullptr) return;
    const auto now = world_.clock(host).mono();
    for (const auto& [id, known] : member->members().members())
      if ((known.state == member_state::dead || known.state == member_state::left) &&
          now - known.since > limits::member_expiry + slack)
        world_.fail(name(), fmt::format("h{} still knows {}, {} for {} h", host.value(), short_name(id),
                                        to_string(known.state), (now - known.since) / std::chrono::hours(1)));
  }

private:
  world& world_;
};

} // namespace

std::unique_ptr<checker> records_are_their_nodes(world& on) { return std::make_unique<records>(on); }
std::unique_ptr<checker> degree_is_bounded(world& on) { return std::make_unique<degree>(on); }
std::unique_ptr<checker> all_know_all() { return std::make_unique<all_known>(); }
std::unique_ptr<checker> neighbours_are_mutual(world& on) { return std::make_unique<mutual>(on); }
std::unique_ptr<checker> nobody_dies_of_a_pause(world& on) { return std::make_unique<false_deaths>(on); }
std::unique_ptr<checker> the_dead_are_forgotten(world& on) { return std::make_unique<forgotten>(on); }

} // namespace weft::sim
