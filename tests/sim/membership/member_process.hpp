// tests/sim/membership/member_process.hpp: a node that is a member of a mesh and nothing more, on a simulated machine.
#pragma once
#include "mesh/membership/node_membership.hpp"
#include "tests/sim/environment.hpp"
#include "tests/sim/membership/fake_authority.hpp"
#include "tests/sim/membership/kept_members.hpp"

#include <functional>
#include <map>
#include <memory>

namespace weft::sim {

/// Carries out what a membership wants. Its seed is host 0, as the invitation of every node would have it.
class member_process final : public process {
public:
  /// @param keeps_members  over restarts; without, a start costs less and knows the seed only
  explicit member_process(environment& around, bool keeps_members = true);

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;
  void on_stop() override;

  /// Null when the disk did not let it start, or persist an incarnation: such a node has ended itself.
  [[nodiscard]] const membership::node_membership* member() const noexcept { return machine_.get(); }
  /// Members that this one has concluded to be dead since it started, with the time on its own clock.
  [[nodiscard]] const std::vector<std::pair<node_id, mono_time>>& deaths() const noexcept { return deaths_; }
  /// What the node says of itself changes, as topics come.
  void change_topics(const std::string& prefix);

private:
  using membership_t = membership::node_membership;

  void carry_out(membership_t::effects& wanted);
  void do_it(const membership_t::out::dial& dial);
  void do_it(const membership_t::out::stop_dialling& stop) { dials_.erase(stop.dial); }
  void do_it(const membership_t::out::close& close);
  void do_it(const membership_t::out::send& send);
  void do_it(const membership_t::out::persist& wish);
  void do_it(const membership_t::out::keep& item) {
    if (keeps_members_) kept_.keep(item.member, item.identity, item.record);
  }
  void do_it(const membership_t::out::forget& gone) { kept_.forget(gone.member); }
  void do_it(const membership_t::out::peer_up&) {}
  void do_it(const membership_t::out::peer_down&) {}
  void do_it(const membership_t::out::unreachable&) {}
  void do_it(const membership_t::out::happened& event);
  template <class In>
  void feed(In input);
  [[nodiscard]] instant now() const;

  environment& around_;
  fake_authority authority_;
  bool keeps_members_;
  kept_members kept_;
  std::unique_ptr<membership_t> machine_;
  membership::own_facts facts_;
  std::map<membership::dial_number, dial_id> dials_;
  std::vector<std::pair<node_id, mono_time>> deaths_;
  bool ended_ = false; // by itself
};

} // namespace weft::sim
