// mesh/transport/loop.cpp: one round after another.
#include "mesh/transport/loop.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

namespace weft::transport {
namespace {

/// Of two dials with one name the later replaces the earlier; each attempt is a dial of its own.
std::string name_of(const dialler::target& to) {
  return to.attempt == dial_attempt{} ? to.address : fmt::format("attempt {}", to.attempt.value());
}

} // namespace

loop::loop(const transport_options& options, observer& to)
    : options_(options), hub_{context_, options_, to, count_, wake_, refusals(to), {}, {}, 0, false} {}

loop::~loop() {
  if (!thread_.joinable()) return;
  stop_.store(true);
  wake_->signal();
  thread_.join();
}

result<void> loop::accept_on(const acceptor::settings& wanted) {
  auto made = acceptor::open(hub_, *zap_, wanted);
  if (!made) return fail(made.error());
  acceptors_.push_back(std::move(*made));
  return {};
}

result<void> loop::bind() {
  auto zap = zap_handler::open(context_);
  if (!zap) return fail(zap.error());
  zap_.emplace(std::move(*zap));
  if (options_.listen) {
    if (auto done = accept_on({*options_.listen, link_kind::accepted}); !done) return done;
    address_ = acceptors_.back()->address();
  }
  if (!options_.local_socket) return {};
  auto local = prepare_local_listener(*options_.local_socket);
  if (!local) return fail(local.error());
  local_ = std::move(*local);
  auto done = accept_on({local_.address, link_kind::local});
  return done ? done : fail(done.error().within(*options_.local_socket));
}

void loop::start() {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before); // signals are for the program's own threads
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void loop::post(commands::any command) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(command));
  }
  if (first) wake_->signal();
}

void loop::run() {
  ::pthread_setname_np(::pthread_self(), "transport");
  while (!stop_.load()) {
    wait(look_at_);
    turn();
  }
  obey(); // a goodbye that was posted just before
  for (auto& item : acceptors_)
    item->linger(limits::stop_linger);
  for (auto& item : diallers_)
    item.second->linger(limits::stop_linger);
  diallers_.clear();
  ending_.clear();
  acceptors_.clear();
  zap_.reset();
  if (options_.local_socket) ::unlink(options_.local_socket->c_str()); // libzmq leaves it
}

void loop::wait(std::optional<mono_time> until) {
  poll_.clear();
  poll_.push_back({nullptr, wake_->fd(), ZMQ_POLLIN, 0});
  poll_.push_back({zap_->get(), 0, ZMQ_POLLIN, 0});
  for (const auto& item : acceptors_)
    item->add_to(poll_);
  for (const auto& item : diallers_)
    item.second->add_to(poll_);
  long milliseconds = -1;
  if (until) {
    const auto left = (*until - system_clock().mono()).count();
    milliseconds = left <= 0 ? 0 : static_cast<long>(left / 1000 + 1);
  }
  zmq_poll(poll_.data(), static_cast<int>(poll_.size()), milliseconds);
}

void loop::turn() {
  wake_->clear();
  obey();
  zap_->work();
  const auto now = system_clock().mono();
  look_at_.reset();
  const auto sooner = [this](std::optional<mono_time> when) {
    if (when && (!look_at_ || *when < *look_at_)) look_at_ = when;
  };
  for (auto& item : acceptors_)
    sooner(item->work(now));
  for (auto& item : diallers_)
    sooner(item.second->work(now));
  pump();
  if (std::exchange(hub_.any_doomed, false)) {
    reap(now);
    sooner(now); // closed connections are watched, lost ones dialled again
  }
}

void loop::obey() {
  {
    const std::lock_guard lock(mutex_);
    obeying_.swap(posted_);
  }
  for (auto& command : obeying_)
    std::visit([this](auto& item) { on(item); }, command);
  obeying_.clear();
}

void loop::on(commands::dial& command) {
  auto& slot = diallers_[name_of(command.to)];
  if (slot && slot->to().key == command.to.key) return;
  if (slot) {
    slot->stop();
    ending_.push_back(std::move(slot));
  }
  slot = std::make_unique<dialler>(hub_, std::move(command.to));
  hub_.any_doomed = true;
}

void loop::on(commands::undial& command) {
  const auto found = diallers_.find(command.address);
  if (found == diallers_.end()) return;
  found->second->stop();
  ending_.push_back(std::move(found->second));
  diallers_.erase(found);
  hub_.any_doomed = true;
}

void loop::on(const commands::stop_attempt& command) {
  const auto found = diallers_.find(name_of({.address = {}, .attempt = command.attempt}));
  if (found == diallers_.end() || found->second->linked()) return;
  diallers_.erase(found);
}

void loop::on(commands::send_control& command) {
  if (auto* to = hub_.find(command.to)) to->send(command.control);
}
void loop::on(commands::send_frame& command) {
  if (auto* to = hub_.find(command.to)) to->send(command.flow, std::move(command.message));
}
void loop::on(commands::drop_lane& command) {
  if (auto* to = hub_.find(command.to)) to->drop(command.flow);
}
void loop::on(commands::close& command) {
  if (auto* which = hub_.find(command.which)) which->doom(std::move(command.why), link::ending::politely);
}
void loop::on(commands::prove& command) {
  if (auto* which = hub_.find(command.which)) which->prove();
}

void loop::pump() {
  for (auto& item : hub_.links)
    item.second->pump();
}

void loop::reap(mono_time now) {
  for (auto& item : acceptors_)
    item->reap(now);
  for (auto& item : diallers_)
    item.second->reap(now);
  for (auto& item : ending_)
    item->reap(now);
  std::erase_if(diallers_, [](const auto& item) { return item.second->finished(); });
  std::erase_if(ending_, [](const auto& item) { return item->finished(); });
}

} // namespace weft::transport
