#include "actors/member_rows.hpp"
#include "mesh/node/mesh_authority.hpp"
#include "tests/actors/services_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using member_rows_of = testing::services_fixture;

TEST_F(member_rows_of, a_node_that_has_announced_nothing_yet_are_itself) {
  services.facts.id = services.own_log.node;
  services.facts.name = "a";
  services.facts.number = node_number{7};
  services.addresses = {"tcp://127.0.0.1:4370"};
  const node::mesh_authority authority(keys, {});
  const membership::directory nobody(authority, services.facts.id);
  const auto rows = member_rows(services, nobody, {}, {}, {clock.mono(), clock.wall()})["nodes"];
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["name"], "a");
  EXPECT_EQ(rows[0]["number"], 7);
  EXPECT_EQ(rows[0]["state"], "alive");
  EXPECT_EQ(rows[0]["address"], "tcp://127.0.0.1:4370");
  EXPECT_EQ(rows[0]["epoch"], to_string(log->state().epoch));
  EXPECT_EQ(rows[0]["self"], true);
  EXPECT_EQ(rows[0]["linked"], false);
}

} // namespace
} // namespace weft::actors
