// What programs tell of their services, as their node takes and tells it.
#include "actors/service_rows.hpp"

#include "actors/observing.hpp"
#include "tests/actors/services_fixture.hpp"

#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

class service_rows : public testing::services_fixture {
protected:
  result<std::string> tell(const std::string& arguments, const void* by = &one) {
    return note_services(services, by, arguments);
  }
  json rows() { return json::parse(services_document(services)).at("services"); }

  static constexpr int one = 1, other = 2;
};

TEST_F(service_rows, are_told_as_they_came) {
  ASSERT_TRUE(tell(R"({"services":[{"name":"till","state":"waiting","why":"the disk is full","in_flight":3,"handled":70,
                       "failed":2,"restarts":1}]})"));
  EXPECT_EQ(rows(), json::parse(R"([{"name":"till","state":"waiting","why":"the disk is full","in_flight":3,
                                     "handled":70,"failed":2,"restarts":1}])"));
}

TEST_F(service_rows, of_all_programs_are_one_list_without_those_of_who_went) {
  ASSERT_TRUE(tell(R"({"services":[{"name":"till","state":"running"}]})"));
  ASSERT_TRUE(tell(R"({"services":[{"name":"depot","state":"running"}]})", &other));
  EXPECT_EQ(rows().size(), 2U);
  services.services_here.forget(&one);
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0]["name"], "depot");
}

TEST_F(service_rows, that_make_no_sense_are_refused_as_a_whole) {
  for (const auto* text :
       {"", "[]", "{}", R"({"services":{}})", R"({"services":[7]})", R"({"services":[{"name":"till"}]})",
        R"({"services":[{"name":"till","state":"happy"}]})", R"({"services":[{"name":"Till 7","state":"running"}]})",
        R"({"services":[{"name":"","state":"running"}]})"}) {
    const auto told = tell(text);
    ASSERT_FALSE(told) << text;
    EXPECT_FALSE(told.error().message().empty());
  }
  EXPECT_TRUE(rows().empty());
}

TEST_F(service_rows, absurd_figures_are_bounded) {
  ASSERT_TRUE(tell(R"({"services":[{"name":"till","state":"failed","in_flight":99999999999,"handled":-5,"failed":"x",
                       "why":")" +
                   std::string(10'000, 'w') + R"("}]})"));
  const auto row = rows().at(0);
  EXPECT_EQ(row["in_flight"], 4'294'967'295U);
  EXPECT_EQ(row["handled"], 0);
  EXPECT_EQ(row["why"].get<std::string>().size(), limits::service_why_bytes_max);
}

TEST_F(service_rows, of_a_program_are_so_many_at_most) {
  auto many = json::array();
  for (std::size_t i = 0; i <= limits::services_of_program_max; ++i)
    many.push_back({{"name", "s" + std::to_string(i)}, {"state", "running"}});
  const auto told = tell(json{{"services", many}}.dump());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code(), errc::too_large);
}

TEST(observing, knows_the_questions_that_change_nothing) {
  for (const auto* what : {"nodes", "lag", "status", "topics.list", "topics.describe", "groups.list", "letters.parked",
                           "contracts.show", "mesh.lag", "mesh.groups.describe", "cuts.list", "leave"})
    EXPECT_TRUE(only_reads(what)) << what;
  for (const auto* what :
       {"topics.create", "topics.alter", "topics.delete", "groups.create", "groups.seek", "invite", "groups.unpark",
        "groups.delete", "groups.move", "letters.replay", "letters.drop", "contracts.add", "contracts.remove",
        "cuts.make", "cuts.delete", "cuts.ask", "mesh.groups.seek", "mesh.letters.drop", ""})
    EXPECT_FALSE(only_reads(what)) << what;
}

TEST_F(service_rows, an_observers_node_says_that_it_can_change_nothing) {
  EXPECT_TRUE(may_change(services, "publish"));
  services.roles = security::observer_only;
  const auto may = may_change(services, "publish");
  ASSERT_FALSE(may);
  EXPECT_EQ(may.error().code(), errc::denied);
  EXPECT_NE(may.error().message().find("observer's certificate"), std::string::npos);
}

} // namespace
} // namespace weft::actors
