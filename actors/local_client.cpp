#include "actors/local_client.hpp"

#include <fmt/format.h>
#include <future>

namespace weft::actors {

result<std::unique_ptr<local_client>> local_client::connect(const std::string& socket_path, const std::string& program,
                                                            node::visitor& to) {
  std::unique_ptr<local_client> client(new local_client(program, to));
  const std::lock_guard lock(client->mutex_); // the first call back waits until the transport is in its place
  auto started = transport::start_local_client(socket_path, *client);
  if (!started) return fail(std::move(started.error()));
  client->transport_ = std::move(*started);
  return client;
}

local_client::~local_client() {
  transport_.reset(); // no call comes after this
}

void local_client::send(wire::control message) {
  const std::lock_guard lock(mutex_);
  if (link_) transport_->send(*link_, wire::encode(message));
}

result<void> local_client::ask_codec(std::string_view topic, node::codec_told told) {
  const std::lock_guard lock(mutex_);
  if (!link_) return fail(errc::not_connected, "the node is away");
  const auto request = ++last_request_;
  questions_.emplace(request, std::move(told));
  transport_->send(*link_, wire::encode(wire::ask_codec{request, std::string(topic)}));
  return {};
}

result<void> local_client::publish(wire::batch_view batch, node::publish_terms terms, node::publish_done done) {
  const auto size = batch.bytes().size();
  const std::lock_guard lock(mutex_);
  if (!link_) return fail(errc::not_connected, "the node is away");
  if (!unanswered_.empty() && unanswered_bytes_ + size > limits::client_unanswered_bytes_max)
    return fail(errc::would_block, fmt::format("{} bytes wait for their answers", unanswered_bytes_));
  const auto request = ++last_request_;
  unanswered_.emplace(request, unanswered{std::move(done), size});
  unanswered_bytes_ += size;
  transport_->send(*link_, transport::lane{0},
                   {wire::encode(wire::publish{request, terms.level, terms.until}), batch.bytes()});
  return {};
}

result<node::publish_outcome> local_client::publish_and_wait(wire::batch_view batch, std::optional<ack_level> level) {
  std::promise<result<node::publish_outcome>> answer;
  if (auto taken = publish(std::move(batch), level, [&](const auto& outcome) { answer.set_value(outcome); }); !taken)
    return fail(std::move(taken.error()));
  return answer.get_future().get();
}

void local_client::when_room(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!unanswered_.empty()) { // an answer or the loss of the node will come
      wait_for_room_.push_back(std::move(then));
      return;
    }
  }
  then();
}

void local_client::on_opened(const transport::link_info& link) {
  const std::lock_guard lock(mutex_);
  greeting_ = link.id;
  transport_->send(
      link.id, wire::encode(wire::local_hello{limits::protocol_version_min, limits::protocol_version_max, program_}));
}

void local_client::on_frame(transport::link_id link, transport::frame message) {
  const auto decoded = wire::decode_control(message.control);
  if (!decoded) return transport_->close(link, decoded.error());
  if (const auto* welcome = std::get_if<wire::local_welcome>(&*decoded)) return welcomed(*welcome);
  if (const auto* answer = std::get_if<wire::published>(&*decoded)) return answered(*answer);
  if (const auto* answer = std::get_if<wire::topic_codec>(&*decoded)) return answered(*answer);
  to_.on_message(*decoded, message.payload);
}

void local_client::welcomed(const wire::local_welcome& welcome) {
  {
    const std::lock_guard lock(mutex_);
    link_ = greeting_;
  }
  to_.on_connected({welcome.node, welcome.name, welcome.number, welcome.mesh, welcome.epoch});
}

void local_client::answered(const wire::published& answer) {
  node::publish_done done;
  std::vector<std::function<void()>> room;
  {
    const std::lock_guard lock(mutex_);
    const auto found = unanswered_.find(answer.request);
    if (found == unanswered_.end()) return;
    done = std::move(found->second.done);
    unanswered_bytes_ -= found->second.bytes;
    unanswered_.erase(found);
    room = take_room();
  }
  if (answer.code == errc::ok)
    done(node::publish_outcome{
        {answer.epoch, answer.first, answer.count, answer.first_offset, answer.appended, answer.repeated},
        answer.level,
        answer.codec});
  else
    done(fail(answer.code, answer.message));
  for (const auto& then : room)
    then();
}

void local_client::answered(const wire::topic_codec& answer) {
  node::codec_told told;
  {
    const std::lock_guard lock(mutex_);
    const auto found = questions_.find(answer.request);
    if (found == questions_.end()) return;
    told = std::move(found->second);
    questions_.erase(found);
  }
  told(answer.codec);
}

void local_client::on_closed(transport::link_id, const error& why) {
  std::map<std::uint64_t, unanswered> lost;
  std::map<std::uint64_t, node::codec_told> open_questions;
  std::vector<std::function<void()>> room;
  bool was_welcome = false;
  {
    const std::lock_guard lock(mutex_);
    was_welcome = link_.has_value();
    link_.reset();
    greeting_.reset();
    lost.swap(unanswered_);
    open_questions.swap(questions_);
    unanswered_bytes_ = 0;
    room = take_room();
  }
  for (const auto& [request, item] : lost)
    item.done(fail(errc::outcome_unknown, "the node went away before it answered: " + why.message()));
  for (const auto& [request, told] : open_questions)
    told(fail(errc::not_connected, "the node went away before it answered: " + why.message()));
  if (was_welcome) to_.on_lost(why);
  for (const auto& then : room)
    then();
}

void local_client::on_dial_problem(const std::string&, const error&) {}
void local_client::on_refused(const std::string&, const error&, std::uint64_t) {}

std::vector<std::function<void()>> local_client::take_room() { return std::exchange(wait_for_room_, {}); }

} // namespace weft::actors
