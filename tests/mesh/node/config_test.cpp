#include "mesh/node/config.hpp"

#include "mesh/node/config_keys.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>

namespace weft::node {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

config parsed(std::string_view toml) {
  auto made = parse_config(toml, "shop.toml");
  EXPECT_TRUE(made.has_value()) << made.error().message();
  return made.value_or(config{});
}

std::string problem(std::string_view toml) {
  const auto made = parse_config(toml, "shop.toml");
  EXPECT_FALSE(made.has_value()) << toml;
  if (made) return {};
  EXPECT_EQ(made.error().code(), errc::invalid_argument);
  return made.error().message();
}

TEST(config, an_empty_text_leaves_the_defaults) { EXPECT_EQ(parsed(""), config{}); }

TEST(config, every_key_reaches_its_member) {
  const auto made = parsed(R"(
name = "inventory"
data = "data/inventory"
listen = "tcp://[::1]:0"
advertise = ["tcp://inventory.example:7001", "tcp://10.0.0.7:0"]
zone = "east"
join = "inventory.invitation"
seeds = ["tcp://127.0.0.1:7000", "tcp://b:7001"]
topics.retention_time = "7d"
topics.retention_bytes = 1048576
topics.retention_until = "consumed"
topics.codec = "lz4"
topics.ack = "written"
topics.replicas = 2
[log]
segment_bytes = "16MiB"
tail_cache_bytes = "8MiB"
written_sync_within = "500ms"
commit_queue_bytes = "4MiB"
[links]
heartbeat_interval = "2s"
heartbeat_timeout = "1m30s"
handshake_within = "3s"
run_bytes = "32MiB"
[routing]
demands = 5000
demands_per_link = 100
relay_bytes = "64MiB"
[cursors]
publish_interval = "1s"
lease_time = "2d"
lease_bytes = "0B"
[replication]
catch_up_rate = "8MiB"
replace_after = "10m"
[diagnostics]
level = "debug"
)");
  EXPECT_EQ(made.name, "inventory");
  EXPECT_EQ(made.data, "data/inventory");
  EXPECT_EQ(made.listen, "tcp://[::1]:0");
  EXPECT_EQ(made.advertise, (std::vector<std::string>{"tcp://inventory.example:7001", "tcp://10.0.0.7:0"}));
  EXPECT_EQ(made.zone, "east");
  EXPECT_EQ(made.join, "inventory.invitation");
  EXPECT_THAT(made.seeds, ElementsAre("tcp://127.0.0.1:7000", "tcp://b:7001"));
  EXPECT_EQ(made.topics.keep_time, 168h);
  EXPECT_EQ(made.topics.keep_bytes, 1U << 20U);
  EXPECT_TRUE(made.topics.until_consumed);
  EXPECT_EQ(made.topics.codec, wire::codec::lz4);
  EXPECT_EQ(made.topics.ack, ack_level::written);
  EXPECT_EQ(made.topics.replicas, 2U);
  EXPECT_EQ(made.log.segment_bytes, 16U << 20U);
  EXPECT_EQ(made.log.tail_cache_bytes, 8U << 20U);
  EXPECT_EQ(made.log.written_sync_within, 500ms);
  EXPECT_EQ(made.log.commit_queue_bytes, 4U << 20U);
  EXPECT_EQ(made.links.heartbeat_interval, 2s);
  EXPECT_EQ(made.links.heartbeat_timeout, 90s);
  EXPECT_EQ(made.links.handshake_within, 3s);
  EXPECT_EQ(made.links.run_bytes, 32U << 20U);
  EXPECT_EQ(made.routing.demands, 5000U);
  EXPECT_EQ(made.routing.demands_per_link, 100U);
  EXPECT_EQ(made.routing.relay_bytes, 64U << 20U);
  EXPECT_EQ(made.cursors.publish_interval, 1s);
  EXPECT_EQ(made.cursors.lease_time, 48h);
  EXPECT_EQ(made.cursors.lease_bytes, 0U);
  EXPECT_EQ(made.replication.catch_up_rate, 8U << 20U);
  EXPECT_EQ(made.replication.replace_after, 10min);
  EXPECT_EQ(made.diagnostics.level, diagnostics_level::debug);
}

TEST(config, what_a_text_does_not_set_stays_as_it_was) {
  config base;
  base.name = "first";
  base.links.handshake_within = 7s;
  const auto made = parse_config("name = 'second'", "shop.toml", base);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->name, "second");
  EXPECT_EQ(made->links.handshake_within, 7s);
}

