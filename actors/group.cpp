#include "actors/group_role.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>

namespace weft::actors {

void group_ref::join(group_seat_ptr seat) const { to_.tell({message::member_joins{std::move(seat)}, {}}); }
void group_ref::word(group_seat_ptr seat, member_word said) const {
  to_.tell({message::member_says{std::move(seat), std::move(said)}, {}});
}
void group_ref::leave(group_seat_ptr seat, bool ended) const {
  to_.tell({message::member_leaves{std::move(seat), ended}, {}});
}

void group_ref::hand_back(reply<void> to) const { to_.tell({message::hand_back_asked{std::move(to)}, {}}); }
void group_ref::taken_up(delivery::group_record taken, reply<void> to) const {
  to_.tell({message::taken_up_elsewhere{std::move(taken), std::move(to)}, {}});
}

void group_ref::status(reply<std::optional<group_status>> to) const {
  to_.tell({message::status_asked{std::move(to)}, {}});
}
void group_ref::unpark(std::optional<delivery::hashed_key> key, reply<std::size_t> to) const {
  to_.tell({message::unpark_asked{key, std::move(to)}, {}});
}
void group_ref::seek(delivery::group_record known, log_position at, bool force, reply<void> to) const {
  to_.tell({message::seek_asked{std::move(known), at, force, std::move(to)}, {}});
}
void group_ref::move(delivery::group_record known, std::string node, reply<void> to) const {
  to_.tell({message::move_asked{std::move(known), std::move(node), std::move(to)}, {}});
}
void group_ref::remove(std::string name, bool force, reply<void> to) const {
  to_.tell({message::removal_asked{std::move(name), force, std::move(to)}, {}});
}

result<group_ref> group_table::of(node_services& services, const std::string& name) {
  const std::lock_guard locked{mutex_};
  return held(services, {services.own_log, name});
}

result<group_ref> group_table::join(node_services& services, const group_seat_ptr& seat) {
  const std::lock_guard locked{mutex_};
  auto group = held(services, {seat->wanted.log.value_or(services.own_log), seat->wanted.member->group});
  if (group) group->join(seat);
  return group;
}

std::optional<group_ref> group_table::at_work(const log_id& log, const std::string& name) {
  const std::lock_guard locked{mutex_};
  const auto found = groups_.find({log, name});
  return found == groups_.end() ? std::nullopt : std::optional(found->second);
}

void group_table::hand_back(const log_id& log, const std::string& name, const reply<void>& to) {
  const std::lock_guard locked{mutex_};
  const auto found = groups_.find({log, name});
  if (found == groups_.end()) return to({});
  found->second.hand_back(to);
}

bool group_table::taken_up(const log_id& log, const delivery::group_record& taken, const reply<void>& to) {
  const std::lock_guard locked{mutex_};
  const auto found = groups_.find({log, taken.name});
  if (found == groups_.end()) return false;
  found->second.taken_up(taken, to);
  return true;
}

void group_table::retire(const log_id& log, const std::string& name, const group_ref& who) {
  const std::lock_guard locked{mutex_};
  if (const auto found = groups_.find({log, name}); found != groups_.end() && found->second == who)
    groups_.erase(found);
}

// Needs the lock.
result<group_ref> group_table::held(node_services& services, const key& of) {
  if (const auto found = groups_.find(of); found != groups_.end()) return found->second;
  if (groups_.size() >= limits::groups_max)
    return fail(errc::busy, fmt::format("{} groups read logs at {}, the most there are: delete one that is over",
                                        groups_.size(), services.facts.name));
  const auto at = services.system.reserve();
  const group_ref made(port::ref<group_ref::message>{at});
  const auto& [log, name] = of;
  services.supervisor.adopt({kinds::group,
                             "group " + name,
                             at,
                             [&services, log = log, name = name, known = std::make_shared<group_memory>(), made] {
                               return make_group(services, log, name, known, made);
                             },
                             {}});
  return groups_.emplace(of, made).first->second;
}

} // namespace weft::actors
