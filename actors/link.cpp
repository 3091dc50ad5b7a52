#include "actors/link.hpp"

#include "actors/answer_parts.hpp"
#include "actors/incoming_publishes.hpp"
#include "actors/queries.hpp"
#include "actors/service_rows.hpp"
#include "actors/takeup_desk.hpp"
#include "actors/timed_output.hpp"
#include "mesh/routing/silence_watch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>

namespace weft::actors {
namespace {

struct frame_received {
  shared_bytes control, payload;
};
struct message_received {
  wire::control message;
  shared_bytes payload;
};
struct connection_closed {
  error why;
};
struct demand_upstream {
  wire::demand wanted;
  flow_receiver by;
};
struct withdraw_upstream {
  std::uint64_t demand;
};
struct demand_taken {
  std::uint64_t number;
  std::string node;
};
struct demand_over {
  std::uint64_t number;
  error why;
};
struct subscription_over {
  std::uint64_t index;
  port::ending how;
};
struct publishes_go_on {};
struct time_passes {};
struct look_at_certificate {};
struct listen_for_silence {};

/// A subscription's flows are numbered from its index, shifted by this, so that a flow's number names its subscription.
constexpr unsigned flow_bits = 32;

} // namespace

struct link_ref::message {
  std::variant<frame_received, message_received, connection_closed, demand_upstream, withdraw_upstream, demand_taken,
               demand_over, subscription_over, publishes_go_on, time_passes, look_at_certificate, listen_for_silence>
      content;
};

namespace {

class link final : public port::role_of<link_ref::message> {
public:
  link(node_services& services, router_ref router, link_parts parts)
      : services_(services), router_(std::move(router)), parts_(std::move(parts)), admission_(parts_.admit()) {}

  ~link() override {
    services_.services_here.forget(this);
    for (const auto& [index, item] : subscriptions_)
      item.to.stop();
    if (who_ && who_->peer) services_.membership.link_down(parts_.output, how_it_ended());
    parts_.output->close(closed_);
  }

private:
  struct served {
    std::uint64_t number; ///< as the consumer calls it
    subscription_ref to;
    bool copy = false; ///< the peer holds copies of this node's log
  };
  struct demanded {
    flow_receiver by;
    log_id log;
    std::optional<std::uint64_t> flow{}; ///< the peer's number, once it opened
  };

  void begin() override {
    publishes_ =
        std::make_unique<incoming_publishes>(services_, parts_.output, [to = me()] { to.tell({publishes_go_on{}}); });
    admit(admission_->begin(*parts_.output));
    if (!who_) tell_self_after(limits::handshake_tick, {time_passes{}});
  }