TEST(config, an_unknown_key_is_named_with_its_place_and_the_nearest_known_one) {
  EXPECT_EQ(problem("\n[log]\nsegmet_bytes = \"64MiB\"\n"),
            "shop.toml:3:1: unknown key 'log.segmet_bytes': did you mean 'log.segment_bytes'?");
  EXPECT_THAT(problem("tail_cache_bytes = 1"), HasSubstr("did you mean 'log.tail_cache_bytes'?")); // in the wrong table
  EXPECT_THAT(problem("[lgo]\nsegment_bytes = 1"), HasSubstr("shop.toml:1:2: unknown key 'lgo'"));
  EXPECT_THAT(problem("frobnication = true"), HasSubstr("`weft node --help` lists the keys"));
}

TEST(config, a_wrong_type_is_told_with_its_place_and_what_to_write) {
  EXPECT_EQ(problem("name = 7"), "shop.toml:1:8: name: write a text in quotes");
  EXPECT_THAT(problem("seeds = 'tcp://a:1'"), HasSubstr("write a list of texts"));
  EXPECT_THAT(problem("seeds = [1]"), HasSubstr("seeds: write each item as a text"));
  EXPECT_THAT(problem("links.handshake_within = 5"), HasSubstr("write a duration with its unit"));
  EXPECT_THAT(problem("log.segment_bytes = -1"), HasSubstr("write a size"));
  EXPECT_THAT(problem("log = 3"), HasSubstr("unknown key 'log'"));
  EXPECT_THAT(problem("topics.codec = 1"), HasSubstr("write one of: \"none\", \"lz4\""));
}

TEST(config, a_value_outside_its_domain_is_refused) {
  EXPECT_THAT(problem("name = 'My Node'"), AllOf(HasSubstr("shop.toml:1:8: name: 'My Node'"), HasSubstr("0x4d")));
  EXPECT_THAT(problem("log.segment_bytes = '1MiB'"), HasSubstr("1MiB is outside 4MiB to 1GiB"));
  EXPECT_THAT(problem("log.segment_bytes = '1TiB'"), HasSubstr("1TiB is outside"));
  EXPECT_THAT(problem("routing.demands_per_link = 2000"), HasSubstr("write a whole number, 1 to 1024"));
  EXPECT_THAT(problem("routing.demands = '7'"), HasSubstr("routing.demands: write a whole number"));
  EXPECT_THAT(problem("routing.demands = -1"), HasSubstr("write a whole number"));
  EXPECT_THAT(problem("log.segment_bytes = 'much'"), HasSubstr("'much' is not a size"));
  EXPECT_THAT(problem("topics.retention_time = '1ms'"), HasSubstr("1ms is below 1s"));
  EXPECT_THAT(problem("topics.retention_bytes = 0"), HasSubstr("0B is below 64KiB"));
  EXPECT_THAT(problem("cursors.publish_interval = '2m'"), HasSubstr("2m is outside 1ms to 1m"));
  for (const auto* const wrong : {"8", "-1", "1.5", "'2'"})
    EXPECT_THAT(problem("topics.replicas = " + std::string(wrong)), HasSubstr("write a whole number, 0 to 7"));
  EXPECT_THAT(problem("topics.codec = 'zip'"), HasSubstr("write one of: \"none\", \"lz4\""));
  for (const auto* address : {"", "7001", "localhost:7001", "tcp://:7001", "tcp://a:", "tcp://a:65536",
                              "tcp://::1:7001", "tcp://a:70x", "ipc://a:1"})
    EXPECT_THAT(problem(fmt::format("listen = '{}'", address)), HasSubstr("tcp://HOST:PORT")) << address;
}

