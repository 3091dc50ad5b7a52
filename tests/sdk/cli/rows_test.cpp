#include "sdk/cli/rows.hpp"

#include "mesh/base/limits.hpp"

#include <gmock/gmock.h>

namespace weft::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Gives a text in pieces of a chosen size.
class text_source final : public byte_source {
public:
  text_source(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}

  result<std::string_view> read() override {
    const auto some = std::string_view{text_}.substr(at_, piece_);
    at_ += some.size();
    return some;
  }
  const std::string& name() const noexcept override { return name_; }

private:
  std::string text_;
  std::string name_ = "in";
  std::size_t piece_;
  std::size_t at_ = 0;
};

struct read_row {
  std::uint64_t line;
  std::string value, key, problem;
};

/// All rows, the same whatever the size of the pieces the input comes in.
class rows : public ::testing::Test {
protected:
  std::vector<read_row> read(row_format format, const std::string& text, const std::string& key = "") {
    std::vector<read_row> whole;
    for (const std::size_t piece : {std::size_t{1} << 20U, std::size_t{1}, std::size_t{3}}) {
      auto some = read_in_pieces(format, text, key, piece);
      if (whole.empty()) whole = some;
      EXPECT_EQ(whole.size(), some.size()) << "in pieces of " << piece;
      for (std::size_t i = 0; i < std::min(whole.size(), some.size()); ++i)
        EXPECT_EQ(whole[i].value, some[i].value) << "in pieces of " << piece;
    }
    return whole;
  }
  std::vector<std::string> values(row_format format, const std::string& text) {
    std::vector<std::string> found;
    for (const auto& one : read(format, text))
      found.push_back(one.value);
    return found;
  }

  std::string failure; ///< why reading ended, if not by the end

private:
  std::vector<read_row> read_in_pieces(row_format format, const std::string& text, const std::string& key,
                                       std::size_t piece) {
    text_source source{text, piece};
    const auto from = open_rows(format, source, key);
    std::vector<read_row> found;
    for (;;) {
      const auto next = from->next();
      failure = next ? "" : next.error().message();
      if (!next || !*next) return found;
      const auto& one = **next;
      found.push_back({one.line, std::string(one.value), std::string(one.key), one.problem.value_or("")});
    }
  }
};

TEST_F(rows, csv_rows_become_objects_of_strings_by_header) {
  EXPECT_THAT(values(row_format::csv, "id,name\n1,tea\n2,\n"),
              ElementsAre(R"({"id":"1","name":"tea"})", R"({"id":"2","name":""})"));
}

TEST_F(rows, csv_last_line_needs_no_end) {
  EXPECT_THAT(values(row_format::csv, "id\n1\n2"), ElementsAre(R"({"id":"1"})", R"({"id":"2"})"));
  EXPECT_THAT(values(row_format::csv, "id,b\r\n1,"), ElementsAre(R"({"id":"1","b":""})"));
}

TEST_F(rows, csv_quoted_fields_hold_commas_quotes_and_line_ends) {
  EXPECT_THAT(values(row_format::csv, "a,b\r\n\"x,\"\"y\"\"\",\"1\r\n2\"\r\n"),
              ElementsAre("{\"a\":\"x,\\\"y\\\"\",\"b\":\"1\\r\\n2\"}"));
}

TEST_F(rows, csv_a_quote_inside_a_plain_field_is_a_character) {
  EXPECT_THAT(values(row_format::csv, "a\n6\" TIN\n"), ElementsAre(R"({"a":"6\" TIN"})"));
}

TEST_F(rows, csv_lines_are_counted_over_quoted_line_ends_and_empty_lines) {
  const auto found = read(row_format::csv, "a\n\"1\n2\"\n\n\n3\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].line, 2U);
  EXPECT_EQ(found[1].line, 6U);
}

TEST_F(rows, csv_passes_over_a_byte_order_mark) {
  EXPECT_THAT(values(row_format::csv, "\xEF\xBB\xBFid\n1\n"), ElementsAre(R"({"id":"1"})"));
}

TEST_F(rows, csv_a_row_with_another_number_of_fields_is_bad_and_the_next_is_not) {
  const auto found = read(row_format::csv, "a,b\n1\n1,2,3\n4,5\n");
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].problem, "it has 1 fields, the header has 2");
  EXPECT_EQ(found[1].problem, "it has 3 fields, the header has 2");
  EXPECT_EQ(found[2].value, R"({"a":"4","b":"5"})");
}

