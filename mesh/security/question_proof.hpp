// mesh/security/question_proof.hpp: who asks a node to change something, shown over nodes in between. Pure.
//
//    0   8  when it was asked, microseconds since 1970 UTC
//    8  16  nonce, random
//   24  64  Ed25519 signature of "weft question 1\0", the asked node's id, the first 24 bytes, the length of what is
//   asked (2),
//           what is asked, the arguments
//   88      the asker's certificate chain, see chain.hpp
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "mesh/security/chain.hpp"

#include <map>
#include <string>

namespace weft::security {

/// What is asked of which node.
struct proven_question {
  node_id of;
  std::string_view what, arguments;
};

/// The bytes that go with the question.
[[nodiscard]] std::string prove_question(const proven_question& asked, const node_keys& keys,
                                         const certificate_chain& chain, wall_time now, random_source& random);

/// Decides at the asked node whether the asker may have it change something, and lets each question pass once.
class question_judge {
public:
  /// @param begun  now: what was asked before is not known any more, and is refused
  question_judge(const mesh_id& mesh, wall_time begun) noexcept : mesh_(mesh), begun_(begun) {}

  /// @returns the asker's certificate
  /// @error errc::denied     it has not the role admin; or the question has passed before
  /// @error errc::bad_proof  it is not signed by who it says
  /// @error errc::expired    asked more than limits::clock_skew_allowed ago or ahead, by its clock, or before the start
  /// @error errc::busy       too many questions are remembered   @error as check_chain() and check_time()
  [[nodiscard]] result<certificate> judge(const proven_question& asked, byte_view proof, wall_time now);

private:
  using nonce = std::array<std::uint8_t, 16>;

  mesh_id mesh_;
  wall_time begun_;
  std::multimap<wall_time, nonce> seen_; // by when it was asked
};

} // namespace weft::security
