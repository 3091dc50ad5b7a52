// What moving a group would do, and the very bytes that are sent for it.
#include "gui/models/seek_plan.hpp"

#include "gui/models/zoned_time.hpp"
#include "tests/gui/models/fake_access.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QJsonDocument>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using To = SeekWish::To;

std::string bytes(const QJsonObject& object) {
  return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

struct seek_plan : testing::Test {
  void SetUp() override {
    now = fakeSnapshot(1);
    now.lag.clear();
    for (const char* log : {"cart", "orders"}) {
      lag_view row;
      row.group = "packers", row.log = log, row.topic = "retail.orders", row.end = 100, row.processed = 40,
      row.events = 60;
      now.lag.push_back(row);
    }
    for (auto& topic : now.topics)
      for (auto& part : topic.logs)
        part.start = 10, part.end = 100;
    for (auto& node : now.nodes)
      node.epoch = "1-7", node.head = 500;
    group(R"([])");
    mesh.answers["nodes"] = {R"({"nodes":[{"name":"cart","self":true,"roles":"storage,admin"}]})"};
    mesh.answers["cuts.list"] = {
        R"({"cuts":[{"name":"eod","state":"made","at_us":1700000000000000},{"name":"old","state":"expired","at_us":1}]})"};
  }
  void group(const std::string& members, const std::string& nodes = "[]", const std::string& kind = "group") {
    mesh.answers["mesh.groups.describe"] = {
        R"({"kind":")" + kind +
        R"(","pattern":"retail.orders","logs":[{"log":"cart","position":"cart/1-7/200"},)"
        R"({"log":"orders","position":"orders/1-7/240"}],"member_list":)" +
        members + R"(,"nodes":)" + nodes + "}"};
  }
  void event(const std::string& node, int seq, std::uint64_t offset, time_us at) {
    event_row one;
    one.node = node, one.position = node + "/1-7/" + std::to_string(seq), one.topic = "retail.orders";
    one.topic_offset = offset, one.logged_at = at;
    mesh.events.push_back(one);
  }
  Operation plan(SeekWish wish) {
    wish.group = "packers";
    facts = gatherFacts(mesh, now, wish, {});
    return planSeek(facts, wish);
  }
  static std::vector<std::string> sent(const Operation& plan) {
    std::vector<std::string> all;
    for (const auto& step : plan.steps) {
      EXPECT_EQ(step.question, QStringLiteral("mesh.groups.seek"));
      all.push_back(bytes(step.arguments));
    }
    return all;
  }
  static std::string cell(const Operation& plan, int row, int column) {
    return plan.rows[row].cells[column].toStdString();
  }

  snapshot now;
  FakeAccess mesh;
  SeekFacts facts;
};

TEST_F(seek_plan, to_the_beginning_says_what_comes_again) {
  const auto made = plan({.to = To::beginning});
  EXPECT_THAT(sent(made), testing::ElementsAre(R"({"name":"packers","to":{"kind":"beginning"}})"));
  ASSERT_THAT(made.rows, SizeIs(2));
  EXPECT_EQ(cell(made, 0, 2), "40");
  EXPECT_EQ(cell(made, 0, 3), "100");
  EXPECT_EQ(cell(made, 0, 4), "10");
  EXPECT_EQ(cell(made, 0, 5), "\u221230");
  EXPECT_EQ(cell(made, 0, 6), "30 come again");
  EXPECT_EQ(made.refused, QString());
  for (const auto& [question, arguments] : mesh.asked())
    EXPECT_THAT(question, Not(HasSubstr("seek"))); // planning changes nothing
}

TEST_F(seek_plan, to_the_end_says_what_is_left_out) {
  const auto made = plan({.to = To::end});
  EXPECT_THAT(sent(made), testing::ElementsAre(R"({"name":"packers","to":{"kind":"end"}})"));
  EXPECT_EQ(cell(made, 1, 6), "60 are left out");
}

TEST_F(seek_plan, in_one_log_is_a_position_there) {
  EXPECT_THAT(sent(plan({.log = "orders", .to = To::beginning})),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"orders/0-0/0"}})"));
  const auto made = plan({.log = "orders", .to = To::end});
  EXPECT_THAT(sent(made),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"orders/1-7/500"}})"));
  EXPECT_THAT(made.rows, SizeIs(1));
}

TEST_F(seek_plan, to_a_time_is_found_by_reading) {
  event("cart", 210, 45, 2000);
  event("cart", 260, 70, 5000);
  event("orders", 250, 41, 900);
  const auto made = plan({.to = To::time, .at = 4000});
  EXPECT_THAT(sent(made), testing::ElementsAre(R"({"name":"packers","to":{"kind":"time","us":4000}})"));
  EXPECT_EQ(cell(made, 0, 6), "30 are left out"); // of cart, from 40 to 70
  EXPECT_EQ(cell(made, 1, 6), "60 are left out"); // nothing of orders came since: to its end
  const auto one = plan({.log = "cart", .to = To::time, .at = 4000});
  EXPECT_THAT(sent(one),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"cart/1-7/260"}})"));
}