TEST_F(rows, csv_text_behind_a_closing_quote_is_bad_and_the_next_row_is_not) {
  const auto found = read(row_format::csv, "a,b\n\"1\"x,2\n3,4\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0].problem, HasSubstr("behind the closing quote"));
  EXPECT_EQ(found[1].value, R"({"a":"3","b":"4"})");
}

TEST_F(rows, csv_bytes_that_are_no_utf8_are_a_bad_row) {
  const auto found = read(row_format::csv, "a\n\xFF\nb\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].problem, "it is not UTF-8");
}

TEST_F(rows, csv_too_large_is_a_bad_row_and_the_next_is_not) {
  const auto found = read(row_format::csv, "a\n" + std::string(limits::event_value_bytes_max + 1, 'x') + "\n2\n");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_THAT(found[0].problem, HasSubstr("more than"));
  EXPECT_EQ(found[1].value, R"({"a":"2"})");
}

TEST_F(rows, csv_an_open_quote_at_the_end_is_told_with_its_line) {
  EXPECT_THAT(read(row_format::csv, "a\n1\n\"2\n3\n"), SizeIs(1));
  EXPECT_EQ(failure, "in line 3: a quote is opened and never closed");
}

TEST_F(rows, csv_two_columns_of_one_name_are_refused) {
  EXPECT_THAT(read(row_format::csv, "a,b,a\n1,2,3\n"), IsEmpty());
  EXPECT_EQ(failure, "in line 1: there are two columns 'a'");
}

TEST_F(rows, csv_key_is_a_column) {
  const auto found = read(row_format::csv, "a,b\n1,x\n2,\n", "b");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].key, "x");
  EXPECT_EQ(found[1].key, "");
}

TEST_F(rows, csv_key_without_a_column_names_the_columns) {
  EXPECT_THAT(read(row_format::csv, "a,b\n1,x\n", "c"), IsEmpty());
  EXPECT_EQ(failure, "in line 1: there is no column 'c' for the key: there are a, b");
}

TEST_F(rows, csv_of_nothing_has_no_rows) {
  EXPECT_THAT(read(row_format::csv, ""), IsEmpty());
  EXPECT_THAT(read(row_format::csv, "\xEF\xBB\xBF"), IsEmpty());
  EXPECT_THAT(read(row_format::csv, "a,b\n"), IsEmpty());
  EXPECT_EQ(failure, "");
}

TEST_F(rows, jsonl_lines_stay_as_they_are) {
  EXPECT_THAT(values(row_format::jsonl, "{\"a\": 1.50}\r\n\n  \n[1, 2]\n\"x\"\n"),
              ElementsAre("{\"a\": 1.50}", "[1, 2]", "\"x\""));
}

TEST_F(rows, jsonl_a_bad_line_is_told_and_the_next_is_not_lost) {
  const auto found = read(row_format::jsonl, "{\"a\":1}\n{\"a\":\n{\"a\":3}\n");
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[1].line, 2U);
  EXPECT_EQ(found[1].problem, "it is not JSON");
  EXPECT_EQ(found[2].value, "{\"a\":3}");
}

TEST_F(rows, jsonl_key_is_a_field_of_any_depth) {
  const auto found =
      read(row_format::jsonl, "{\"o\":{\"id\":7}}\n{\"o.id\":\"x\"}\n{\"o\":1}\n{\"o\":{\"id\":[]}}\n", "o.id");
  ASSERT_THAT(found, SizeIs(4));
  EXPECT_EQ(found[0].key, "7");
  EXPECT_EQ(found[1].key, "x");
  EXPECT_THAT(found[2].problem, HasSubstr("'o.id'"));
  EXPECT_THAT(found[3].problem, HasSubstr("'o.id'"));
}

TEST_F(rows, lines_are_bytes_without_their_end) {
  EXPECT_THAT(values(row_format::lines, "one\n\ntwo\r\n\xFF"), ElementsAre("one", "", "two", "\xFF"));
}

TEST_F(rows, lines_over_the_limit_are_bad) {
  const auto found = read(row_format::lines, std::string(limits::event_value_bytes_max + 1, 'x') + "\ny\n" +
                                                 std::string(limits::event_value_bytes_max, 'z') + "\r\n");
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_THAT(found[0].problem, HasSubstr("more than"));
  EXPECT_EQ(found[1].value, "y");
  EXPECT_EQ(found[2].value.size(), limits::event_value_bytes_max);
}

TEST_F(rows, format_goes_by_the_file_name) {
  EXPECT_EQ(format_by_name("x.csv"), row_format::csv);
  EXPECT_EQ(format_by_name("d/x.jsonl"), row_format::jsonl);
  EXPECT_EQ(format_by_name("x.txt"), row_format::lines);
  EXPECT_EQ(format_by_name("-"), row_format::lines);
}

} // namespace
} // namespace weft::cli
