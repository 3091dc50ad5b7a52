#include "gui/widgets/topology_choice.hpp"

#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

/// Nodes a0, a1, ... in zone "a", b0, ... in zone "b", linked in a chain that goes from zone to zone.
snapshot chain(std::size_t ofEach, std::initializer_list<std::string> zones) {
  snapshot now;
  now.at = 1'000'000;
  for (const auto& zone : zones)
    for (std::size_t i = 0; i < ofEach; ++i) {
      node_view node;
      node.name = zone + std::to_string(i);
      node.zone = zone, node.state = "alive", node.shown = health::ok, node.heard_at = 1;
      now.nodes.push_back(node);
    }
  for (std::size_t i = 1; i < now.nodes.size(); ++i) {
    link_view link;
    link.a = now.nodes[i - 1].name, link.b = now.nodes[i].name;
    now.links.push_back(link);
  }
  return now;
}

std::vector<std::string> names(const TopologyGraph& graph) {
  std::vector<std::string> found;
  for (const auto& node : graph.nodes)
    found.push_back(node.name);
  return found;
}

TopologyWish few() {
  TopologyWish wish;
  wish.boxesMax = 4;
  return wish;
}

TEST(topology_choice, of_too_many_nodes_each_zone_is_one_box) {
  auto now = chain(3, {"a", "b"});
  now.nodes[4].shown = health::warn, now.nodes[4].why = "its disk is slow";
  const auto graph = shownOf(graphOf(now), few());
  ASSERT_THAT(names(graph), ElementsAre("zone/a", "zone/b"));
  EXPECT_EQ(graph.nodes[1].title, QStringLiteral("b"));
  EXPECT_EQ(graph.nodes[1].note, QStringLiteral("3 nodes, 1 not well"));
  EXPECT_EQ(graph.nodes[1].shown, health::warn);
  EXPECT_EQ(graph.nodes[1].why, QStringLiteral("b1: its disk is slow"));
  ASSERT_EQ(graph.edges.size(), 1U); // of the three links inside each zone none
  EXPECT_EQ(zoneOfBox(graph.nodes[0].name), "a");
  EXPECT_EQ(zoneOfBox("a0"), std::nullopt);
}

TEST(topology_choice, an_open_zone_shows_its_nodes) {
  auto wish = few();
  wish.open = {"a"};
  const auto graph = shownOf(graphOf(chain(3, {"a", "b"})), wish);
  EXPECT_THAT(names(graph), ElementsAre("a0", "a1", "a2", "zone/b"));
  EXPECT_EQ(graph.edges.size(), 3U);
}

TEST(topology_choice, flows_between_two_zones_are_summed) {
  auto now = chain(3, {"a", "b"});
  now.links.clear();
  now.hops = {{"a0", "b0", 2, 100, 0, 1}, {"a1", "b2", 1, 50, 0, 1}};
  const auto graph = shownOf(graphOf(now), few());
  ASSERT_EQ(graph.edges.size(), 1U);
  EXPECT_EQ(graph.edges[0].events_per_s, 150);
  EXPECT_EQ(graph.edges[0].hops, 2U);
  EXPECT_EQ(flowsText(graph.edges[0]), QStringLiteral("3 flows in 2 streams"));
  EXPECT_TRUE(graph.edges[0].isMerged());
}

TEST(topology_choice, a_focus_shows_what_is_so_many_hops_away) {
  TopologyWish wish;
  wish.focus = "a2";
  EXPECT_THAT(names(shownOf(graphOf(chain(5, {"a"})), wish)), ElementsAre("a1", "a2", "a3"));
  wish.hops = 2;
  EXPECT_THAT(names(shownOf(graphOf(chain(5, {"a"})), wish)), ElementsAre("a0", "a1", "a2", "a3", "a4"));
  wish.focus = "gone";
  EXPECT_EQ(shownOf(graphOf(chain(5, {"a"})), wish).nodes.size(), 5U);
  wish.focus = "zone/b", wish.hops = 1;
  EXPECT_THAT(names(shownOf(graphOf(chain(2, {"a", "b", "c"})), wish)), ElementsAre("a1", "b0", "b1", "c0"));
}

