#include "mesh/routing/question_book.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <deque>
#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using book = question_book;

/// Nodes whose books send to each other, one message at a time. What a node is asked it answers with its name, in
/// parts.
struct question_book_fixture : ::testing::Test {
  struct node {
    std::unique_ptr<question_book> asks;
    std::map<node_id, std::vector<node_id>> ways;
    bool old = false, mute = false;
  };
  struct frame {
    node_id from, to;
    std::variant<wire::query, wire::answer> said;
  };

  question_book_fixture() {
    for (std::uint32_t i = 0; i < 6; ++i)
      at(i).asks = std::make_unique<question_book>(question_book::surroundings{
          node_of(i), [this, i](const node_id& to) { return at(i).ways[to]; },
          [](const node_id& id) { return id == node_of(5) ? "e" : "x" + std::to_string(id.bytes()[31]); }});
  }
  node& at(std::uint32_t i) { return nodes[node_of(i)]; }
  void way(std::uint32_t from, std::uint32_t to, const std::vector<std::uint32_t>& over) {
    auto& hops = at(from).ways[node_of(to)];
    hops.clear();
    for (const auto hop : over)
      hops.push_back(node_of(hop));
  }

  void carry_out(const node_id& here, book::effects fx) {
    for (auto& effect : fx)
      std::visit([&](auto& one) { done(here, one); }, effect);
  }
  void done(const node_id& here, book::out::send_query& send) { frames.push_back({here, send.peer, send.asked}); }
  void done(const node_id& here, book::out::send_answer& send) { frames.push_back({here, send.peer, send.said}); }
  void done(const node_id& here, book::out::serve& serve) {
    served.push_back(serve.asked);
    if (hold) return held.push_back({here, serve.peer, serve.asked});
    for (const auto& part : parts)
      frames.push_back({here, serve.peer, wire::answer{serve.asked.request, errc::ok, {}, part, here, true}});
    frames.push_back(
        {here, serve.peer, wire::answer{serve.asked.request, code, why, code == errc::ok ? "end" : "", here, false}});
    nodes[here].asks->on(book::in::served{});
  }
  void done(const node_id&, book::out::answered& answered) {
    answers.insert_or_assign(answered.number, answered.document);
  }
  void done(const node_id&, book::out::want_link& want) { wanted.push_back(want.node); }
  void done(const node_id&, book::out::release_link& release) { std::erase(wanted, release.node); }

  void ask(std::uint32_t from, std::uint32_t to, const std::string& proof = {}, const std::string& arguments = "{}") {
    book::effects fx;
    at(from).asks->on(book::in::ask{++asked, node_of(to), "lag", arguments, proof}, now, fx);
    carry_out(node_of(from), std::move(fx));
  }
  template <class In>
  void tell(std::uint32_t here, const In& input) {
    book::effects fx;
    at(here).asks->on(input, now, fx);
    carry_out(node_of(here), std::move(fx));
  }
  void deliver() {
    while (!frames.empty()) {
      const auto one = std::move(frames.front());
      frames.pop_front();
      auto& there = nodes[one.to];
      if (there.mute) continue;
      book::effects fx;
      if (const auto* query = std::get_if<wire::query>(&one.said)) {
        if (there.old)
          frames.push_back({one.to, one.from, wire::answer{query->request, errc::denied, "only programs may ask", {}}});
        else
          there.asks->on(book::in::query{one.from, *query}, now, fx);
      } else {
        there.asks->on(book::in::answer{one.from, std::get<wire::answer>(one.said)}, now, fx);
      }
      carry_out(one.to, std::move(fx));
    }
  }
  void wait(microseconds time) {
    now = now + time;
    for (auto& [id, one] : nodes) {
      book::effects fx;
      one.asks->tick(now, fx);
      carry_out(id, std::move(fx));
    }
    deliver();
  }
  [[nodiscard]] errc outcome() { return answers.contains(asked) ? code_of_last() : errc::would_block; }
  [[nodiscard]] errc code_of_last() { return answers.at(asked) ? errc::ok : answers.at(asked).error().code(); }

  std::map<node_id, node> nodes;
  std::deque<frame> frames;
  std::vector<wire::query> served;
  std::vector<frame> held;
  bool hold = false;
  std::vector<std::string> parts;
  errc code = errc::ok;
  std::string why;
  std::map<std::uint64_t, result<std::string>> answers;
  std::vector<node_id> wanted;
  std::uint64_t asked = 0;
  mono_time now{};
};

