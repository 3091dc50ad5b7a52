#include "gui/widgets/trace_view.hpp"

#include <QAccessible>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

caused_event event(const char* position, time_us at, std::vector<std::string> causes, const char* node = "a") {
  caused_event made;
  made.position = position, made.node = node, made.topic = "retail.orders", made.service = "payments";
  made.logged_at = at, made.causes = std::move(causes);
  return made;
}

event_lineage order() {
  event_lineage made;
  made.events = {event("order", 0, {}), event("payment", 20'000, {"order"}), event("stock", 50'000, {"order"}, "b"),
                 event("pick", 100'000, {"payment", "stock"})};
  return made;
}

struct trace_view : testing::Test {
  void SetUp() override {
    view.resize(1000, 400);
    view.show();
    view.activateWindow();
    view.setTrace(trace_of(order(), "payment", {}, false));
  }
  TraceView view;
};

TEST_F(trace_view, bars_stand_on_one_scale_from_the_causes_append_to_their_own) {
  const auto order = view.barBox(0), payment = view.barBox(1), pick = view.barBox(2), stock = view.barBox(3);
  EXPECT_NEAR(payment.left(), order.left(), 0.01);
  EXPECT_NEAR(pick.left(), payment.right(), 0.01);
  EXPECT_NEAR(stock.width() / payment.width(), 2.5, 0.01);
  EXPECT_NEAR(pick.width() / payment.width(), 4, 0.01);
  EXPECT_LT(pick.right(), view.viewport()->width());
  EXPECT_EQ(view.barText(2), QStringLiteral("80 ms  retail.orders  joins 2 causes"));
  EXPECT_EQ(view.barText(2, true), view.barText(2)); // without a type the topic is all that says what it is
}

TEST_F(trace_view, what_was_asked_for_is_chosen_first_and_keys_go_on_from_there) {
  EXPECT_EQ(view.selected(), 1);
  QSignalSpy activated(&view, &TraceView::rowActivated);
  QTest::keyClick(&view, Qt::Key_Down);
  QTest::keyClick(&view, Qt::Key_Down);
  QTest::keyClick(&view, Qt::Key_Down); // there is none below
  EXPECT_EQ(view.selected(), 3);
  QTest::keyClick(&view, Qt::Key_Left); // to its cause
  EXPECT_EQ(view.selected(), 0);
  QTest::keyClick(&view, Qt::Key_Up);
  EXPECT_EQ(view.selected(), 0);
  QTest::keyClick(&view, Qt::Key_Return);
  ASSERT_EQ(activated.count(), 1);
  EXPECT_EQ(activated[0][0].toInt(), 0);
}

TEST_F(trace_view, a_click_chooses_and_the_choice_outlasts_another_clock) {
  QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.rowBox(3).center().toPoint());
  EXPECT_EQ(view.selected(), 3);
  view.setTrace(trace_of(order(), "payment", {{"b", 0.04}}, true));
  EXPECT_EQ(view.trace().rows[std::size_t(view.selected())].what.position, "stock");
  EXPECT_EQ(view.rowAt(QPointF(10, 5)), -1); // the scale
  view.grab();
}

TEST_F(trace_view, rows_are_children_for_assistive_tools) {
  auto* list = QAccessible::queryAccessibleInterface(&view);
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->childCount(), 4);
  EXPECT_TRUE(list->child(1)->state().selected);
  EXPECT_TRUE(list->child(2)->text(QAccessible::Description).contains(QStringLiteral("80 ms from its cause's append")));
  EXPECT_EQ(list->indexOfChild(list->child(2)), 2);
}

TEST_F(trace_view, a_long_trace_is_scrolled_to_what_is_chosen_and_an_empty_one_has_a_hint) {
  event_lineage longOne;
  longOne.events.push_back(event("e0", 0, {}));
  for (int i = 1; i < 500; ++i) {
    const auto position = "e" + std::to_string(i), before = "e" + std::to_string(i - 1);
    longOne.events.push_back(event(position.c_str(), i * 1000, {before}));
  }
  view.setTrace(trace_of(longOne, "e400", {}, false));
  EXPECT_EQ(view.selected(), 400);
  EXPECT_TRUE(view.viewport()->rect().contains(view.rowBox(400).center().toPoint()));
  view.grab();
  view.setHint(QStringLiteral("Type a position."));
  view.setTrace({});
  EXPECT_EQ(view.selected(), -1);
  QTest::keyClick(&view, Qt::Key_Down);
  view.grab();
}

} // namespace
} // namespace weft::monitor
