// tests/mesh/wire/control_test.cpp: control messages survive the wire, and nothing from outside breaks their decoder.
#include "mesh/wire/control.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/control_generated.h"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/wire/hex.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <set>

namespace weft::wire {
using namespace std::chrono_literals;
namespace {

std::array<std::uint8_t, 32> bytes_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(value);
  return bytes;
}
log_id some_log() { return {node_id{bytes_of(7)}, 3}; }
log_position some_position() { return {epoch{5, 6}, seq{1042}}; }

demand full_demand() {
  demand message{.subscription = 9,
                 .log = log_id{node_id{bytes_of(7)}, 0},
                 .pattern = "retail.>",
                 .start = start_kind::position,
                 .time = hlc{77},
                 .at = some_position(),
                 .filter = {},
                 .name = "billing",
                 .window = limits::flow_window_bytes,
                 .resume = true,
                 .distance = distance{2, 1, 300'000},
                 .source = node_id{bytes_of(6)},
                 .topics = {"retail.orders", "retail.paid"},
                 .copy = true,
                 .synced = true,
                 .member = group_membership{"packers",
                                            member_id{77},
                                            100,
                                            {after_failing::park, 3, microseconds{500}, microseconds{9000}},
                                            {{some_position(), slot{1023}}},
                                            {{{epoch{5, 6}, seq{4}}, slot{0}}},
                                            true,
                                            9,
                                            claim_stage::reads,
                                            {5, 8},
                                            process_id{78}}};
  message.filter.slots.emplace();
  message.filter.slots->set(0).set(63).set(64).set(1023);
  message.filter.key = std::string("a\0b", 3);
  message.filter.types = {"OrderPlaced", "OrderPaid"};
  message.filter.headers = {{"region", comparison::not_equal, "eu"}, {"size", comparison::greater_equal, "3"}};
  return message;
}

std::vector<control> one_of_each() {
  run full_run{.flow = 3,
               .epoch = epoch{5, 6},
               .from = seq{10},
               .until = seq{20},
               .log_time = hlc{88},
               .head = seq{30},
               .starts = {{"retail.orders", topic_offset{4}, some_position()}, {"retail.paid", topic_offset{}, {}}},
               .gap_code = errc::log_start,
               .gap = "retention",
               .number = 17,
               .tried = {{18, 2, microseconds{1'000'000}}, {19, 1, microseconds{0}}}};
  return {local_hello{1, 2, "weft publish"},
          local_welcome{1, node_id{bytes_of(1)}, "shop", node_number{4}, mesh_id{bytes_of(2)}, epoch{5, 6}},
          full_demand(),
          demand{.subscription = 1,
                 .log = {},
                 .pattern = "a",
                 .start = start_kind::end,
                 .time = {},
                 .at = {},
                 .filter = {},
                 .name = {},
                 .window = 0},
          withdraw{9},
          flow_opened{9, 3, some_log(), "shop", some_position()},
          flow_opened{9, 3, some_log(), "shop", some_position(), {"shop", "hub"}},
          flow_opened{9, 3, some_log(), "shop", some_position(), {}, 5, 0, 6, 42, "hub", 7},
          flow_opened{9, 3, some_log(), "shop", some_position(), {}, 4},
          flow_opened{9, 3, some_log(), "shop", some_position(), {}, 4, 7, 6, 8},
          flow_closed{3, 9, errc::cancelled, "stopped"},
          credit{3, 1U << 30U},
          full_run,
          commit{3, some_position()},
          publish{11, ack_level::written},
          publish{11, std::nullopt},
          publish{11, ack_level::synced, mono_time{77}},
          published{11, errc::ok, "", epoch{5, 6}, seq{12}, 13, topic_offset{14}, hlc{15}, true, ack_level::written,
                    codec::lz4},
          query{12, "topics", R"({"like":"retail.*"})"},
          query{13, "lag", "{}", true, node_id{bytes_of(1)}, 16, "signed"},
          answer{13, errc::ok, {}, "{", node_id{bytes_of(1)}, true},
          answer{12, errc::not_found, "no such topic", "{}"},
          refused{errc::denied, "not for you", 9, 12},
          goodbye{"stopping"},
          ping{1},
          pong{std::numeric_limits<std::uint64_t>::max()},
          ask_codec{13, "retail.orders"},
          topic_codec{13, codec::lz4},
          demand_refresh{{{9, {0, 1, 7}}, {10, {3, 0, 1U << 31U}}}},
          copy_holds{9, true, {"retail.orders"}, {"retail.paid", "retail.sent"}},
          copy_confirm{9, some_position()},
          copies_settled{9, {node_id{bytes_of(3)}, node_id{bytes_of(1)}}},
          copy_scope{9, {"retail.scratch"}},
          handled{3, {{1, 4}, {6, 7}}, {{4, 6}}, {{some_position(), slot{9}}}, {{some_position(), slot{8}}}},
          handled{3, {}, {}},
          failed{3, 5, "no stock"},
          failed{3, 5, "no such item", true},
          leaving{3},
          renew{3, 8},
          verdict{3, 5, microseconds{1500}},
          verdict{3, 5, std::nullopt},
          revoke{3, slot_set{}.set(0).set(1023), 17},
          revoke{3, slot_set{}.set(), 0, true},
          renewal{3, 8},
          log_found{9, some_log(), "shop"},
          log_gone{9, some_log()},
          taken_up{shared_bytes::copy(as_bytes("record")), false},
          taken_up{{}, true},
          taken_over{"packers", 7}};
}

errc code_of(const shared_bytes& bytes) {
  const auto decoded = decode_control(bytes);
  return decoded ? errc::ok : decoded.error().code();
}
errc code_of(const control& message) { return code_of(encode(message)); }

TEST(control, every_message_comes_back_as_it_was) {
  const auto messages = one_of_each();
  std::set<std::size_t> kinds;
  for (const auto& message : messages) {
    const auto back = decode_control(encode(message));
    ASSERT_TRUE(back) << name_of(message) << ": " << back.error().message();
    EXPECT_EQ(*back, message) << name_of(message);
    kinds.insert(message.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<control>);
}

TEST(control, a_refresh_of_demands_has_the_bytes_that_other_nodes_read) {
  EXPECT_EQ(hex(encode(demand_refresh{{{9, {2, 1, 7}}}}).view()),
            "100000005745433108000e000700080008000000000000140c00000000000600"
            "0800040006000000040000000100000009000000000000000700000002000100");
}

TEST(control, the_messages_of_copies_have_the_bytes_that_other_nodes_read) {
  const std::vector<std::pair<control, std::string>> golden{
      {copy_holds{9, true, {"t"}, {}}, "14000000574543310000000008000e0007000800080000000000001510000000"
                                       "00000a0014000c00070008000a000000000000010c0000000900000000000000"
                                       "01000000040000000100000074000000"},
      {copy_confirm{9, some_position()}, "14000000574543310000000008000e0007000800080000000000001610000000"
                                         "00000a001c0004000c0014000a00000009000000000000000600000005000000"
                                         "1204000000000000"},
      {copies_settled{9, {node_id{bytes_of(3)}}}, "14000000574543310000000008000c000700080008000000000000170c000000"
                                                  "0800140008000400080000001000000009000000000000000000000001000000"
                                                  "0303030303030303030303030303030303030303030303030303030303030303"},
      {copy_scope{9, {"u"}}, "14000000574543310000000008000c000700080008000000000000180c000000"
                             "0800100008000400080000000c00000009000000000000000100000004000000"
                             "0100000075000000"},
  };
  for (const auto& [message, bytes] : golden) {
    EXPECT_EQ(hex(encode(message).view()), bytes) << name_of(message);
    EXPECT_EQ(decode_control(shared_bytes::take(unhex(bytes))), message) << name_of(message);
  }
}

TEST(control, a_copy_without_topics_or_log_and_names_that_are_none_are_refused) {
  auto wanted = full_demand();
  wanted.topics.clear();
  wanted.start = start_kind::position; // by who lost some of it
  EXPECT_EQ(code_of(wanted), errc::ok);
  wanted.start = start_kind::beginning;
  EXPECT_EQ(code_of(wanted), errc::invalid_argument);
  wanted = full_demand();
  wanted.log.reset();
  wanted.start = start_kind::beginning;
  EXPECT_EQ(code_of(wanted), errc::invalid_argument);
  EXPECT_EQ(code_of(copy_holds{1, false, {"a b"}, {}}), errc::invalid_name);
  EXPECT_EQ(code_of(copy_scope{1, {""}}), errc::invalid_name);
}

// A publish that names its level has the bytes that it had before a topic's could be asked for.
TEST(control, the_messages_of_publishing_have_the_bytes_that_they_always_had) {
  const std::vector<std::pair<control, std::string>> golden{
      {publish{11, ack_level::synced}, "100000005745433108000e0007000800080000000000000a0c00000000000600"
                                       "0c000400060000000b00000000000000"},
      {publish{11, ack_level::written}, "14000000574543310000000008000c0007000800080000000000000a0c000000"
                                        "080010000800070008000000000000010b00000000000000"},
      {publish{11, std::nullopt}, "100000005745433108000e0007000800080000000000000a1000000000000a00"
                                  "10000800000007000a000000000000010b00000000000000"},
      {published{11, errc::ok, "", epoch{5, 6}, seq{12}, 13, topic_offset{14}, hlc{15}, true, ack_level::written,
                 codec::lz4},
       "14000000574543310000000008000e0007000800080000000000000b20000000"
       "00001a0034000c000000000014001c00080024002c000500060007001a000000"
       "000101010d0000000b0000000000000006000000050000000c00000000000000"
       "0e000000000000000f00000000000000"},
      {ask_codec{13, "retail.orders"}, "14000000574543310000000008000c000700080008000000000000120c000000"
                                       "080014000800040008000000100000000d00000000000000000000000d000000"
                                       "72657461696c2e6f7264657273000000"},
      {topic_codec{13, codec::lz4}, "14000000574543310000000008000c000700080008000000000000130c000000"
                                    "080010000800070008000000000000010d00000000000000"},
  };
  for (const auto& [message, bytes] : golden) {
    EXPECT_EQ(hex(encode(message).view()), bytes) << name_of(message);
    EXPECT_EQ(decode_control(shared_bytes::take(unhex(bytes))), message) << name_of(message);
  }
}

TEST(control, name_of_says_the_messages_name) {
  EXPECT_EQ(name_of(local_hello{}), "local_hello");
  EXPECT_EQ(name_of(flow_opened{}), "flow_opened");
  EXPECT_EQ(name_of(pong{}), "pong");
  EXPECT_EQ(name_of(topic_codec{}), "topic_codec");
}

// T41
TEST(control, every_truncation_is_refused) {
  for (const auto& message : one_of_each()) {
    const auto whole = encode(message);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto cut = shared_bytes::copy(whole.view().first(length));
      const auto decoded = decode_control(cut);
      // What is cut off may be padding or a field's default; then the message is the same.
      EXPECT_TRUE(!decoded || *decoded == message) << name_of(message) << " cut to " << length;
      (void)refusal(cut, error(errc::corrupt, ""));
    }
  }
}

// T41
TEST(control, every_bit_flip_is_survived) {
  std::size_t refused_flips = 0;
  for (const auto& message : one_of_each()) {
    const auto whole = encode(message);
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::vector<std::byte> bytes(whole.view().begin(), whole.view().end());
      bytes[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto flipped = shared_bytes::take(std::move(bytes));
      const auto decoded = decode_control(flipped);
      refused_flips += decoded ? 0U : 1U;
      EXPECT_TRUE(!decoded || decode_control(encode(*decoded))) << name_of(message) << ", bit " << bit;
    }
  }
  EXPECT_GT(refused_flips, 1000U);
}

// T41
TEST(control, random_bytes_are_refused) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> bytes(random() % 300);
    for (auto& byte : bytes)
      byte = static_cast<std::byte>(random());
    EXPECT_EQ(code_of(shared_bytes::take(std::move(bytes))), errc::corrupt);
  }
}

