// tests/actors/test_node.hpp: a whole node in this process, and a program inside it.
#pragma once
#include "actors/running_node.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/security/credentials.hpp"
#include "tests/actors/door_testing.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors::testing {

/// A node in a temporary directory and a program inside it.
class test_node {
public:
  test_node(std::string name, std::string directory) {
    options.name = std::move(name);
    options.data_dir = std::move(directory);
    options.listen = "tcp://127.0.0.1:0";
  }
  ~test_node() { stop(); }

  void start() {
    auto started = running_node::start(options, to);
    ASSERT_TRUE(started) << started.error().message();
    node = std::move(*started);
    door = node->open_door(inside, "test");
    inside.use(*door);
  }
  void stop() {
    if (!node) return;
    node->close_door(door);
    node->stop();
    door.reset();
    node.reset();
  }
  log::appended publish(const std::string& topic, const std::string& value) {
    const auto done = door->publish_and_wait(batch_of(topic, value), ack_level::synced);
    EXPECT_TRUE(done) << done.error().message();
    return done ? done->at : log::appended{};
  }
  nlohmann::json ask(const std::string& what, const nlohmann::json& arguments = nlohmann::json::object()) {
    const auto given = answer(what, arguments);
    EXPECT_EQ(given.code, errc::ok) << given.message;
    return nlohmann::json::parse(given.document, nullptr, false);
  }
  wire::answer answer(const std::string& what, const nlohmann::json& arguments) {
    const auto request = ++last_request;
    door->send(wire::query{request, what, arguments.dump(), true});
    EXPECT_TRUE(inside.wait([&](const program& p) { return p.answers.contains(request); }));
    return inside.answers[request];
  }

  /// Waits until the node has said something with this in it. @returns false when the test hangs
  bool says(std::string_view text) {
    std::unique_lock lock(lines_mutex);
    return lines_changed.wait_for(lock, hang, [&] { return said(text); });
  }
  /// Needs the lock, unless the node is stopped.
  [[nodiscard]] bool said(std::string_view text) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  [[nodiscard]] security::credentials credentials() const {
    return security::load_credentials(os_disk(), node_paths(options.data_dir).keys(), os_random()).value().value();
  }
  void save(const security::certificate_chain& chain) const {
    ASSERT_TRUE(security::save_chain(os_disk(), node_paths(options.data_dir).keys(), chain));
  }

  node_options options;
  std::vector<std::string> lines;
  std::mutex lines_mutex;
  std::condition_variable lines_changed;
  diagnostics to{[this](severity, std::string_view line) {
    const std::lock_guard lock(lines_mutex);
    lines.emplace_back(line);
    lines_changed.notify_all();
  }};
  program inside;
  std::uint64_t last_request = 0;
  std::unique_ptr<running_node> node;
  std::shared_ptr<node::door> door;
};

} // namespace weft::actors::testing