  void on(const link_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  // --- getting in

  void admit(result<std::optional<admission::admitted>> outcome) {
    if (!outcome) return close(outcome.error());
    if (!*outcome) return;
    who_ = std::move(**outcome);
    admission_.reset();
    handle(look_at_certificate{});
    if (!who_->peer) return;
    who_->peer->link = std::make_shared<const link_ref>(me());
    who_->peer->output = parts_.output;
    who_->peer->traffic = parts_.traffic;
    services_.membership.link_up(*who_->peer, who_->attempt);
  }

  /// One that was renewed is shown on the next link.
  void handle(const look_at_certificate&) {
    if (!who_->until) return;
    const auto left = *who_->until - services_.clock.wall();
    if (left <= microseconds{0})
      return close(error(errc::expired, fmt::format("the certificate that {} showed is over", who_->name)));
    tell_self_after(std::min<microseconds>(left, limits::certificate_look_every), {look_at_certificate{}});
  }

  void handle(const time_passes&) {
    if (who_) return;
    if (const auto in_time = admission_->tick(); !in_time) return close(in_time.error());
    tell_self_after(limits::handshake_tick, {time_passes{}});
  }

  void handle(const frame_received& frame) {
    if (parts_.traffic) parts_.traffic->received(frame.control.size() + frame.payload.size(), services_.clock.mono());
    if (!who_) return admit(admission_->on_bytes(frame.control, *parts_.output));
    if (who_->peer) {
      heard_ = services_.clock.mono();
      if (wire::is_mesh_message(frame.control)) return services_.membership.frame(parts_.output, frame.control);
      if (heard_ - traffic_told_ >= microseconds(limits::traffic_told_every)) {
        traffic_told_ = heard_;
        services_.membership.traffic(parts_.output);
      }
    }
    const auto message = wire::decode_control(frame.control);
    if (message) return take(*message, frame.payload);
    const auto code = message.error().code();
    if (code == errc::corrupt || code == errc::too_large) return close(message.error());
    parts_.output->send(wire::refusal(frame.control, message.error()));
  }
  void handle(const message_received& received) { take(received.message, received.payload); }

  void handle(const connection_closed& closed) {
    closed_ = closed.why;
    if (who_ && !who_->is_node)
      for (const auto& [index, item] : subscriptions_)
        item.to.consumer_ended();
    end();
  }

  /// A connection that the transport gave up after a silence, and one that broke, look alike from here but for the
  /// time.
  [[nodiscard]] membership::link_end how_it_ended() const {
    if (closed_.code() == errc::cancelled) return membership::link_end::closed;
    const auto silence = services_.clock.mono() - heard_;
    return silence >= microseconds(limits::silent_after) ? membership::link_end::silent : membership::link_end::broken;
  }

  // --- what peers and programs say

  void take(const wire::control& message, const shared_bytes& payload) {
    std::visit(
        [&](const auto& content) {
          using kind = std::decay_t<decltype(content)>;
          if constexpr (std::is_same_v<kind, wire::run> || std::is_same_v<kind, wire::publish>)
            accept(content, payload);
          else
            accept(content);
        },
        message);
  }

  void accept(const wire::demand& wanted) {
    const auto most = services_.settings.demands_per_link_max;
    if (subscriptions_.size() + asked_.size() >= most)
      return parts_.output->send(wire::refused{
          errc::busy, fmt::format("this link has {} subscriptions, as many as routing.demands_per_link allows", most),
          wanted.subscription, 0});
    if (observes() && (wanted.copy || wanted.member || !wanted.name.empty()))
      return parts_.output->send(wire::refused{errc::denied,
                                               "an observer has no place that is kept, nor a share of a group's work: "
                                               "subscribe without a name",
                                               wanted.subscription, 0});
    if (wanted.copy) return serve_copy(wanted);
    if (who_->is_node && (!wanted.log || !wanted.distance))
      return parts_.output->send(
          wire::refused{errc::denied, "a node demands one log and says how far it is from it", wanted.subscription, 0});
    withdraw(wanted.subscription);
    if (!who_->is_node) return serve(wanted, {});
    asked_.insert_or_assign(wanted.subscription, wanted);
    router_.peer_demand(*who_->peer, wanted);
  }
  /// Whoever asks over this link: a node, or for its programs this one.
  [[nodiscard]] bool observes() const {
    return who_->peer ? who_->peer->observer : services_.roles.has(security::role::observer);
  }
  /// Copies are pulled from the log's own node; what a log or a copy has lost is given back from a copy too. Who may
  /// hold some is said by the peer's certificate.
  void serve_copy(wire::demand wanted) {
    const bool own = wanted.log == services_.own_log;
    const bool may = who_->peer && wanted.log && (who_->peer->storage || wanted.log->node == who_->peer->id);
    const auto* why = !may ? "only a node with the role storage holds copies"
                      : !own && wanted.start != wire::start_kind::position ? "a copy is pulled from the log's own node"
                      : own && wanted.topics.empty()                       ? "a copy is of some topics"
                      : !wanted.name.empty() || wanted.distance            ? "a copy has no name and no distance"
                                                                           : nullptr;
    if (why != nullptr) return parts_.output->send(wire::refused{errc::denied, why, wanted.subscription, 0});
    withdraw(wanted.subscription);
    wanted.source.reset();
    if (!own) wanted.source = services_.facts.id;
    serve(wanted, {});
  }
  /// @param node  the log's, of a node's demand
  void serve(const wire::demand& wanted, std::string node) {
    const auto index = ++last_index_;
    auto output = parts_.output;
    if (!who_->is_node) output = std::make_shared<timed_output>(services_, output);
    subscription_parts parts{wanted, who_->name, who_->is_node, std::move(output), index << flow_bits, std::move(node)};
    auto started =
        start_subscription(services_, router_, std::move(parts), [to = me(), index](const port::ending& how) {
          to.tell({subscription_over{index, how}});
        });
    const bool pulled = wanted.copy && wanted.log == services_.own_log;
    subscriptions_.emplace(index, served{wanted.subscription, std::move(started), pulled});
  }
  void handle(const demand_taken& taken) {
    if (const auto asked = asked_.extract(taken.number)) serve(asked.mapped(), taken.node);
  }
  void handle(const demand_over& over) {
    forget(over.number);
    parts_.output->send(wire::flow_closed{0, over.number, over.why.code(), over.why.message()});
  }
  void accept(const wire::withdraw& withdrawn) {
    const auto number = withdrawn.subscription;
    if (serves_copy(number)) services_.copies.withdrew(who_->peer->id, parts_.output, number);
    withdraw(number);
  }

  void accept(const wire::credit& credit) {
    if (const auto* item = by_flow(credit.flow)) item->to.credit(credit.flow, credit.limit);
  }
  void accept(const wire::commit& commit) {
    if (const auto* item = by_flow(commit.flow)) item->to.commit(commit.flow, commit.until);
  }

  // --- words of groups

  void accept(const wire::handled& word) { to_source(word); }
  void accept(const wire::failed& word) { to_source(word); }
  void accept(const wire::leaving& word) { to_source(word); }
  void accept(const wire::renew& word) { to_source(word); }
  void to_source(const member_word& word) {
    const auto flow = std::visit([](const auto& one) { return one.flow; }, word);
    if (const auto* item = by_flow(flow)) item->to.word(flow, word);
  }
  void accept(const wire::verdict& word) { to_member(word); }
  void accept(const wire::revoke& word) { to_member(word); }
  void accept(const wire::renewal& word) { to_member(word); }
  void to_member(const source_word& word) {
    const auto flow = upstream_flows_.find(std::visit([](const auto& one) { return one.flow; }, word));
    if (flow == upstream_flows_.end()) return;
    silence_.heard(flow->second, 0);
    if (const auto found = upstream_.find(flow->second); found != upstream_.end())
      if (const auto* by = std::get_if<relay_ref>(&found->second.by)) by->said(found->first, word);
  }

  void accept(const wire::flow_closed& closed) {
    // Of nodes both sides send flows: the receiver of one names no subscription when it closes it.
    const auto* item = by_flow(closed.flow);
    if (item && (closed.subscription == 0 || !who_->is_node)) return item->to.close_flow(closed.flow, closed.code);
    end_upstream(closed.subscription, error(closed.code, closed.message));
  }
  void accept(const wire::refused& refused) {
    if (!end_upstream(refused.subscription, error(refused.code, refused.message)))
      services_.to.debug(fmt::format("{} refused a message: {}", who_->name, refused.message));
  }
  void accept(const wire::flow_opened& opened) {
    const auto found = upstream_.find(opened.subscription);
    if (found == upstream_.end() || found->second.log != opened.log) return;
    auto& item = found->second;
    if (item.flow) upstream_flows_.erase(*item.flow);
    item.flow = opened.flow;
    upstream_flows_.insert_or_assign(opened.flow, opened.subscription);
    silence_.opened(opened.subscription, opened.path.size());
    std::visit([&](const auto& by) { by.opened(opened, parts_.output); }, item.by);
  }
  void accept(const wire::run& run, const shared_bytes& payload) {
    const auto flow = upstream_flows_.find(run.flow);
    if (flow == upstream_flows_.end()) return;
    silence_.heard(flow->second, payload.size());
    if (const auto found = upstream_.find(flow->second); found != upstream_.end())
      std::visit([&](const auto& by) { by.run(found->first, run, payload); }, found->second.by);
  }

  void accept(const wire::ask_codec& question) {
    if (who_->is_node)
      return parts_.output->send(wire::refused{errc::denied, "a node publishes to its own log", 0, question.request});
    parts_.output->send(wire::topic_codec{question.request, services_.codec_of(question.topic)});
  }
  void accept(const wire::publish& publish, const shared_bytes& batch) {
    if (who_->is_node)
      return parts_.output->send(wire::refused{errc::denied, "a node publishes to its own log", 0, publish.request});
    if (const auto taken = publishes_->take(publish, batch); !taken) close(taken.error());
  }
  void accept(const wire::query& question) {
    if (!who_->is_node && question.what == services_question)
      return send_answer(*parts_.output, question, note_services(services_, this, question.arguments),
                         limits::answer_bytes_max);
    if (!who_->is_node)
      return answer_query(services_, router_, question,
                          reply<std::string>([output = parts_.output, question](const auto& document) {
                            send_answer(*output, question, document, limits::answer_bytes_max);
                          }));
    if (question.node) return router_.peer_query(who_->peer->id, parts_.output, question);
    parts_.output->send(wire::answer{
        question.request, errc::denied, "only programs of this node's user may ask", {}, services_.facts.id, false});
  }
  void accept(const wire::answer& answer) {
    if (!who_->is_node) return unexpected("an answer to a query that was not asked");
    router_.peer_answer(who_->peer->id, parts_.output, answer);
  }

  void accept(const wire::ping& ping) { parts_.output->send(wire::pong{ping.number}); }
  void accept(const wire::pong&) {}
  void accept(const wire::demand_refresh& refresh) {
    if (who_->is_node) router_.peer_refresh(who_->peer->id, parts_.output, refresh.demands);
  }
  // --- copies, at the log's node and at a holder

  void accept(const wire::copy_holds& holds) {
    if (serves_copy(holds.subscription)) services_.copies.holds(who_->peer->id, parts_.output, holds);
  }
  void accept(const wire::copy_confirm& confirm) {
    if (serves_copy(confirm.subscription)) services_.copies.confirmed(who_->peer->id, parts_.output, confirm);
  }
  [[nodiscard]] bool serves_copy(std::uint64_t number) const {
    return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                       [number](const auto& item) { return item.second.copy && item.second.number == number; });
  }
  void accept(const wire::copies_settled& settled) {
    if (const auto* by = copied_by(settled.subscription)) by->settled(settled);
  }
  void accept(const wire::copy_scope& scope) {
    if (const auto* by = copied_by(scope.subscription)) by->scope(scope);
  }
  // --- groups that go on at copies

