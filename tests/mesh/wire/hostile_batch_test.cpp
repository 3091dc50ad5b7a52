// Batches from somebody who means harm, or from a disk that lies: each is refused or reads without harm.
#include "tests/mesh/base/test_seed.hpp"
#include "tests/mesh/wire/batch_fixture.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/wire/event_batch_generated.h"

#include <functional>
#include <lz4.h>

namespace weft::wire {
namespace {

using forged = fb::EventBatchT;

/// A sound batch of three events as an object whose fields a test forges.
std::unique_ptr<forged> sound_batch(codec how = codec::none) {
  const auto bytes = batch_of({{.time = 1, .type = "T", .key = "a", .headers = {{"h", "1"}}, .value = "one"},
                               {.time = 2, .key = "b", .value = std::string(200, 'x')},
                               {.time = 3, .type = "U", .key = "c", .headers = {{"h", "2"}}, .value = "three"}},
                              how);
  return std::unique_ptr<forged>(fb::UnPackEventBatch(bytes.data()));
}

shared_bytes packed(const forged& batch, const char* identifier = fb::EventBatchIdentifier()) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Align(8);
  builder.Finish(fb::EventBatch::Pack(builder, &batch), identifier);
  return shared_bytes::copy({reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()});
}

errc verdict(const shared_bytes& bytes) {
  const auto batch = batch_view::verify(bytes);
  return batch ? errc::ok : batch.error().code();
}

errc verdict_on(const std::function<void(forged&)>& change) {
  auto batch = sound_batch();
  change(*batch);
  return verdict(packed(*batch));
}

/// Looks at everything that a reader of the batch would look at.
std::size_t read_all(const batch_view& batch) {
  auto seen = batch.topic().size() + batch.count();
  const auto data = batch.unpack();
  if (!data) return seen;
  for (std::size_t i = 0; i < batch.count(); ++i) {
    auto event = batch.event(i, data->view());
    for (const auto bytes : {event.key, event.value, as_bytes(event.type)})
      for (const auto byte : bytes)
        seen += std::to_integer<std::size_t>(byte);
    while (const auto header = event.headers.next())
      seen += header->name.size() + header->value.size();
  }
  event_filter filter;
  filter.types = {"T"};
  filter.headers = {{"h", comparison::less, "2"}};
  if (const auto chosen = select(batch, filter); chosen && !chosen->empty())
    if (const auto extract = make_extract(batch, *chosen)) {
      const auto again = batch_view::verify(*extract);
      EXPECT_TRUE(again) << again.error().message();
    }
  return seen;
}

TEST(hostile_batch, object_that_tests_forge_is_sound) {
  EXPECT_EQ(verdict_on([](forged&) {}), errc::ok);
  EXPECT_EQ(verdict(packed(*sound_batch(codec::lz4))), errc::ok);
}

TEST(hostile_batch, every_truncation_is_refused) { // T03, T41
  const auto whole = batch_of({{.time = 1, .type = "T", .key = "a", .headers = {{"h", "1"}}, .value = "one"}});
  for (std::size_t size = 0; size + 8 <= whole.size(); ++size)
    EXPECT_NE(verdict(shared_bytes::copy(whole.view().first(size))), errc::ok) << size;
}

TEST(hostile_batch, every_flipped_bit_is_refused_or_reads_without_harm) { // T04, T41
  for (const auto how : {codec::none, codec::lz4}) {
    const auto whole = packed(*sound_batch(how));
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::vector<std::byte> flipped(whole.view().begin(), whole.view().end());
      flipped[bit / 8] ^= std::byte{1} << (bit % 8);
      if (const auto batch = batch_view::verify(shared_bytes::take(std::move(flipped))))
        (void)read_all(*batch);
      else
        ++refused;
    }
    EXPECT_GT(refused, whole.size());
  }
}

TEST(hostile_batch, any_overwritten_bytes_are_refused_or_read_without_harm) { // T41
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  seeded_random random(seed);
  for (int round = 0; round < 20'000; ++round) {
    static const std::array wholes{packed(*sound_batch()), packed(*sound_batch(codec::lz4))};
    const auto& whole = wholes[random.below(2)];
    std::vector<std::byte> changed(whole.view().begin(), whole.view().end());
    for (auto left = 1 + random.below(4); left > 0; --left)
      changed[random.below(changed.size())] = static_cast<std::byte>(random.next());
    if (const auto batch = batch_view::verify(shared_bytes::take(std::move(changed)))) (void)read_all(*batch);
  }
}

