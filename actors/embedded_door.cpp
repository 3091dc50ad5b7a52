#include "actors/embedded_door.hpp"

#include "actors/contract_gate.hpp"
#include "actors/copy_ack.hpp"
#include "actors/observing.hpp"
#include "mesh/base/names.hpp"

#include <future>

namespace weft::actors {
namespace {

log::append_request request_of(const node::known_topic& topic, std::vector<log::append_request::item> items,
                               std::optional<ack_level> asked, node::publish_done done) {
  const auto level = asked.value_or(topic.settings.level);
  return {
      std::move(items), level_of_log(level),
      [done = std::move(done), level, codec = topic.settings.codec](const result<std::vector<log::appended>>& outcome) {
        if (outcome)
          done(node::publish_outcome{place_of(*outcome), level, codec});
        else
          done(fail(outcome.error()));
      }};
}

/// A program in this process is its node's own user: nothing to show.
class open_admission final : public admission {
public:
  explicit open_admission(std::string program) : program_(std::move(program)) {}
  result<std::optional<admitted>> begin(link_output&) override { return admitted{false, program_, {}, {}, {}}; }
  result<std::optional<admitted>> on_bytes(const shared_bytes&, link_output&) override { return std::nullopt; }
  result<void> tick() override { return {}; }

private:
  std::string program_;
};

} // namespace

/// Brings messages to the visitor, one at a time, until closed.
class embedded_door::visitor_output final : public link_output {
public:
  explicit visitor_output(node::visitor& to) noexcept : to_(&to) {}

  void send(const wire::control& message) override { hand_over(message, {}); }
  void send_run(const wire::run& message, const shared_bytes& payload) override { hand_over(message, payload); }
  void drop_flow(std::uint64_t) override {}
  void send_bytes(shared_bytes) override {}
  void mark_proven() override {}
  void close(const error& why) override {
    const std::lock_guard lock(mutex_);
    if (to_ != nullptr) to_->on_lost(why);
  }
  void connected(const node::node_facts& facts) {
    const std::lock_guard lock(mutex_);
    if (to_ != nullptr) to_->on_connected(facts);
  }
  /// After this the visitor may be destroyed.
  void forget() {
    const std::lock_guard lock(mutex_);
    to_ = nullptr;
  }

private:
  void hand_over(const wire::control& message, const shared_bytes& payload) {
    const std::lock_guard lock(mutex_);
    if (to_ != nullptr) to_->on_message(message, payload);
  }

  std::mutex mutex_;
  node::visitor* to_;
};

std::shared_ptr<embedded_door> embedded_door::open(node_services& services, const router_ref& router, node::visitor& to,
                                                   const std::string& program) {
  std::shared_ptr<embedded_door> door(new embedded_door(services, router, program));
  door->output_ = std::make_shared<visitor_output>(to);
  door->open_link();
  return door;
}

void embedded_door::open_link() {
  auto opened =
      start_link(services_, router_,
                 {output_, program_, [program = program_] { return std::make_unique<open_admission>(program); },
                  [door = weak_from_this()](const port::ending& how) {
                    const auto self = door.lock();
                    if (self && how.crashed) self->open_link();
                  }});
  {
    const std::lock_guard lock(link_mutex_);
    link_ = std::move(opened);
  }
  output_->connected(services_.facts);
}

link_ref embedded_door::link() const {
  const std::lock_guard lock(link_mutex_);
  return link_;
}

void embedded_door::close() {
  output_->forget();
  link().closed(error(errc::cancelled, "the program closed its door"));
}

void embedded_door::send(wire::control message) { link().received(std::move(message), {}); }

result<void> embedded_door::ask_codec(std::string_view topic, node::codec_told told) {
  told(services_.codec_of(topic));
  return {};
}

result<void> embedded_door::publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) {
  if (auto allowed = check_not_reserved(batch.topic()); !allowed) return allowed;
  if (auto allowed = may_change(services_, "publish"); !allowed) return allowed;
  const auto topic = services_.topics.find(batch.topic());
  if (topic && !someone_waits_) return append(*topic, batch, terms, std::move(done));
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(batch.topic());
  if (topic && found == waiting_.end()) return append(*topic, batch, terms, std::move(done));
  const std::string name(batch.topic());
  auto& queue = waiting_[name];
  queue.push_back({std::move(batch), terms, std::move(done)});
  someone_waits_ = true;
  if (queue.size() == 1) look_up(name);
  return {};
}

