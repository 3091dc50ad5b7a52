#include "mesh/telemetry/frame.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/telemetry/frame_text.hpp"

#include <gtest/gtest.h>
#include <random>

namespace weft::telemetry {
namespace {

FrameT full_frame() {
  FrameT frame;
  frame.node = "shop";
  frame.sequence = 7;
  frame.time_us = 1'795'886'621'429'497;
  frame.whole = true;
  frame.log = std::make_unique<LogT>();
  frame.log->head = 42;
  auto lag = std::make_unique<LagT>();
  lag->name = "packers";
  lag->topic = "orders";
  lag->events = 3;
  frame.lag.push_back(std::move(lag));
  auto took = std::make_unique<LatencyT>();
  took->what = "publish";
  sketch counted;
  counted.add(std::chrono::microseconds(300), 5);
  set_buckets(*took, counted);
  frame.latencies.push_back(std::move(took));
  auto gone = std::make_unique<GoneT>();
  gone->kind = Kind::flow;
  gone->key = "a/b/orders/";
  frame.gone.push_back(std::move(gone));
  return frame;
}

TEST(telemetry_frame, is_read_as_it_was_written) {
  const auto frame = full_frame();
  const auto read = decode(encode(frame));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode(*read), encode(frame));
  EXPECT_EQ(sketch_of(*read->latencies.at(0)).count(), 5U);
}

TEST(telemetry_frame, a_value_that_begins_at_any_byte_is_read) {
  const auto bytes = encode(full_frame());
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> moved(shift);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    EXPECT_TRUE(decode(byte_view(moved).subspan(shift)));
  }
}

TEST(telemetry_frame, what_is_not_known_is_absent_and_not_zero) {
  const auto read = decode(encode(full_frame()));
  EXPECT_FALSE(read->lag.at(0)->drain_s.has_value());
}

TEST(telemetry_frame, damage_is_refused_and_ends_nothing) {
  EXPECT_EQ(decode({}).error().code(), errc::corrupt);
  EXPECT_EQ(decode(as_bytes(R"({"name":"a"})")).error().code(), errc::corrupt);
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 drawn(seed);
  const auto good = encode(full_frame());
  for (int round = 0; round < 5000; ++round) {
    auto bad = good;
    bad[drawn() % bad.size()] = static_cast<std::byte>(drawn());
    bad.resize(round % 3 == 0 ? drawn() % bad.size() : bad.size());
    const auto read = decode(bad);
    ASSERT_TRUE(read || read.error().code() == errc::corrupt);
  }
}

TEST(telemetry_frame, has_bounded_rows) {
  FrameT frame;
  for (std::size_t i = 0; i <= limits::telemetry_rows_max; ++i)
    frame.groups.push_back(std::make_unique<GroupT>());
  EXPECT_EQ(decode(encode(frame)).error().code(), errc::too_large);
  frame.groups.pop_back();
  EXPECT_TRUE(decode(encode(frame)));
}

TEST(telemetry_frame, rows_are_named_by_their_keys) {
  FlowT flow;
  flow.from = "a";
  flow.to = "b";
  flow.pattern = "orders";
  EXPECT_EQ(key_of(flow), "a/b/orders/");
  LagT lag;
  lag.name = "packers";
  lag.topic = "orders";
  EXPECT_EQ(key_of(lag), "packers/orders");
}

TEST(telemetry_frame, rows_are_read_from_listings) {
  frame_reader reader;
  for (int time = 0; time < 2; ++time) { // once and again
    const auto read = reader.read(
        R"({"links":[{"name":"b","cost":3,"round_trip_s":0.000512,"since":"2026-11-28T17:23:41Z","later":[1]}],
      "lag":[{"name":"g","topic":"t","drain_s":null,"ran_out_why":null,"seconds":1e-3}],"gone":[{"kind":"flow","key":"a/b/c/"}]})");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->links.at(0)->round_trip_s, 0.000512);
    EXPECT_FALSE(read->lag.at(0)->drain_s.has_value());
    EXPECT_EQ(read->lag.at(0)->seconds, 0.001);
    EXPECT_EQ(read->gone.at(0)->kind, Kind::flow);
  }
}

TEST(telemetry_frame, a_listing_of_another_kind_is_refused_and_the_next_is_read) {
  frame_reader reader;
  const auto read = reader.read(R"({"links":[{"name":7,"cost":"dear"}]})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), errc::corrupt);
  EXPECT_TRUE(reader.read("{}"));
}

TEST(telemetry_frame, rows_that_do_not_fit_one_go_on_in_the_next) {
  frame_texts texts(2000);
  std::vector<std::string> wanted;
  for (int i = 0; i < 100; ++i) {
    wanted.push_back("group-" + std::to_string(i));
    texts.add("groups", "{\"name\":\"" + wanted.back() + "\"}");
  }
  texts.add("lag", R"({"name":"g","topic":")" + std::string(5000, 't') + "\"}"); // alone
  for (const auto* kind : {"flow", "lag"})
    texts.add("gone", std::string(R"({"kind":")") + kind + R"(","key":"a"})");
  const auto made = texts.take();
  frame_reader reader;
  std::vector<std::string> read;
  std::size_t gone = 0;
  for (const auto& text : made) {
    const auto frame = reader.read(text);
    ASSERT_TRUE(frame) << frame.error().message();
    EXPECT_TRUE(text.size() < 2100 || frame->groups.empty()) << text.size();
    for (const auto& row : frame->groups)
      read.push_back(row->name);
    gone += frame->gone.size();
  }
  EXPECT_EQ(read, wanted);
  EXPECT_EQ(gone, 2U);
  EXPECT_EQ(frame_texts(10).take(), std::vector<std::string>{"{}"});
}

TEST(telemetry_frame, its_schema_is_the_one_it_was_made_from) {
  EXPECT_NE(schema_text().find("root_type Frame;"), std::string_view::npos);
}

} // namespace
} // namespace weft::telemetry