TEST(hostile_batch, bytes_that_are_no_batch_are_refused) { // T41
  EXPECT_EQ(verdict({}), errc::corrupt);
  EXPECT_EQ(verdict(shared_bytes::take(std::vector<std::byte>(4096))), errc::corrupt);
  EXPECT_EQ(verdict(shared_bytes::take(std::vector<std::byte>(4096, std::byte{0xff}))), errc::corrupt);
  EXPECT_EQ(verdict(packed(*sound_batch(), "WEB2")), errc::corrupt);
  EXPECT_EQ(verdict(shared_bytes::take(std::vector<std::byte>(limits::batch_bytes_max + 1))), errc::too_large);
}

TEST(hostile_batch, bytes_that_are_not_aligned_are_sent_back_to_the_caller) {
  const auto whole = batch_of({{.value = "v"}});
  std::vector<std::byte> moved(whole.size() + 4);
  std::copy(whole.view().begin(), whole.view().end(), moved.begin() + 4);
  const auto holder = shared_bytes::take(std::move(moved));
  EXPECT_EQ(verdict(holder.slice(4, whole.size())), errc::invalid_argument);
}

TEST(hostile_batch, names_that_break_the_rules_are_refused) { // T49
  const std::string right_to_left = "\xe2\x80\xae";
  for (const std::string& topic : {std::string(), std::string(".."), std::string("a..b"), std::string("a b"),
                                   std::string("a/../b"), right_to_left + "a", std::string("a\x01"), std::string("a*")})
    EXPECT_EQ(verdict_on([&](forged& b) { b.topic = topic; }), errc::corrupt) << topic;
  EXPECT_EQ(verdict_on([](forged& b) { b.topic = std::string("a\0b", 3); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.topic = std::string(250, 'a'); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types[0]->name = ""; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types[0]->name = "a\nb"; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types[0]->name = std::string(256, 'a'); }), errc::corrupt);
}

