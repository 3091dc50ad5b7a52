#include "actors/log_keeper.hpp"

#include "actors/cursor_book.hpp"
#include "actors/node_services.hpp"
#include "actors/topic_desk.hpp"

#include <utility>
#include <variant>

namespace weft::actors {
namespace {

struct resolve {
  std::string name;
  reply<node::known_topic> to;
};
struct ask {
  std::string what, arguments;
  reply<std::string> to;
};
struct learn {
  std::vector<wire::item> records;
};
struct decide_again {};
struct take {
  std::string name, pattern, consumer;
  std::uint64_t token;
  reply<std::optional<log_position>> to;
};
struct commit_cursor {
  std::string name, pattern;
  log_position until;
};
struct release {
  std::string name, pattern;
  std::uint64_t token;
};
struct list_cursors {
  reply<std::vector<cursor_facts>> to;
};
struct publish_cursors {};

} // namespace

struct log_keeper_ref::message {
  std::variant<resolve, ask, learn, decide_again, take, commit_cursor, release, list_cursors, publish_cursors> content;
};

namespace {

class log_keeper final : public port::role_of<log_keeper_ref::message> {
public:
  log_keeper(node_services& services, std::shared_ptr<cursor_book> cursors, const topic_author& author)
      : services_(services), topics_(services, author), cursors_(std::move(cursors)) {}
  ~log_keeper() override { cursors_->publish(); }

private:
  void begin() override { topics_.begin(); }
  void on(const log_keeper_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  void handle(const resolve& ask) { ask.to(topics_.resolve(ask.name)); }
  void handle(const actors::ask& question) { question.to(topics_.answer(question.what, question.arguments)); }
  void handle(const learn& news) { topics_.learn(news.records); }
  void handle(const decide_again&) { topics_.decide_again(); }
  void handle(const take& ask) { ask.to(cursors_->take(ask.name, ask.pattern, ask.consumer, ask.token)); }
  void handle(const commit_cursor& commit) {
    cursors_->commit(commit.name, commit.pattern, commit.until);
    if (!std::exchange(publishing_soon_, true))
      tell_self_after(services_.settings.cursor_publish_interval, {publish_cursors{}});
  }
  void handle(const release& ask) { cursors_->release(ask.name, ask.pattern, ask.token); }
  void handle(const list_cursors& ask) { ask.to(cursors_->all()); }
  void handle(const publish_cursors&) {
    publishing_soon_ = false;
    cursors_->publish();
  }

  node_services& services_;
  topic_desk topics_;
  std::shared_ptr<cursor_book> cursors_;
  bool publishing_soon_ = false; // a publish is on its way; at rest nothing wakes this actor
};

} // namespace

log_keeper_ref log_keeper_ref::start(node_services& services, std::shared_ptr<cursor_book> cursors,
                                     const topic_author& author) {
  const auto at = services.system.reserve();
  services.supervisor.adopt({kinds::log_keeper,
                             "log-keeper",
                             at,
                             [&services, cursors = std::move(cursors), author] {
                               return std::make_unique<log_keeper>(services, cursors, author);
                             },
                             {}});
  return log_keeper_ref(port::ref<message>(at));
}

void log_keeper_ref::resolve_topic(std::string name, reply<node::known_topic> to) const {
  to_.tell({resolve{std::move(name), std::move(to)}});
}
void log_keeper_ref::query(std::string what, std::string arguments, reply<std::string> to) const {
  to_.tell({ask{std::move(what), std::move(arguments), std::move(to)}});
}
void log_keeper_ref::learn_topics(std::vector<wire::item> records) const { to_.tell({learn{std::move(records)}}); }
void log_keeper_ref::decide_topics_again() const { to_.tell({decide_again{}}); }
void log_keeper_ref::take_cursor(std::string name, std::string pattern, std::string consumer, std::uint64_t token,
                                 reply<std::optional<log_position>> to) const {
  to_.tell({take{std::move(name), std::move(pattern), std::move(consumer), token, std::move(to)}});
}
void log_keeper_ref::commit(std::string name, std::string pattern, log_position until) const {
  to_.tell({commit_cursor{std::move(name), std::move(pattern), until}});
}
void log_keeper_ref::release_cursor(std::string name, std::string pattern, std::uint64_t token) const {
  to_.tell({release{std::move(name), std::move(pattern), token}});
}
void log_keeper_ref::cursors(reply<std::vector<cursor_facts>> to) const { to_.tell({list_cursors{std::move(to)}}); }

} // namespace weft::actors
