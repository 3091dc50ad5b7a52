#include "actors/log_reader.hpp"

#include <variant>

namespace weft::actors {
namespace {

struct read {
  log::read_request request;
  reply<log::read_result> to;
};
struct find_time {
  hlc at;
  reply<log_position> to;
};
struct other_work {
  std::function<void(log::node_log&)> work;
};

} // namespace

struct log_reader_ref::message {
  std::variant<actors::read, actors::find_time, other_work> content;
};

namespace {

class log_reader final : public port::role_of<log_reader_ref::message> {
public:
  explicit log_reader(log::node_log& log) : log_(log) {}

private:
  void on(const log_reader_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }
  void handle(const read& ask) { ask.to(log_.read(ask.request)); }
  void handle(const find_time& ask) { ask.to(log_.find_time(ask.at)); }

  void handle(const other_work& other) { other.work(log_); }

  log::node_log& log_;
};

} // namespace

log_reader_ref log_reader_ref::start(port::system& system, const supervisor_ref& supervisor, log::node_log& log,
                                     int count) {
  log_reader_ref handle;
  handle.pool_ = std::make_shared<pool>();
  for (int i = 0; i < count; ++i) {
    const auto at = system.reserve();
    handle.pool_->readers.emplace_back(at);
    supervisor.adopt({kinds::log_reader,
                      "log-reader " + std::to_string(i + 1),
                      at,
                      [&log] { return std::make_unique<log_reader>(log); },
                      {}});
  }
  return handle;
}

const port::ref<log_reader_ref::message>& log_reader_ref::any() const {
  return pool_->readers[pool_->next.fetch_add(1) % pool_->readers.size()];
}

void log_reader_ref::read(log::read_request request, reply<log::read_result> to) const {
  any().tell({actors::read{std::move(request), std::move(to)}});
}

void log_reader_ref::find_time(hlc at, reply<log_position> to) const {
  any().tell({actors::find_time{at, std::move(to)}});
}

void log_reader_ref::run(std::function<void(log::node_log&)> work) const { any().tell({other_work{std::move(work)}}); }

} // namespace weft::actors
