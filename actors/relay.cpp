#include "actors/relay_role.hpp"

#include "actors/router.hpp"
#include "mesh/routing/relay.hpp"
#include "mesh/wire/entry.hpp"

#include <fmt/format.h>
#include <map>
#include <variant>

namespace weft::actors {

std::uint64_t events_in(const shared_bytes& payload, const log_id& log, epoch opening) {
  const auto seed = wire::checksum_seed(log, opening);
  std::uint64_t events = 0;
  for (std::size_t at = 0; at < payload.size();) {
    const auto header = wire::decode_header(payload.view().subspan(at), seed);
    if (!header || header->stored_bytes() > payload.size() - at) break;
    if (!wire::has(header->flags, wire::entry_flags::extract))
      events += header->count;
    else if (const auto batch =
                 wire::batch_view::verify(payload.slice(at + limits::entry_header_bytes, header->body_length)))
      events += batch->count();
    at += header->stored_bytes();
  }
  return events;
}

namespace {

/// What outlives a crash of the relay: its flows, which know where they are, and what it asked of hops.
struct relay_memory {
  std::map<std::uint64_t, std::shared_ptr<relay_downstream>> flows;
  std::map<std::uint64_t, node_id> asked; // by number
};

class relay final : public port::role_of<relay_ref::message> {
public:
  relay(node_services& services, router_ref router, wire::demand wanted, std::shared_ptr<relay_memory> known)
      : services_(services),
        router_(std::move(router)),
        wanted_(std::move(wanted)),
        known_(std::move(known)),
        machine_(*wanted_.log, !wanted_.name.empty()) {}

  ~relay() override { services_.relay_bytes -= held_; }

private:
  using told = relay_ref::message;
  using machine = routing::relay;
  using in = machine::in;
  using out = machine::out;
  struct leg {
    std::uint64_t number = 0; // of the demand, unique in the process
    node_id hop;
    std::uint64_t flow = 0; // the hop's number for it
    link_output_ptr output; // none before it opened
  };

  void count_bytes() {
    const std::uint64_t now = machine_.buffered_bytes();
    services_.relay_bytes += now - held_; // modulo 2^64, as it is less
    held_ = now;
  }

  void begin() override {
    for (const auto& [number, hop] : known_->asked)
      router_.withdraw(hop, number);
    known_->asked.clear();
    for (const auto& [id, flow] : known_->flows)
      join(*flow);
    carry_out();
    router_.ask_route(relay_ref(me()));
  }

  void on(const relay_ref::message& message) override {
    const bool full = services_.relay_bytes >= services_.settings.relay_bytes_max;
    machine_.hold_at_most(full ? limits::relay_tail_bytes : limits::relay_buffer_bytes);
    std::visit([this](const auto& content) { handle(content); }, message.content);
    carry_out();
  }

  // --- hops

  void handle(const told::route_chosen& chosen) {
    machine_.on(in::route{chosen.hop, chosen.withdraw_first, chosen.source}, fx_);
  }
  void handle(const told::route_lost&) { machine_.on(in::no_route{}, fx_); }
  void handle(const told::hop_lost& lost) {
    for (auto at = legs_.begin(); at != legs_.end();)
      if (const auto here = at++; here->second.hop == lost.hop) forget(here);
    machine_.on(in::hop_lost{lost.hop}, fx_);
  }
  void handle(const told::ask_again&) {
    asks_again_ = false;
    machine_.on(in::again{}, fx_);
  }

  // --- legs

  using legs = std::map<std::uint64_t, leg>;

  legs::iterator by_number(std::uint64_t number) {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? legs_.end() : legs_.find(found->second);
  }
  /// Also when its link is gone: another one of the same node may have got the demand.
  void forget(legs::iterator at) {
    router_.withdraw(at->second.hop, at->second.number);
    known_->asked.erase(at->second.number);
    by_number_.erase(at->second.number);
    legs_.erase(at);
  }

  void handle(const told::leg_began& began) {
    const auto at = by_number(began.opened.subscription);
    if (at == legs_.end()) return;
    at->second.flow = began.opened.flow;
    at->second.output = began.output;
    node_ = began.opened.node;
    path_ = began.opened.path;
    if (path_.size() < limits::path_nodes_max) path_.push_back(services_.facts.name);
    for (const auto& [id, flow] : known_->flows)
      flow->set_path(path_);
    machine_.on(in::leg_opened{at->first, began.opened.at}, fx_);
    carry_out();
    for (const auto& [id, flow] : known_->flows)
      if (flow->committed()) send_commit(*flow);
  }
  void handle(const told::leg_sent& sent) {
    const auto at = by_number(sent.demand);
    if (at != legs_.end()) machine_.on(in::leg_run{at->first, sent.run, sent.payload}, fx_);
  }
  void handle(const told::leg_fell_silent& silent) {
    if (const auto at = by_number(silent.demand); at != legs_.end()) machine_.on(in::leg_silent{at->first}, fx_);
  }
  void handle(const told::leg_ended& ended) {
    const auto at = by_number(ended.demand);
    if (at == legs_.end()) return;
    const auto number = at->first;
    forget(at);
    machine_.on(in::leg_closed{number, ended.why}, fx_);
  }