TEST_F(seek_plan, to_a_time_in_one_log_reads_that_log_alone) {
  event("orders", 250, 41, 5000);
  const auto made = plan({.log = "cart", .to = To::time, .at = 4000});
  ASSERT_THAT(mesh.queries, SizeIs(1));
  EXPECT_EQ(mesh.queries[0].node, "cart");
  EXPECT_THAT(sent(made), // nothing of it is that new
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"cart/1-7/500"}})"));
}

TEST_F(seek_plan, to_a_time_is_never_the_end_of_a_log_whose_end_is_not_known) {
  for (auto& node : now.nodes)
    node.epoch.clear();
  for (auto& row : now.lag)
    row.unknown_since = now.at;
  auto made = plan({.log = "cart", .to = To::time, .at = 4000});
  EXPECT_THAT(sent(made), IsEmpty());
  EXPECT_THAT(made.refused.toStdString(), HasSubstr("where it ends is not known"));
  event("cart", 260, 70, 5000); // there is something: it was only not told
  made = plan({.log = "cart", .to = To::time, .at = 4000});
  EXPECT_EQ(made.refused, QString());
  EXPECT_THAT(sent(made),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"cart/1-7/260"}})"));
}

TEST_F(seek_plan, to_a_time_is_refused_where_the_log_was_not_read_to_its_end) {
  mesh.logs_read = 0; // as when the time for it is over, or its node is away
  auto made = plan({.log = "cart", .to = To::time, .at = 4000});
  EXPECT_THAT(sent(made), IsEmpty());
  EXPECT_THAT(made.refused.toStdString(), HasSubstr("could not be read to its end"));
  made = plan({.to = To::time, .at = 4000}); // the nodes find it
  EXPECT_THAT(sent(made), testing::ElementsAre(R"({"name":"packers","to":{"kind":"time","us":4000}})"));
  EXPECT_EQ(cell(made, 0, 6), "not known before it is done");
}

TEST_F(seek_plan, a_log_whose_place_is_not_known_is_refused_in_its_row) {
  mesh.answers["mesh.groups.describe"] = {
      R"({"kind":"group","pattern":"retail.orders","logs":[{"log":"cart","position":"cart/1-7/200"},)"
      R"({"log":"orders","position":""}],"member_list":[],"nodes":[]})"};
  const auto made = plan({.to = To::shift, .shift = -15});
  EXPECT_THAT(sent(made),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"cart/1-7/185"}})"));
  ASSERT_THAT(made.rows, SizeIs(2));
  EXPECT_EQ(made.rows[1].outcome, Outcome::failed);
  EXPECT_THAT(made.rows[1].said.toStdString(), HasSubstr("is not known"));
  for (auto& node : now.nodes)
    node.epoch.clear();
  const auto end = plan({.log = "cart", .to = To::end});
  EXPECT_THAT(sent(end), IsEmpty());
  EXPECT_THAT(end.refused.toStdString(), HasSubstr("in the log of cart is not known"));
}

TEST_F(seek_plan, to_a_position_is_of_its_log_alone) {
  event("orders", 230, 37, 0);
  const auto made = plan({.to = To::position, .position = "orders/1-7/230"});
  EXPECT_THAT(sent(made),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"orders/1-7/230"}})"));
  ASSERT_THAT(made.rows, SizeIs(1));
  EXPECT_EQ(cell(made, 0, 6), "3 come again");
  EXPECT_THAT(plan({.to = To::position, .position = "somewhere"}).refused.toStdString(), Not(IsEmpty()));
  EXPECT_THAT(plan({.to = To::position, .position = "ledger/1-7/2"}).refused.toStdString(), HasSubstr("does not know"));
}

TEST_F(seek_plan, shifted_moves_each_log_from_where_it_is) {
  EXPECT_THAT(sent(plan({.to = To::shift, .shift = -15})),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"position","position":"cart/1-7/185"}})",
                                   R"({"name":"packers","to":{"kind":"position","position":"orders/1-7/225"}})"));
  EXPECT_THAT(sent(plan({.log = "cart", .to = To::shift, .shift = -1000}))[0], HasSubstr("cart/1-7/0"));
  EXPECT_THAT(sent(plan({.log = "cart", .to = To::shift, .shift = 1000}))[0], HasSubstr("cart/1-7/500")); // its end
}

TEST_F(seek_plan, to_a_cut_is_its_time) {
  EXPECT_THAT(sent(plan({.to = To::cut, .cut = "eod"})),
              testing::ElementsAre(R"({"name":"packers","to":{"kind":"time","us":1700000000000000}})"));
  EXPECT_THAT(plan({.to = To::cut, .cut = "old"}).refused.toStdString(), HasSubstr("expired"));
  EXPECT_THAT(plan({.to = To::cut, .cut = "none"}).refused.toStdString(), HasSubstr("there is none"));
}

