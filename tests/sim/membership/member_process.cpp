#include "tests/sim/membership/member_process.hpp"

#include "tests/sim/membership/incarnation_file.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

using namespace std::chrono_literals;
using membership::link_end;
using membership::peer_link;

constexpr wall_time certified{1'760'000'000'000'000}; // 2025-10-09: before the simulated clocks begin

link_end end_of(close_cause cause) {
  switch (cause) {
  case close_cause::closed: return link_end::closed;
  case close_cause::broken: return link_end::broken;
  case close_cause::silent: break;
  }
  return link_end::silent;
}

} // namespace

member_process::member_process(environment& around, member_setup setup)
    : around_(around), authority_(around.identity()), setup_(std::move(setup)), kept_(around.disk()) {
  facts_.addresses = {around_.address()};
  facts_.zone = setup_.zone;
  facts_.roles = fake_roles;
  facts_.versions_min = facts_.versions_max = 1;
}

instant member_process::now() const { return {around_.clock().mono(), around_.clock().wall()}; }

void member_process::on_start() {
  const auto last = load_count(around_.disk());
  if (!last) return;
  membership::membership_options options;
  options.identity.bytes = certificate();
  options.self = authority_.read_identity(options.identity.bytes.view(), now().wall).value();
  options.last = wire::incarnation{*last};
  options.facts = facts_;
  options.stores = stores();
  for (const auto seed : setup_.seeds)
    if (around_.host() != seed) options.seeds.push_back({{world::dns_name(seed)}, {}});
  membership_t::effects wanted;
  machine_ = std::make_unique<membership_t>(authority_, std::move(options), around_.random(), now(), wanted);
  machine_->restore(kept_.load(), now(), wanted);
  carry_out(wanted);
}

shared_bytes member_process::certificate() const {
  return certificate_of({around_.identity(), node_number{around_.host().value() + 1}, certified});
}

std::string member_process::name() const { return fmt::format("n{}", around_.host().value() + 1); }

std::optional<link_id> member_process::link_to(const node_id& peer) const {
  const auto found = linked_.find(peer);
  return found == linked_.end() ? std::nullopt : std::optional(found->second);
}

void member_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  std::optional<membership::dial_number> dial;
  if (dialed != nullptr) {
    const auto found = std::ranges::find(dials_, *dialed, [](const auto& item) { return item.second; });
    if (found == dials_.end()) return around_.close(link); // the dial was stopped
    dial = found->first;
    dials_.erase(found);
  }
  if (!machine_) return around_.close(link);
  peers_[link] = peer;
  feed(membership_t::in::link_opened{peer_link{link.value()}, peer, dial});
}

void member_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  if (!wire::is_mesh_message(control)) {
    const auto peer = peers_.find(link);
    if (peer == peers_.end()) return; // it was closed here
    feed(membership_t::in::traffic{peer_link{link.value()}});
    return other_frame(link, peer->second, control, payload);
  }
  const auto message = wire::decode_mesh_message(control);
  if (!message) return around_.fail("decoder", message.error().message());
  feed(membership_t::in::message{peer_link{link.value()}, *message});
}

void member_process::other_frame(link_id link, const node_id& from, const shared_bytes& control,
                                 const shared_bytes& payload) {
  static_cast<void>(link), static_cast<void>(from), static_cast<void>(payload);
  const auto message = wire::decode_mesh_message(control);
  around_.fail("decoder", message ? "a frame of another kind" : message.error().message());
}

void member_process::on_link_closed(link_id link, close_cause cause) {
  peers_.erase(link);
  feed(membership_t::in::link_closed{peer_link{link.value()}, end_of(cause)});
}

void member_process::on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) {
  static_cast<void>(address), static_cast<void>(cause);
  const auto found = std::ranges::find(dials_, dial, [](const auto& item) { return item.second; });
  if (found == dials_.end()) return;
  const auto number = found->first;
  dials_.erase(found);
  feed(membership_t::in::dial_failed{number});
}

void member_process::on_timer() {
  save_when_due();
  if (!machine_) return;
  membership_t::effects wanted;
  machine_->tick(now(), wanted);
  carry_out(wanted);
}

void member_process::on_stop() { feed(membership_t::in::leave{}); }

void member_process::change_topics(const std::string& prefix) {
  auto& prefixes = facts_.topics.prefixes;
  const auto place = std::ranges::lower_bound(prefixes, prefix);
  if (place != prefixes.end() && *place == prefix)
    prefixes.erase(place);
  else if (prefixes.size() < limits::summary_prefixes_max)
    prefixes.insert(place, prefix);
  feed(membership_t::in::facts{facts_});
}

// --- what the machine wants

void member_process::carry_out(membership_t::effects& wanted) {
  for (std::size_t next = 0; next < wanted.size() && machine_; ++next)
    std::visit([this](const auto& effect) { do_it(effect); },
               std::exchange(wanted[next], membership_t::out::unreachable{}));
  rearm();
}

void member_process::rearm() {
  if (!machine_) return;
  auto next = machine_->next_tick();
  if (saving_) next = std::min(next, saving_->until);
  around_.arm(std::min(next, next_turn().value_or(next)));
}

void member_process::do_it(const membership_t::out::peer_up& up) {
  linked_[up.peer] = link_id{up.link.value()};
  peer_up(up.peer);
}

void member_process::do_it(const membership_t::out::peer_down& down) {
  linked_.erase(down.peer);
  peer_down(down.peer);
}

void member_process::do_it(const membership_t::out::dial& dial) { dials_[dial.dial] = around_.dial(dial.address); }

void member_process::do_it(const membership_t::out::close& close) {
  peers_.erase(link_id{close.link.value()});
  around_.close(link_id{close.link.value()});
  feed(membership_t::in::link_closed{close.link, link_end::closed});
}

void member_process::do_it(const membership_t::out::send& send) {
  static_cast<void>(around_.send(link_id{send.link.value()}, encode(send.message), {}));
}

/// Now and then it takes so long that the node hears of others, and of itself, before.
void member_process::do_it(const membership_t::out::persist& wish) {
  const auto longest = around_.random().below(4) == 0 ? microseconds{2s} : microseconds{20ms};
  const auto takes = around_.random().below(static_cast<std::uint64_t>(longest.count()));
  saving_ = saving{wish.incarnation, now().mono + microseconds{static_cast<std::int64_t>(takes)}};
}

void member_process::save_when_due() {
  if (!machine_ || !saving_ || now().mono < saving_->until) return;
  const auto incarnation = std::exchange(saving_, std::nullopt)->incarnation;
  if (save_count(around_.disk(), incarnation.value())) return feed(membership_t::in::persisted{incarnation});
  machine_.reset(); // it must not go on under an old one
}

void member_process::do_it(const membership_t::out::happened& event) {
  using membership::directory_event;
  if (const auto* changed = std::get_if<directory_event::state_changed>(&event.what))
    if (changed->after == membership::member_state::dead) deaths_.emplace_back(changed->node, now().mono);
  happened(event);
}

} // namespace weft::sim
