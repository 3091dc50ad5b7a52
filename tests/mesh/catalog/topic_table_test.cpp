#include "mesh/catalog/topic_table.hpp"

#include "tests/mesh/catalog/catalog_testing.hpp"

#include <ctime>
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace weft::catalog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::vector<std::string> names(catalog& in, bool with_deleted = false) {
  std::vector<std::string> all;
  for (const auto& topic : must(in.topics().list(with_deleted)))
    all.push_back(topic.name);
  return all;
}

TEST(topic_table, keeps_every_setting_over_a_restart) {
  const memory_directory directory;
  const wire::topic_settings settings{microseconds(36h),
                                      std::uint64_t{1} << 63U,
                                      ack_level::replicated(2),
                                      3,
                                      wire::codec::lz4,
                                      "tea",
                                      {"table A {} root_type A;", "x > 0"},
                                      2,
                                      true,
                                      true,
                                      microseconds(1h),
                                      microseconds(48h)};
  topic_record made;
  {
    const auto open = must_open(directory.path());
    made = must(open->topics().create("retail.orders", settings, noon));
    EXPECT_EQ(made, (topic_record{topic_id{1}, "retail.orders", noon, std::nullopt, settings}));
  }
  const auto open = must_open(directory.path());
  EXPECT_EQ(open->origin(), catalog_origin::existing);
  EXPECT_EQ(must(open->topics().find("retail.orders")), made);
  EXPECT_EQ(must(open->topics().find(topic_id{1})), made);
  EXPECT_EQ(must(open->topics().find("retail")), std::nullopt);
}

TEST(topic_table, refuses_a_second_topic_of_a_living_name) {
  const auto open = in_memory();
  create(*open, "a");
  EXPECT_EQ(code_of(open->topics().create("a", {}, noon)), errc::already_exists);
  EXPECT_EQ(create(*open, "b"), topic_id{2}); // no number was lost
}

TEST(topic_table, refuses_names_and_settings_outside_their_domain) {
  const auto open = in_memory();
  EXPECT_EQ(code_of(open->topics().create("a..b", {}, noon)), errc::invalid_name);
  EXPECT_EQ(code_of(open->topics().create("a", {.keep_time = 0us}, noon)), errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.keep_bytes = 0}, noon)), errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.keep_time = 1h, .compaction = true, .compaction_after = 1h}, noon)),
            errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.compaction = true, .tombstones_kept = -1us}, noon)),
            errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.replicas = limits::replicas_max + 1}, noon)), errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.ack = ack_level::replicated(2), .replicas = 1}, noon)),
            errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.codec = wire::codec::zstd}, noon)), errc::unsupported);
  const auto id = create(*open, "a");
  EXPECT_EQ(code_of(open->topics().alter(id, {.keep_bytes = 0})), errc::invalid_argument);
}

TEST(topic_table, has_a_quarantine_with_a_contract_alone) {
  const auto open = in_memory();
  EXPECT_EQ(code_of(open->topics().create("a", {.quarantine = true}, noon)), errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.contract = {"", "x > 0"}}, noon)), errc::invalid_argument);
  EXPECT_EQ(code_of(open->topics().create("a", {.contract = {"t"}, .compatibility = 4}, noon)), errc::unsupported);
  EXPECT_EQ(code_of(open->topics().create("a", {.contract = {std::string(limits::contract_bytes_max + 1, 't')}}, noon)),
            errc::too_large);
}

TEST(topic_table, alters_settings_and_nothing_else) {
  const auto open = in_memory();
  auto topic = must(open->topics().create("a", {.keep_time = 1s, .description = "before"}, noon));
  topic.settings = {.keep_bytes = 4096, .description = "after", .until_consumed = true};
  must(open->topics().alter(topic.id, topic.settings));
  EXPECT_EQ(must(open->topics().find("a")), topic);
  must(open->integrity());
}

TEST(topic_table, a_deleted_topic_stays_as_a_tombstone_and_its_number_is_not_given_again) {
  const memory_directory directory;
  {
    const auto open = must_open(directory.path());
    create(*open, "a");
    must(open->topics().remove(topic_id{1}, noon + 1s));
    EXPECT_EQ(must(open->topics().find("a")), std::nullopt);
    EXPECT_EQ(must(open->topics().find(topic_id{1}))->deleted, noon + 1s);
  }
  const auto open = must_open(directory.path());
  EXPECT_EQ(create(*open, "a"), topic_id{2});
  EXPECT_THAT(names(*open), ElementsAre("a"));
  EXPECT_THAT(names(*open, true), ElementsAre("a", "a"));
  EXPECT_EQ(code_of(open->topics().alter(topic_id{1}, {})), errc::not_found);
  EXPECT_EQ(code_of(open->topics().remove(topic_id{1}, noon)), errc::not_found);
  EXPECT_EQ(code_of(open->topics().remove(topic_id{9}, noon)), errc::not_found);
}

TEST(topic_table, restores_what_only_the_log_has_and_numbers_go_on_above) {
  const auto open = in_memory();
  must(open->topics().create("kept", {.description = "mine"}, noon));
  const std::vector<logged_topic> logged{{topic_id{7}, "b"}, {topic_id{1}, "kept"}, {topic_id{3}, "a"}};
  EXPECT_EQ(must(open->topics().restore(logged, {.description = "restored"}, noon)), 2U);
  EXPECT_EQ(must(open->topics().restore(logged, {}, noon)), 0U);
  EXPECT_EQ(must(open->topics().find("kept"))->settings.description, "mine");
  EXPECT_EQ(must(open->topics().find("b"))->settings.description, "restored");
  EXPECT_EQ(create(*open, "c"), topic_id{8});
}

TEST(topic_table, of_two_numbers_with_one_name_the_higher_lives) {
  const auto open = in_memory();
  must(open->topics().restore(std::vector<logged_topic>{{topic_id{5}, "a"}, {topic_id{2}, "a"}}, {}, noon));
  EXPECT_EQ(must(open->topics().find("a"))->id, topic_id{5});
  EXPECT_TRUE(must(open->topics().find(topic_id{2}))->deleted);
  must(open->topics().restore(std::vector<logged_topic>{{topic_id{9}, "a"}, {topic_id{4}, "a"}}, {}, noon));
  EXPECT_EQ(must(open->topics().find("a"))->id, topic_id{9});
  EXPECT_THAT(names(*open, true), ElementsAre("a", "a", "a", "a"));
}

TEST(topic_table, another_name_for_a_number_is_refused_and_nothing_is_restored) {
  const auto open = in_memory();
  create(*open, "a");
  EXPECT_EQ(
      code_of(open->topics().restore(std::vector<logged_topic>{{topic_id{1}, "b"}, {topic_id{0}, "c"}}, {}, noon)),
      errc::corrupt);
  EXPECT_THAT(names(*open, true), ElementsAre("a"));
}

TEST(topic_table, ten_thousand_topics_take_less_than_a_second) {
  const memory_directory directory;
  const auto open = must_open(directory.path());
  std::vector<logged_topic> logged;
  for (std::uint32_t n = 1; n <= 10'000; ++n)
    logged.push_back({topic_id{n}, fmt::format("load.topic-{}", n)});
  const auto begin = std::clock(); // of this process: other load does not count
  EXPECT_EQ(must(open->topics().restore(logged, {}, noon)), 10'000U);
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC);
  EXPECT_EQ(must(open->topics().list()).size(), 10'000U);
}

} // namespace
} // namespace weft::catalog
