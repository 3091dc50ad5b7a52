// tests/fuzz/log/index_fuzz.cpp: any bytes as an index file, as they are and with checksums made right: refused, or all
// of it can be read, and written and read once more it is the same. With WEFT_PLANTED_BUG a topic's list is taken
// without a look at where the section of lists ends.
#include "tests/fuzz/log/fuzz_log.hpp"
#include "tests/fuzz/log/restamp.hpp"
#include "tests/fuzz/wire/read_everything.hpp"

namespace {

using namespace weft;
using namespace weft::log;

using bytes = std::vector<std::byte>;

result<std::vector<entry_place>> places_of(const index_file& index, const topic_extent& topic, const bytes& lists) {
#ifdef WEFT_PLANTED_BUG
  return decode_places(topic, index.summary().first, {lists.data() + topic.list_at, topic.list_bytes});
#else
  auto places = index.places(topic);
  const segment_index in_memory{{index.summary(), {}, {}, {}}, lists};
  WEFT_ASSERT(places.has_value() == in_memory.places(topic).has_value());
  return places;
#endif
}

/// @returns the same index as this build writes it; nothing when it is damaged
std::optional<bytes> read(const bytes& content) {
  const auto& known = fuzz_log::instance();
  virtual_disk disk;
  disk.restore("x.idx", content);
  const auto index = index_file::open(disk, "x.idx", fuzz_machine::options().id, known.epoch(), known.first());
  if (!index) {
    WEFT_ASSERT(index.error().code() == errc::corrupt || index.error().code() == errc::version_newer);
    return std::nullopt;
  }
  auto core = index->core();
  auto lists = index->lists();
  const auto tables = index->tables();
  const auto problems = index->check_sections();
  WEFT_ASSERT(problems && (problems->empty() || !core || !lists || !tables));
  if (!core || !lists || !tables) return std::nullopt;
  for (const auto& topic : core->topics) {
    const auto places = places_of(*index, topic, *lists);
    WEFT_ASSERT(!places || places->size() == topic.entries);
  }
  for (const auto at : {seq{}, known.first(), seq{UINT64_MAX}})
    (void)core->point_before(at);
  (void)core->find(orders);
  return encode_index({std::move(*core), std::move(*lists)}, *tables);
}

void check(const bytes& content) {
  const auto once = read(content);
  if (once) WEFT_ASSERT(read(*once) == *once);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const from = reinterpret_cast<const std::byte*>(data);
  bytes content(from, from + size);
  check(content);
  restamp_index(content);
  check(content);
  return 0;
}