TEST(control, bytes_that_do_not_start_aligned_are_read_all_the_same) {
  const auto whole = encode(full_demand());
  std::vector<std::byte> moved(whole.size() + 1);
  std::copy(whole.view().begin(), whole.view().end(), moved.begin() + 1);
  const auto holder = shared_bytes::take(std::move(moved));
  const auto decoded = decode_control(holder.slice(1, whole.size()));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, control(full_demand()));
}

TEST(control, a_message_over_the_limit_is_refused_before_it_is_looked_at) {
  EXPECT_EQ(code_of(shared_bytes::take(std::vector<std::byte>(limits::control_bytes_max + 1))), errc::too_large);
  EXPECT_EQ(code_of(query{1, "topics", std::string(limits::control_bytes_max, 'x')}), errc::too_large);
}

TEST(control, an_answer_over_the_limit_becomes_one_that_says_so) {
  const auto back = decode_control(encode(answer{5, errc::ok, "", std::string(limits::control_bytes_max, 'x')}));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<answer>(*back).request, 5U);
  EXPECT_EQ(std::get<answer>(*back).code, errc::too_large);
}

TEST(control, most_starts_of_the_longest_topics_fit_a_run) {
  run message;
  for (std::size_t i = 0; i < limits::run_starts_max; ++i)
    message.starts.push_back({std::string(limits::topic_name_bytes_max, 'a'), topic_offset{i}, {}});
  EXPECT_EQ(code_of(message), errc::ok);
}