TEST_F(question_book_fixture, a_neighbour_answers) {
  way(1, 2, {2});
  ask(1, 2);
  deliver();
  EXPECT_EQ(answers.at(asked).value(), "end");
  EXPECT_FALSE(at(1).asks->next_tick()) << "nothing waits any more";
}

TEST_F(question_book_fixture, an_answer_comes_back_over_the_nodes_between_part_by_part) {
  way(1, 5, {2});
  way(2, 5, {3});
  way(3, 5, {5});
  parts = {"one ", "two "};
  ask(1, 5);
  deliver();
  EXPECT_EQ(answers.at(asked).value(), "one two end");
  EXPECT_EQ(served.at(0).hops, limits::question_hops_max - 2);
  for (const auto i : {1U, 2U, 3U})
    EXPECT_FALSE(at(i).asks->next_tick()) << i;
}

TEST_F(question_book_fixture, what_the_node_says_against_it_comes_back) {
  way(1, 5, {2});
  way(2, 5, {5});
  code = errc::not_found;
  why = "no such group";
  ask(1, 5);
  deliver();
  EXPECT_EQ(answers.at(asked).error().message(), "no such group");
  EXPECT_EQ(outcome(), errc::not_found);
}

TEST_F(question_book_fixture, a_hop_without_a_way_is_passed_over) {
  way(1, 5, {2, 3});
  way(3, 5, {5});
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::ok);
}

TEST_F(question_book_fixture, an_older_hop_is_passed_over_and_named_when_there_is_no_other) {
  way(1, 5, {2, 3});
  way(3, 5, {5});
  at(2).old = true;
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::ok);
  at(3).old = true;
  ask(1, 5);
  deliver();
  wait(limits::question_within);
  EXPECT_EQ(outcome(), errc::unsupported);
  EXPECT_NE(answers.at(asked).error().message().find("x3 has an older version"), std::string::npos);
}

TEST_F(question_book_fixture, an_older_node_is_named_at_once) {
  way(1, 5, {5, 3});
  way(3, 5, {5});
  at(5).old = true;
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::unsupported);
  EXPECT_TRUE(served.empty());
}

TEST_F(question_book_fixture, without_a_way_a_link_is_wanted_until_the_answer) {
  ask(1, 5);
  EXPECT_EQ(wanted, std::vector{node_of(5)});
  way(1, 5, {5});
  tell(1, book::in::link_up{node_of(5)});
  deliver();
  EXPECT_EQ(outcome(), errc::ok);
  EXPECT_TRUE(wanted.empty());
}

TEST_F(question_book_fixture, a_node_that_no_way_leads_to_is_given_up_in_time) {
  ask(1, 5);
  wait(limits::question_within - microseconds(1));
  EXPECT_EQ(outcome(), errc::would_block);
  wait(microseconds(1));
  EXPECT_EQ(outcome(), errc::no_route);
  EXPECT_TRUE(wanted.empty());
  ask(1, 5);
  tell(1, book::in::unreachable{node_of(5)});
  EXPECT_EQ(outcome(), errc::no_route) << "at once: it can't be dialled";
}

TEST_F(question_book_fixture, a_node_that_says_nothing_is_given_up_in_time) {
  way(1, 5, {2});
  way(2, 5, {5});
  at(5).mute = true;
  ask(1, 5);
  deliver();
  wait(limits::question_within);
  EXPECT_EQ(outcome(), errc::timed_out);
  EXPECT_FALSE(at(2).asks->next_tick());
}

TEST_F(question_book_fixture, it_goes_over_another_hop_when_its_link_is_lost) {
  way(1, 5, {2});
  ask(1, 5);
  frames.clear();
  way(1, 5, {5});
  tell(1, book::in::link_down{node_of(2)});
  deliver();
  EXPECT_EQ(outcome(), errc::ok);
}

TEST_F(question_book_fixture, what_changes_something_is_sent_once) {
  way(1, 5, {2, 5});
  ask(1, 5, "proof");
  frames.clear();
  way(1, 5, {5});
  tell(1, book::in::link_down{node_of(2)});
  deliver();
  EXPECT_EQ(outcome(), errc::outcome_unknown);
  EXPECT_TRUE(served.empty());
  at(5).mute = true;
  ask(1, 5, "proof");
  deliver();
  wait(limits::question_within);
  EXPECT_EQ(outcome(), errc::outcome_unknown);
}

