// sdk/src/participant_core.hpp: a program at its node's door: hands out what comes, keeps publishers and subscriptions.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/node/door.hpp"
#include "sdk/src/cancelled_requests.hpp"
#include "sdk/src/consumer.hpp"
#include "sdk/src/contract_book.hpp"
#include "sdk/src/flow_book.hpp"
#include "sdk/src/group_session.hpp"
#include "sdk/src/hosts.hpp"
#include "sdk/src/publisher_core.hpp"
#include "sdk/src/requests.hpp"
#include "sdk/src/service/service_teller.hpp"
#include "weft/participant.hpp"

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace weft::detail {

/// @thread every method from any thread; the door calls the visitor's
class participant_core final : public node::visitor, public std::enable_shared_from_this<participant_core> {
public:
  participant_core(weft::clock& clock, random_source& random);
  ~participant_core() override;

  /// Opens the door; once, before anything else. @error that of `open`
  using opener = std::function<result<std::unique_ptr<host>>(node::visitor&)>;
  [[nodiscard]] result<void> open(const opener& open);
  /// Ends subscriptions, lets publishers come to an end, and closes the door. Nothing works afterwards.
  void close();

  [[nodiscard]] bool connected() const;
  /// @error errc::not_connected, or why the node would not have it
  [[nodiscard]] result<void> wait_connected(microseconds within);
  [[nodiscard]] std::string node_name() const;
  /// Nothing until it has been connected.
  [[nodiscard]] std::optional<node_id> node() const;
  /// Of an embedded node; else empty.
  [[nodiscard]] std::string data_dir() const;
  [[nodiscard]] node::door& door() const noexcept { return *door_; }
  [[nodiscard]] bool is_closed() const;
  [[nodiscard]] weft::clock& clock() const noexcept { return clock_; }
  [[nodiscard]] random_source& random() const noexcept { return random_; }
  [[nodiscard]] std::string address() const;

  [[nodiscard]] result<publisher_base> shared_publisher(std::string_view topic);
  [[nodiscard]] result<publisher_base> new_publisher(std::string_view topic, const publisher_options& options);
  [[nodiscard]] pending<ack> failed(std::string_view topic, error why);
  void on_publish_error(publish_error_handler handler) { errors_->set(std::move(handler)); }

  [[nodiscard]] result<std::shared_ptr<consumer>> subscribe(std::string_view pattern,
                                                            const subscription_options& options, event_handler handler);
  /// As the only member that may have its shard of the group, since the state of that is here; `work` takes the events.
  /// @param state_at  the home of a state that moves
  [[nodiscard]] result<std::shared_ptr<group_session>> join(std::string_view pattern,
                                                            const subscription_options& options,
                                                            const state_member& member, group_worker work,
                                                            std::optional<state_home> state_at = {});
  /// The log of the node with this name. @error errc::not_found  nobody here knows it
  [[nodiscard]] result<log_id> log_of(const std::string& node);
  /// What this program asks others.
  [[nodiscard]] std::shared_ptr<requests> asking();
  /// From now on it knows which requests of a topic are cancelled.
  [[nodiscard]] result<void> hear_cancels(std::string_view requests);
  /// What the node hears of this program's services.
  [[nodiscard]] service_teller& services() noexcept { return services_; }
  [[nodiscard]] const cancelled_requests& cancels() const noexcept { return cancels_; }
  [[nodiscard]] result<std::string> query(std::string_view what, std::string_view arguments);
  [[nodiscard]] result<event_contract> contract_of(const event_info& what);
  [[nodiscard]] result<event_contract> contract_of(std::string_view topic);

  // from the door
  void on_connected(const node::node_facts& node) override;
  void on_message(const wire::control& message, const shared_bytes& payload) override;
  void on_lost(const error& why) override;

private:
  using core_ref = std::shared_ptr<publisher_core>;
  using consumer_ref = std::shared_ptr<consumer>;
  /// The home's name, which acknowledgements need after this object has gone.
  struct home {
    std::mutex mutex;
    std::string name;
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  [[nodiscard]] result<core_ref> make_publisher(std::string_view topic, const publisher_options& options);
  void forget_idle_publishers();
  void forget_dropped_publishers();
  [[nodiscard]] result<demand_settings> settings_of(std::string_view pattern, const subscription_options& options);
  [[nodiscard]] wire::group_membership membership_of(const group_options& group);
  [[nodiscard]] session_environment environment_of(const std::shared_ptr<std::weak_ptr<consumer>>& self);
  [[nodiscard]] result<void> begin(const consumer_ref& made);
  [[nodiscard]] result<void> set_start(demand_settings& settings, const subscription_options& options);
  [[nodiscard]] std::uint64_t new_demand_id(const std::weak_ptr<consumer>& to);
  [[nodiscard]] consumer_ref consumer_of_demand(std::uint64_t id);
  [[nodiscard]] consumer_ref consumer_of_flow(std::uint64_t id);
  void take(const wire::answer& message);
  void answer_query(std::uint64_t request, result<std::string> answer);
  [[nodiscard]] std::vector<core_ref> publishers() const;
  [[nodiscard]] std::vector<consumer_ref> consumers();
  void watch_absence();
  void tell_services(std::string document);

  void take(const wire::flow_opened& message);
  void take(const wire::flow_closed& message);
  void take(const wire::run& message, const shared_bytes& payload);
  void take(const wire::refused& message);
  static void pass_on(const consumer_ref& to, const wire::control& message);

  weft::clock& clock_;
  random_source& random_;
  const std::shared_ptr<publish_errors> errors_ = std::make_shared<publish_errors>();
  const std::shared_ptr<home> home_ = std::make_shared<home>();

  mutable std::mutex mutex_; // not held while publishers, sessions or the door are called
  std::condition_variable changed_;
  std::unique_ptr<host> host_;
  node::door* door_ = nullptr; // set once, by open()
  std::string data_dir_;       // the same
  std::optional<node::node_facts> facts_;
  bool connected_ = false;
  std::optional<error> lost_why_; // the last loss
  bool closed_ = false;
  std::unordered_map<std::string, core_ref, text_hash, std::equal_to<>> shared_publishers_;
  std::vector<core_ref> publishers_; // all that somebody holds, or that have taken what is not settled
  std::vector<std::weak_ptr<consumer>> consumers_;
  std::unordered_map<std::uint64_t, std::weak_ptr<consumer>> demands_; // by the demand's number
  std::unordered_map<std::uint64_t, std::weak_ptr<consumer>> flows_;
  struct open_query {
    std::promise<result<std::string>> to;
    std::string document; ///< the parts so far
  };
  std::map<std::uint64_t, open_query> queries_;
  std::uint64_t last_id_ = 0;        // of demands and queries
  std::shared_ptr<requests> asking_; // made with the first request
  cancelled_requests cancels_;
  contract_book contracts_;
  std::mutex hearing_mutex_;                                                    // held while one is made
  std::map<std::string, std::shared_ptr<consumer>, std::less<>> cancels_heard_; // by the requests' topic
  service_teller services_{[this](std::string document) { tell_services(std::move(document)); }};
  std::thread absence_; // gives up publishes while the node is away; started by the first loss
};

} // namespace weft::detail
