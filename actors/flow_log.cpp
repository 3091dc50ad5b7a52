#include "actors/flow_log.hpp"

#include "actors/copy_shelf.hpp"
#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <unordered_map>

namespace weft::actors {
namespace {

/// Which topics the flow means. Remembers each answer, since names never change; only one read of a flow is under way,
/// so the memory has one user at a time.
std::function<bool(topic_id)> topics_of(const flow_topics& wanted, const node::topic_names& topics) {
  auto known = std::make_shared<std::unordered_map<topic_id, bool>>();
  return [&topics, wanted, known](topic_id topic) {
    if (const auto found = known->find(topic); found != known->end()) return found->second;
    const auto name = topics.name_of(topic);
    const bool means = name && wanted.has(*name);
    if (name) known->emplace(topic, means);
    return means;
  };
}

class own_log final : public flow_log {
public:
  own_log(node_services& services, const flow_topics& wanted)
      : services_(services), wants_(topics_of(wanted, services.topics)) {}

  [[nodiscard]] log_id id() const override { return services_.own_log; }
  [[nodiscard]] const std::string& node() const override { return services_.facts.name; }
  [[nodiscard]] seq end() const override { return services_.synced.end(); }
  [[nodiscard]] std::optional<result<log::read_result>> read(log_position from, std::size_t bytes_max,
                                                             const bring& later) override {
    log::read_request request{from, bytes_max, limits::run_scanned_bytes_max, wants_};
    auto cached = services_.log.read_cached(request);
    if (cached || cached.error().code() != errc::would_block) return cached;
    services_.readers.read(std::move(request), reply<log::read_result>(later));
    return std::nullopt;
  }
  [[nodiscard]] std::optional<log_position> next_readable(log_position from) override {
    return services_.log.next_readable(from);
  }
  [[nodiscard]] log_position go_on_at(log_position from) const override { return services_.log.go_on_at(from); }
  [[nodiscard]] std::optional<std::string> name_of(topic_id topic) const override {
    return services_.topics.name_of(topic);
  }

private:
  node_services& services_;
  std::function<bool(topic_id)> wants_;
};

class copied_log final : public flow_log {
public:
  copied_log(node_services& services, std::shared_ptr<const shelved_copy> copy, flow_topics wanted)
      : services_(services), copy_(std::move(copy)), wanted_(std::move(wanted)) {}

  [[nodiscard]] log_id id() const override { return copy_->log; }
  [[nodiscard]] const std::string& node() const override { return copy_->node; }
  [[nodiscard]] seq end() const override { return copy_->grown->end(); }
  [[nodiscard]] std::optional<result<log::read_result>> read(log_position from, std::size_t bytes_max,
                                                             const bring& later) override {
    services_.readers.run([&shelf = services_.shelf, &copies = services_.copies, copy = copy_, wanted = wanted_, from,
                           bytes_max, to = reply<log::read_result>(later)](log::node_log&) {
      auto found = copy->store->read({from, bytes_max, limits::run_scanned_bytes_max,
                                      [&](std::string_view name) { return wanted.has(std::string(name)); }});
      const auto code = found ? errc::ok : found.error().code();
      if (code == errc::corrupt) copies.look_at_log(copy->log);
      if (!found && code != errc::end_of_log && code != errc::epoch_ended)
        return to(not_held(*copy, found.error().message()));
      // After the read: the shelf has a new topic before any of its events could be passed over.
      const auto now = shelf.find(copy->log);
      if (!now || now->store != copy->store || !serves(*now, wanted)) return to(not_held(*copy, "it has changed"));
      to(std::move(found));
    });
    return std::nullopt;
  }
  [[nodiscard]] std::optional<log_position> next_readable(log_position) override { return std::nullopt; }
  [[nodiscard]] log_position go_on_at(log_position from) const override { return copy_->store->go_on_at(from); }
  [[nodiscard]] std::optional<std::string> name_of(topic_id topic) const override {
    return copy_->store->name_of(topic);
  }

private:
  static bool serves(const shelved_copy& copy, const flow_topics& wanted) {
    return copy.scope.serves(wanted.pattern) && (wanted.also.empty() || !copy.scope.lacks(wanted.also));
  }
  static result<log::read_result> not_held(const shelved_copy& copy, const std::string& why) {
    return fail(errc::not_held, fmt::format("this node's copy of the log of {} does not have it: {}", copy.node, why));
  }

  node_services& services_;
  std::shared_ptr<const shelved_copy> copy_;
  flow_topics wanted_;
};

class whole_copy final : public flow_log {
public:
  whole_copy(node_services& services, std::shared_ptr<const shelved_copy> copy,
             std::shared_ptr<const std::set<std::string>> only)
      : services_(services), copy_(std::move(copy)) {
    if (only) wants_ = [only = std::move(only)](std::string_view name) { return only->contains(std::string(name)); };
  }

  [[nodiscard]] log_id id() const override { return copy_->log; }
  [[nodiscard]] const std::string& node() const override { return copy_->node; }
  [[nodiscard]] seq end() const override { return copy_->grown->end(); }
  [[nodiscard]] std::optional<result<log::read_result>> read(log_position from, std::size_t bytes_max,
                                                             const bring& later) override {
    services_.readers.run(
        [copy = copy_, wants = wants_, from, bytes_max, to = reply<log::read_result>(later)](log::node_log&) {
          to(copy->store->read({from, bytes_max, limits::run_scanned_bytes_max, wants}));
        });
    return std::nullopt;
  }
  [[nodiscard]] std::optional<log_position> next_readable(log_position from) override {
    const auto next = copy_->store->next_readable(from, wants_);
    return next && next->seq < from.seq ? std::nullopt : next; // a flow's seqs never go back
  }
  [[nodiscard]] log_position go_on_at(log_position from) const override { return copy_->store->go_on_at(from); }
  [[nodiscard]] std::optional<std::string> name_of(topic_id topic) const override {
    return copy_->store->name_of(topic);
  }

private:
  node_services& services_;
  std::shared_ptr<const shelved_copy> copy_;
  std::function<bool(std::string_view)> wants_;
};

} // namespace

std::unique_ptr<flow_log> all_of_copy(node_services& services, std::shared_ptr<const shelved_copy> copy,
                                      std::shared_ptr<const std::set<std::string>> only) {
  return std::make_unique<whole_copy>(services, std::move(copy), std::move(only));
}

std::unique_ptr<flow_log> own_log_for(node_services& services, const flow_topics& wanted) {
  return std::make_unique<own_log>(services, wanted);
}

std::unique_ptr<flow_log> copy_for(node_services& services, std::shared_ptr<const shelved_copy> copy,
                                   flow_topics wanted) {
  return std::make_unique<copied_log>(services, std::move(copy), std::move(wanted));
}

} // namespace weft::actors
