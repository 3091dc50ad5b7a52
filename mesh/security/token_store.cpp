#include "mesh/security/token_store.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/text_time.hpp"

#include <fmt/format.h>

namespace weft::security {
namespace {

constexpr microseconds minute = std::chrono::minutes(1);

tl::unexpected<error> bad_token() {
  return fail(errc::bad_token, "the invitation's token is unknown, wrong or used: ask for a new invitation");
}

tl::unexpected<error> too_often() {
  return fail(errc::rate_limited,
              fmt::format("tokens were tried {} times within a minute: wait a minute, then try again",
                          limits::token_tries_per_minute));
}

} // namespace

hash256 hash_of(const token_id& id, const token_secret& secret) {
  using namespace std::string_view_literals;
  return blake2b_256({as_bytes("weft token 1\0"sv), bytes_of(id.bytes), bytes_of(secret.reveal())});
}

result<void> token_store::add(const token_record& record, wall_time now) {
  if (auto erased = records_->erase_expired(now - limits::token_kept_after_expiry); !erased) return erased;
  return records_->save(record);
}

result<token_record> token_store::open(const token_id& id, const token_secret& secret, const node_id& by, instant now) {
  forget_old_tries(now.mono);
  auto found = records_->load(id);
  if (!found) return fail(std::move(found.error()));
  if (!*found) {
    if (!count(of_unknown_, now.mono)) return too_often();
    return bad_token();
  }
  auto& record = **found;
  if (!count(tries_[id], now.mono)) return too_often();
  if (!equal_in_constant_time(record.secret_hash, hash_of(id, secret))) return bad_token();
  if (record.used_by && *record.used_by != by) return bad_token();
  if (now.wall > record.expires)
    return fail(errc::expired, fmt::format("the invitation of '{}' expired at {}: ask for a new one", record.name,
                                           rfc3339_text(record.expires)));
  return std::move(record);
}

result<token_record> token_store::use(token_record record, const node_id& by, node_number number) {
  WEFT_ASSERT(!record.used_by && number.value() != 0);
  record.used_by = by;
  record.number = number;
  if (auto saved = records_->save(record); !saved) return fail(std::move(saved.error()));
  return record;
}

/// @returns whether there is a try left; then it is noted
bool token_store::count(tries& of, mono_time now) noexcept {
  auto& oldest = of.at[of.count % of.at.size()];
  if (of.count >= of.at.size() && now - oldest < minute) return false;
  oldest = now;
  ++of.count;
  return true;
}

void token_store::forget_old_tries(mono_time now) {
  std::erase_if(tries_, [now](const auto& item) {
    const tries& of = item.second;
    return now - of.at[(of.count - 1) % of.at.size()] >= minute;
  });
}

} // namespace weft::security
