// tests/fuzz/security/handshake_fuzz.cpp: any messages to either end of a link that is set up, and then to the issuer.
// Nobody is established who did not send the genuine hello and proof: nothing else is signed. Input: one byte that says
// which end, then messages, each with its length (2, little-endian) before it. With WEFT_PLANTED_BUG the length of a
// hello's credential is believed unchecked.
#include "mesh/security/layout.hpp"
#include "tests/fuzz/security/genuine_handshake.hpp"

namespace {

using namespace weft;
using namespace weft::security;

void check_decoders(byte_view message) {
#ifdef WEFT_PLANTED_BUG
  constexpr std::size_t length_at = 76;
  if (message.size() > length_at + 2 && as_text(message.first(5)) == std::string_view("weft\1")) {
    const auto length = layout_reader(message.subspan(length_at, 2)).integer<std::uint16_t>();
    const std::vector<std::byte> credential(message.data() + length_at + 2, message.data() + length_at + 2 + length);
    if (credential.empty()) return;
  }
#endif
  const auto encoded = [](const auto& part) { return encode(part); };
  if (const auto item = decode_handshake(message, fuzz_versions))
    WEFT_ASSERT(same(std::visit(encoded, *item), message));
  if (const auto item = decode_enrolment_request(message)) WEFT_ASSERT(same(std::visit(encoded, *item), message));
  if (const auto item = decode_enrolment_reply(message)) WEFT_ASSERT(same(std::visit(encoded, *item), message));
  const auto& mesh = fuzz_mesh::instance();
  (void)accept_reply(message, mesh.orders.keys, mesh.root.mesh(), "orders", new_year);
}

/// Whatever a proven peer asks an issuer is answered, by something that its peer can read.
void ask_issuer(byte_view message, const established& peer) {
  const auto& mesh = fuzz_mesh::instance();
  std::array<std::uint8_t, 16> secret{};
  token_record known;
  known.secret_hash = hash_of(known.id, token_secret::take(secret));
  known.name = "orders";
  known.expires = new_year;
  fuzz_records records(known);
  seeded_random random(2);
  issuer door(mesh.hub, records, records, records, random);
  const auto reply = door.answer(message, peer, mesh.orders.keys.curve(), fuzz_now);
  WEFT_ASSERT(reply.size() <= limits::handshake_bytes_max && decode_enrolment_reply(reply));
}

fuzz_end end_of(std::uint8_t choice) {
  constexpr std::array purposes{link_purpose::member, link_purpose::enrol, link_purpose::renew};
  const auto side = choice % 2 == 0 ? handshake_side::responder : handshake_side::initiator;
  if (side == handshake_side::responder) return {side, purposes[choice / 2 % 3]};
  return {side, purposes[choice / 2 % 3], static_cast<fuzz_expectation>(choice / 6 % 3)};
}

/// The genuine messages to the end that a byte chooses, made once.
const fuzz_frames& genuine(std::uint8_t choice) {
  static std::map<std::uint8_t, fuzz_frames> made;
  const auto [place, fresh] = made.try_emplace(choice);
  if (fresh) place->second = genuine_frames(end_of(choice));
  return place->second;
}

/// A responder takes whatever purpose the hello has.
bool is_genuine(const fuzz_frames& heard, bool answers) {
  for (std::uint8_t choice = answers ? 0 : 1; choice < 6; choice = static_cast<std::uint8_t>(choice + 2))
    if (heard == genuine(choice)) return true;
  return false;
}

/// One end of a link, and what its peer says.
class conversation {
public:
  explicit conversation(std::uint8_t choice) : end_(end_of(choice)), machine_(end_.machine()) {
    handshake_effects effects;
    machine_.start(fuzz_now, effects);
  }

  void hear(byte_view message) {
    if (peer_) return ask_issuer(message, *peer_);
    if (closed_) return hear_nothing_more(message);
    handshake_effects effects;
    heard_.emplace_back(message.begin(), message.end());
    machine_.on(message, fuzz_now, effects);
    for (const auto& answer : effects.send)
      WEFT_ASSERT(answer.size() <= limits::handshake_bytes_max && decode_handshake(answer, fuzz_versions));
    WEFT_ASSERT(!effects.done || !effects.close);
    WEFT_ASSERT(!effects.done || is_genuine(heard_, end_.answers()));
    WEFT_ASSERT(!effects.done || end_.expects != fuzz_expectation::somebody_else);
    closed_ = effects.close.has_value();
    peer_ = std::move(effects.done);
  }

  /// The peer says no more: then the handshake is over after a while, whatever it was at.
  void fall_silent() {
    const instant late{fuzz_now.mono + microseconds(limits::handshake_within), fuzz_now.wall};
    handshake_effects effects;
    machine_.tick(late, effects);
    WEFT_ASSERT(effects.close.has_value() == (!peer_ && !closed_));
    WEFT_ASSERT(effects.send.empty() && !effects.done);
    closed_ = true;
    hear_nothing_more({});
  }

private:
  void hear_nothing_more(byte_view message) {
    handshake_effects effects;
    machine_.on(message, fuzz_now, effects);
    WEFT_ASSERT(effects.close && effects.send.empty() && !effects.done);
  }

  fuzz_end end_;
  handshake machine_;
  fuzz_frames heard_;
  std::optional<established> peer_;
  bool closed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  conversation talk(data[0]);
  for (auto rest = view_of(data + 1, size - 1); rest.size() >= 2;) {
    const std::size_t length = layout_reader(rest.first(2)).integer<std::uint16_t>();
    const auto message = rest.subspan(2, std::min(length, rest.size() - 2));
    rest = rest.subspan(2 + message.size());
    // A copy of its own, so that a read beyond its end is seen.
    const std::vector<std::byte> copy(message.begin(), message.end());
    check_decoders(copy);
    talk.hear(copy);
  }
  talk.fall_silent();
  return 0;
}