TEST(control, a_reason_is_cut_where_it_is_too_long) {
  run message;
  message.gap_code = errc::io_error;
  message.gap = std::string(limits::refusal_text_bytes_max + 1, 'x');
  const auto back = decode_control(encode(message));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<run>(*back).gap, std::string(limits::refusal_text_bytes_max, 'x'));
}

template <class Change>
errc changed_demand(Change change) {
  auto message = full_demand();
  change(message);
  return code_of(message);
}

TEST(control, demands_outside_the_limits_are_refused) {
  EXPECT_EQ(changed_demand([](demand& m) { m.pattern = "retail..orders"; }), errc::invalid_name);
  EXPECT_EQ(changed_demand([](demand& m) { m.pattern = ""; }), errc::invalid_name);
  EXPECT_EQ(changed_demand([](demand& m) { m.pattern = std::string(250, 'a'); }), errc::too_large);
  EXPECT_EQ(changed_demand([](demand& m) { m.name = "Not A Name"; }), errc::invalid_name);
  EXPECT_EQ(changed_demand([](demand& m) { m.log.reset(); }), errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.log->ordinal = 1; }), errc::unsupported);
  EXPECT_EQ(changed_demand([](demand& m) { m.start = start_kind{4}; }), errc::unsupported);
  EXPECT_EQ(changed_demand([](demand& m) { m.window = limits::link_credit_bytes_max + 1; }), errc::invalid_argument);
}

