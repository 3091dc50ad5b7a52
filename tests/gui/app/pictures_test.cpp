// The pictures of the user's guide (gui/doc/pictures) are drawn again and compared: what pages look like can't change
// unseen, and the guide can't grow stale. WEFT_WRITE_PAGES=1 writes them anew; look at them before they are committed.
#include "gui/app/shots.hpp"
#include "gui/widgets/theme.hpp"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <gmock/gmock.h>

#include <cstdlib>
#include <stdexcept>

namespace weft::monitor {
namespace {

constexpr int channelTolerance = 8;       // of 255: rounding of another processor
constexpr double pixelsTolerance = 0.001; // of all: the edge of a letter or two

/// As ctest sets them: there is no other place that could be meant.
QString folderOf(const char* variable, const char* below) {
  const auto* folder = std::getenv(variable);
  if (folder == nullptr) throw std::runtime_error(std::string(variable) + " is not set: run this by ctest");
  return QString::fromUtf8(folder) + QLatin1String(below);
}

QImage readable(const QString& file) { return QImage(file).convertToFormat(QImage::Format_RGB32); }

/// The part of pixels that differ; all of them when the sizes do. @param marked gets them in red
double difference(const QImage& is, const QImage& was, QImage& marked) {
  if (is.size() != was.size()) return 1;
  marked = is.copy();
  qsizetype differ = 0;
  for (int y = 0; y < is.height(); ++y)
    for (int x = 0; x < is.width(); ++x) {
      const QRgb a = is.pixel(x, y), b = was.pixel(x, y);
      const int most =
          std::max({std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)), std::abs(qBlue(a) - qBlue(b))});
      if (most <= channelTolerance) continue;
      ++differ;
      marked.setPixel(x, y, qRgb(255, 0, 0));
    }
  return double(differ) / (double(is.width()) * is.height());
}

class pictures_of_the_guide : public testing::Test {
protected:
  void SetUp() override { qputenv("HOME", "/home/ops"); } // stands in a field of the page of recordings
  void TearDown() override {
    qputenv("HOME", home);
    Theme::instance().setChoice(ThemeChoice::dark);
    Theme::instance().setTextScale(100);
    Theme::instance().setMotionAllowed(true);
  }
  const QByteArray home = qgetenv("HOME");
  const QDir kept{folderOf("WEFT_SOURCE_DIR", "/gui/doc/pictures")};
  const QDir failed{folderOf("WEFT_BINARY_DIR", "/pictures")};
};

TEST_F(pictures_of_the_guide, are_as_the_window_is_now) {
  const QTemporaryDir drawn;
  const auto names = drawGuide(drawn.path());
  ASSERT_EQ(names.size(), 13);
  const bool anew = qEnvironmentVariableIntValue("WEFT_WRITE_PAGES") == 1;
  kept.mkpath(QStringLiteral("."));
  failed.mkpath(QStringLiteral("."));
  for (const auto& name : names) {
    const QImage is = readable(drawn.filePath(name));
    ASSERT_FALSE(is.isNull()) << name.toStdString();
    if (anew) {
      ASSERT_TRUE(is.save(kept.filePath(name)));
    }
    QImage marked;
    const double differs = difference(is, readable(kept.filePath(name)), marked);
    if (differs <= pixelsTolerance) continue;
    is.save(failed.filePath(QStringLiteral("is-") + name));
    marked.save(failed.filePath(QStringLiteral("differs-") + name));
    ADD_FAILURE() << name.toStdString() << ": " << differs * 100 << " % of its pixels are others: see "
                  << failed.path().toStdString() << "; WEFT_WRITE_PAGES=1 writes it anew";
  }
}

TEST_F(pictures_of_the_guide, are_all_in_it_and_it_has_no_others) {
  QFile guide(folderOf("WEFT_SOURCE_DIR", "/gui/doc/guide.md"));
  ASSERT_TRUE(guide.open(QIODevice::ReadOnly));
  const auto text = QString::fromUtf8(guide.readAll());
  const auto files = kept.entryList(QDir::Files);
  for (const auto& file : files)
    EXPECT_TRUE(text.contains(QStringLiteral("](pictures/%1)").arg(file))) << file.toStdString();
  EXPECT_EQ(text.count(QStringLiteral("](pictures/")), files.size());
}

TEST_F(pictures_of_the_guide, differ_when_a_letter_does) { // the comparison can fail
  QImage is(1280, 800, QImage::Format_RGB32), marked;
  is.fill(Qt::black);
  QImage was = is;
  EXPECT_EQ(difference(is, was, marked), 0);
  for (int i = 0; i < 1200; ++i) // of 1,024,000
    was.setPixel(i % 40, i / 40, qRgb(9, 0, 0));
  EXPECT_GT(difference(is, was, marked), pixelsTolerance);
  EXPECT_EQ(difference(is, is.scaled(10, 10), marked), 1);
}

} // namespace
} // namespace weft::monitor
