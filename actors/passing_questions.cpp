#include "actors/passing_questions.hpp"

#include "actors/answer_parts.hpp"
#include "actors/outside_json.hpp"
#include "actors/queries.hpp"
#include "actors/question_rights.hpp"
#include "mesh/base/random.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {

passing_questions::passing_questions(node_services& services, const router_memory& known, routing::router& machine,
                                     router_ref self)
    : services_(services),
      known_(known),
      machine_(machine),
      self_(std::move(self)),
      book_({services.facts.id, [this](const node_id& node) { return ways_to(node); },
             [this](const node_id& node) {
               const auto name = known_.name_of(node);
               return name.empty() ? to_string(node) : name;
             }},
            os_random().next() >> 1U) {}

passing_questions::~passing_questions() {
  for (const auto& node : wanted_)
    services_.membership.release_link(node);
}

void passing_questions::ask(const router_ref::node_question& asked, reply<std::string> to) {
  std::string proof;
  if (asked.changes) {
    if (!services_.prove_question) return to(fail(errc::unsupported, "this node can't show who it is to other nodes"));
    proof = services_.prove_question(asked.node, asked.what, asked.arguments);
  }
  const auto number = services_.last_question.fetch_add(1) + 1;
  asked_.emplace(number, std::move(to));
  on(routing::question_book::in::ask{number, asked.node, asked.what, asked.arguments, std::move(proof)});
}

void passing_questions::tick() {
  routing::question_book::effects fx;
  book_.tick(services_.clock.mono(), fx);
  carry_out(fx);
}

std::vector<node_id> passing_questions::ways_to(const node_id& node) const {
  auto hops = machine_.hops_to(node);
  if (!known_.peers.contains(node)) return hops;
  std::erase(hops, node);
  hops.insert(hops.begin(), node);
  return hops;
}

const linked_peer* passing_questions::linked(const node_id& node) const {
  const auto found = known_.peers.find(node);
  return found == known_.peers.end() ? nullptr : &found->second.who;
}

/// @error errc::denied, and as security::question_judge::judge
result<void> passing_questions::check_right(const wire::query& asked) const {
  const auto right = right_to_ask(asked.what);
  if (right == question_right::own_user)
    return fail(errc::denied, fmt::format("'{}' is answered to programs of the node's own user only", asked.what));
  if (right == question_right::member) return {};
  if (!services_.judge_question) return fail(errc::denied, "this node can't tell who asks");
  const auto by = services_.judge_question(asked);
  if (!by) return fail(by.error());
  services_.to.info(fmt::format("{} asks from elsewhere: {} {}", *by, asked.what, asked.arguments));
  return {};
}

void passing_questions::carry_out(routing::question_book::effects& fx) {
  for (auto& effect : fx)
    std::visit([this](auto& one) { done(one); }, effect);
}

void passing_questions::done(const out::send_query& send) {
  if (const auto* peer = linked(send.peer)) peer->output->send(send.asked);
}
void passing_questions::done(const out::send_answer& send) {
  if (const auto* peer = linked(send.peer)) peer->output->send(send.said);
}
void passing_questions::done(const out::serve& serve) {
  const auto* peer = linked(serve.peer);
  if (peer == nullptr) return served();
  const reply<std::string> answer([output = peer->output, asked = serve.asked, self = self_,
                                   own = services_.facts.id](const result<std::string>& document) {
    send_answer(*output, asked, document, limits::node_answer_bytes_max, own);
    self.question_served();
  });
  if (const auto may = check_right(serve.asked); !may) return answer(fail(may.error()));
  if (!serve.asked.arguments.empty() && !outside_json(serve.asked.arguments))
    return answer(fail(errc::invalid_argument, "the question's arguments are no document, or too deep a one"));
  answer_query(services_, self_, {serve.asked.request, serve.asked.what, serve.asked.arguments}, answer);
}
void passing_questions::done(out::answered& answered) {
  if (auto waits = asked_.extract(answered.number)) waits.mapped()(std::move(answered.document));
}
void passing_questions::done(const out::want_link& want) {
  wanted_.insert(want.node);
  services_.membership.need_link(want.node);
}
void passing_questions::done(const out::release_link& release) {
  if (const auto found = wanted_.find(release.node); found != wanted_.end()) wanted_.erase(found);
  services_.membership.release_link(release.node);
}

} // namespace weft::actors