TEST(config, all_problems_are_told_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(problem("name = 7\nzzzzzzzzz = 1\ndata = 8\n"),
            "shop.toml:1:8: name: write a text in quotes\n"
            "shop.toml:2:1: unknown key 'zzzzzzzzz': `weft node --help` lists the keys\n"
            "shop.toml:3:8: data: write a text in quotes");
}

TEST(config, what_is_no_toml_is_told_with_its_place) {
  EXPECT_THAT(problem("name = \"a\"\nname = \"b\"\n"), HasSubstr("shop.toml:2:"));
  EXPECT_THAT(problem("[log\n"), HasSubstr("shop.toml:1:"));
  EXPECT_THAT(problem("name = \"\xff\""), HasSubstr("shop.toml:1:"));
}

TEST(config, rules_between_keys_are_checked) {
  EXPECT_THAT(problem("[links]\nheartbeat_interval = '3s'"),
              HasSubstr("links.heartbeat_timeout (5s) must be at least twice"));
  EXPECT_THAT(problem("listen = 'tcp://0.0.0.0:7001'"), HasSubstr("needs `advertise`"));
  EXPECT_THAT(problem("advertise = ['tcp://[::]:7001']"), HasSubstr("is no address that other nodes can dial"));
  parsed("listen = 'tcp://0.0.0.0:7001'\nadvertise = ['tcp://a:7001']");
}

TEST(config, texts_that_came_from_elsewhere_are_checked_as_those_of_a_file) {
  const auto check = [](std::string& (*in)(config&), const char* text) {
    config item;
    item.advertise.emplace_back();
    in(item) = text;
    const auto checked = check_config(item);
    return checked ? std::string() : checked.error().message();
  };
  const auto name = [](config& c) -> std::string& { return c.name; };
  const auto listen = [](config& c) -> std::string& { return c.listen; };
  const auto advertise = [](config& c) -> std::string& { return c.advertise.front(); };
  EXPECT_THAT(check(name, "My Node"), HasSubstr("name: 'My Node'"));
  EXPECT_THAT(check(listen, "tcp://127.0.0.1:99999"), HasSubstr("listen: 'tcp://127.0.0.1:99999'"));
  EXPECT_THAT(check(listen, "ipc:///tmp/x"), HasSubstr("tcp://HOST:PORT"));
  EXPECT_THAT(check(listen, "tcp://localhost:7600"), HasSubstr("names are for advertise and seeds"));
  EXPECT_EQ(check(listen, "tcp://[::1]:7600"), "");
  EXPECT_THAT(check(advertise, "garbage"), HasSubstr("advertise: 'garbage'"));
  EXPECT_EQ(check(listen, "tcp://127.0.0.1:0"), "");
}

TEST(config_keys, each_key_is_described_once_and_its_default_is_allowed) {
  const config fresh;
  EXPECT_TRUE(check_config(fresh));
  for (const auto& key : config_keys()) {
    EXPECT_EQ(find_config_key(key.name), &key);
    EXPECT_EQ(key.meaning.back(), '.') << key.name;
    EXPECT_THAT(describe_keys(), HasSubstr(fmt::format("  {} = {}", key.name, default_text(key))));
    if (default_text(key) == "unset") continue;
    const auto quote = type_text(key) == "number" ? "" : "'";
    EXPECT_EQ(parsed(fmt::format("{} = {}{}{}", key.name, quote, default_text(key), quote)), fresh) << key.name;
  }
}

TEST(config_keys, the_page_in_the_documentation_is_what_the_table_says) {
  const auto path = std::string(std::getenv("WEFT_SOURCE_DIR")) + "/mesh/doc/configuration.md";
  if (std::getenv("WEFT_WRITE_PAGES") != nullptr) std::ofstream(path) << configuration_page();
  std::ifstream in(path);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(page, configuration_page()) << "run this test with WEFT_WRITE_PAGES=1 to write the page anew";
}

TEST(config_keys, the_example_of_the_page_is_a_valid_file) {
  const auto page = configuration_page();
  const auto begin = page.find("```toml\n") + 8;
  EXPECT_EQ(parsed(page.substr(begin, page.find("```", begin) - begin)).topics.codec, wire::codec::lz4);
}

} // namespace
} // namespace weft::node
