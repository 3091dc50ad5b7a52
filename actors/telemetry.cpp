#include "actors/telemetry.hpp"

#include "actors/node_services.hpp"
#include "actors/telemetry_publisher.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <variant>

namespace weft::actors {
namespace {

struct look {};
struct flow_came {};
struct state_changed {};
struct look_soon {};
struct look_quickly {};
struct list_flows {
  reply<std::string> to;
};
struct document_came {
  telemetry_publisher::scope of;
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
  std::variant<look, actors::flow_came, actors::state_changed, look_soon, look_quickly, list_flows, document_came>
      content;
};

namespace {

class telemetry_role final : public port::role_of<telemetry_ref::message> {
public:
  explicit telemetry_role(node_services& services) : services_(services) {}

private:
  using flow_set = std::set<std::weak_ptr<const node::flow_facts>, std::owner_less<>>;
  using known = std::map<std::weak_ptr<const node::flow_facts>, rates, std::owner_less<>>;

  void begin() override {
    make(publisher_, scope::everything);
    make(viewed_, scope::view);
    if (publishes() || !services_.flows.all().empty()) keep_looking(); // flows may have come before a crash
    view();
  }
  using scope = telemetry_publisher::scope;
  void make(std::optional<telemetry_publisher>& publisher, scope of) {
    publisher.emplace(services_, of, started_us_,
                      [to = me(), of](std::uint64_t round, std::size_t list, std::string document) {
                        to.tell({document_came{of, round, list, std::move(document)}});
                      });
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
  void handle(const flow_came&) {
    keep_looking();
    view();
  }

  // --- quick frames, while somebody reads them

  [[nodiscard]] flow_set viewers() const {
    flow_set found;
    for (const auto& flow : services_.flows.all())
      if (flow->log == services_.own_log && flow->pattern == view_topic_) found.insert(flow);
    return found;
  }
  void view() {
    if (!publishes()) return;
    hear_viewers();
    if (!viewers_.empty() && !std::exchange(viewing_, true))
      tell_self_after(limits::telemetry_view_every, {look_quickly{}});
  }
  /// A reader that is new, be it in the place of another, needs all rows first.
  void hear_viewers() {
    auto now = viewers();
    if (!std::ranges::includes(viewers_, now, std::owner_less<>())) viewed_->begin_anew();
    viewers_ = std::move(now);
  }
  /// A look that takes long is followed by a longer rest, so that being looked at is no burden.
  void handle(const look_quickly&) {
    viewing_ = false;
    hear_viewers();
    if (viewers_.empty()) return;
    viewed_->look(services_.clock.mono());
    viewing_ = true;
    tell_self_after(
        std::max<microseconds>(limits::telemetry_view_every, limits::telemetry_view_rest * viewed_->last_took()),
        {look_quickly{}});
  }
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
  void handle(const document_came& came) {
    (came.of == scope::view ? viewed_ : publisher_)->came(came.round, came.list, came.document);
  }

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
  std::optional<telemetry_publisher> publisher_, viewed_;
  const std::int64_t started_us_ = services_.clock.wall().us;
  const std::string view_topic_ = telemetry::view_topic_of(services_.facts.name);
  flow_set viewers_;
  bool viewing_ = false; // a quick look is on its way
  bool soon_ = false;    // a look is on its way because of a state that has changed
  bool looking_ = false; // a look is on its way; none without flows when nothing is published
};

} // namespace

telemetry_ref telemetry_ref::start(node_services& services) {
  const auto at = services.system.reserve();
  services.supervisor.adopt(
      {kinds::telemetry, "telemetry", at, [&services] { return std::make_unique<telemetry_role>(services); }, {}});
  return telemetry_ref(port::ref<message>(at));
}

void telemetry_ref::state_changed() const { to_.tell({actors::state_changed{}}); }
void telemetry_ref::flow_came() const { to_.tell({actors::flow_came{}}); }
void telemetry_ref::flows(reply<std::string> to) const { to_.tell({list_flows{std::move(to)}}); }

} // namespace weft::actors
