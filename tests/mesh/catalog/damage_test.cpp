#include "mesh/base/os_disk.hpp"
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/catalog/catalog_testing.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <random>

namespace weft::catalog {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class catalog_damage : public testing::Test {
protected:
  catalog_damage() {
    fill();
    whole_ = content("catalog.db");
  }

  void fill() const {
    const auto open = must_open(directory_.path());
    for (int n = 0; n < 60; ++n)
      create(*open, fmt::format("retail.topic-{}", n));
    for (std::uint32_t n = 1; n <= 30; ++n)
      must(open->starts().move_forward(log_of(1), topic_id{n}, {topic_offset{n}, high_position(n)}));
    must(open->nodes().save({node_of(1), node_number{1}, "shop", {}, {"tcp://a:1"}, noon, {}}));
    must(open->settings().set("port", "7001"));
    must(open->groups().keep({"packers", log_of(1), 3, high_position(3), shared_bytes::copy(as_bytes("record"))}));
  }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_.path() + "/" + name; }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << bytes;
  }
  [[nodiscard]] std::vector<std::string> files() const { return must(os_disk().list(directory_.path())); }

  /// A directory with these bytes as its catalog and nothing else.
  void start_over(const std::string& bytes) const {
    for (const auto& name : files())
      std::filesystem::remove(path(name));
    put("catalog.db", bytes);
  }

  /// Everything that the tests wrote, as text.
  static std::string describe(catalog& of) {
    std::string all;
    for (const auto& topic : must(of.topics().list(true)))
      all += fmt::format("{} {} {} {}\n", topic.id.value(), topic.name, topic.created.us, topic.settings.description);
    for (const auto& [topic, start] : must(of.starts().list(log_of(1))))
      all += fmt::format("{} {} {}\n", topic.value(), start.offset.value(), to_string(start.at));
    for (const auto& node : must(of.nodes().list()))
      all += fmt::format("{} {} {}\n", node.number.value(), node.name, node.addresses.front());
    for (const auto& group : must(of.groups().list()))
      all += fmt::format("{} {} {}\n", group.name, group.version, as_text(group.record.view()));
    return all + must(of.settings().get("port")).value_or("none");
  }

  memory_directory directory_;
  std::string whole_;
};

TEST_F(catalog_damage, an_empty_file_is_set_aside_and_a_fresh_catalog_started) { // T05
  start_over("");
  const auto open = must_open(directory_.path());
  EXPECT_EQ(open->origin(), catalog_origin::replaced);
  EXPECT_THAT(open->damage(), HasSubstr("catalog.damaged-1"));
  EXPECT_THAT(files(), Contains("catalog.damaged-1"));
  EXPECT_THAT(must(open->topics().list(true)), IsEmpty());
}

TEST_F(catalog_damage, another_program_s_file_is_set_aside_with_its_bytes) { // T05
  const std::string foreign(5000, 'x');
  start_over(foreign);
  EXPECT_EQ(must_open(directory_.path())->origin(), catalog_origin::replaced);
  EXPECT_EQ(content("catalog.damaged-1"), foreign);
}

TEST_F(catalog_damage, damaged_ones_get_the_next_free_number) {
  for (int n = 1; n <= 3; ++n) {
    put("catalog.db", fmt::format("damage {}", n));
    must_open(directory_.path());
    EXPECT_EQ(content(fmt::format("catalog.damaged-{}", n)), fmt::format("damage {}", n));
  }
}

TEST_F(catalog_damage, a_replacement_gives_no_numbers_until_it_was_rebuilt) {
  start_over("");
  must_open(directory_.path()); // a start that was cut short before rebuilding
  const auto open = must_open(directory_.path());
  EXPECT_EQ(open->origin(), catalog_origin::replaced);
  EXPECT_EQ(code_of(open->topics().create("new", {}, noon)), errc::corrupt);
  EXPECT_EQ(code_of(open->numbers().next()), errc::corrupt);
  must(open->topics().restore(std::vector<logged_topic>{{topic_id{60}, "retail.topic-59"}}, {}, noon));
  must(open->numbers().used_up_to(1));
  EXPECT_EQ(create(*open, "new"), topic_id{61});
  EXPECT_EQ(must(open->numbers().next()), 2U);
}

TEST_F(catalog_damage, once_rebuilt_it_is_an_existing_catalog) {
  start_over("");
  must(must_open(directory_.path())->topics().restore({}, {}, noon));
  {
    const auto open = must_open(directory_.path());
    EXPECT_EQ(open->origin(), catalog_origin::replaced); // node numbers are still not known
    must(open->numbers().used_up_to(1));
  }
  EXPECT_EQ(must_open(directory_.path())->origin(), catalog_origin::existing);
}

TEST_F(catalog_damage, a_write_ahead_log_without_its_file_is_kept) {
  {
    const auto open = must_open(directory_.path());
    create(*open, "late");
    std::filesystem::copy(path("catalog.db-wal"), path("copy"));
  }
  const auto log = content("copy");
  std::filesystem::remove(path("catalog.db"));
  std::filesystem::rename(path("copy"), path("catalog.db-wal"));
  EXPECT_EQ(must_open(directory_.path())->origin(), catalog_origin::replaced);
  EXPECT_EQ(content("catalog.damaged-1-wal"), log);
}

TEST_F(catalog_damage, a_cut_file_is_set_aside_wherever_it_is_cut) { // T05
  for (std::size_t size = 0; size < whole_.size(); size += 1 + size / 7) {
    SCOPED_TRACE(fmt::format("cut to {} of {} bytes", size, whole_.size()));
    start_over(whole_.substr(0, size));
    EXPECT_EQ(must_open(directory_.path())->origin(), catalog_origin::replaced);
    if (HasFailure()) return;
  }
}

TEST_F(catalog_damage, a_flipped_bit_is_found_or_changes_nothing) { // T05
  const auto seed = test_seed();
  SCOPED_TRACE(fmt::format("WEFT_SEED={}", seed));
  start_over(whole_);
  const auto before = describe(*must_open(directory_.path()));
  std::mt19937_64 random(seed);
  int found = 0;
  constexpr int flips = 300;
  for (int n = 0; n < flips; ++n) {
    const auto bit = n < 100 ? random() % 800 : random() % (whole_.size() * 8); // the header more often
    SCOPED_TRACE(fmt::format("bit {} of byte {}", bit % 8, bit / 8));
    auto bytes = whole_;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    start_over(bytes);
    const auto open = must_open(directory_.path());
    ASSERT_NE(open, nullptr);
    if (open->origin() == catalog_origin::replaced) {
      ++found;
      EXPECT_EQ(content("catalog.damaged-1"), bytes);
    } else {
      EXPECT_EQ(describe(*open), before);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(found, flips / 4);
}

TEST_F(catalog_damage, a_change_that_only_the_row_s_checksum_can_tell_is_found) { // T05
  auto bytes = whole_;
  const auto at = bytes.find("tcp://a:1");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 6] = 'b'; // in no index
  start_over(bytes);
  const auto open = must_open(directory_.path());
  EXPECT_EQ(open->origin(), catalog_origin::replaced);
  EXPECT_THAT(open->damage(), HasSubstr("CHECK constraint failed in nodes"));
}

} // namespace
} // namespace weft::catalog