  void accept(const wire::taken_up& said) {
    if (!who_->peer || !who_->peer->storage)
      return parts_.output->send(
          wire::refused{errc::denied, "only a node with the role storage shares another one's log out", 0, 0});
    services_.keeper.with_takeups([by = *who_->peer, said](takeup_desk& desk) { desk.taken_up(by, said); });
  }
  void accept(const wire::taken_over& said) {
    if (who_->peer)
      services_.keeper.with_takeups([by = who_->peer->id, said](takeup_desk& desk) { desk.taken_over(by, said); });
  }

  [[nodiscard]] const replica_ref* copied_by(std::uint64_t number) const {
    const auto found = upstream_.find(number);
    return found == upstream_.end() ? nullptr : std::get_if<replica_ref>(&found->second.by);
  }

  void accept(const wire::goodbye& goodbye) { close(error(errc::cancelled, goodbye.message)); }
  void accept(const wire::local_hello&) { unexpected("a greeting on a greeted link"); }
  void accept(const wire::local_welcome&) { unexpected("a welcome, which only nodes give"); }
  void accept(const wire::log_found&) { unexpected("word of a log that was found, which programs ask for"); }
  void accept(const wire::log_gone&) { unexpected("word of a log that is gone, which programs ask for"); }
  void accept(const wire::topic_codec&) { unexpected("a topic's codec that was not asked"); }
  void accept(const wire::published&) { unexpected("an answer to a publish that was not asked"); }

