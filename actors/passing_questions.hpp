// actors/passing_questions.hpp: operators' questions between nodes: asked here, passed on, and answered.
#pragma once
#include "actors/node_services.hpp"
#include "actors/router.hpp"
#include "actors/router_memory.hpp"
#include "mesh/routing/question_book.hpp"
#include "mesh/routing/router.hpp"

#include <map>

namespace weft::actors {

/// Feeds a routing::question_book and carries out what it decides. A part of the router's actor: when that crashes,
/// what is under way is lost, and whoever asked hears it or waits no longer than limits::question_within.
class passing_questions {
public:
  /// @param known, machine  outlive it
  passing_questions(node_services& services, const router_memory& known, routing::router& machine, router_ref self);
  ~passing_questions();
  passing_questions(const passing_questions&) = delete;
  passing_questions& operator=(const passing_questions&) = delete;

  void ask(const router_ref::node_question& asked, reply<std::string> to);
  template <class In>
  void on(const In& input) {
    routing::question_book::effects fx;
    book_.on(input, services_.clock.mono(), fx);
    carry_out(fx);
  }
  void served() { book_.on(routing::question_book::in::served{}); }
  void tick();
  /// Nothing: nothing waits for time to pass.
  [[nodiscard]] std::optional<mono_time> next_tick() const { return book_.next_tick(); }

private:
  using out = routing::question_book::out;

  [[nodiscard]] std::vector<node_id> ways_to(const node_id& node) const;
  [[nodiscard]] const linked_peer* linked(const node_id& node) const;
  [[nodiscard]] result<void> check_right(const wire::query& asked) const;
  void carry_out(routing::question_book::effects& fx);
  void done(const out::send_query& send);
  void done(const out::send_answer& send);
  void done(const out::serve& serve);
  void done(out::answered& answered);
  void done(const out::want_link& want);
  void done(const out::release_link& release);

  node_services& services_;
  const router_memory& known_;
  routing::router& machine_;
  const router_ref self_;
  routing::question_book book_;
  std::map<std::uint64_t, reply<std::string>> asked_; // by the number that the book knows
  std::multiset<node_id> wanted_;                     // links that were asked for, to be released with this object
};

} // namespace weft::actors
