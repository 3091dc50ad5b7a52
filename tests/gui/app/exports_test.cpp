#include "gui/app/exports.hpp"

#include "gui/core/demo_source.hpp"
#include "gui/models/alerts_model.hpp"
#include "gui/models/events_model.hpp"
#include "gui/models/lag_model.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/models/topics_model.hpp"
#include "gui/models/zone.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/topology_page.hpp"
#include "gui/widgets/hex_view.hpp"
#include "gui/widgets/payload_text.hpp"
#include "gui/widgets/topology_view.hpp"
#include "tests/gui/models/fake_mesh.hpp"

#include <QApplication>
#include <QBuffer>
#include <QImage>
#include <QTemporaryDir>
#include <QThreadPool>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::HasSubstr;

class exports_of : public testing::Test {
protected:
  void TearDown() override {
    Zone::instance().choose(QStringLiteral("utc"));
    Preferences::instance().setPayloadExport(true);
  }
  const exports::Stamp stamp{QStringLiteral("test mesh"), fakeStart, QStringLiteral("pay")};
};

TEST_F(exports_of, a_table_are_its_rows_as_they_are_filtered_and_sorted_with_raw_numbers) {
  LagModel lag;
  SortModel sorted;
  sorted.setSourceModel(&lag);
  lag.apply(shared(fakeSnapshot(1)), nullptr);
  sorted.sort(LagModel::At::lag, Qt::DescendingOrder);
  const auto text = exports::csvOf(sorted).toStdString();
  EXPECT_THAT(text, testing::StartsWith("State,Group,Topic,Log of,End,Processed,Lag,Behind,Drains in\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\ndegraded,payments,retail.orders,orders,1823592,1784802,38790,41.2,"));
  EXPECT_LT(text.find("payments"), text.find("audit"));
  sorted.setFind(QStringLiteral("audit"));
  EXPECT_THAT(exports::csvOf(sorted).toStdString(), testing::Not(HasSubstr("payments")));
}

TEST_F(exports_of, a_tree_have_what_is_below_a_row_after_it) {
  TopicsModel topics;
  topics.apply(fakeSnapshot(1));
  const auto text = exports::csvOf(topics);
  EXPECT_EQ(text.count("\r\n"), 1 + 2 + 4) << text.constData();
}

TEST_F(exports_of, times_are_in_utc_whatever_the_window_shows) {
  Zone::instance().choose(QStringLiteral("Asia/Kolkata"));
  AlertsModel alerts;
  alerts.apply({{"r", "payments", fakeStart, {}, 5, health::warn, false, "payments, the \"slow\" one", "groups"}},
               fakeStart + 1);
  const auto text = exports::csvOf(alerts).toStdString();
  EXPECT_THAT(text, HasSubstr("2027-01-15T08:00:00.000Z"));
  EXPECT_THAT(text, HasSubstr("\"payments, the \"\"slow\"\" one\""));
}

TEST_F(exports_of, a_page_are_pictures_of_its_size_with_a_foot_that_says_what_and_when) {
  FakeMesh mesh;
  GroupsPage page;
  page.resize(1000, 500);
  page.QWidget::show();
  page.apply({mesh.latest(), &mesh, true});
  for (const double ratio : {1.0, 2.0}) {
    QBuffer to;
    to.open(QIODevice::WriteOnly);
    ASSERT_TRUE(exports::savePng(page, ratio, stamp, to));
    const auto image = QImage::fromData(to.data(), "PNG");
    EXPECT_EQ(image.width(), 1000 * ratio);
    EXPECT_GT(image.height(), 500 * ratio);
    const auto other = [&] {
      QBuffer again;
      again.open(QIODevice::WriteOnly);
      EXPECT_TRUE(exports::savePng(page, ratio, {QStringLiteral("another"), fakeStart, {}}, again));
      return QImage::fromData(again.data(), "PNG");
    }();
    const QRect foot(0, int(500 * ratio), image.width(), image.height() - int(500 * ratio));
    EXPECT_NE(image.copy(foot), other.copy(foot)) << "the foot says which mesh";
    EXPECT_EQ(image.copy(0, 0, image.width(), int(500 * ratio)), other.copy(0, 0, image.width(), int(500 * ratio)));
  }
}

