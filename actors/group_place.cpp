#include "actors/group_place.hpp"

#include "actors/copy_shelf.hpp"
#include "actors/node_services.hpp"
#include "actors/takeup_desk.hpp"
#include "mesh/delivery/takeup.hpp"

#include <utility>

namespace weft::actors {
namespace {

class own_place final : public group_place {
public:
  explicit own_place(node_services& services) : services_(services) {}

  [[nodiscard]] const log_id& log() const override { return services_.own_log; }
  [[nodiscard]] bool is_copy() const override { return false; }
  [[nodiscard]] const std::string& node() const override { return services_.facts.name; }
  [[nodiscard]] std::vector<std::string> path() const override { return {services_.facts.name}; }
  [[nodiscard]] log_position end() override {
    const auto state = services_.log.state();
    return {state.epoch, state.synced_end};
  }
  void find_record(const std::string& name, const std::string& pattern, const record_reply& to) override {
    services_.keeper.take_group(name, pattern, to);
  }
  void save(delivery::group_record record, const reply<void>& to) override {
    services_.keeper.save_group(std::move(record), to);
  }
  [[nodiscard]] delivery::slot_set withheld(const delivery::group_record&) const override { return {}; }
  [[nodiscard]] delivery::failure_policy policy(delivery::failure_policy wanted) const override { return wanted; }
  [[nodiscard]] std::unique_ptr<flow_log> open(const flow_topics& wanted) override {
    return own_log_for(services_, wanted);
  }
  [[nodiscard]] std::shared_ptr<node::synced_signal::follower> follow(std::function<void()> wake) override {
    return services_.synced.follow(std::move(wake));
  }
  void use(const std::string& name, const std::string& pattern, bool used) override {
    if (used)
      services_.leases.use({name, pattern});
    else
      services_.leases.unused({name, pattern});
  }

private:
  node_services& services_;
};

class copy_place final : public group_place {
public:
  copy_place(node_services& services, const log_id& log) : services_(services), log_(log) {}

  [[nodiscard]] const log_id& log() const override { return log_; }
  [[nodiscard]] bool is_copy() const override { return true; }
  [[nodiscard]] const std::string& node() const override { return copy_->node; }
  [[nodiscard]] std::vector<std::string> path() const override { return {copy_->node, services_.facts.name}; }
  [[nodiscard]] log_position end() override {
    if (const auto grown = copy_->grown->end(); !end_ || grown_ != grown) {
      grown_ = grown;
      end_ = copy_->store->state().end();
    }
    return *end_;
  }
  void find_record(const std::string& name, const std::string& pattern, const record_reply& to) override {
    copy_ = services_.shelf.find(log_);
    end_.reset();
    if (!copy_) return to(fail(errc::not_held, "this node has no copy of that log open"));
    services_.keeper.with_takeups([log = log_, name, pattern, to](takeup_desk& desk) {
      desk.take_up({log, name, pattern, to});
    });
  }
  void save(delivery::group_record record, const reply<void>& to) override {
    services_.keeper.with_takeups([record = std::move(record), to](takeup_desk& desk) { desk.save(record, to); });
  }
  [[nodiscard]] delivery::slot_set withheld(const delivery::group_record& record) const override {
    return delivery::withheld(record);
  }
  [[nodiscard]] delivery::failure_policy policy(delivery::failure_policy wanted) const override {
    return delivery::at_copy(wanted);
  }
  [[nodiscard]] std::unique_ptr<flow_log> open(const flow_topics& wanted) override {
    return copy_for(services_, copy_, wanted);
  }
  [[nodiscard]] std::shared_ptr<node::synced_signal::follower> follow(std::function<void()> wake) override {
    return copy_->grown->follow(std::move(wake));
  }
  void use(const std::string&, const std::string&, bool) override {} // the log's node alone removes anything of it

private:
  node_services& services_;
  log_id log_;
  std::shared_ptr<const shelved_copy> copy_;
  seq grown_{};
  std::optional<log_position> end_;
};

} // namespace

std::unique_ptr<group_place> place_of(node_services& services, const log_id& log) {
  if (log == services.own_log) return std::make_unique<own_place>(services);
  return std::make_unique<copy_place>(services, log);
}

} // namespace weft::actors
