#include "gui/core/event_export.hpp"

#include <gtest/gtest.h>

namespace weft::monitor {
namespace {

event_row order() {
  event_row row;
  row.node = "shop", row.position = "shop/1-a/7", row.topic = "retail.orders", row.type = "Placed", row.key = "A,17";
  row.headers = {{"h", "1"}, {"h", "2"}, {"g", "\"x\""}};
  row.time = row.logged_at = 1'800'000'000'123'000;
  row.topic_offset = 3;
  row.producer = "ab/1";
  row.value = R"({"quantity":5})";
  return row;
}

TEST(event_export, csv_has_a_field_for_each_title_and_quotes_what_needs_it) {
  EXPECT_EQ(event_csv_head(),
            "logged_at,time,node,position,topic,topic_offset,type,key,contract,producer,headers,value,"
            "value_encoding,decoded,gap\r\n");
  EXPECT_EQ(
      event_csv(order()),
      "2027-01-15T08:00:00.123Z,2027-01-15T08:00:00.123Z,shop,shop/1-a/7,retail.orders,3,Placed,\"A,17\",,ab/1,"
      "\"{\"\"h\"\":[\"\"1\"\",\"\"2\"\"],\"\"g\"\":\"\"\\\"\"x\\\"\"\"\"}\",\"{\"\"quantity\"\":5}\",text,,\r\n");
}

TEST(event_export, json_lines_hold_the_value_and_what_it_says) {
  EXPECT_EQ(
      event_json_line(order()),
      R"({"position":"shop/1-a/7","node":"shop","logged_at":"2027-01-15T08:00:00.123Z",)"
      R"("time":"2027-01-15T08:00:00.123Z","topic":"retail.orders","topic_offset":3,"type":"Placed","key":"A,17",)"
      R"("producer":"ab/1","headers":{"h":["1","2"],"g":"\"x\""},"value":"{\"quantity\":5}","decoded":{"quantity":5}})"
      "\n");
}

TEST(event_export, bytes_that_are_no_text_are_base64) {
  auto row = order();
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{
           {"\xff", "/w=="}, {"\xff\xfe", "//4="}, {std::string("\xff\x00\x10", 3), "/wAQ"}}) {
    row.value = bytes;
    EXPECT_NE(event_csv(row).find("," + text + ",base64,"), std::string::npos) << event_csv(row);
    EXPECT_NE(event_json_line(row).find("\"value_base64\":\"" + text + "\""), std::string::npos);
  }
}

TEST(event_export, a_gap_is_told) {
  event_row gap;
  gap.node = "shop", gap.position = "shop/1-a/1", gap.note = "retention removed 5";
  EXPECT_TRUE(event_csv(gap).ends_with(",retention removed 5\r\n"));
  EXPECT_NE(event_json_line(gap).find(R"("gap":"retention removed 5")"), std::string::npos);
}

} // namespace
} // namespace weft::monitor