  // Words of groups are for passages.
  void handle(const told::member_spoke&) {}
  void handle(const told::member_ended&) {}
  void handle(const told::source_spoke&) {}

  // --- flows

  void join(relay_downstream& flow) {
    machine_.on(flow.join([to = me(), id = flow.id()](link_room::place place) {
      to.tell({told::room_granted{id, std::move(place)}});
    }),
                fx_);
  }
  void handle(const told::flow_joined& joined) {
    known_->flows.emplace(joined.flow->id(), joined.flow);
    join(*joined.flow);
    static_cast<void>(joined.flow->go_on({})); // of another relay's: what it waits for would be told there
  }
  void handle(const told::flow_released& released) {
    const auto found = known_->flows.extract(released.flow);
    if (!found) return; // it ended here
    machine_.on(in::leave{released.flow}, fx_);
    router_.released(found.mapped());
  }
  void handle(const told::flow_left& left) {
    if (const auto found = known_->flows.find(left.flow); found != known_->flows.end()) {
      found->second->drop();
      known_->flows.erase(found);
    }
    machine_.on(in::leave{left.flow}, fx_);
  }
  relay_downstream* find(std::uint64_t flow) {
    const auto found = known_->flows.find(flow);
    return found == known_->flows.end() ? nullptr : found->second.get();
  }
  void handle(const told::credit_given& given) {
    if (auto* flow = find(given.flow)) flow->credit(given.limit);
  }
  void handle(const told::room_granted& granted) {
    if (auto* flow = find(granted.flow); flow && flow->go_on(granted.place)) join(*flow);
  }
  void handle(const told::committed& commit) {
    if (auto* flow = find(commit.flow); flow && flow->commit(commit.until)) send_commit(*flow);
  }
  /// Up the leg that serves it, at once or when the next one has opened.
  void send_commit(const relay_downstream& flow) {
    const auto* serving = machine_.serving(flow.id());
    if (serving == nullptr || !*serving || !(*serving)->open) return;
    const auto& up = legs_.at((*serving)->number);
    up.output->send(wire::commit{up.flow, *flow.committed()});
  }

  // --- what the machine decided

  void carry_out() {
    do {
      std::size_t next = 0;
      while (next < fx_.size()) { // carrying one out may add others
        const auto effect = std::move(fx_[next++]);
        std::visit([this](const auto& one) { done(one); }, effect);
      }
      fx_.clear();
      for (const auto& [id, flow] : known_->flows)
        if (const auto limit = flow->grant()) machine_.on(in::credit{id, *limit}, fx_);
    } while (!fx_.empty());
    counted_ = {};
    count_bytes();
  }

  void done(const out::demand& ask) {
    auto wanted = wanted_;
    wanted.subscription = ++services_.last_subscription;
    wanted.start = ask.start.kind;
    wanted.time = ask.start.time;
    wanted.at = ask.start.at;
    wanted.resume = ask.start.resume;
    wanted.window = ask.window;
    wanted.source.reset(); // the log's own node is not named
    if (ask.source != wanted.log->node) wanted.source = ask.source;
    legs_.insert_or_assign(ask.leg, leg{wanted.subscription, ask.hop, 0, nullptr});
    by_number_.emplace(wanted.subscription, ask.leg);
    known_->asked.emplace(wanted.subscription, ask.hop);
    router_.demand(ask.hop, std::move(wanted), relay_ref(me()));
  }
  void done(const out::withdraw& ended) {
    if (ended.why) services_.to.warning(fmt::format("a flow of {} is demanded again: {}", node_, ended.why->message()));
    if (const auto at = legs_.find(ended.leg); at != legs_.end()) forget(at);
  }
  void done(const out::leg_credit& credit) {
    if (const auto at = legs_.find(credit.leg); at != legs_.end() && at->second.output)
      at->second.output->send(wire::credit{at->second.flow, credit.limit});
  }
  void done(const out::hop_refused& refused) {
    router_.hop_refused({*wanted_.log, refused.source}, refused.hop, refused.why.code() == errc::timed_out);
  }
  void done(const out::source_refused& refused) {
    services_.to.debug(fmt::format("a copy of the log of {} is passed over: {}", node_, refused.why.message()));
    router_.source_refused({*wanted_.log, refused.source}, wanted_.pattern, {});
  }
  void done(const out::try_again&) {
    if (std::exchange(asks_again_, true)) return;
    tell_self_after(limits::demand_again_after, {told::ask_again{}});
  }
  void done(const out::opened& opened) {
    if (auto* flow = find(opened.flow)) flow->opened(opened.at, node_, path_);
  }
  void done(const out::forward& one) {
    auto* flow = find(one.flow);
    if (flow && !flow->forward(one.run, one.payload, events(one))) machine_.on(in::leave{one.flow}, fx_);
  }
  void done(const out::close& closed) {
    auto* flow = find(closed.flow);
    if (flow == nullptr) return;
    flow->close(closed.why);
    handle(told::flow_left{closed.flow});
  }
  /// Counts once what goes to many.
  std::uint64_t events(const out::forward& one) {
    if (one.payload.empty()) return 0;
    if (one.payload.view().data() != counted_.view().data() || one.payload.size() != counted_.size()) {
      counted_ = one.payload;
      counted_events_ = events_in(counted_, *wanted_.log, one.run.epoch);
    }
    return counted_events_;
  }