TEST_F(question_book_fixture, what_may_have_been_done_beyond_a_hop_is_not_asked_again) {
  way(1, 5, {2, 3});
  way(2, 5, {5});
  way(3, 5, {5});
  at(5).mute = true;
  ask(1, 5, "proof");
  deliver();
  way(2, 5, {});
  tell(2, book::in::link_down{node_of(5)});
  at(5).mute = false;
  deliver();
  EXPECT_EQ(outcome(), errc::outcome_unknown);
  EXPECT_TRUE(served.empty());
}

TEST_F(question_book_fixture, an_older_node_behind_a_hop_is_named_at_once) {
  way(1, 5, {2, 3});
  way(2, 5, {5});
  way(3, 5, {5});
  at(5).old = true;
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::unsupported);
  EXPECT_NE(answers.at(asked).error().message().find("e has an older version"), std::string::npos);
}

TEST_F(question_book_fixture, a_circle_ends) {
  way(1, 5, {2});
  way(2, 5, {3});
  way(3, 5, {4});
  way(4, 5, {2});
  ask(1, 5);
  deliver();
  wait(limits::question_within);
  EXPECT_EQ(outcome(), errc::no_route);
  EXPECT_TRUE(served.empty());
}

TEST_F(question_book_fixture, it_does_not_go_back_to_where_it_came_from) {
  way(1, 5, {2});
  way(2, 5, {1});
  ask(1, 5);
  deliver();
  EXPECT_EQ(frames.size(), 0U);
  wait(limits::question_within);
  EXPECT_EQ(outcome(), errc::no_route);
}

TEST_F(question_book_fixture, an_answer_is_taken_from_the_node_that_was_asked_alone) {
  way(1, 5, {5});
  ask(1, 5);
  const auto request = std::get<wire::query>(frames.front().said).request;
  tell(1, book::in::answer{node_of(4), {request, errc::ok, {}, "false", node_of(5), false}});
  EXPECT_EQ(outcome(), errc::would_block);
  tell(1, book::in::answer{node_of(5), {request, errc::ok, {}, "of another", node_of(4), false}});
  EXPECT_EQ(outcome(), errc::would_block);
  deliver();
  EXPECT_EQ(answers.at(asked).value(), "end");
}

TEST_F(question_book_fixture, an_answer_is_bounded_at_who_asks_and_on_the_way) {
  way(1, 5, {2});
  way(2, 5, {5});
  parts = {std::string(limits::node_answer_bytes_max, 'x')};
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::too_large);
  EXPECT_FALSE(at(2).asks->next_tick());
  ask(1, 5, {}, std::string(limits::control_bytes_max, 'x'));
  EXPECT_EQ(outcome(), errc::too_large) << "it fits no message";
}

TEST_F(question_book_fixture, a_node_answers_so_many_at_once) {
  way(1, 5, {5});
  hold = true;
  for (std::size_t i = 0; i < limits::questions_served_max; ++i)
    ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::would_block);
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::busy);
  at(5).asks->on(book::in::served{});
  ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::would_block) << "it is served";
}

TEST_F(question_book_fixture, a_node_passes_on_so_many_of_one_peer) {
  way(2, 5, {5});
  way(1, 5, {2});
  at(5).mute = true;
  for (std::size_t i = 0; i < limits::questions_per_link_max; ++i)
    ask(1, 5);
  deliver();
  EXPECT_EQ(outcome(), errc::would_block);
  tell(2, book::in::query{node_of(1), {7, "lag", "{}", true, node_of(5), 9, {}}});
  EXPECT_EQ(std::get<wire::answer>(frames.back().said).code, errc::busy);
  frames.clear();
  tell(2, book::in::query{node_of(3), {7, "lag", "{}", true, node_of(5), 9, {}}});
  EXPECT_TRUE(std::holds_alternative<wire::query>(frames.back().said)) << "another peer has its own share";
  tell(2, book::in::link_down{node_of(1)});
  tell(2, book::in::query{node_of(1), {7, "lag", "{}", true, node_of(5), 9, {}}});
  EXPECT_TRUE(std::holds_alternative<wire::query>(frames.back().said)) << "who went has none under way";
}

} // namespace
} // namespace weft::routing
