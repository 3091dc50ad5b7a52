#include "gui/models/zone.hpp"

#include "gui/models/texts.hpp"

#include <QSignalSpy>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

constexpr time_us second = 1'000'000, hour = 3600 * second;
constexpr time_us winter = 1'800'000'000 * second + 123'000; // 2027-01-15T08:00:00.123Z
constexpr time_us forward = 1'806'195'600 * second;          // 2027-03-28T01:00:00Z: Berlin's clocks go from 2 to 3
constexpr time_us back = 1'824'944'400 * second;             // 2027-10-31T01:00:00Z: and from 3 to 2

class zone : public testing::Test {
protected:
  void TearDown() override { Zone::instance().choose(QStringLiteral("utc")); }
  static std::string shown(const char* zone, time_us at) {
    EXPECT_TRUE(Zone::instance().choose(QString::fromUtf8(zone)));
    return texts::moment(at).toStdString();
  }
  static std::optional<time_us> read(const char* text) { return Zone::instance().parse(QString::fromUtf8(text)); }
};

TEST_F(zone, one_moment_by_three_clocks) {
  EXPECT_EQ(shown("utc", winter), "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(shown("America/New_York", winter), "2027-01-15T03:00:00.123-05:00");
  EXPECT_EQ(shown("Asia/Kolkata", winter), "2027-01-15T13:30:00.123+05:30");
  EXPECT_EQ(texts::clock(winter, true), QStringLiteral("13:30:00.123"));
  EXPECT_EQ(texts::day(winter + 12 * hour), QStringLiteral("2027-01-16")) << "it is tomorrow there";
}

TEST_F(zone, what_is_written_is_read_back_in_each) {
  for (const char* name : {"utc", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"})
    for (time_us at = back - 30 * hour; at < back + 30 * hour; at += hour / 4) {
      const auto text = shown(name, at);
      ASSERT_EQ(read(text.c_str()), at) << name << ' ' << text;
    }
}

TEST_F(zone, a_day_on_which_clocks_change) {
  EXPECT_EQ(shown("Europe/Berlin", forward - second), "2027-03-28T01:59:59.000+01:00");
  EXPECT_EQ(shown("Europe/Berlin", forward), "2027-03-28T03:00:00.000+02:00");
  EXPECT_EQ(Zone::instance().name(forward - second), QStringLiteral("CET"));
  EXPECT_EQ(Zone::instance().name(forward), QStringLiteral("CEST"));
  EXPECT_EQ(read("2027-03-28T02:30:00"), forward + hour / 2) << "there is no such time by that clock";
  EXPECT_EQ(shown("Europe/Berlin", back - second), "2027-10-31T02:59:59.000+02:00");
  EXPECT_EQ(shown("Europe/Berlin", back), "2027-10-31T02:00:00.000+01:00");
  EXPECT_EQ(read("2027-10-31T02:30:00+01:00"), back + hour / 2) << "there are two, the offset says which";
}

TEST_F(zone, a_time_without_an_offset_is_by_the_chosen_clock) {
  Zone::instance().choose(QStringLiteral("Asia/Kolkata"));
  EXPECT_EQ(read("2027-01-15 13:30:00.123"), winter);
  EXPECT_EQ(read("2027-01-15T08:00:00.123Z"), winter);
  Zone::instance().choose(QStringLiteral("utc"));
  EXPECT_EQ(read("2027-01-15T08:00:00.123"), winter);
  for (const char* text : {"", "now", "2027-13-01T00:00:00", "8 o'clock"})
    EXPECT_EQ(read(text), std::nullopt) << text;
}

TEST_F(zone, that_is_not_known_is_refused_and_the_choice_stays) {
  QSignalSpy changed(&Zone::instance(), &Zone::changed);
  EXPECT_FALSE(Zone::instance().choose(QStringLiteral("Middle/Earth")));
  EXPECT_EQ(Zone::instance().choice(), QStringLiteral("utc"));
  EXPECT_EQ(changed.count(), 0);
  EXPECT_TRUE(Zone::instance().choose(QStringLiteral("local")));
  EXPECT_EQ(changed.count(), 1);
  EXPECT_TRUE(Zone::choices().contains(QStringLiteral("Europe/Berlin")));
}

} // namespace
} // namespace weft::monitor
