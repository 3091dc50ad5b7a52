// The examples in mesh/doc/formats.md are real.
#include "tests/mesh/wire/batch_fixture.hpp"
#include "tests/mesh/wire/hex.hpp"

#include "mesh/wire/cut_record.hpp"
#include "mesh/wire/entry.hpp"
#include "mesh/wire/node_record.hpp"
#include "mesh/wire/topic_record.hpp"

#include <cstdlib>
#include <fstream>

namespace weft::wire {
namespace {

/// The bytes of the block that begins with "```hex NAME": each line an offset, bytes, and a text behind a bar.
std::vector<std::byte> example(const std::string& name) {
  const auto* const source = std::getenv("WEFT_SOURCE_DIR");
  std::ifstream document(std::string(source == nullptr ? "." : source) + "/mesh/doc/formats.md");
  std::string line;
  while (std::getline(document, line) && line != "```hex " + name) {}
  EXPECT_TRUE(document) << "run by ctest, or from the top of the tree";
  std::string digits;
  while (std::getline(document, line) && line != "```") {
    EXPECT_EQ(std::stoul(line.substr(0, 4), nullptr, 16), unhex(digits).size()) << line;
    digits += line.substr(4, line.find('|') - 4);
  }
  return unhex(digits);
}

const plain_event event{.time = 1'700'000'000'000'000,
                        .type = "OrderPlaced",
                        .key = "A17",
                        .headers = {{"traceparent", "00-01"}},
                        .value = R"({"sku":"tea"})"};

TEST(formats_document, example_of_a_batch_is_what_the_builder_makes) {
  const auto bytes = batch_of({event});
  EXPECT_EQ(hex(bytes.view()), hex(example("batch")));
  EXPECT_EQ(events_of(verified(shared_bytes::take(example("batch")))), std::vector{event});
}

TEST(formats_document, example_of_an_entry_reads_as_the_text_says) {
  std::array<std::uint8_t, 32> id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    id[i] = static_cast<std::uint8_t>(i);
  const auto seed = checksum_seed({node_id{id}, 0}, epoch{3, 0x9f2c});
  EXPECT_EQ(seed, 0x78f033e5U);

  auto stored = example("entry");
  const auto batch = example("batch");
  stored.insert(stored.end(), batch.begin(), batch.end());
  const auto entry = entry_walker(shared_bytes::take(std::move(stored)), seed).next();
  ASSERT_TRUE(entry) << entry.error().message();
  EXPECT_EQ(entry->header.first_seq, seq{1042});
  EXPECT_EQ(entry->header.first_offset, topic_offset{17});
  EXPECT_EQ(entry->header.topic, topic_id{9});
  EXPECT_EQ(entry->header.unsynced, 5U);
  EXPECT_EQ(entry->header.count, 1U);
  EXPECT_EQ(entry->header.appended, hlc::at({event.time}));
}

TEST(formats_document, example_of_a_heartbeat_is_what_is_sent) {
  EXPECT_EQ(hex(encode(mesh_message(heartbeat{12})).view()), hex(example("heartbeat")));
}

TEST(formats_document, example_of_an_accusation_reads_as_the_text_says) {
  std::array<std::uint8_t, 32> accused{}, accuser{};
  accused.fill(1);
  accuser.fill(2);
  const accusation word{node_id{accused}, node_id{accuser}, incarnation{3}, 4, accusation_cause::broken, {event.time}};
  EXPECT_EQ(hex(encode(word).view()), hex(example("accusation")));
  EXPECT_EQ(decode_accusation(shared_bytes::take(example("accusation"))), word);
}

TEST(formats_document, example_of_a_topic_record_reads_as_the_text_says) {
  std::array<std::uint8_t, 32> author{};
  author.fill(1);
  topic_record record;
  record.topic = "orders";
  record.author = node_id{author};
  record.certificate = shared_bytes::copy(as_bytes("chain"));
  record.count = 2;
  record.at = hlc::at({event.time});
  record.settings.replicas = 2;
  EXPECT_EQ(hex(encode(record).view()), hex(example("topic-record")));
  EXPECT_EQ(decode_topic_record(shared_bytes::take(example("topic-record"))), record);
}

TEST(formats_document, example_of_a_cut_record_reads_as_the_text_says) {
  std::array<std::uint8_t, 32> author{};
  author.fill(1);
  cut_record record;
  record.what = {"eod", 0x1122334455667788, ">", hlc::at({event.time}), {event.time + 1'000'000}};
  record.author = node_id{author};
  record.certificate = shared_bytes::copy(as_bytes("chain"));
  record.count = 2;
  record.at = hlc::at({event.time});
  EXPECT_EQ(hex(encode(record).view()), hex(example("cut-record")));
  EXPECT_EQ(decode_cut_record(shared_bytes::take(example("cut-record"))), record);
}

} // namespace
} // namespace weft::wire