TEST(control, members_outside_the_limits_are_refused) {
  EXPECT_EQ(changed_demand([](demand& m) { m.member->group = "Not A Name"; }), errc::invalid_name);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->group = ""; }), errc::invalid_name);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->events_max = 0; }), errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->events_max = limits::group_window_events_max + 1; }),
            errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->policy.then = after_failing{4}; }), errc::unsupported);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->policy.deliveries_max = 0; }), errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->policy.backoff_most = 25h; }), errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->begun[0].of = slot{1024}; }), errc::invalid_argument);
  EXPECT_EQ(changed_demand([](demand& m) { m.member->processed[0].of = slot{1024}; }), errc::invalid_argument);
}

TEST(control, words_of_a_group_outside_the_limits_are_refused) {
  EXPECT_EQ(code_of(handled{3, {{4, 4}}, {}}), errc::invalid_argument);
  EXPECT_EQ(code_of(handled{3, {}, {{5, 4}}}), errc::invalid_argument);
  EXPECT_EQ(code_of(handled{3, {}, {}, {{some_position(), slot{1024}}}, {}}), errc::invalid_argument);
  const std::vector<slot_event> half(limits::group_window_events_max / 2, {some_position(), slot{1}});
  EXPECT_EQ(code_of(handled{3, {}, {}, half, half}), errc::ok);
  EXPECT_EQ(code_of(handled{3, {{1, 2}}, {}, half, half}), errc::too_large);
  EXPECT_EQ(code_of(failed{3, 1, std::string(limits::group_cause_bytes_max + 1, 'x')}), errc::too_large);
  EXPECT_EQ(code_of(verdict{3, 1, microseconds(25h)}), errc::invalid_argument);
}

TEST(control, filters_outside_the_limits_are_refused) {
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.key = std::string(limits::event_key_bytes_max + 1, 'k'); }),
            errc::too_large);
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.types = {std::string(256, 't')}; }), errc::too_large);
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.types.assign(limits::batch_types_max + 1, "t"); }),
            errc::too_large);
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.headers.assign(limits::event_headers_max + 1, {}); }),
            errc::too_large);
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.headers[0].op = comparison{6}; }), errc::unsupported);
  EXPECT_EQ(changed_demand([](demand& m) { m.filter.headers[0].name = std::string(256, 'n'); }), errc::too_large);
}

