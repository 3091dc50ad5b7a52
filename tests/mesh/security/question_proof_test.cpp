#include "mesh/security/question_proof.hpp"

#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

class question_proof : public testing::Test {
protected:
  [[nodiscard]] std::string proof_of(const credentials& by, wall_time when = new_year) {
    return prove_question(asked, by.keys, by.chain, when, mesh.random);
  }
  [[nodiscard]] errc judged(const std::string& proof, wall_time now = new_year) {
    last = judge.judge(asked, as_bytes(proof), now);
    return code_of(last);
  }

  test_mesh mesh;
  credentials boss = mesh.member("boss", 3, default_roles.with(role::admin)), clerk = mesh.member("clerk", 4);
  proven_question asked{boss.keys.id(), "groups.seek", R"({"name":"packers"})"};
  question_judge judge{mesh.id(), new_year - microseconds(day_us)};
  result<certificate> last = fail(errc::internal, "not asked");
};

TEST_F(question_proof, names_who_asks) {
  ASSERT_EQ(judged(proof_of(boss)), errc::ok);
  EXPECT_EQ(last->name, "boss");
  EXPECT_EQ(judged(proof_of(mesh.founder)), errc::ok) << "it has all roles";
}

TEST_F(question_proof, of_a_node_without_the_role_gives_nothing) {
  EXPECT_EQ(judged(proof_of(clerk)), errc::denied);
  EXPECT_THAT(text_of(last), HasSubstr("clerk has not the role admin"));
}

TEST_F(question_proof, is_for_these_words_and_this_node) {
  const auto proof = proof_of(boss);
  for (const auto& other :
       {proven_question{clerk.keys.id(), asked.what, asked.arguments},
        proven_question{asked.of, "groups.delete", asked.arguments}, proven_question{asked.of, asked.what, "{}"},
        proven_question{asked.of, "groups.see", R"(k{"name":"packers"})"}})
    EXPECT_EQ(code_of(judge.judge(other, as_bytes(proof), new_year)), errc::bad_proof);
  EXPECT_EQ(judged(proof), errc::ok);
}

TEST_F(question_proof, holds_once) {
  const auto proof = proof_of(boss);
  EXPECT_EQ(judged(proof), errc::ok);
  EXPECT_EQ(judged(proof), errc::denied);
  EXPECT_EQ(judged(proof, new_year + limits::clock_skew_allowed), errc::denied) << "while it could be believed";
  EXPECT_EQ(judged(proof_of(boss)), errc::ok) << "asked once more";
}

TEST_F(question_proof, holds_for_some_minutes_and_not_over_a_start_of_the_node) {
  const microseconds skew = limits::clock_skew_allowed, one{1};
  EXPECT_EQ(judged(proof_of(boss, new_year - skew)), errc::ok);
  EXPECT_EQ(judged(proof_of(boss, new_year + skew)), errc::ok);
  EXPECT_EQ(judged(proof_of(boss, new_year - skew - one)), errc::expired);
  EXPECT_EQ(judged(proof_of(boss, new_year + skew + one)), errc::expired);
  question_judge begun{mesh.id(), new_year};
  EXPECT_EQ(code_of(begun.judge(asked, as_bytes(proof_of(boss, new_year - one)), new_year)), errc::expired);
  EXPECT_EQ(code_of(begun.judge(asked, as_bytes(proof_of(boss)), new_year)), errc::ok);
}

TEST_F(question_proof, of_another_mesh_or_of_damaged_bytes_is_refused) {
  test_mesh other(9);
  EXPECT_EQ(judged(prove_question(asked, other.founder.keys, other.founder.chain, new_year, mesh.random)),
            errc::wrong_mesh);
  const auto proof = proof_of(boss);
  for (std::size_t size = 0; size < proof.size(); ++size)
    EXPECT_NE(judged(proof.substr(0, size)), errc::ok) << size;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    auto changed = proof;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(judged(changed), errc::ok) << i;
  }
}

TEST_F(question_proof, of_another_nodes_chain_is_refused) {
  EXPECT_EQ(judged(prove_question(asked, clerk.keys, boss.chain, new_year, mesh.random)), errc::bad_proof);
}

TEST_F(question_proof, so_many_are_remembered) {
  for (std::size_t i = 0; i < limits::question_proofs_seen_max; ++i)
    ASSERT_EQ(judged(proof_of(boss)), errc::ok) << i;
  EXPECT_EQ(judged(proof_of(boss)), errc::busy);
  const auto later = new_year + limits::clock_skew_allowed + microseconds(1);
  EXPECT_EQ(judged(proof_of(boss, later), later), errc::ok) << "the first ones are too old to come again";
}

} // namespace
} // namespace weft::security
