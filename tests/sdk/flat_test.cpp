#include "weft/flat.hpp"

#include "mesh/wire/control_generated.h"

#include <gtest/gtest.h>

namespace weft::wire::fb {

// A table's key, found by its namespace.
void weft_event_key(const Query& table, std::string& out);
void weft_event_key(const Query& table, std::string& out) { out += table.what()->str(); }

} // namespace weft::wire::fb

namespace {

using namespace weft;
using Query = wire::fb::Query;

flat<Query> query(const char* what) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::fb::CreateQueryDirect(builder, 7, what, "{}"));
  return flat<Query>{builder};
}

TEST(flat, a_table_comes_back_verified_from_unaligned_bytes) {
  const auto sent = query("topics");
  std::string scratch;
  const auto bytes = codec<flat<Query>>::encode(sent, scratch);
  ASSERT_TRUE(bytes);
  std::vector<std::byte> shifted(bytes->size() + 1);
  std::ranges::copy(*bytes, shifted.begin() + 1);
  const auto read = codec<flat<Query>>::decode(byte_view{shifted}.subspan(1));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ((*read)->request(), 7U);
  EXPECT_EQ((*read)->what()->str(), "topics");
}

TEST(flat, its_key_comes_from_a_function_of_its_namespace) {
  std::string key;
  codec<flat<Query>>::key(query("topics"), key);
  EXPECT_EQ(key, "topics");
}

TEST(flat, bytes_that_are_no_such_table_are_refused) {
  EXPECT_EQ(codec<flat<Query>>::decode({}).error().code(), errc::undecodable);
  EXPECT_EQ(codec<flat<Query>>::decode(as_bytes("no table at all, but some text")).error().code(), errc::undecodable);
  const auto sent = query("topics");
  EXPECT_FALSE(codec<flat<Query>>::decode(sent.bytes().first(sent.bytes().size() - 20)));
}

} // namespace
