#include "tests/mesh/security/security_testing.hpp"

namespace weft::security {
namespace {

using testing::HasSubstr;

class token : public testing::Test {
protected:
  token() { EXPECT_TRUE(store.add(record(1), new_year)); }

  static token_id id_of(std::uint8_t fill) {
    token_id id;
    id.bytes.fill(fill);
    return id;
  }
  static token_secret secret_of(std::uint8_t fill) {
    std::array<std::uint8_t, 16> bytes{};
    bytes.fill(fill);
    return token_secret::take(bytes);
  }
  static token_record record(std::uint8_t fill, wall_time expires = new_year + limits::invitation_life) {
    return {id_of(fill), hash_of(id_of(fill), secret_of(fill)), "billing", default_roles, expires, {}, {}};
  }
  errc tried(std::uint8_t id, std::uint8_t secret, instant now = at(new_year), std::uint8_t by = 3) {
    return code_of(store.open(id_of(id), secret_of(secret), keys_of(by).id(), now));
  }

  records_in_memory records;
  token_store store{records};
};

TEST_F(token, opens_its_record) {
  const auto opened = store.open(id_of(1), secret_of(1), keys_of(3).id(), at(new_year));
  ASSERT_TRUE(opened) << text_of(opened);
  EXPECT_EQ(*opened, record(1));
}

TEST_F(token, wrong_or_unknown_is_bad) { // T46
  EXPECT_EQ(tried(1, 2), errc::bad_token);
  EXPECT_EQ(tried(2, 2), errc::bad_token);
}

TEST_F(token, the_secret_of_one_does_not_open_another) { // T46
  ASSERT_TRUE(store.add(record(2), new_year));
  EXPECT_EQ(tried(1, 2), errc::bad_token);
  EXPECT_EQ(tried(2, 2), errc::ok);
}

TEST_F(token, used_is_bad_for_all_but_its_node) { // T46
  auto opened = store.open(id_of(1), secret_of(1), keys_of(3).id(), at(new_year));
  ASSERT_TRUE(opened);
  const auto used = store.use(std::move(*opened), keys_of(3).id(), node_number(2));
  ASSERT_TRUE(used);
  EXPECT_EQ(records.tokens.at(id_of(1)).used_by, keys_of(3).id()); // saved before anybody is answered
  EXPECT_EQ(tried(1, 1, at(new_year), 4), errc::bad_token);
  const auto again = store.open(id_of(1), secret_of(1), keys_of(3).id(), at(new_year));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->number, node_number(2));
}

TEST_F(token, that_can_not_be_saved_as_used_is_not_given) { // T46
  auto opened = store.open(id_of(1), secret_of(1), keys_of(3).id(), at(new_year));
  records.fail_token_saves = true;
  EXPECT_EQ(code_of(store.use(std::move(*opened), keys_of(3).id(), node_number(2))), errc::disk_full);
}

TEST_F(token, expires) { // T46
  const auto end = new_year + limits::invitation_life;
  EXPECT_EQ(tried(1, 1, at(end)), errc::ok);
  EXPECT_EQ(tried(1, 1, at(end + microseconds(1))), errc::expired);
}

TEST_F(token, only_who_has_the_secret_hears_that_it_expired) {
  EXPECT_EQ(tried(1, 2, at(new_year + microseconds(day_us))), errc::bad_token);
}

TEST_F(token, guessed_eleven_times_in_a_minute_is_rate_limited_even_with_the_right_secret) { // T46
  for (int i = 0; i < limits::token_tries_per_minute; ++i)
    EXPECT_EQ(tried(1, 2, at(new_year, i * 1000)), errc::bad_token) << i;
  EXPECT_EQ(tried(1, 2, at(new_year, 20'000)), errc::rate_limited);
  EXPECT_EQ(tried(1, 1, at(new_year, 59'999'999)), errc::rate_limited);
  EXPECT_EQ(tried(1, 1, at(new_year, 60'000'000)), errc::ok); // the first try is a minute ago
  EXPECT_EQ(tried(1, 1, at(new_year, 60'000'500)), errc::rate_limited);
}

TEST_F(token, ids_that_nobody_has_are_rate_limited_together_and_keep_nobody_out) { // T46
  for (int i = 0; i < limits::token_tries_per_minute; ++i)
    EXPECT_EQ(tried(static_cast<std::uint8_t>(100 + i), 1), errc::bad_token);
  EXPECT_EQ(tried(200, 1), errc::rate_limited);
  EXPECT_EQ(tried(1, 1), errc::ok);
}

TEST_F(token, a_wall_clock_that_jumps_does_not_reset_the_rate) {
  for (int i = 0; i < limits::token_tries_per_minute; ++i)
    EXPECT_EQ(tried(1, 2), errc::bad_token);
  EXPECT_EQ(tried(1, 2, at(new_year + microseconds(day_us))), errc::rate_limited);
}

TEST_F(token, long_expired_is_forgotten_when_another_is_made) {
  constexpr microseconds kept = limits::token_kept_after_expiry;
  const auto end = new_year + limits::invitation_life;
  ASSERT_TRUE(store.add(record(2, end + 2 * kept), end + kept));
  EXPECT_EQ(records.tokens.size(), 2U);
  ASSERT_TRUE(store.add(record(3, end + 2 * kept), end + kept + microseconds(1)));
  EXPECT_EQ(records.tokens.count(id_of(1)), 0U);
  EXPECT_EQ(records.tokens.size(), 2U);
}

TEST_F(token, secret_is_kept_as_a_hash_only) { // T50
  const auto& kept = records.tokens.at(id_of(1));
  EXPECT_NE(kept.secret_hash, hash256{});
  EXPECT_EQ(hex(bytes_of(kept.secret_hash)).find(std::string(8, '1')), std::string::npos);
}

} // namespace
} // namespace weft::security
