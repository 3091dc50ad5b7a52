#include "gui/models/value_model.hpp"

#include <QAbstractItemModelTester>
#include <QPoint>
#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Warning; // a warning fails the test

TEST(value_model, shows_fields_in_their_order_with_the_bytes_they_are) {
  ValueModel model;
  QAbstractItemModelTester tester(&model, fatal);
  const std::string document = R"({"b":{"c":[1,2]},"a":null})";
  model.setTree(*json_tree(document));
  ASSERT_EQ(model.rowCount(), 2);
  const auto b = model.index(0, 0), c = model.index(0, 0, b), two = model.index(1, 0, c);
  EXPECT_EQ(b.data().toString(), QStringLiteral("b"));
  EXPECT_EQ(model.index(0, 1, b).data().toString(), QStringLiteral("2 items"));
  EXPECT_EQ(two.siblingAtColumn(1).data().toString(), QStringLiteral("2"));
  EXPECT_EQ(two.data(KeyRole).toString(), QStringLiteral("/b/c/1"));
  EXPECT_EQ(c.parent(), b);
  EXPECT_EQ(b.data(ValueModel::BytesRole).toPoint(), QPoint(5, 16));
  EXPECT_EQ(model.rowOfByte(document.find('2')), two);
  EXPECT_EQ(model.rowOfByte(5), b);
  EXPECT_FALSE(model.rowOfByte(0).isValid());
  model.clear();
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(value_model, a_lone_value_is_one_row) {
  ValueModel model;
  QAbstractItemModelTester tester(&model, fatal);
  model.setTree(*json_tree("5"));
  EXPECT_EQ(model.index(0, 0).data().toString(), QStringLiteral("value"));
  EXPECT_EQ(model.index(0, 1).data().toString(), QStringLiteral("5"));
}

} // namespace
} // namespace weft::monitor
