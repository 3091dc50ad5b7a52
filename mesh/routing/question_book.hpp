// mesh/routing/question_book.hpp: operators' questions on their way to a node and back. Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/wire/control.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace weft::routing {

/// Sends what is asked here, passes on what others ask of others, and says what this node is asked.
///
///     asker ── query(node, hops 16) ──▶ relay ── query(node, hops 15) ──▶ node
///           ◀──── answer(node, part), answer(node, part, last) ─────────────
///
/// A hop that knows no way is passed over for another one. Without any, a link with the node is wanted and waited for.
/// What changes something is sent once: when its link is lost nobody knows whether it was done.
class question_book {
public:
  struct in {
    struct ask {
      std::uint64_t number = 0; ///< chosen by who asks, never twice
      node_id node;
      std::string what, arguments;
      std::string proof; ///< of one that changes something
    };
    /// From a peer. @pre it names a node
    struct query {
      node_id peer;
      wire::query asked;
    };
    struct answer {
      node_id peer;
      wire::answer said;
    };
    struct link_up {
      node_id peer;
    };
    struct link_down {
      node_id peer;
    };
    /// A link that was wanted can't be made.
    struct unreachable {
      node_id node;
    };
    /// What out::serve had done is answered.
    struct served {};
  };
  struct out {
    struct send_query {
      node_id peer;
      wire::query asked;
    };
    struct send_answer {
      node_id peer;
      wire::answer said;
    };
    /// A peer's question is for this node: answer it over its link.
    struct serve {
      node_id peer;
      wire::query asked;
    };
    /// The end of one that was asked here.
    struct answered {
      std::uint64_t number = 0;
      result<std::string> document;
    };
    struct want_link {
      node_id node;
    };
    struct release_link {
      node_id node;
    };
  };
  using effects = std::vector<
      std::variant<out::send_query, out::send_answer, out::serve, out::answered, out::want_link, out::release_link>>;

  /// What the book goes by.
  struct surroundings {
    node_id self;
    /// The neighbours that are nearer to a node, best first; itself first when it is linked.
    std::function<std::vector<node_id>(const node_id&)> ways;
    /// For people.
    std::function<std::string(const node_id&)> name;
  };
  /// @param number  the numbers by which hops know questions begin above it: on links that live on, another one than
  ///                that of the book before
  explicit question_book(surroundings around, std::uint64_t number = 0) : around_(std::move(around)), last_(number) {}

  /// Answered with the document, or:
  /// @error errc::no_route     no way leads to the node now
  /// @error errc::timed_out    no answer within limits::question_within
  /// @error errc::unsupported  the node, or all on the way, have a version that does not know such questions
  /// @error errc::outcome_unknown  of one that changes something: it was sent, and its link is lost or it timed out
  /// @error errc::too_large    the answer is over limits::node_answer_bytes_max, or the question does not fit a message
  /// @error  what the node says
  void on(const in::ask& asked, mono_time now, effects& fx);
  void on(const in::query& asked, mono_time now, effects& fx);
  void on(const in::answer& said, mono_time now, effects& fx);
  void on(const in::link_up& up, mono_time now, effects& fx);
  void on(const in::link_down& down, mono_time now, effects& fx);
  void on(const in::unreachable& node, mono_time now, effects& fx);
  void on(const in::served& done);
  void tick(mono_time now, effects& fx);
  /// Nothing: nothing waits for time to pass.
  [[nodiscard]] std::optional<mono_time> next_tick() const;

private:
  /// Who asks: somebody here, or a peer.
  struct origin {
    std::optional<node_id> peer;
    std::uint64_t number = 0; ///< its own
  };
  struct open_question {
    origin from{};
    wire::query asked{};
    mono_time until{};
    std::optional<node_id> hop{}; ///< that it was sent to; nothing: it waits for a link
    std::set<node_id> refused{};  ///< hops that had no way
    std::optional<error> why{};   ///< of the last one
    bool wants_link = false;
    std::string document{}; ///< of one asked here: the parts so far
    std::size_t bytes = 0;
  };
  using questions = std::map<std::uint64_t, open_question>;

  questions::iterator open(open_question one);
  void send(questions::iterator at, effects& fx);
  void run_out(questions::iterator at, effects& fx);
  void end(questions::iterator at, wire::answer said, effects& fx);
  void fail_with(questions::iterator at, const error& why, effects& fx);
  void take_part(questions::iterator at, wire::answer said, effects& fx);
  void refuse(const node_id& peer, const wire::query& asked, errc code, std::string why, effects& fx) const;
  [[nodiscard]] static bool changes(const open_question& one) { return !one.asked.proof.empty(); }
  [[nodiscard]] std::size_t passed_for(const node_id& peer) const;

  surroundings around_;
  questions open_;     // by the number that its hop knows it by
  std::uint64_t last_; // number
  std::size_t serving_ = 0;
};

} // namespace weft::routing
