#include "actors/router.hpp"

#include "mesh/node/door.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <variant>
#include <vector>

namespace weft::actors {
namespace {

struct came {
  linked_peer peer;
};
struct went {
  node_id id;
  link_output_ptr output;
};
struct watch_sources {
  subscription_ref who;
};
struct unwatch_sources {
  subscription_ref who;
};
struct list_nodes {
  reply<std::string> to;
};

} // namespace

struct router_ref::message {
  std::variant<came, went, watch_sources, unwatch_sources, list_nodes> content;
};

namespace {

/// What outlives a crash of the router: who is linked and who watches. Only the router touches it.
struct routes {
  std::map<node_id, linked_peer> peers;
  std::map<node_id, std::string> away; // names of peers that were linked before
  std::vector<subscription_ref> watchers;
};

class router final : public port::role_of<router_ref::message> {
public:
  router(node_services& services, std::shared_ptr<routes> known) : services_(services), known_(std::move(known)) {}

private:
  void on(const router_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  void handle(const came& came) {
    const auto& peer = came.peer;
    if (const auto found = known_->peers.find(peer.id); found != known_->peers.end()) {
      found->second.source.output->close(error(errc::cancelled, "a newer connection of the same node took over"));
      for (const auto& watcher : known_->watchers)
        watcher.source_down(found->second.source.log);
    }
    known_->peers.insert_or_assign(peer.id, peer);
    known_->away.erase(peer.id);
    services_.to.info(fmt::format("linked with {} at {}", peer.name, peer.address));
    for (const auto& watcher : known_->watchers)
      watcher.source_up(peer.source);
  }

  void handle(const went& went) {
    const auto found = known_->peers.find(went.id);
    if (found == known_->peers.end() || found->second.source.output != went.output) return; // a newer one is there
    services_.to.info(fmt::format("link with {} is gone", found->second.name));
    for (const auto& watcher : known_->watchers)
      watcher.source_down(found->second.source.log);
    known_->away[went.id] = found->second.name;
    known_->peers.erase(found);
  }

  void handle(const watch_sources& watch) {
    known_->watchers.push_back(watch.who);
    for (const auto& [id, peer] : known_->peers)
      watch.who.source_up(peer.source);
  }
  void handle(const unwatch_sources& unwatch) { std::erase(known_->watchers, unwatch.who); }

  void handle(const list_nodes& list) {
    using nlohmann::json;
    const auto state = services_.log.state();
    auto nodes = json::array();
    nodes.push_back({{"name", services_.facts.name},
                     {"id", to_string(services_.facts.id)},
                     {"number", services_.facts.number.value()},
                     {"state", "alive"},
                     {"address", services_.addresses.empty() ? "" : services_.addresses.front()},
                     {"epoch", to_string(state.epoch)},
                     {"head", state.synced_end.value()},
                     {"health", state.health.frozen ? "frozen" : "serving"},
                     {"health_why", state.health.why},
                     {"self", true}});
    for (const auto& [id, peer] : known_->peers)
      nodes.push_back(described(id, peer.name, "alive", peer.address, peer.number.value()));
    for (const auto& [id, name] : known_->away)
      nodes.push_back(described(id, name, "suspect", "", nullptr));
    list.to(json{{"nodes", std::move(nodes)}}.dump());
  }

  /// A peer's row: what only its own node knows is null.
  static nlohmann::json described(const node_id& id, const std::string& name, const char* state,
                                  const std::string& address, const nlohmann::json& number) {
    return {{"name", name},     {"id", to_string(id)}, {"number", number},    {"state", state},   {"address", address},
            {"epoch", nullptr}, {"head", nullptr},     {"health", "unknown"}, {"health_why", ""}, {"self", false}};
  }

  node_services& services_;
  std::shared_ptr<routes> known_;
};

} // namespace

router_ref router_ref::start(node_services& services) {
  const auto at = services.system.reserve();
  services.supervisor.adopt(
      {kinds::router,
       "router",
       at,
       [&services, known = std::make_shared<routes>()] { return std::make_unique<router>(services, known); },
       {}});
  return router_ref(port::ref<message>(at));
}

void router_ref::peer_up(linked_peer peer) const { to_.tell({came{std::move(peer)}}); }
void router_ref::peer_down(node_id id, link_output_ptr output) const { to_.tell({went{id, std::move(output)}}); }
void router_ref::watch(subscription_ref subscription) const { to_.tell({watch_sources{std::move(subscription)}}); }
void router_ref::unwatch(subscription_ref subscription) const { to_.tell({unwatch_sources{std::move(subscription)}}); }
void router_ref::nodes(reply<std::string> to) const { to_.tell({list_nodes{std::move(to)}}); }

} // namespace weft::actors
