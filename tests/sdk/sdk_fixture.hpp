// tests/sdk/sdk_fixture.hpp: a participant at a node in memory.
#pragma once
#include "mesh/base/random.hpp"
#include "sdk/src/participant_core.hpp"
#include "tests/sdk/fake_node.hpp"

#include <gtest/gtest.h>

namespace weft::testing {

/// A participant of its own kind, as `node` and `client` are.
class test_participant : public participant {
public:
  explicit test_participant(std::shared_ptr<detail::participant_core> core) : participant(std::move(core)) {}
};

class sdk_fixture : public ::testing::Test {
public:
  sdk_fixture() : core(std::make_shared<detail::participant_core>(clock, random)), me(core) {
    EXPECT_TRUE(core->open([this](node::visitor& to) -> result<std::unique_ptr<detail::host>> {
      node.attach(to);
      return std::make_unique<borrowed_door>(node);
    }));
    node.come();
  }

  test_clock clock;
  seeded_random random{1};
  fake_node node;
  std::shared_ptr<detail::participant_core> core;
  test_participant me;
};

} // namespace weft::testing