TEST(hostile_batch, columns_of_other_lengths_are_refused) {
  EXPECT_EQ(verdict_on([](forged& b) { b.count = 0; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.count = 2; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.count = 65'535; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.time.pop_back(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.hash.push_back(0); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.type.pop_back(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end.pop_back(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.header_end.pop_back(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.value_end.pop_back(); }), errc::corrupt);
}

TEST(hostile_batch, ends_that_go_back_or_outside_are_refused) {
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end[0] = 3; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end[2] = 4; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end[2] = 2; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end.clear(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.header_end[1] = 0; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.header_end[0] = b.value_end[0] + 1; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.value_end[2] += 1; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.value_end[2] -= 1; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.value_end.clear(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.data.push_back(0); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.keys.push_back(0); }), errc::corrupt);
}

TEST(hostile_batch, ends_that_wrap_around_are_refused) {
  constexpr std::size_t count = 5000; // steps of nearly 1 MiB go once around 32 bits, back to 0
  const auto verdict_of_wrap = verdict_on([](forged& b) {
    b.count = count;
    b.time.clear(), b.hash.clear(), b.type.clear(), b.types.clear(), b.key_end.clear(), b.keys.clear();
    b.header_end.clear(), b.data.clear();
    b.value_end.assign(count, 0);
    for (std::size_t i = 0; i + 1 < count; ++i)
      b.value_end[i] = static_cast<std::uint32_t>((i + 1) * ((std::uint64_t{1} << 32U) / count));
  });
  EXPECT_EQ(verdict_of_wrap, errc::corrupt);
}

TEST(hostile_batch, types_out_of_range_are_refused) {
  EXPECT_EQ(verdict_on([](forged& b) { b.type[1] = 3; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types.clear(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types[0]->contract.assign(31, 1); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.types[0]->contract.assign(32, 1); }), errc::ok);
}

TEST(hostile_batch, forged_hash_is_refused) { // T42
  EXPECT_EQ(verdict_on([](forged& b) { b.hash[1] ^= 1; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.hash.clear(); }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.keys[1] = 'z'; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true, b.hash[1] ^= 1; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.key_end.clear(), b.keys.clear(); }), errc::corrupt);
}

TEST(hostile_batch, places_need_an_extract_and_ascend) {
  EXPECT_EQ(verdict_on([](forged& b) { b.place = {0, 1, 2}; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true, b.place = {0, 5, 5}; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true, b.place = {4, 2, 5}; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true, b.place = {0, 1, 65'535}; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true, b.place = {0, 1, 65'534}; }), errc::ok);
  EXPECT_EQ(verdict_on([](forged& b) { b.extract = true; }), errc::ok) << "the first events of an entry are dense";
}

TEST(hostile_batch, sequence_past_64_bits_is_refused) {
  EXPECT_EQ(verdict_on([](forged& b) { b.sequence = UINT64_MAX - 2; }), errc::corrupt);
  EXPECT_EQ(verdict_on([](forged& b) { b.sequence = UINT64_MAX - 3; }), errc::ok);
}

TEST(hostile_batch, event_beyond_a_limit_is_refused) { // T49
  const auto with_one_event = [](const std::string& key, const std::string& headers, const std::string& value) {
    return verdict_on([&](forged& b) {
      b.count = 1;
      b.time.clear(), b.type.clear();
      b.hash = {key_hash(as_bytes(key))};
      b.keys.assign(key.begin(), key.end());
      b.key_end = {static_cast<std::uint32_t>(key.size())};
      b.header_end = {static_cast<std::uint32_t>(headers.size())};
      b.value_end = {static_cast<std::uint32_t>(headers.size() + value.size())};
      const auto data = headers + value;
      b.data.assign(data.begin(), data.end());
    });
  };
  const auto headers = [](std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i)
      bytes += std::string("\1\0\0h", 4);
    return bytes;
  };
  EXPECT_EQ(with_one_event("k", headers(64), "v"), errc::ok);
  EXPECT_EQ(with_one_event("k", headers(65), "v"), errc::too_large);
  EXPECT_EQ(with_one_event("k", headers(250'000), "v"), errc::too_large);
  EXPECT_EQ(with_one_event(std::string(limits::event_key_bytes_max, 'k'), "", "v"), errc::ok);
  EXPECT_EQ(with_one_event(std::string(limits::event_key_bytes_max + 1, 'k'), "", "v"), errc::too_large);
  EXPECT_EQ(with_one_event(std::string(64U << 10U, 'k'), "", "v"), errc::too_large);
  EXPECT_EQ(with_one_event("", "", std::string(limits::event_value_bytes_max, 'v')), errc::ok);
  EXPECT_EQ(with_one_event("", "", std::string(limits::event_value_bytes_max + 1, 'v')), errc::too_large);
  EXPECT_EQ(with_one_event("", std::string("\1\5\0h", 4), "v"), errc::corrupt) << "a header's value is cut off";
  EXPECT_EQ(with_one_event("", std::string("\0\0\0", 3), "v"), errc::corrupt) << "a header without a name";
  EXPECT_EQ(with_one_event("", std::string("\1\0\0h\0", 5), "v"), errc::corrupt) << "bytes after the last header";
  EXPECT_EQ(with_one_event("", "", ""), errc::ok);
}

TEST(hostile_batch, types_beyond_the_limit_are_refused) { // T49
  const auto with_types = [](std::size_t count) {
    return verdict_on([count](forged& b) {
      while (b.types.size() < count) {
        b.types.push_back(std::make_unique<fb::EventTypeT>());
        b.types.back()->name = "t";
      }
    });
  };
  EXPECT_EQ(with_types(limits::batch_types_max), errc::ok);
  EXPECT_NE(with_types(limits::batch_types_max + 1), errc::ok);
}

TEST(hostile_batch, batch_whose_extract_would_be_too_large_is_refused) {
  const auto with_value_bytes = [](std::size_t bytes) {
    return verdict_on([bytes](forged& b) {
      b.count = 30'000;
      b.time.clear(), b.hash.clear(), b.type.clear(), b.types.clear(), b.key_end.clear(), b.keys.clear();
      b.header_end.clear();
      b.value_end.assign(b.count, static_cast<std::uint32_t>(bytes));
      b.data.assign(bytes, 'v');
    });
  };
  const auto columns = 30'000U * (4 + 2); // value_end, and place in the extract
  EXPECT_EQ(with_value_bytes(limits::event_value_bytes_max), errc::ok);
  EXPECT_EQ(verdict_on([&](forged& b) {
              b.count = 30'000;
              b.time.clear(), b.hash.clear(), b.type.clear(), b.types.clear(), b.key_end.clear(), b.keys.clear();
              b.header_end.clear();
              b.data.assign(limits::batch_bytes_max - columns, 'v');
              b.value_end.assign(b.count, static_cast<std::uint32_t>(b.data.size()));
              b.value_end[0] = static_cast<std::uint32_t>(b.data.size() / 2);
            }),
            errc::too_large);
}

TEST(hostile_batch, codec_that_this_build_does_not_have_is_unsupported) {
  EXPECT_EQ(verdict_on([](forged& b) { b.codec = fb::Codec::zstd, b.unpacked = 10; }), errc::unsupported);
  EXPECT_EQ(verdict_on([](forged& b) { b.codec = static_cast<fb::Codec>(77), b.unpacked = 10; }), errc::unsupported);
  EXPECT_EQ(verdict_on([](forged& b) { b.unpacked = 10; }), errc::corrupt);
}

/// A batch of one value that is `size` zeros, compressed, which says that it unpacks to `said`.
shared_bytes bomb(std::size_t size, std::size_t said) {
  const std::string zeros(size, '\0');
  auto batch = sound_batch();
  batch->count = 1;
  batch->time.clear(), batch->hash.clear(), batch->type.clear(), batch->types.clear(), batch->keys.clear();
  batch->key_end.clear(), batch->header_end.clear();
  batch->codec = fb::Codec::lz4;
  batch->unpacked = static_cast<std::uint32_t>(said);
  batch->value_end = {batch->unpacked};
  batch->data.resize(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size))));
  const int bytes = LZ4_compress_default(zeros.data(), reinterpret_cast<char*>(batch->data.data()),
                                         static_cast<int>(size), static_cast<int>(batch->data.size()));
  batch->data.resize(static_cast<std::size_t>(bytes));
  return packed(*batch);
}

TEST(hostile_batch, bomb_is_refused_before_it_is_unpacked) { // T49
  EXPECT_EQ(verdict(bomb(64U << 20U, 64U << 20U)), errc::decompression_limit);
  EXPECT_EQ(verdict(bomb(limits::event_value_bytes_max, limits::event_value_bytes_max)), errc::ok);
}

TEST(hostile_batch, bomb_that_lies_about_its_size_unpacks_no_further_than_it_says) { // T49
  for (const std::size_t said : {1U, 1000U, 100'000U}) {
    const auto batch = batch_view::verify(bomb(200'000, said));
    ASSERT_TRUE(batch) << batch.error().message();
    EXPECT_EQ(batch->unpack().error().code(), errc::corrupt);
    event_filter filter;
    filter.headers = {{"h", comparison::equal, "1"}};
    EXPECT_EQ(select(*batch, filter).error().code(), errc::corrupt);
    EXPECT_EQ(make_extract(*batch, std::array<std::uint16_t, 1>{0}).error().code(), errc::corrupt);
  }
  const auto shorter = batch_view::verify(bomb(1000, 2000));
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->unpack().error().code(), errc::corrupt);
}

TEST(hostile_batch, headers_in_packed_data_are_checked_when_unpacked) { // T49
  const std::string headers(4000, '\0');                                // headers without names
  auto batch = sound_batch();
  batch->count = 1;
  batch->time.clear(), batch->hash.clear(), batch->type.clear(), batch->types.clear(), batch->keys.clear();
  batch->key_end.clear();
  batch->codec = fb::Codec::lz4;
  batch->unpacked = 4000;
  batch->header_end = {4000};
  batch->value_end = {4000};
  batch->data.resize(1000);
  batch->data.resize(static_cast<std::size_t>(
      LZ4_compress_default(headers.data(), reinterpret_cast<char*>(batch->data.data()), 4000, 1000)));
  const auto view = batch_view::verify(packed(*batch));
  ASSERT_TRUE(view) << view.error().message();
  EXPECT_EQ(view->unpack().error().code(), errc::corrupt);
}

TEST(hostile_batch, column_of_times_that_is_not_aligned_is_refused) {
  const auto whole = packed(*sound_batch());
  std::vector<std::byte> moved(whole.view().begin(), whole.view().end());
  auto* const root = const_cast<fb::EventBatch*>(fb::GetEventBatch(moved.data()));
  const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(root->time()) - moved.data());
  // Times are read from 4 bytes before: the word there says 3, like their length.
  const std::uint32_t three = 3;
  std::memcpy(moved.data() + offset - 4, &three, 4);
  auto* const table = reinterpret_cast<std::byte*>(root);
  std::size_t slots = 0;
  for (std::size_t at = 4; at < 80 && table + at + 4 <= moved.data() + moved.size(); at += 4) {
    std::uint32_t relative = 0;
    std::memcpy(&relative, table + at, 4);
    if (static_cast<std::size_t>(table + at - moved.data()) + relative != offset) continue;
    relative -= 4;
    std::memcpy(table + at, &relative, 4);
    ++slots;
  }
  ASSERT_EQ(slots, 1U);
  const auto batch = batch_view::verify(shared_bytes::take(std::move(moved)));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().message(), "event batch: column time is not 8-aligned");
}

} // namespace
} // namespace weft::wire
