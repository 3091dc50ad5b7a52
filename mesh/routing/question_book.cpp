#include "mesh/routing/question_book.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::routing {
namespace {

/// What a node in between says that has not sent the question on: it may go over another one.
bool was_not_passed_on(errc code) noexcept {
  return code == errc::no_route || code == errc::busy || code == errc::unsupported;
}

} // namespace

// --- what comes

void question_book::on(const in::ask& asked, mono_time now, effects& fx) {
  if (asked.arguments.size() > limits::control_bytes_max / 2) {
    auto why =
        fail(errc::too_large, fmt::format("a question to another node may have {} bytes, this one has {}: ask for less",
                                          limits::control_bytes_max / 2, asked.arguments.size()));
    fx.emplace_back(out::answered{asked.number, std::move(why)});
    return;
  }
  wire::query going{0, asked.what, asked.arguments, true, asked.node, limits::question_hops_max, asked.proof};
  send(open({.from = {{}, asked.number}, .asked = std::move(going), .until = now + limits::question_within}), fx);
}

void question_book::on(const in::query& asked, mono_time now, effects& fx) {
  const auto& node = asked.asked.node.value();
  if (node == around_.self) {
    if (serving_ >= limits::questions_served_max)
      return refuse(asked.peer, asked.asked, errc::busy,
                    fmt::format("it answers {} questions of other nodes already", serving_), fx);
    ++serving_;
    fx.emplace_back(out::serve{asked.peer, asked.asked});
    return;
  }
  if (asked.asked.hops == 0)
    return refuse(asked.peer, asked.asked, errc::no_route, "the question passed too many nodes", fx);
  if (passed_for(asked.peer) >= limits::questions_per_link_max)
    return refuse(asked.peer, asked.asked, errc::busy,
                  fmt::format("{} questions of one node are under way here already", limits::questions_per_link_max),
                  fx);
  auto going = asked.asked;
  going.hops = static_cast<std::uint8_t>(std::min(going.hops, limits::question_hops_max) - 1);
  send(open({.from = {asked.peer, asked.asked.request},
             .asked = std::move(going),
             .until = now + limits::question_within,
             .refused = {asked.peer}}), // never back to where it came from
       fx);
}

void question_book::on(const in::answer& said, mono_time, effects& fx) {
  const auto at = open_.find(said.said.request);
  if (at == open_.end() || at->second.hop != said.peer) return; // too late, or not asked there
  auto& one = at->second;
  const auto& node = one.asked.node;
  if (said.said.node == node) return take_part(at, said.said, fx);
  if (said.said.code == errc::ok) return; // a node in between has no words of its own but refusals
  one.why =
      said.said.node
          ? error(said.said.code, said.said.message)
          : error(errc::unsupported,
                  fmt::format("{} has an older version that neither answers nor passes on questions of other nodes",
                              around_.name(said.peer)));
  if (said.peer == node) return end(at, {0, one.why->code(), one.why->message(), {}, node, false}, fx); // final for all
  if (!was_not_passed_on(one.why->code()) || one.bytes > 0) return fail_with(at, *one.why, fx);
  one.refused.insert(said.peer);
  one.hop.reset();
  send(at, fx);
}

void question_book::on(const in::link_up& up, mono_time, effects& fx) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (!at->second.hop && (!at->second.refused.contains(up.peer) || at->second.asked.node == up.peer)) send(at, fx);
    at = next;
  }
}

void question_book::on(const in::link_down& down, mono_time, effects& fx) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    auto& one = at->second;
    if (one.from.peer == down.peer) {
      if (one.wants_link) fx.emplace_back(out::release_link{one.asked.node.value()});
      open_.erase(at);
    } else if (one.hop == down.peer) {
      one.why.emplace(changes(one) ? errc::outcome_unknown : errc::not_connected,
                      fmt::format("the link with {} is lost", around_.name(down.peer)));
      if (changes(one) || one.bytes > 0) {
        fail_with(at, *one.why, fx);
      } else {
        one.hop.reset();
        send(at, fx);
      }
    }
    at = next;
  }
}

