#include "gui/core/csv.hpp"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace weft::monitor::csv {
namespace {

using record = std::vector<std::string>;

/// Reads as the RFC says, to check what is written.
std::vector<record> read(const std::string& text) {
  std::vector<record> records;
  record now;
  std::string of;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c != '"')
        of += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        of += text[++at];
      else
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\r') {
      now.push_back(std::exchange(of, {}));
      if (c == ',') continue;
      ++at; // LF
      records.push_back(std::exchange(now, {}));
    } else {
      of += c;
    }
  }
  return records;
}

TEST(csv, plain_fields_stay_as_they_are) {
  std::string text;
  add_record(text, record{"group", "events", "-1.5"});
  EXPECT_EQ(text, "group,events,-1.5\r\n");
}

TEST(csv, fields_that_could_be_taken_for_more_are_quoted) {
  EXPECT_EQ(field("a,b"), "\"a,b\"");
  EXPECT_EQ(field("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(field(" edge"), "\" edge\"");
  EXPECT_EQ(field("注文"), "注文");
}

TEST(csv, a_record_of_one_empty_field_is_a_record) {
  std::string text;
  add_record(text, record{""});
  EXPECT_EQ(text, "\"\"\r\n");
}

TEST(csv, any_text_is_read_as_it_was_written) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<record> written(1 + drawn() % 4, record(1 + drawn() % 4));
    std::string text;
    for (auto& of : written) {
      for (auto& cell : of)
        for (auto length = drawn() % 6; length > 0; --length)
          cell += ",\"\r\n ax"[drawn() % 7];
      add_record(text, of);
    }
    ASSERT_EQ(read(text), written);
  }
}

} // namespace
} // namespace weft::monitor::csv
