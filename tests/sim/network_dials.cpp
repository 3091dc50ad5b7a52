// How links come to be: a dial travels to an address, its answer travels back, then the link is there.
#include "tests/sim/network.hpp"

namespace weft::sim {

dial_id network::dial(host_index from, const std::string& address, virtual_time not_before) {
  const auto id = ++last_dial_;
  const auto found = addresses_.find(address);
  pending_dial dial{from, at(from).starts, address, {}};
  if (found != addresses_.end()) dial.to = found->second;
  dial.refused = dial.to == from; // nobody needs a link to itself
  trace_.line(queue_.now(), from, happened::dial, id, dial.to ? dial.to->value() : ~std::uint64_t{0});
  ask(not_before + options_.dial_timeout, turn::dial_over, id);
  if (dial.refused)
    ask(not_before, turn::dial_answered, id);
  else if (dial.to && rules_.dialable(from, *dial.to))
    ask(not_before + latency(from, *dial.to) + jitter(), turn::dial_comes, id);
  dials_.emplace(id, std::move(dial));
  return dial_id{id};
}

void network::dial_comes(std::uint64_t id) {
  constexpr microseconds tries_again{20'000};
  const auto found = dials_.find(id);
  if (found == dials_.end()) return;
  auto& dial = found->second;
  const auto to = *dial.to;
  if (rules_.blocks(dial.from, to) > 0) {
    if (!rules_.cut(dial.from, to)) ask(queue_.now() + tries_again, turn::dial_comes, id);
  } else if (at(to).listening) {
    to_.deliver(to, {delivery::kind::dial, id});
  } else if (!at(to).vanished && !rules_.cut(to, dial.from)) {
    dial.refused = true;
    ask(queue_.now() + latency(to, dial.from) + jitter(), turn::dial_answered, id);
  }
}

void network::take_dial(std::uint64_t id) {
  const auto found = dials_.find(id);
  if (found == dials_.end() || rules_.cut(*found->second.to, found->second.from)) return;
  auto& dial = found->second;
  dial.to_starts = at(*dial.to).starts;
  ask(queue_.now() + latency(*dial.to, dial.from) + jitter(), turn::dial_answered, id);
}

void network::take_answer(std::uint64_t id, process& by) {
  const auto found = dials_.find(id);
  if (found == dials_.end()) return;
  const auto dial = std::move(found->second);
  dials_.erase(found);
  if (at(dial.from).starts != dial.from_starts) return; // another process dialled
  const dial_id dialed{id};
  const bool refused =
      dial.refused || (!dial.over && (!at(*dial.to).listening || at(*dial.to).starts != dial.to_starts));
  if (dial.over || refused) {
    const bool answered = refused && (dial.refused || !at(*dial.to).vanished);
    const auto cause = answered ? dial_cause::refused : dial_cause::no_reply;
    trace_.line(queue_.now(), dial.from, happened::dial_failed, id, static_cast<std::uint8_t>(cause));
    by.on_dial_failed(dialed, dial.address, cause);
    return;
  }
  const auto made = make_link(dial.from, *dial.to);
  trace_.line(queue_.now(), dial.from, happened::opened, made.value(), dial.to->value(), id);
  by.on_link_opened(made, at(*dial.to).identity, &dialed);
}

} // namespace weft::sim