  node_services& services_;
  router_ref router_;
  wire::demand wanted_;
  std::shared_ptr<relay_memory> known_;
  machine machine_;
  routing::relay_effects fx_;
  legs legs_; // by the machine's number
  std::map<std::uint64_t, std::uint64_t> by_number_;
  std::string node_;              // the log's, its name
  std::vector<std::string> path_; // as the leg that opened last has it, and this node
  shared_bytes counted_;
  std::uint64_t counted_events_ = 0;
  std::uint64_t held_ = 0; // bytes in the machine's buffers, as the node's sum has them
  bool asks_again_ = false;
};

} // namespace

void relay_ref::route(node_id hop, node_id source, bool withdraw_first) const {
  to_.tell({message::route_chosen{hop, source, withdraw_first}});
}
void relay_ref::no_route() const { to_.tell({message::route_lost{}}); }
void relay_ref::hop_gone(node_id hop) const { to_.tell({message::hop_lost{hop}}); }
void relay_ref::join(std::shared_ptr<relay_downstream> flow) const {
  to_.tell({message::flow_joined{std::move(flow)}});
}
void relay_ref::leave(std::uint64_t flow) const { to_.tell({message::flow_left{flow}}); }
void relay_ref::release(std::uint64_t flow) const { to_.tell({message::flow_released{flow}}); }
void relay_ref::credit(std::uint64_t flow, std::uint64_t limit) const {
  to_.tell({message::credit_given{flow, limit}});
}
void relay_ref::commit(std::uint64_t flow, log_position until) const { to_.tell({message::committed{flow, until}}); }
void relay_ref::opened(wire::flow_opened opened, link_output_ptr output) const {
  to_.tell({message::leg_began{std::move(opened), std::move(output)}});
}
void relay_ref::run(std::uint64_t demand, wire::run run, shared_bytes payload) const {
  to_.tell({message::leg_sent{demand, std::move(run), std::move(payload)}});
}
void relay_ref::silent(std::uint64_t demand) const { to_.tell({message::leg_fell_silent{demand}}); }
void relay_ref::closed(std::uint64_t demand, error why) const {
  to_.tell({message::leg_ended{demand, std::move(why)}});
}

void relay_ref::word(std::uint64_t flow, member_word said) const {
  to_.tell({message::member_spoke{flow, std::move(said)}});
}
void relay_ref::member_ended(std::uint64_t flow) const { to_.tell({message::member_ended{flow}}); }
void relay_ref::said(std::uint64_t demand, source_word word) const {
  to_.tell({message::source_spoke{demand, std::move(word)}});
}

relay_ref start_relay(node_services& services, const router_ref& router, const std::string& node, wire::demand wanted) {
  if (wanted.member) return start_passage(services, router, node, std::move(wanted));
  const auto at = services.system.reserve();
  auto name = fmt::format("relay of {} for {}", node, wanted.pattern);
  services.supervisor.adopt({kinds::relay,
                             std::move(name),
                             at,
                             [&services, router, wanted = std::move(wanted), known = std::make_shared<relay_memory>()] {
                               return std::make_unique<relay>(services, router, wanted, known);
                             },
                             {}});
  return relay_ref(port::ref<relay_ref::message>(at));
}

} // namespace weft::actors
