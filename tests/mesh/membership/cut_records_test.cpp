// tests/mesh/membership/cut_records_test.cpp: cuts that nodes make at once end the same everywhere, old ones go, and
// nobody can make a node hold what it should not.
#include "mesh/membership/cut_records.hpp"

#include "tests/mesh/membership/gossip_testing.hpp"

#include <gtest/gtest.h>

namespace weft::membership {
namespace {

using namespace std::chrono_literals;

constexpr auto lease = 1h;

/// A node that makes cuts.
struct cutter {
  explicit cutter(std::uint32_t own_number)
      : id(test_id(own_number)),
        by(id),
        records(by, id),
        chain(fake_authority::item_of(test_identity(own_number)).bytes) {}

  [[nodiscard]] wire::cut asked(const std::string& name) const {
    return {.name = name, .id = 5, .pattern = ">", .bound = {}, .lease_until = now.wall + microseconds(lease)};
  }
  result<wire::item> decide(const wire::cut& wanted) { return records.decide(wanted, chain, now.wall); }
  /// Decides, and holds it.
  wire::item set(const wire::cut& wanted) {
    auto item = decide(wanted);
    EXPECT_TRUE(item) << item.error().message();
    EXPECT_EQ(records.take(*item, id, now).news.size(), 1U);
    return *item;
  }
  taken take(const wire::item& item) { return records.take(item, test_id(99), now); }
  [[nodiscard]] const wire::cut_record& record(std::string_view name) const {
    const auto* const found = records.find(name);
    WEFT_ASSERT(found != nullptr);
    return found->record;
  }
  std::vector<errc> refusals() {
    std::vector<errc> all;
    for (const auto& event : records.take_events())
      if (const auto* one = std::get_if<cut_event::refused>(&event)) all.push_back(one->why.code());
    return all;
  }

  node_id id;
  fake_authority by;
  cut_records records;
  shared_bytes chain;
  instant now{{1'000'000'000}, test_wall};
};

TEST(cut_records, a_cut_is_asked_for_then_made_then_deleted) {
  cutter a(1), b(2);
  b.take(a.set(a.asked("eod")));
  EXPECT_FALSE(b.record("eod").what.is_made());
  auto made = a.asked("eod");
  made.bound = hlc::at(a.now.wall);
  const auto second = a.set(made);
  EXPECT_EQ(b.take(second).news.size(), 1U);
  EXPECT_TRUE(b.take(second).news.empty());
  EXPECT_TRUE(b.record("eod").what.is_made());
  EXPECT_EQ(b.record("eod").count, 2U);
  EXPECT_EQ(b.records.find(key_of_cut("eod")), second);
  a.take(b.set({.name = "eod", .id = 5, .pattern = {}, .bound = {}, .lease_until = made.lease_until, .deleted = true}));
  EXPECT_TRUE(a.record("eod").what.deleted);
}

TEST(cut_records, of_two_of_one_name_the_same_holds_everywhere) {
  for (const auto ahead : {-1s, 0s, 1s}) {
    cutter a(1), b(2);
    b.now.wall = b.now.wall + microseconds{ahead};
    const auto from_a = a.set(a.asked("eod"));
    const auto from_b = b.set(b.asked("eod"));
    a.take(from_b);
    b.take(from_a);
    EXPECT_EQ(a.record("eod"), b.record("eod"));
    EXPECT_EQ(a.records.held().hashes(), b.records.held().hashes());
  }
}

TEST(cut_records, bound_ahead_of_the_clock_guard_is_refused_by_its_own_node_first) {
  cutter a(1), b(2);
  auto wanted = a.asked("eod");
  wanted.bound = hlc::at(a.now.wall + microseconds(limits::hlc_lead_max) + 1ms);
  EXPECT_EQ(a.decide(wanted).error().code(), errc::not_yet_valid);
  wanted.bound = hlc::at(a.now.wall + microseconds(limits::hlc_lead_max));
  const auto item = a.set(wanted);
  b.now.wall = b.now.wall + microseconds(-1s);
  EXPECT_TRUE(b.take(item).news.empty());
  EXPECT_EQ(b.refusals(), std::vector{errc::not_yet_valid});
  EXPECT_EQ(b.records.find("eod"), nullptr);
  b.now.wall = b.now.wall + microseconds(1s);
  EXPECT_EQ(b.take(item).news.size(), 1U);
}

TEST(cut_records, forged_one_blames_who_handed_it_on) {
  cutter a(1), b(2);
  auto item = *a.decide(a.asked("eod"));
  item.signature.at(3) ^= 1U;
  EXPECT_EQ(b.take(item).offences.size(), 1U);
  item = *a.decide(a.asked("eod"));
  item.bytes = shared_bytes::copy(as_bytes("garbage"));
  EXPECT_EQ(b.take(item).offences.size(), 1U);
  EXPECT_EQ(b.records.find("eod"), nullptr);
}

TEST(cut_records, goes_long_after_its_lease_and_does_not_come_back) {
  cutter a(1), b(2);
  const auto item = a.set(a.asked("eod"));
  a.now.wall = a.now.wall + microseconds(lease) + limits::cut_forgotten_after;
  a.records.forget_old(a.now.wall);
  EXPECT_NE(a.records.find("eod"), nullptr);
  a.now.wall = a.now.wall + 1us;
  a.records.forget_old(a.now.wall);
  EXPECT_EQ(a.records.find("eod"), nullptr);
  EXPECT_EQ(a.records.find(key_of_cut("eod")), std::nullopt);
  EXPECT_EQ(a.records.held().size(), 0U);
  const auto refused = a.take(item);
  EXPECT_TRUE(refused.news.empty());
  EXPECT_TRUE(refused.offences.empty()) << "its sender's clock may be behind";
  EXPECT_EQ(a.records.find("eod"), nullptr);
}

TEST(cut_records, lease_has_an_end) {
  cutter a(1);
  auto wanted = a.asked("eod");
  wanted.lease_until = a.now.wall + microseconds(limits::cut_lease_max) + 1us;
  EXPECT_EQ(a.decide(wanted).error().code(), errc::invalid_argument);
}

TEST(cut_records, a_full_mesh_takes_no_more_names_and_still_deletes) {
  cutter a(1);
  for (std::size_t i = 0; i < limits::cut_records_max; ++i)
    a.set(a.asked("c" + std::to_string(i)));
  EXPECT_EQ(a.decide(a.asked("one-more")).error().code(), errc::too_large);
  EXPECT_TRUE(
      a.decide({.name = "c1", .id = 5, .pattern = {}, .bound = {}, .lease_until = a.now.wall, .deleted = true}));
  cutter b(2);
  EXPECT_EQ(a.take(*b.decide(b.asked("one-more"))).news.size(), 1U) << "an author that knew less than all";
}

} // namespace
} // namespace weft::membership