TEST(topology_choice, what_is_found_stands_out_and_what_is_hidden_is_gone) {
  auto now = chain(3, {"a"});
  now.nodes[1].shown = health::fail;
  TopologyWish wish;
  wish.marks[NodeMark::failing] = MarkUse::find;
  auto graph = shownOf(graphOf(now), wish);
  EXPECT_TRUE(graph.nodes[0].dim);
  EXPECT_FALSE(graph.nodes[1].dim);
  wish.marks[NodeMark::failing] = MarkUse::hide;
  graph = shownOf(graphOf(now), wish);
  EXPECT_THAT(names(graph), ElementsAre("a0", "a2"));
  EXPECT_FALSE(graph.nodes[0].dim);
  wish.marks.clear();
  wish.find = QStringLiteral("A2");
  graph = shownOf(graphOf(now), wish);
  EXPECT_TRUE(graph.nodes[0].dim);
  EXPECT_FALSE(graph.nodes[2].dim);
}

TEST(topology_choice, marks_say_who_is_idle_silent_lagging_or_failing) {
  auto now = chain(5, {"a"});
  now.nodes[0].published_per_s = 3;
  now.nodes[1].shown = health::unknown;
  now.nodes[2].shown = health::fail;
  flow_view flow;
  flow.from = "a0", flow.to = "g", flow.name = "g", flow.path = {"a0", "a4"};
  now.flows = {flow};
  now.hops = {{"a0", "a4", 1, 10, 0, 1}};
  lag_view lag;
  lag.group = "g", lag.log = "a0", lag.seconds = 20, lag.shown = health::warn;
  now.lag = {lag};
  const auto graph = graphOf(now);
  const auto has = [&](std::size_t i, NodeMark mark) { return graph.nodes[i].has(mark); };
  EXPECT_FALSE(has(0, NodeMark::idle));
  EXPECT_TRUE(has(1, NodeMark::silent));
  EXPECT_FALSE(has(1, NodeMark::idle)); // nobody knows
  EXPECT_TRUE(has(2, NodeMark::failing));
  EXPECT_TRUE(has(3, NodeMark::idle));
  EXPECT_TRUE(has(4, NodeMark::lagging));
  const auto edge = std::ranges::find(graph.edges, 20, &TopologyEdge::behind_s);
  ASSERT_NE(edge, graph.edges.end());
  EXPECT_EQ(edge->shown, health::warn);
}

TEST(topology_choice, a_mesh_that_came_apart_has_parts) {
  auto now = chain(5, {"a"});
  EXPECT_EQ(graphOf(now).parts, 1);
  now.links[2].shown = health::fail; // a2 - a3
  auto graph = graphOf(now);
  EXPECT_EQ(graph.parts, 2);
  EXPECT_EQ(graph.nodes[0].part, 1);
  EXPECT_EQ(graph.nodes[4].part, 2);
  now.nodes[3].shown = now.nodes[4].shown = health::unknown; // who is not heard is of no part
  graph = graphOf(now);
  EXPECT_EQ(graph.parts, 1);
  EXPECT_EQ(graph.nodes[4].part, 0);
}

TEST(topology_choice, topics_with_too_few_copies_count_at_the_node_that_has_the_log) {
  auto now = chain(2, {"a"});
  topic_view topic;
  topic.name = "t";
  topic_log_view log;
  log.node = "a1", log.replicas = 2, log.copies = 1;
  topic.logs = {log};
  now.topics = {topic};
  EXPECT_EQ(graphOf(now).nodes[0].shortTopics, 0U);
  EXPECT_EQ(graphOf(now).nodes[1].shortTopics, 1U);
}

} // namespace
} // namespace weft::monitor
