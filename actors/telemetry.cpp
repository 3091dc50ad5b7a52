#include "actors/telemetry.hpp"

#include "actors/node_services.hpp"
#include "actors/telemetry_publisher.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

namespace weft::actors {
namespace {

struct look {};
struct flow_came {};
struct state_changed {};
struct look_soon {};
struct list_flows {
  reply<std::string> to;
};
struct document_came {
  std::uint64_t round;
  std::size_t list;
  std::string document;
};

/// A flow's counters at the last look and what they say.
struct rates {
  std::uint64_t events = 0, bytes = 0;
  double events_per_s = 0, bytes_per_s = 0;
};

} // namespace

struct telemetry_ref::message {
  std::variant<look, actors::flow_came, actors::state_changed, look_soon, list_flows, document_came> content;
};

namespace {

class telemetry final : public port::role_of<telemetry_ref::message> {
public:
  explicit telemetry(node_services& services) : services_(services) {}

private:
  using known = std::map<std::weak_ptr<const node::flow_facts>, rates, std::owner_less<>>;

  void begin() override {
    publisher_.emplace(services_, [to = me()](std::uint64_t round, std::size_t list, std::string document) {
      to.tell({document_came{round, list, std::move(document)}});
    });
    if (publishes() || !services_.flows.all().empty()) keep_looking(); // flows may have come before a crash
  }
  void on(const telemetry_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  void keep_looking() {
    if (std::exchange(looking_, true)) return;
    last_look_ = services_.clock.mono();
    look_later();
  }
  [[nodiscard]] bool publishes() const { return services_.settings.telemetry_every != microseconds{}; }
  void look_later() {
    tell_self_after(publishes() ? services_.settings.telemetry_every : microseconds(limits::telemetry_interval),
                    {look{}});
  }
  void handle(const flow_came&) { keep_looking(); }
  /// Many states change together: a moment later all of them are in one frame.
  void handle(const state_changed&) {
    if (publishes() && !std::exchange(soon_, true)) tell_self_after(limits::telemetry_every_least, {look_soon{}});
  }
  void handle(const look_soon&) {
    soon_ = false;
    publisher_->look(services_.clock.mono());
  }

  void handle(const look&) {
    const auto flows = services_.flows.all();
    looking_ = publishes() || !flows.empty();
    if (looking_) look_later();
    const auto now = services_.clock.mono();
    const double seconds = std::max(1e-3, static_cast<double>((now - last_look_).count()) / 1e6);
    last_look_ = now;
    known seen;
    for (const auto& flow : flows) {
      const auto before = known_.find(flow);
      const rates old = before == known_.end() ? rates{} : before->second;
      rates item{flow->events, flow->bytes, 0, 0};
      item.events_per_s = static_cast<double>(item.events - old.events) / seconds;
      item.bytes_per_s = static_cast<double>(item.bytes - old.bytes) / seconds;
      seen.emplace(flow, item);
    }
    known_ = std::move(seen);
    if (publishes()) publisher_->look(now);
  }
  void handle(const document_came& came) { publisher_->came(came.round, came.list, came.document); }

  void handle(const list_flows& list) {
    using nlohmann::json;
    auto flows = json::array();
    for (const auto& flow : services_.flows.all()) {
      const auto found = known_.find(flow);
      const rates now = found == known_.end() ? rates{} : found->second;
      const std::uint64_t head = flow->head;
      const std::uint64_t sent = flow->sent_until;
      flows.push_back({{"from", flow->from},
                       {"to", flow->to},
                       {"pattern", flow->pattern},
                       {"name", flow->name},
                       {"path", flow->path()},
                       {"log", to_string(flow->log)},
                       {"events", flow->events.load()},
                       {"bytes", flow->bytes.load()},
                       {"events_per_s", now.events_per_s},
                       {"bytes_per_s", now.bytes_per_s},
                       {"credit", flow->credit.load()},
                       {"sent_until", sent},
                       {"head", head},
                       {"lag_events", head > sent ? head - sent : 0}});
    }
    list.to(json{{"flows", std::move(flows)}}.dump());
  }

  node_services& services_;
  mono_time last_look_;
  known known_;
  std::optional<telemetry_publisher> publisher_;
  bool soon_ = false;    // a look is on its way because of a state that has changed
  bool looking_ = false; // a look is on its way; none without flows when nothing is published
};

} // namespace

telemetry_ref telemetry_ref::start(node_services& services) {
  const auto at = services.system.reserve();
  services.supervisor.adopt(
      {kinds::telemetry, "telemetry", at, [&services] { return std::make_unique<telemetry>(services); }, {}});
  return telemetry_ref(port::ref<message>(at));
}

void telemetry_ref::state_changed() const { to_.tell({actors::state_changed{}}); }
void telemetry_ref::flow_came() const { to_.tell({actors::flow_came{}}); }
void telemetry_ref::flows(reply<std::string> to) const { to_.tell({list_flows{std::move(to)}}); }

} // namespace weft::actors
