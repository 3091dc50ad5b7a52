// tests/mesh/transport/local_test.cpp: the Unix socket of a node and the programs that use it.
#include "mesh/transport/local_path.hpp"
#include "tests/mesh/transport/peer.hpp"

#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weft::transport {
namespace {

namespace fs = std::filesystem;

struct temporary_directory {
  temporary_directory() {
    std::string form = (fs::temp_directory_path() / "weft-local-XXXXXX").string();
    path = ::mkdtemp(form.data());
  }
  ~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

struct local_node {
  explicit local_node(const fs::path& socket) {
    transport_options options;
    options.local_socket = socket.string();
    auto started = transport::start(options, seen);
    if (!started)
      ADD_FAILURE() << started.error().message();
    else
      links = std::move(*started);
  }
  record seen;
  std::unique_ptr<transport> links;
};

struct program {
  explicit program(const fs::path& socket) : links(std::move(*start_local_client(socket.string(), seen))) {}
  record seen;
  std::unique_ptr<transport> links;
};

void expect_a_talk(local_node& node, program& from) {
  const auto link = from.seen.opened().id;
  EXPECT_EQ(from.seen.opened().kind, link_kind::local);
  from.links->send(link, lane{1}, {bytes("publish"), bytes(std::string(300'000, 'e'))});
  const auto got = node.seen.received();
  EXPECT_EQ(got.payload.size(), 300'000U);
  node.links->send(got.link, bytes("published"));
  EXPECT_EQ(from.seen.received().control, "published");
  EXPECT_EQ(node.seen.opened().kind, link_kind::local);
  EXPECT_EQ(node.seen.opened().address, "pid " + std::to_string(::getpid()));
}

TEST(local, a_program_and_its_node_talk) {
  temporary_directory place;
  local_node node(place.path / "run" / "node.sock");
  program cli(place.path / "run" / "node.sock");
  expect_a_talk(node, cli);
}

TEST(local, paths_longer_than_a_socket_address_work) {
  temporary_directory place;
  const auto deep = place.path / std::string(120, 'a') / std::string(120, 'b');
  fs::create_directories(deep);
  const auto socket = deep / "run" / "node.sock";
  local_node node(socket);
  program cli(socket);
  expect_a_talk(node, cli);
  EXPECT_TRUE(fs::is_socket(socket));
  EXPECT_TRUE(somebody_listens(socket.string()));
  node.links.reset();
  EXPECT_FALSE(somebody_listens(socket.string()));
  EXPECT_FALSE(fs::exists(socket)) << "a clean stop removes the socket";
}

TEST(local, the_directory_is_for_its_user_only) {
  temporary_directory place;
  fs::create_directory(place.path / "run");
  fs::permissions(place.path / "run", fs::perms::all);
  local_node node(place.path / "run" / "node.sock");
  struct stat facts {};
  ASSERT_EQ(::stat((place.path / "run").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

TEST(local, a_socket_that_a_dead_node_left_is_replaced) {
  temporary_directory place;
  const auto path = place.path / "node.sock";
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  EXPECT_FALSE(somebody_listens(path.string()));
  local_node node(path);
  EXPECT_TRUE(somebody_listens(path.string()));
  program cli(path);
  expect_a_talk(node, cli);
}

TEST(local, a_file_in_the_sockets_place_is_not_removed) {
  temporary_directory place;
  std::ofstream(place.path / "node.sock") << "precious";
  record seen;
  transport_options options;
  options.local_socket = (place.path / "node.sock").string();
  const auto started = transport::start(options, seen);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message().find("node.sock"), std::string::npos);
  EXPECT_TRUE(fs::is_regular_file(place.path / "node.sock"));
}

TEST(local, a_program_waits_for_its_node_and_finds_it_again) {
  temporary_directory place;
  const auto path = place.path / "run" / "node.sock";
  program cli(path);
  EXPECT_EQ(cli.seen.problem().code(), errc::not_connected);
  auto node = std::make_unique<local_node>(path);
  const auto first = cli.seen.opened(0).id;
  cli.links->send(first, bytes("hello"));
  EXPECT_EQ(node->seen.received().control, "hello");
  node.reset();
  EXPECT_EQ(cli.seen.closed(first).code(), errc::not_connected);
  node = std::make_unique<local_node>(path);
  const auto second = cli.seen.opened(1).id;
  EXPECT_NE(first, second);
  cli.links->send(second, bytes("hello again"));
  EXPECT_EQ(node->seen.received().control, "hello again");
}

TEST(local, a_program_that_ends_at_once_leaves_its_last_words) {
  temporary_directory place;
  local_node node(place.path / "node.sock");
  for (int round = 0; round < 20; ++round) {
    program cli(place.path / "node.sock");
    const auto link = cli.seen.opened().id;
    for (int i = 0; i < 20; ++i)
      cli.links->send(link, bytes("word"));
    cli.links.reset();
    node.seen.closed(node.seen.opened(static_cast<std::size_t>(round)).id);
    EXPECT_EQ(node.seen.messages().size(), static_cast<std::size_t>(20 * (round + 1)));
  }
}

TEST(local, a_program_needs_no_proof_for_large_frames) {
  temporary_directory place;
  local_node node(place.path / "node.sock");
  program cli(place.path / "node.sock");
  const auto link = cli.seen.opened().id;
  for (unsigned i = 0; i < 2 * limits::handshake_frames_max; ++i)
    cli.links->send(link, bytes(std::string(2 * limits::handshake_bytes_max, 'l')));
  EXPECT_EQ(node.seen.received(2 * limits::handshake_frames_max - 1).control.size(), 2 * limits::handshake_bytes_max);
}

} // namespace
} // namespace weft::transport