  void unexpected(std::string_view what) {
    close(error(errc::protocol_violation, fmt::format("{} sent {}", who_->name, what)));
  }

  // --- what this node asks of the peer

  void handle(const demand_upstream& ask) {
    upstream_.insert_or_assign(ask.wanted.subscription, demanded{ask.by, *ask.wanted.log});
    if (std::holds_alternative<relay_ref>(ask.by)) listen_to(ask.wanted.subscription); // copies come from nowhere else
    parts_.output->send(ask.wanted);
  }
  void handle(const withdraw_upstream& ask) {
    if (forget_upstream(ask.demand)) parts_.output->send(wire::withdraw{ask.demand});
  }
  void listen_to(std::uint64_t demand) {
    silence_.asked(demand);
    if (!std::exchange(listening_, true)) tell_self_after(limits::run_heartbeat, {listen_for_silence{}});
  }
  void handle(const listen_for_silence&) {
    for (const auto number : silence_.tick())
      if (const auto found = upstream_.find(number); found != upstream_.end()) {
        services_.to.info(fmt::format("{} is silent about flow {} though its link is up", who_->name, number));
        std::get<relay_ref>(found->second.by).silent(number);
      }
    listening_ = !silence_.empty();
    if (listening_) tell_self_after(limits::run_heartbeat, {listen_for_silence{}});
  }
  /// The peer ended it. @returns whether there is such a demand
  bool end_upstream(std::uint64_t number, const error& why) {
    const auto item = forget_upstream(number);
    if (item) std::visit([&](const auto& by) { by.closed(number, why); }, item->by);
    return item.has_value();
  }
  std::optional<demanded> forget_upstream(std::uint64_t number) {
    const auto found = upstream_.find(number);
    if (found == upstream_.end()) return std::nullopt;
    auto item = std::move(found->second);
    upstream_.erase(found);
    silence_.forget(number);
    if (item.flow)
      if (const auto flow = upstream_flows_.find(*item.flow); flow != upstream_flows_.end() && flow->second == number)
        upstream_flows_.erase(flow);
    return item;
  }

