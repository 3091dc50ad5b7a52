// Joining a mesh from the monitor: an invitation, a node of its own, and what is seen through it.
#include "gui/feed/own_node.hpp"

#include "gui/feed/local_nodes.hpp"
#include "mesh/base/os_disk.hpp"
#include "tests/mesh/base/disk_testing.hpp"
#include "weft/client.hpp"
#include "weft/json.hpp"
#include "weft/node.hpp"

#include <filesystem>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct invited_monitor : ::testing::Test {
  void SetUp() override {
    auto opened = node::open({.name = "a", .data_dir = path("a"), .listen = "tcp://127.0.0.1:0"});
    ASSERT_TRUE(opened) << opened.error().message();
    founder.emplace(std::move(*opened));
  }
  std::string path(const char* name) const { return directory.path() + "/" + name; }
  /// @returns the file
  std::string invite(const std::string& name) {
    auto asks = client::connect({.data_dir = path("a"), .program = "test"});
    EXPECT_TRUE(asks);
    const auto answer = asks->query("invite", R"({"name":")" + name + R"(","roles":["observer"]})");
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    const auto document = json_document::parse(as_bytes(*answer));
    return write("invitation", std::string(*document->root().find("invitation")->text()));
  }
  std::string write(const char* name, const std::string& text) {
    EXPECT_TRUE(write_file_durably(os_disk(), path(name), as_bytes(text)));
    return path(name);
  }

  temporary_directory directory;
  std::optional<node> founder;
};

TEST_F(invited_monitor, joins_has_a_node_and_goes_on_with_it_after_a_restart) {
  const auto file = invite("screen");
  std::string where;
  {
    const auto own = own_node::join(file, path("home"));
    ASSERT_TRUE(own) << own.error().message();
    where = own->data_dir();
    EXPECT_THAT(where, HasSubstr("/home/screen-"));
    EXPECT_THAT(problem_at(where), IsEmpty());
  }
  EXPECT_THAT(problem_at(where), Not(IsEmpty())) << "it ends with who opened it";
  const auto again = own_node::start(where);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_THAT(problem_at(where), IsEmpty());
  const auto joined = own_node::join(file, path("home")); // used, but it is in that mesh already
  ASSERT_TRUE(joined) << joined.error().message();
  EXPECT_EQ(joined->data_dir(), where);
}

TEST_F(invited_monitor, looks_through_the_node_of_another_window) {
  const auto first = own_node::join(invite("screen"), path("home"));
  ASSERT_TRUE(first) << first.error().message();
  const auto second = own_node::start(first->data_dir());
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->data_dir(), first->data_dir());
}

TEST_F(invited_monitor, says_what_is_wrong_with_an_invitation) {
  const auto why = [&](const std::string& file) {
    const auto own = own_node::join(file, path("home"));
    return own ? std::string("joined") : own.error().message();
  };
  EXPECT_THAT(why(write("other", "what the friday evening was like")), HasSubstr("is no invitation: `weft invite"));
  EXPECT_THAT(why(path("nowhere")), HasSubstr("nowhere"));
  EXPECT_THAT(why(write("half", "-----BEGIN WEFT INVITATION-----\nName: screen\n")), HasSubstr("is no invitation"));
  EXPECT_THAT(why(write("elsewhere", "-----BEGIN WEFT INVITATION-----\nName: ../../a\nMesh: " + std::string(64, 'a'))),
              HasSubstr("is no invitation"));
  EXPECT_THAT(why(write("large", std::string(100'000, ' '))), Not(IsEmpty()));
  auto text = read_file(os_disk(), invite("screen"), 16'384).value();
  text.resize(text.size() - 60);
  EXPECT_THAT(why(write("cut", std::string(as_text(text)))), HasSubstr("invitation"));
}

TEST_F(invited_monitor, founds_no_mesh_where_its_node_is_gone) {
  const auto gone = own_node::start(path("gone-12345678"));
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message(), HasSubstr("join the mesh again with a new invitation"));
  EXPECT_FALSE(std::filesystem::exists(path("gone-12345678")));
}

} // namespace
} // namespace weft::monitor