TEST(control, values_outside_their_domain_are_refused) {
  EXPECT_EQ(code_of(local_hello{2, 1, ""}), errc::invalid_argument);
  EXPECT_EQ(code_of(local_hello{1, 1, std::string(256, 'p')}), errc::too_large);
  EXPECT_EQ(code_of(local_welcome{1, {}, "", {}, {}, {}}), errc::invalid_name);
  EXPECT_EQ(code_of(flow_opened{1, 1, some_log(), "Shop", {}}), errc::invalid_name);
  EXPECT_EQ(code_of(flow_opened{1, 1, some_log(), "shop", {}, {"shop", "no name"}}), errc::invalid_name);
  EXPECT_EQ(code_of(publish{1, ack_level::from_code(limits::replicas_max + 2)}), errc::unsupported);
  published bad_level;
  bad_level.level = ack_level::from_code(limits::replicas_max + 2);
  EXPECT_EQ(code_of(bad_level), errc::unsupported);
  EXPECT_EQ(code_of(ask_codec{1, "a b"}), errc::invalid_name);
  EXPECT_EQ(code_of(ask_codec{1, std::string(limits::topic_name_bytes_max + 1, 'a')}), errc::too_large);
  EXPECT_EQ(code_of(query{1, "", ""}), errc::invalid_argument);
  query long_proof{1, "lag", ""};
  long_proof.proof.assign(limits::question_proof_bytes_max + 1, 'x');
  EXPECT_EQ(code_of(long_proof), errc::too_large);
  run backwards;
  backwards.from = seq{1};
  EXPECT_EQ(code_of(backwards), errc::invalid_argument);
  run bad_topic;
  bad_topic.starts = {{"a b", {}, {}}};
  EXPECT_EQ(code_of(bad_topic), errc::invalid_name);
}

template <class Build>
shared_bytes built(fb::Body type, Build build) {
  flatbuffers::FlatBufferBuilder out;
  const flatbuffers::Offset<void> table = build(out);
  fb::FinishControlBuffer(out, fb::CreateControl(out, type, table));
  return shared_bytes::copy({reinterpret_cast<const std::byte*>(out.GetBufferPointer()), out.GetSize()});
}

TEST(control, a_message_of_a_later_version_is_unsupported) {
  const auto later = built(static_cast<fb::Body>(200), [](auto& out) { return fb::CreatePing(out, 1).Union(); });
  EXPECT_EQ(code_of(later), errc::unsupported);
}

TEST(control, the_longest_lists_of_copies_fit_a_message_and_longer_ones_are_refused) {
  const std::vector<std::string> names(limits::copy_topics_max, std::string(limits::topic_name_bytes_max, 't'));
  EXPECT_EQ(code_of(copy_scope{1, names}), errc::ok);
  auto wanted = full_demand();
  wanted.topics = names;
  EXPECT_EQ(code_of(wanted), errc::ok);
  EXPECT_EQ(code_of(copies_settled{1, std::vector<node_id>(limits::list_holders_max)}), errc::ok);
  const auto many = built(fb::Body::CopyScope, [](auto& out) {
    const auto name = out.CreateString("t");
    const auto others =
        out.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(limits::copy_topics_max + 1, name));
    return fb::CreateCopyScope(out, 1, others).Union();
  });
  EXPECT_EQ(code_of(many), errc::too_large);
}

TEST(control, a_message_without_its_parts_is_corrupt) {
  EXPECT_EQ(code_of(built(fb::Body::NONE, [](auto&) { return flatbuffers::Offset<void>{}; })), errc::corrupt);
  EXPECT_EQ(code_of(built(fb::Body::Ping, [](auto&) { return flatbuffers::Offset<void>{}; })), errc::corrupt);
  EXPECT_EQ(code_of(built(fb::Body::FlowOpened, [](auto& out) { return fb::CreateFlowOpened(out, 1, 1).Union(); })),
            errc::corrupt);
  EXPECT_EQ(code_of(built(fb::Body::LocalWelcome,
                          [](auto& out) { return fb::CreateLocalWelcome(out, 1, 0, out.CreateString("a")).Union(); })),
            errc::invalid_argument);
}

