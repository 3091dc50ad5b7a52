#include "actors/node_services.hpp"
#include "actors/relay_role.hpp"
#include "mesh/delivery/ended_flow.hpp"

#include <fmt/format.h>
#include <map>

namespace weft::actors {
namespace {

using told = relay_ref::message;

/// What outlives a crash of the passage: its flow, and what it asked of hops.
struct passage_memory {
  std::shared_ptr<relay_downstream> flow;
  std::map<std::uint64_t, node_id> asked; // by number
};

/// Until the flow opened it asks again and again; afterwards any trouble ends it.
class passage final : public port::role_of<relay_ref::message> {
public:
  passage(node_services& services, router_ref router, wire::demand wanted, std::shared_ptr<passage_memory> known)
      : services_(services), router_(std::move(router)), wanted_(std::move(wanted)), known_(std::move(known)) {}

private:
  struct leg {
    std::uint64_t number = 0; // of the demand, unique in the process
    node_id hop, source;
    std::uint64_t flow = 0; // the hop's number for it
    link_output_ptr output; // none before it opened
  };

  void begin() override {
    for (const auto& [number, hop] : known_->asked)
      router_.withdraw(hop, number);
    known_->asked.clear();
    if (known_->flow && known_->flow->is_open())
      return close(error(errc::cancelled, "the way failed inside a node: join again"));
    if (known_->flow) join();
    router_.ask_route(relay_ref(me()));
  }
  void on(const told& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  // --- the way up

  void handle(const told::route_chosen& chosen) {
    hop_ = chosen.hop;
    source_ = chosen.source;
    if (!leg_) return demand();
    if (leg_->hop == chosen.hop && leg_->source == chosen.source) return;
    if (!leg_->output) {
      withdraw();
      demand();
    } else if (leg_->source != chosen.source) {
      end(error(errc::cancelled, "another node shares the log out now: join again"));
    } else if (chosen.withdraw_first) {
      end(error(errc::cancelled, "the way to the log's node is another one now: join again"));
    }
  }
  void handle(const told::route_lost&) { hop_.reset(); }
  void handle(const told::hop_lost& lost) {
    if (hop_ == lost.hop) hop_.reset();
    if (!leg_ || leg_->hop != lost.hop) return;
    if (leg_->output) return end(error(errc::not_connected, "the link to the next node is gone"));
    withdraw();
  }
  void handle(const told::ask_again&) {
    asks_again_ = false;
    if (leg_) return;
    if (hop_) return demand();
    router_.ask_route(relay_ref(me()));
    ask_again();
  }
  void ask_again() {
    if (!std::exchange(asks_again_, true)) tell_self_after(limits::demand_again_after, {told::ask_again{}});
  }
  void demand() {
    if (!known_->flow || !hop_) return;
    auto wanted = wanted_;
    wanted.subscription = ++services_.last_subscription;
    wanted.source.reset();
    if (source_ != wanted.log->node) wanted.source = source_;
    leg_ = leg{wanted.subscription, *hop_, source_, 0, nullptr};
    known_->asked.emplace(wanted.subscription, *hop_);
    router_.demand(*hop_, std::move(wanted), relay_ref(me()));
  }
  void withdraw() {
    if (!leg_) return;
    router_.withdraw(leg_->hop, leg_->number);
    known_->asked.erase(leg_->number);
    leg_.reset();
  }

  [[nodiscard]] bool is_leg(std::uint64_t demand) const { return leg_ && leg_->number == demand && known_->flow; }
  void handle(const told::leg_began& began) {
    if (!is_leg(began.opened.subscription)) return;
    if (leg_->output) return end(error(errc::cancelled, "the source began anew: join again"));
    leg_->flow = began.opened.flow;
    leg_->output = began.output;
    auto path = began.opened.path;
    if (path.size() < limits::path_nodes_max) path.push_back(services_.facts.name);
    known_->flow->opened(began.opened.at, began.opened.node, std::move(path), began.opened);
  }
  void handle(const told::leg_sent& sent) {
    if (!is_leg(sent.demand)) return;
    const auto events = sent.payload.empty() ? 0 : events_in(sent.payload, *wanted_.log, sent.run.epoch);
    if (!known_->flow->forward(sent.run, sent.payload, events))
      end(error(errc::busy, "the link has no room for what comes: join again"));
  }
  void handle(const told::source_spoke& spoke) {
    if (is_leg(spoke.demand)) known_->flow->say(spoke.said);
  }
  void handle(const told::leg_fell_silent& silent) {
    if (!is_leg(silent.demand)) return;
    refused(true);
    give_up(error(errc::timed_out, "the next node says nothing of the flow"));
  }
  void handle(const told::leg_ended& ended) {
    if (!is_leg(ended.demand)) return;
    if (ended.why.code() == errc::not_held && !leg_->output) return not_held(ended.why);
    if (!leg_->output && delivery::is_worth_another(ended.why.code())) refused(false);
    give_up(ended.why);
  }
  /// A holder does not go on with the group. Another one may: who chose it here hears of it.
  void not_held(const error& why) {
    services_.to.debug(fmt::format("a copy is passed over for the group {}: {}", wanted_.member->group, why.message()));
    if (wanted_.distance) return end(why);
    router_.source_refused({*wanted_.log, leg_->source}, wanted_.pattern, wanted_.member->group);
    withdraw();
    hop_.reset();
    ask_again();
  }
  void refused(bool silently) { router_.hop_refused({*wanted_.log, leg_->source}, leg_->hop, silently); }
  /// @param why  of the leg
  void give_up(const error& why) {
    if (leg_->output || !delivery::is_worth_another(why.code())) return end(why);
    withdraw();
    hop_.reset(); // the router says which one is next
    ask_again();
  }

  // --- the flow

  void handle(const told::flow_joined& joined) {
    known_->flow = joined.flow;
    join();
    demand();
  }
  void join() {
    static_cast<void>(known_->flow->join([to = me(), id = known_->flow->id()](link_room::place place) {
      to.tell({told::room_granted{id, std::move(place)}});
    }));
  }
  void handle(const told::room_granted& granted) {
    if (known_->flow) static_cast<void>(known_->flow->go_on(granted.place));
  }
  void handle(const told::flow_left&) {
    withdraw();
    if (const auto flow = std::exchange(known_->flow, nullptr)) flow->drop();
  }
  void handle(const told::flow_released&) {
    if (!known_->flow) return;
    withdraw();
    router_.released(std::exchange(known_->flow, nullptr));
  }
  void handle(const told::credit_given&) {} // a member says itself what it may have
  void handle(const told::committed&) {}

  void handle(const told::member_spoke& spoke) {
    if (leg_ && leg_->output) std::visit([this](auto word) { send_up(std::move(word)); }, spoke.said);
  }
  template <class Word>
  void send_up(Word word) {
    word.flow = leg_->flow;
    leg_->output->send(word);
  }
  void handle(const told::member_ended&) {
    if (leg_ && leg_->output) leg_->output->send(wire::flow_closed{leg_->flow, 0, errc::ok, "the member has left"});
  }

  void end(const error& why) {
    withdraw();
    close(why);
  }
  void close(const error& why) {
    if (const auto flow = std::exchange(known_->flow, nullptr)) flow->close(why);
  }

  node_services& services_;
  router_ref router_;
  wire::demand wanted_;
  std::shared_ptr<passage_memory> known_;
  std::optional<node_id> hop_;
  node_id source_;
  std::optional<leg> leg_;
  bool asks_again_ = false;
};

} // namespace

relay_ref start_passage(node_services& services, const router_ref& router, const std::string& node,
                        wire::demand wanted) {
  const auto at = services.system.reserve();
  auto name = fmt::format("passage of {} for group {}", node, wanted.member->group);
  services.supervisor.adopt(
      {kinds::relay,
       std::move(name),
       at,
       [&services, router, wanted = std::move(wanted), known = std::make_shared<passage_memory>()] {
         return std::make_unique<passage>(services, router, wanted, known);
       },
       {}});
  return relay_ref(port::ref<relay_ref::message>(at));
}

} // namespace weft::actors