  // --- its own parts

  void handle(const subscription_over& over) {
    const auto found = subscriptions_.find(over.index);
    if (found == subscriptions_.end()) return;
    if (over.how.crashed)
      parts_.output->send(wire::flow_closed{0, found->second.number, errc::internal,
                                            "the subscription failed inside the node: demand it again"});
    if (who_->is_node) router_.peer_withdraw(who_->peer->id, parts_.output, found->second.number);
    subscriptions_.erase(found);
  }
  void handle(const publishes_go_on&) { publishes_->go_on(); }

  void withdraw(std::uint64_t number) {
    if (forget(number) && who_->is_node) router_.peer_withdraw(who_->peer->id, parts_.output, number);
  }
  /// @returns whether there was such a demand
  bool forget(std::uint64_t number) {
    bool any = asked_.erase(number) > 0;
    for (auto item = subscriptions_.begin(); item != subscriptions_.end();) {
      if (item->second.number != number) {
        ++item;
        continue;
      }
      item->second.to.stop();
      item = subscriptions_.erase(item);
      any = true;
    }
    return any;
  }

  const served* by_flow(std::uint64_t flow) const {
    const auto found = subscriptions_.find(flow >> flow_bits);
    return found == subscriptions_.end() ? nullptr : &found->second;
  }

  void close(const error& why) {
    closed_ = why;
    if (why.code() != errc::cancelled)
      services_.to.warning(fmt::format("link {} closed: {}", parts_.description, why.message()));
    end();
  }

  node_services& services_;
  router_ref router_;
  link_parts parts_;
  std::unique_ptr<admission> admission_;
  std::optional<admission::admitted> who_;
  std::unique_ptr<incoming_publishes> publishes_;
  std::unordered_map<std::uint64_t, served> subscriptions_; // by index
  std::uint64_t last_index_ = 0;
  std::map<std::uint64_t, wire::demand> asked_;                     // of the peer, not answered by the router yet
  std::unordered_map<std::uint64_t, demanded> upstream_;            // by the number of our demand
  std::unordered_map<std::uint64_t, std::uint64_t> upstream_flows_; // that number, by the peer's of the flow
  routing::silence_watch silence_;                                  // about our demands
  bool listening_ = false;                                          // for silence: while there are any
  mono_time heard_{}, traffic_told_{}; // from a node: its last frame, and when the membership heard of one
  error closed_{errc::not_connected, "the link is gone"};
};

} // namespace

void link_ref::received(shared_bytes control, shared_bytes payload) const {
  to_.tell({frame_received{std::move(control), std::move(payload)}});
}
void link_ref::received(wire::control said, shared_bytes payload) const {
  to_.tell({message_received{std::move(said), std::move(payload)}});
}
void link_ref::closed(error why) const { to_.tell({connection_closed{std::move(why)}}); }
void link_ref::demand(wire::demand wanted, flow_receiver by) const {
  to_.tell({demand_upstream{std::move(wanted), std::move(by)}});
}
void link_ref::withdraw(std::uint64_t demand) const { to_.tell({withdraw_upstream{demand}}); }
void link_ref::demand_accepted(std::uint64_t number, std::string node) const {
  to_.tell({demand_taken{number, std::move(node)}});
}
void link_ref::demand_ended(std::uint64_t number, error why) const { to_.tell({demand_over{number, std::move(why)}}); }

link_ref start_link(node_services& services, const router_ref& router, link_parts parts) {
  const auto at = services.system.reserve();
  auto name = fmt::format("link {}", parts.description);
  auto on_end = std::move(parts.on_end);
  services.supervisor.adopt(
      {kinds::link, std::move(name), at,
       [&services, router, parts = std::move(parts)] { return std::make_unique<link>(services, router, parts); },
       std::move(on_end)});
  return link_ref(port::ref<link_ref::message>(at));
}

} // namespace weft::actors