TEST(control, a_path_of_more_nodes_than_people_read_is_refused) {
  const auto longer = built(fb::Body::FlowOpened, [](auto& out) {
    const fb::Log log{bytes_of(1), 0};
    const auto path = out.CreateVectorOfStrings(std::vector<std::string>(limits::path_nodes_max + 1, "hub"));
    return fb::CreateFlowOpened(out, 1, 1, &log, out.CreateString("shop"), 0, 0, path).Union();
  });
  EXPECT_EQ(code_of(longer), errc::too_large);
}

TEST(control, a_codec_that_this_build_can_not_make_is_read_as_none) {
  for (const auto number : {codec::zstd, codec{200}}) {
    EXPECT_EQ(decode_control(encode(topic_codec{1, number})), control(topic_codec{1, codec::none}));
    published answer;
    answer.codec = number;
    EXPECT_EQ(decode_control(encode(answer)), control(published{}));
  }
}

TEST(control, the_level_that_a_publish_names_does_not_count_when_it_asks_for_the_topics) {
  const auto both = built(fb::Body::Publish, [](auto& out) { return fb::CreatePublish(out, 11, 200, true).Union(); });
  EXPECT_EQ(decode_control(both), control(publish{11, std::nullopt}));
}

TEST(control, a_filter_with_a_wrong_number_of_slot_words_is_refused) {
  EXPECT_EQ(
      code_of(built(fb::Body::Demand,
                    [](auto& out) {
                      const auto words = out.CreateVector(std::vector<std::uint64_t>(15));
                      const auto filter = fb::CreateFilter(out, words);
                      const auto pattern = out.CreateString("a");
                      return fb::CreateDemand(out, 1, nullptr, pattern, fb::StartKind::end, 0, 0, 0, filter).Union();
                    })),
      errc::invalid_argument);
}

TEST(control, slot_words_that_are_not_aligned_are_refused) {
  std::multiset<errc> codes;
  for (const std::size_t moved_by : {0U, 1U}) {
    const auto message = built(fb::Body::Demand, [moved_by](auto& out) {
      static_cast<void>(out.CreateVector(std::vector<std::uint32_t>(moved_by)));
      const auto halves = out.CreateVector(std::vector<std::uint32_t>(32)); // the same bytes, aligned less
      const std::uint32_t words = 16;
      std::memcpy(out.GetCurrentBufferPointer(), &words, sizeof words);
      const auto filter = fb::CreateFilter(out, flatbuffers::Offset<flatbuffers::Vector<std::uint64_t>>(halves.o));
      const auto pattern = out.CreateString("a");
      return fb::CreateDemand(out, 1, nullptr, pattern, fb::StartKind::end, 0, 0, 0, filter).Union();
    });
    codes.insert(decode_control(message) ? errc::ok : code_of(message));
  }
  EXPECT_EQ(codes, (std::multiset<errc>{errc::ok, errc::corrupt}));
}

// T41
TEST(control, many_offsets_to_one_long_text_are_refused_without_copying_it) {
  const auto bomb = built(fb::Body::Demand, [](auto& out) {
    const auto text = out.CreateString(std::string(100'000, 't'));
    const auto types = out.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(30'000, text));
    const auto filter = fb::CreateFilter(out, 0, 0, types);
    const auto pattern = out.CreateString("a");
    return fb::CreateDemand(out, 1, nullptr, pattern, fb::StartKind::end, 0, 0, 0, filter).Union();
  });
  EXPECT_EQ(code_of(bomb), errc::too_large);
}

TEST(control, a_refusal_names_what_it_refuses) {
  auto bad = full_demand();
  bad.pattern = "..";
  EXPECT_EQ(refusal(encode(bad), error(errc::invalid_name, "no")), (refused{errc::invalid_name, "no", 9, 0}));
  EXPECT_EQ(refusal(encode(query{8, "", ""}), error(errc::invalid_argument, "")).request, 8U);
  EXPECT_EQ(
      refusal(encode(publish{7, ack_level::from_code(limits::replicas_max + 2)}), error(errc::unsupported, "")).request,
      7U);
  EXPECT_EQ(refusal(encode(ask_codec{6, "a b"}), error(errc::invalid_name, "")).request, 6U);
  EXPECT_EQ(refusal({}, error(errc::corrupt, "no")), (refused{errc::corrupt, "no", 0, 0}));
}

} // namespace
} // namespace weft::wire