void question_book::on(const in::unreachable& node, mono_time, effects& fx) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (!at->second.hop && at->second.asked.node == node.node)
      fail_with(
          at,
          {errc::no_route, fmt::format("{} can't be dialled, and no neighbour leads to it", around_.name(node.node))},
          fx);
    at = next;
  }
}

void question_book::on(const in::served&) {
  if (serving_ > 0) --serving_;
}

void question_book::tick(mono_time now, effects& fx) {
  while (!open_.empty() && open_.begin()->second.until <= now)
    run_out(open_.begin(), fx);
}

void question_book::run_out(questions::iterator at, effects& fx) {
  const auto& one = at->second;
  const auto whom = around_.name(one.asked.node.value());
  if (!one.hop)
    return fail_with(at, one.why.value_or(error(errc::no_route, fmt::format("no way leads to {} now", whom))), fx);
  const auto within = std::chrono::duration_cast<std::chrono::seconds>(limits::question_within).count();
  fail_with(at,
            {changes(one) ? errc::outcome_unknown : errc::timed_out,
             fmt::format("{} has not answered within {} s", whom, within)},
            fx);
}

/// All have the same time: the first one that came is the first to run out.
std::optional<mono_time> question_book::next_tick() const {
  return open_.empty() ? std::nullopt : std::optional(open_.begin()->second.until);
}

// --- what becomes of it

question_book::questions::iterator question_book::open(open_question one) {
  return open_.emplace(++last_, std::move(one)).first;
}

/// Over the best hop that has not refused it; without any it waits for a link, if it was asked here.
void question_book::send(questions::iterator at, effects& fx) {
  auto& [number, one] = *at;
  const auto& node = one.asked.node.value();
  for (const auto& hop : around_.ways(node)) {
    if (one.refused.contains(hop)) continue;
    one.hop = hop;
    auto going = one.asked;
    going.request = number;
    fx.emplace_back(out::send_query{hop, std::move(going)});
    return;
  }
  if (one.from.peer) {
    if (!one.why) one.why.emplace(errc::no_route, fmt::format("no neighbour leads to {}", around_.name(node)));
    return fail_with(at, *one.why, fx);
  }
  if (std::exchange(one.wants_link, true)) return;
  fx.emplace_back(out::want_link{node});
}

void question_book::take_part(questions::iterator at, wire::answer said, effects& fx) {
  auto& one = at->second;
  one.bytes += said.document.size();
  if (one.bytes > limits::node_answer_bytes_max)
    return fail_with(
        at,
        {errc::too_large, fmt::format("the answer of {} has more than {} bytes: ask at that node",
                                      around_.name(one.asked.node.value()), limits::node_answer_bytes_max)},
        fx);
  if (!said.more) return end(at, std::move(said), fx);
  if (!one.from.peer) {
    one.document += said.document;
    return;
  }
  said.request = one.from.number;
  fx.emplace_back(out::send_answer{*one.from.peer, std::move(said)});
}

void question_book::fail_with(questions::iterator at, const error& why, effects& fx) {
  end(at, {0, why.code(), why.message(), {}, around_.self, false}, fx);
}

/// With the last part, or a failure.
void question_book::end(questions::iterator at, wire::answer said, effects& fx) {
  auto one = std::move(at->second);
  open_.erase(at);
  if (one.wants_link) fx.emplace_back(out::release_link{one.asked.node.value()});
  if (one.from.peer) {
    said.request = one.from.number;
    fx.emplace_back(out::send_answer{*one.from.peer, std::move(said)});
  } else if (said.code == errc::ok) {
    fx.emplace_back(out::answered{one.from.number, one.document + said.document});
  } else {
    fx.emplace_back(out::answered{one.from.number, fail(said.code, std::move(said.message))});
  }
}

void question_book::refuse(const node_id& peer, const wire::query& asked, errc code, std::string why,
                           effects& fx) const {
  fx.emplace_back(out::send_answer{peer, {asked.request, code, std::move(why), {}, around_.self, false}});
}

std::size_t question_book::passed_for(const node_id& peer) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(open_, [&peer](const auto& item) { return item.second.from.peer == peer; }));
}

} // namespace weft::routing
