// A named subscription's cursor while its consumers come and go.
#include "actors/subscription.hpp"

#include "actors/router.hpp"
#include "tests/actors/recorded_output.hpp"
#include "tests/actors/services_fixture.hpp"

namespace weft::actors {
namespace {

struct subscription_fixture : testing::services_fixture {
  subscription_fixture() {
    services.keeper = log_keeper_ref::start(services, std::make_shared<cursor_book>(services));
    router = router_ref::start(services);
    system.run();
  }
  subscription_ref subscribe() {
    wire::demand wanted;
    wanted.subscription = 1;
    wanted.log = services.own_log;
    wanted.pattern = "t";
    wanted.name = "reader";
    wanted.window = limits::flow_window_bytes_min;
    return start_subscription(services, router, {wanted, "consumer", true, output, 1ULL << 32U}, {});
  }
  /// Who has the cursor.
  std::vector<std::string> consumers() {
    std::vector<std::string> found;
    services.keeper.cursors(reply<std::vector<cursor_facts>>([&](auto all) {
      for (const auto& cursor : all.value())
        if (cursor.in_use) found.push_back(cursor.consumer);
    }));
    system.run();
    return found;
  }
  /// Asks for the cursor in another's name. @returns whether it was given
  bool take(std::uint64_t token) {
    bool taken = false;
    services.keeper.take_cursor("reader", "t", "another", token,
                                reply<std::optional<log_position>>([&](auto at) { taken = at.has_value(); }));
    system.run();
    return taken;
  }

  router_ref router;
  std::shared_ptr<testing::recorded_output> output = std::make_shared<testing::recorded_output>();
};

TEST_F(subscription_fixture, one_that_ends_before_it_has_its_cursor_leaves_it_free) {
  subscribe().stop(); // before the keeper can answer
  system.run();
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, one_that_ends_gives_its_cursor_back) {
  const auto first = subscribe();
  system.run();
  EXPECT_EQ(consumers(), std::vector<std::string>{"consumer"});
  first.stop();
  system.run();
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, one_that_was_refused_its_cursor_does_not_free_it_for_others) {
  ASSERT_TRUE(take(1000));
  subscribe().stop();
  system.run();
  EXPECT_EQ(consumers(), std::vector<std::string>{"another"});
  services.keeper.release_cursor("reader", "t", 1000);
  EXPECT_TRUE(consumers().empty());
}

TEST_F(subscription_fixture, a_name_that_never_committed_is_forgotten_when_it_is_free) {
  const auto names = [&] {
    std::size_t known = 0;
    services.keeper.cursors(reply<std::vector<cursor_facts>>([&](auto all) { known = all.value().size(); }));
    system.run();
    return known;
  };
  for (int i = 0; i < 3; ++i) {
    const auto one = subscribe();
    system.run();
    EXPECT_EQ(names(), 1U);
    one.stop();
    system.run();
    EXPECT_EQ(names(), 0U);
  }
}

} // namespace
} // namespace weft::actors
