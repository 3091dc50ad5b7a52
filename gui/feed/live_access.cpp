#include "gui/feed/live_access.hpp"

#include "gui/core/replay_question.hpp"
#include "gui/feed/cut_asking.hpp"
#include "gui/feed/event_reader.hpp"
#include "gui/feed/event_replayer.hpp"
#include "gui/feed/limits.hpp"
#include "weft/client.hpp"

namespace weft::monitor {

live_access::live_access(std::string data_dir) : data_dir_(std::move(data_dir)) {}
live_access::~live_access() = default;

result<std::shared_ptr<client>> live_access::node() {
  const std::lock_guard lock(mutex_);
  if (node_ && node_->connected()) return node_;
  auto made = client::connect({.data_dir = data_dir_, .program = "weft-monitor", .within = connect_within});
  if (!made) return fail(made.error());
  node_ = std::make_shared<client>(std::move(*made));
  replayer_.reset();
  return node_;
}

std::shared_ptr<event_replayer> live_access::replayer(const std::shared_ptr<client>& at) {
  const std::lock_guard lock(mutex_);
  if (at != node_) return std::make_shared<event_replayer>(at); // somebody connected anew meanwhile
  if (!replayer_) replayer_ = std::make_shared<event_replayer>(at);
  return replayer_;
}

result<std::string> live_access::ask(std::string_view question, std::string_view arguments) {
  const auto at = node();
  if (!at) return fail(at.error());
  if (question == cut_question) return make_cut(**at, arguments);
  if (question == replay_question) return replayer(*at)->publish_again(arguments);
  return (*at)->query(question, arguments);
}

result<void> live_access::read(const event_query& what, const event_sink& take, const std::stop_token& stop) {
  const auto at = node();
  if (!at) return fail(at.error());
  auto reader = event_reader::open(**at, what);
  return reader ? reader->run(take, stop) : fail(reader.error());
}

} // namespace weft::monitor
