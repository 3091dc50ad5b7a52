// tests/fuzz/security/genuine_handshake.hpp: the one handshake that each kind of link has in a fuzz run.
#pragma once
#include "mesh/security/enrolment.hpp"
#include "tests/fuzz/security/fuzz_mesh.hpp"

namespace weft::security {

inline constexpr version_range fuzz_versions{1, 2};
inline constexpr instant fuzz_now{{}, new_year};

/// Whom an initiator means to reach.
enum class fuzz_expectation : std::uint8_t { anybody, hub, somebody_else };

/// What one end is and wants. 'hub' answers; 'orders' dials, without its certificate when it enrols.
struct fuzz_end {
  handshake_side side = handshake_side::responder;
  link_purpose purpose = link_purpose::member;
  fuzz_expectation expects = fuzz_expectation::anybody;

  [[nodiscard]] bool answers() const { return side == handshake_side::responder; }
  [[nodiscard]] handshake machine() const {
    const auto& mesh = fuzz_mesh::instance();
    const auto& own = answers() ? mesh.hub : mesh.orders;
    handshake_options options;
    options.side = side;
    options.purpose = purpose;
    options.versions = fuzz_versions;
    options.mesh = mesh.root.mesh();
    options.own_curve = own.keys.curve();
    options.peer_curve = (answers() ? mesh.orders : mesh.hub).keys.curve();
    if (answers() || purpose != link_purpose::enrol) options.chain = own.chain;
    if (expects == fuzz_expectation::hub) options.expected_peer = mesh.hub.chain.node.id();
    if (expects == fuzz_expectation::somebody_else) options.expected_peer = mesh.orders.chain.node.id();
    seeded_random random(answers() ? 11 : 12);
    return {std::move(options), own.keys.identity(), random};
  }
  [[nodiscard]] fuzz_end peer() const {
    return {answers() ? handshake_side::initiator : handshake_side::responder, purpose};
  }
};

using fuzz_frames = std::vector<std::vector<std::byte>>;

/// The peer's hello and proof, as this end hears them when nobody interferes.
inline fuzz_frames genuine_frames(const fuzz_end& end) {
  auto own = end.machine();
  auto peer = end.peer().machine();
  handshake_effects from_own;
  handshake_effects from_peer;
  own.start(fuzz_now, from_own);
  peer.start(fuzz_now, from_peer);
  fuzz_frames heard;
  for (int turn = 0; turn < 3; ++turn) {
    for (const auto& frame : std::exchange(from_own.send, {}))
      peer.on(frame, fuzz_now, from_peer);
    for (auto& frame : std::exchange(from_peer.send, {})) {
      own.on(frame, fuzz_now, from_own);
      heard.push_back(std::move(frame));
    }
  }
  WEFT_ASSERT(from_own.done && from_peer.done && heard.size() == 2);
  return heard;
}

} // namespace weft::security
