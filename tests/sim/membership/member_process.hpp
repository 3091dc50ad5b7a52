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

/// How a simulated member begins.
struct member_setup {
  bool keeps_members = true;         ///< over restarts; without, a start costs less and knows the seed only
  std::vector<host_index> seeds{{}}; ///< host 0, as the invitation of every node would have it
  std::string zone{};
};

/// Carries out what a membership wants. Who is more than a member is told what its flows need to know, and has its own
/// frames and time.
class member_process : public process {
public:
  explicit member_process(environment& around, member_setup setup = {});

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

  [[nodiscard]] std::string name() const;

protected:
  using membership_t = membership::node_membership;

  // What a member alone has no use for.
  virtual void peer_up(const node_id& peer) { static_cast<void>(peer); }
  virtual void peer_down(const node_id& peer) { static_cast<void>(peer); }
  virtual void unreachable(const node_id& peer) { static_cast<void>(peer); }
  virtual void happened(const membership_t::out::happened& event) { static_cast<void>(event); }
  /// Of further kinds of items.
  [[nodiscard]] virtual std::vector<membership::item_store*> stores() { return {}; }
  /// A frame that is not the membership's.
  virtual void other_frame(link_id link, const node_id& from, const shared_bytes& control, const shared_bytes& payload);
  /// When on_timer has something to do besides the membership, if ever.
  [[nodiscard]] virtual std::optional<mono_time> next_turn() const { return std::nullopt; }

  template <class In>
  void feed(In input) {
    if (!machine_) return;
    membership_t::effects wanted;
    machine_->on(std::move(input), now(), wanted);
    carry_out(wanted);
  }
  void rearm();
  [[nodiscard]] instant now() const;
  [[nodiscard]] environment& around() const noexcept { return around_; }
  [[nodiscard]] shared_bytes certificate() const;

  /// What the next record says; told to the membership by feed() once that is there.
  [[nodiscard]] membership::own_facts& facts() noexcept { return facts_; }
  /// Over which what is for the peer goes.
  [[nodiscard]] std::optional<link_id> link_to(const node_id& peer) const;

private:
  void carry_out(membership_t::effects& wanted);
  void do_it(const membership_t::out::dial& dial);
  void do_it(const membership_t::out::stop_dialling& stop) { dials_.erase(stop.dial); }
  void do_it(const membership_t::out::close& close);
  void do_it(const membership_t::out::send& send);
  void do_it(const membership_t::out::persist& wish);
  void save_when_due();
  void do_it(const membership_t::out::keep& item) {
    if (setup_.keeps_members) kept_.keep(item.member, item.identity, item.record);
  }
  void do_it(const membership_t::out::forget& gone) { kept_.forget(gone.member); }
  void do_it(const membership_t::out::peer_up& up);
  void do_it(const membership_t::out::peer_down& down);
  void do_it(const membership_t::out::unreachable& node) { unreachable(node.peer); }
  void do_it(const membership_t::out::happened& event);

  environment& around_;
  fake_authority authority_;
  member_setup setup_;
  kept_members kept_;
  std::unique_ptr<membership_t> machine_;
  membership::own_facts facts_;
  std::map<membership::dial_number, dial_id> dials_;
  std::map<link_id, node_id> peers_;  // of all open links
  std::map<node_id, link_id> linked_; // the one to use
  std::vector<std::pair<node_id, mono_time>> deaths_;
  struct saving {
    wire::incarnation incarnation;
    mono_time until;
  };
  std::optional<saving> saving_; // a thread of its own does it: the rest goes on meanwhile
};

} // namespace weft::sim