TEST_F(exports_of, drawings_are_lines_and_texts_and_no_pixels) {
  demo_source mesh;
  mesh.make_past(5 * limits::minute);
  mesh.advance_to(1'800'000'000 * limits::second + 10 * limits::second);
  TopologyPage topology;
  GroupsPage groups;
  for (Page* page : std::initializer_list<Page*>{&topology, &groups}) {
    page->resize(1200, 640);
    page->QWidget::show();
    page->apply({mesh.latest(), &mesh, true});
  }
  for (int i = 0; i < 5; ++i) {
    QThreadPool::globalInstance()->waitForDone();
    QApplication::processEvents();
    for (auto* view : topology.findChildren<TopologyView*>())
      view->finish();
  }
  int drawings = 0;
  for (Page* page : std::initializer_list<Page*>{&topology, &groups})
    for (const auto& choice : exports::choicesOf(*page, page->title())) {
      if (choice.format != exports::Format::svg) continue;
      ++drawings;
      QBuffer to;
      to.open(QIODevice::WriteOnly);
      ASSERT_TRUE(exports::saveSvg(*choice.of, stamp, to));
      const auto text = to.data().toStdString();
      EXPECT_THAT(text, HasSubstr("<svg"));
      EXPECT_THAT(text, HasSubstr("test mesh"));
      EXPECT_THAT(text, testing::Not(HasSubstr("<image"))) << choice.text.toStdString();
      EXPECT_THAT(text, testing::AnyOf(HasSubstr("<path"), HasSubstr("<polyline")));
      if (page == &topology) {
        EXPECT_THAT(text, HasSubstr(mesh.latest()->nodes.front().name));
      }
    }
  EXPECT_GE(drawings, 2);
}

TEST_F(exports_of, a_file_that_can_not_be_written_is_told_with_its_place) {
  FakeMesh mesh;
  GroupsPage page;
  page.resize(1000, 500);
  page.QWidget::show();
  page.apply({mesh.latest(), &mesh, true});
  const QTemporaryDir folder;
  for (const auto& choice : exports::choicesOf(page, page.title())) {
    EXPECT_EQ(exports::save(choice, stamp, folder.filePath(choice.fileName)), QString()) << choice.text.toStdString();
    const auto missing = folder.filePath(QStringLiteral("missing/") + choice.fileName);
    EXPECT_TRUE(exports::save(choice, stamp, missing).contains(missing));
  }
}

TEST_F(exports_of, events_leave_their_values_out_where_values_may_not_leave) {
  EventsModel events;
  event_row row;
  row.node = "a", row.position = "a/1-b/1", row.topic = "orders", row.key = "k7", row.value = "a secret";
  events.append({std::make_shared<const event_row>(row)});
  EXPECT_THAT(exports::csvOf(events).toStdString(), HasSubstr("a secret"));
  Preferences::instance().setPayloadExport(false);
  const auto text = exports::csvOf(events).toStdString();
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(text, testing::Not(HasSubstr("Value")));
  EXPECT_THAT(text, HasSubstr("k7"));
}

TEST_F(exports_of, a_page_have_no_picture_of_values_that_may_not_leave) {
  const auto drawn = [&](const char* value) {
    QWidget page;
    page.resize(500, 300);
    auto* text = new PayloadText(QStringLiteral("Value"), &page);
    text->setGeometry(0, 0, 250, 300);
    text->setPlainText(QString::fromUtf8(value));
    auto* bytes = new HexView(QStringLiteral("Bytes"), &page);
    bytes->setGeometry(250, 0, 250, 300);
    bytes->setBytes(value);
    page.show();
    QBuffer to;
    to.open(QIODevice::WriteOnly);
    EXPECT_TRUE(exports::savePng(page, 1, stamp, to));
    return QImage::fromData(to.data(), "PNG");
  };
  EXPECT_NE(drawn("a secret"), drawn("another"));
  Preferences::instance().setPayloadExport(false);
  EXPECT_EQ(drawn("a secret"), drawn("another"));
}

} // namespace
} // namespace weft::monitor