result<void> embedded_door::append(const node::known_topic& topic, const wire::batch_view& batch,
                                   const node::publish_terms& terms, node::publish_done done) {
  if (auto allowed = check(topic, batch, terms); !allowed) return allowed;
  auto items = items_of(services_, topic, batch);
  if (!items) return fail(std::move(items).error());
  const auto seen = services_.room.round();
  auto taken = services_.log.append(request_of(topic, std::move(*items), terms.level, copied(batch, std::move(done))));
  if (!taken && taken.error().code() == errc::would_block) full_at_ = seen;
  return taken;
}

result<void> embedded_door::check(const node::known_topic& topic, const wire::batch_view& batch,
                                  const node::publish_terms& terms) const {
  if (auto in_time = check_time(services_, terms.until); !in_time) return in_time;
  return check_level(services_, batch.topic(), terms.level.value_or(topic.settings.level), topic.settings);
}

node::publish_done embedded_door::copied(const wire::batch_view& batch, node::publish_done done) {
  return when_copied(services_, std::string(batch.topic()), weak_from_this(), std::move(done));
}

void embedded_door::look_up(const std::string& topic) {
  services_.keeper.resolve_topic(topic, reply<node::known_topic>([door = weak_from_this(), topic](const auto& made) {
                                   if (const auto self = door.lock()) self->append_waiting(topic, made);
                                 }));
}

void embedded_door::append_waiting(const std::string& topic, const result<node::known_topic>& made) {
  std::vector<std::pair<node::publish_done, error>> failed; // told without the lock: they may publish
  {
    const std::lock_guard lock(mutex_); // held over the appends: what is published meanwhile comes behind
    auto& queue = waiting_[topic];
    for (; !queue.empty(); queue.pop_front()) {
      auto& next = queue.front();
      const auto seen = services_.room.round();
      auto taken = made ? check(*made, next.batch, next.terms) : result<void>(fail(made.error()));
      if (taken) {
        auto items = items_of(services_, *made, next.batch);
        taken = items ? services_.log.append(
                            request_of(*made, std::move(*items), next.terms.level, copied(next.batch, next.done)))
                      : fail(std::move(items).error());
      }
      if (!taken && taken.error().code() == errc::would_block)
        return services_.room.when_room(seen, [door = weak_from_this(), topic] {
          if (const auto self = door.lock()) self->look_up(topic);
        });
      if (!taken) failed.emplace_back(std::move(next.done), taken.error());
    }
    waiting_.erase(topic);
    someone_waits_ = !waiting_.empty();
  }
  for (const auto& [done, why] : failed)
    done(fail(why));
}

result<node::publish_outcome> embedded_door::publish_and_wait(wire::batch_view batch, std::optional<ack_level> asked) {
  if (auto allowed = check_not_reserved(batch.topic()); !allowed) return fail(std::move(allowed.error()));
  if (auto allowed = may_change(services_, "publish"); !allowed) return fail(std::move(allowed.error()));
  auto topic = services_.topics.find(batch.topic());
  if (!topic) {
    std::promise<result<node::known_topic>> answer;
    services_.keeper.resolve_topic(std::string(batch.topic()),
                                   reply<node::known_topic>([&](auto made) { answer.set_value(std::move(made)); }));
    const auto made = answer.get_future().get();
    if (!made) return fail(made.error());
    topic = *made;
  }
  if (auto allowed = check(*topic, batch, asked); !allowed) return fail(std::move(allowed.error()));
  const auto level = asked.value_or(topic->settings.level);
  auto items = items_of(services_, *topic, batch);
  if (!items) return fail(std::move(items).error());
  std::promise<result<node::publish_outcome>> answer;
  const auto when_it_is = copied(batch, [&](const auto& reached) { answer.set_value(reached); });
  auto outcome = services_.log.append_and_wait({std::move(*items), level_of_log(level), {}});
  if (!outcome) return fail(std::move(outcome.error()));
  when_it_is(node::publish_outcome{place_of(*outcome), level, topic->settings.codec});
  return answer.get_future().get();
}

void embedded_door::when_room(std::function<void()> then) { services_.room.when_room(full_at_, std::move(then)); }

} // namespace weft::actors