TEST_F(seek_plan, is_refused_while_members_are_at_work_unless_they_may_end) {
  group(R"([{"log":"cart","consumer":"billing","state":"here"}])");
  EXPECT_THAT(plan({.to = To::end}).refused.toStdString(),
              HasSubstr("1 member is at work: billing at the log of cart"));
  EXPECT_EQ(plan({.log = "orders", .to = To::end}).refused, QString()); // it has none there
  const auto forced = plan({.to = To::end, .force = true});
  EXPECT_EQ(forced.refused, QString());
  EXPECT_THAT(sent(forced), testing::ElementsAre(R"({"force":true,"name":"packers","to":{"kind":"end"}})"));
  EXPECT_THAT(forced.sentences.join(QString()).toStdString(), HasSubstr("have to begin anew: billing"));
}

TEST_F(seek_plan, names_nodes_that_can_not_be_asked_and_rights_that_are_lacking) {
  group("[]", R"([{"node":"ledger","state":"unknown","why":"it is dead"}])");
  mesh.answers["nodes"] = {R"({"nodes":[{"name":"cart","self":true,"roles":"storage"}]})"};
  const auto says = plan({.to = To::end}).sentences.join(QString()).toStdString();
  EXPECT_THAT(says, HasSubstr("ledger (it is dead)"));
  EXPECT_THAT(says, HasSubstr("role admin"));
}

TEST_F(seek_plan, of_what_is_no_group_is_refused_with_the_reason) {
  group("[]", "[]", "subscription");
  EXPECT_THAT(plan({.to = To::end}).refused.toStdString(), HasSubstr("named subscription"));
  mesh.answers["mesh.groups.describe"] = {fail(errc::not_found, "the log of cart knows no group packers")};
  const auto made = plan({.to = To::end});
  EXPECT_THAT(made.refused.toStdString(), HasSubstr("knows no group packers"));
  EXPECT_THAT(made.rows, IsEmpty());
}

TEST_F(seek_plan, what_is_not_known_is_no_figure) {
  now.lag.clear();
  const auto made = plan({.to = To::beginning});
  EXPECT_EQ(cell(made, 0, 2), "\u2013");
  EXPECT_THAT(cell(made, 0, 6), HasSubstr("only the place moves"));
}

TEST(zoned_time, is_read_in_the_zone_that_is_chosen) {
  const auto read = [](const char* text, const char* zone) {
    return parseTime(QString::fromUtf8(text), QTimeZone(zone)).at.value_or(-1);
  };
  constexpr time_us noon = 1'792'411'200'000'000; // 2026-10-19T12:00:00Z
  EXPECT_EQ(read("2026-10-19T12:00:00.000", "UTC"), noon);
  EXPECT_EQ(read("2026-10-19T14:00", "Europe/Berlin"), noon);
  EXPECT_EQ(read("2026-10-19 17:45:00.250", "Asia/Kathmandu"), noon + 250'000);
  EXPECT_EQ(read("2026-10-19T05:30:00.000-06:30", "Europe/Berlin"), noon); // it says its own
  EXPECT_EQ(read("2026-10-19T12:00:00Z", "Asia/Kathmandu"), noon);
  EXPECT_EQ(timeText(noon, QTimeZone("Asia/Kathmandu")), QStringLiteral("2026-10-19T17:45:00.000+05:45"));
  EXPECT_EQ(timeText(noon, QTimeZone::utc()), QStringLiteral("2026-10-19T12:00:00.000Z"));
  for (const char* zone : {"UTC", "Europe/Berlin", "America/St_Johns"})
    EXPECT_EQ(parseTime(timeText(noon + 7000, QTimeZone(zone)), QTimeZone("Asia/Kathmandu")).at, noon + 7000);
}

TEST(zoned_time, an_hour_that_a_zone_leaves_out_is_no_time) {
  const auto typed = parseTime(QStringLiteral("2026-03-29T02:30:00"), QTimeZone("Europe/Berlin"));
  EXPECT_FALSE(typed.at);
  EXPECT_THAT(typed.problem.toStdString(), HasSubstr("put forward"));
  EXPECT_TRUE(parseTime(QStringLiteral("2026-10-25T02:30:00"), QTimeZone("Europe/Berlin")).at); // it comes twice
}

TEST(zoned_time, other_texts_are_told_to_be_none) {
  for (const char* text :
       {"", "now", "2026-13-01T00:00", "2026-02-30T00:00:00", "2026-01-01", "2026-01-01T25:00", "12:00"})
    EXPECT_FALSE(parseTime(QString::fromUtf8(text), QTimeZone::utc()).problem.isEmpty()) << text;
}

} // namespace
} // namespace weft::monitor
