#include "sdk/src/requests.hpp"

#include "mesh/base/limits.hpp"

#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace weft::detail {
namespace {

constexpr std::string_view reply_to = "weft-reply-to", number_of = "weft-request", until_of = "weft-until",
                           error_of = "weft-error", text_of = "weft-error-text", replies_end = ".replies";

template <class Number>
std::optional<Number> number_in(std::optional<std::string_view> text) {
  Number number{};
  if (!text) return std::nullopt;
  const auto end = std::from_chars(text->data(), text->data() + text->size(), number);
  if (end.ec != std::errc{} || end.ptr != text->data() + text->size()) return std::nullopt;
  return number;
}

error cancelled_error(std::string_view topic) {
  return {errc::cancelled, fmt::format("a request of {} was cancelled: it may have been served or not", topic)};
}

error closed_error() { return {errc::cancelled, "the node or client was closed before the reply came"}; }

} // namespace

std::vector<std::pair<std::string, std::string>> request_headers(const caller& from, wall_time until) {
  return {{std::string(reply_to), std::string(from.token)},
          {std::string(number_of), std::string(from.number)},
          {std::string(until_of), fmt::format("{}", until.us)}};
}

std::optional<std::uint64_t> replied_number(const event& reply) {
  return number_in<std::uint64_t>(reply.headers.find(number_of));
}

result<event> told_by(const event& reply) {
  const auto code = number_in<std::uint16_t>(reply.headers.find(error_of));
  if (!code) return reply;
  return fail(static_cast<errc>(*code), std::string(reply.headers.find(text_of).value_or("the server failed")));
}

error unanswered(std::string_view requests) {
  return {errc::timed_out,
          fmt::format("no reply to a request of {} in time: it may have been served or not", requests)};
}

std::string cancels_of(std::string_view requests) { return std::string(requests) + ".cancels"; }

std::string replies_of(std::string_view requests) { return std::string(requests).append(replies_end); }

std::optional<std::string> requests_of(std::string_view replies) {
  if (!replies.ends_with(replies_end)) return std::nullopt;
  return std::string(replies.substr(0, replies.size() - replies_end.size()));
}

std::optional<caller> caller_of(const event_info& request) {
  const auto token = request.headers.find(reply_to), number = request.headers.find(number_of);
  if (!token || token->empty() || !number) return std::nullopt;
  return caller{*token, *number};
}

bool is_expired(const event_info& request) {
  const auto until = number_in<std::int64_t>(request.headers.find(until_of));
  return until && system_clock().wall() - request_clocks_apart > wall_time{*until};
}

event_options reply_options(const caller& to) {
  return {.key = std::string(to.token), .headers = {{std::string(number_of), std::string(to.number)}}};
}

std::vector<std::pair<std::string, std::string>> error_headers(const error& why) {
  return {{std::string(error_of), fmt::format("{}", static_cast<std::uint16_t>(why.code()))},
          {std::string(text_of), why.message().substr(0, limits::refusal_text_bytes_max)}};
}

event_options error_options(const caller& to, const error& why) {
  auto options = reply_options(to);
  for (auto& header : error_headers(why))
    options.headers.push_back(std::move(header));
  return options;
}

requests::requests(environment at, random_source& random)
    : at_(std::move(at)), token_(fmt::format("{:016x}{:016x}", random.next(), random.next())) {}

requests::~requests() {
  if (time_.joinable()) time_.get_id() == std::this_thread::get_id() ? time_.detach() : time_.join();
}

void requests::send(std::string_view topic, const encoded_event& what, const request_options& options,
                    reply_told told) {
  if (options.stop.stop_requested()) return told(fail(cancelled_error(topic)));
  if (const auto listening = listen(std::string(topic)); !listening) return told(fail(listening.error()));
  std::unique_lock held{mutex_};
  const auto number = ++last_;
  held.unlock();
  auto stop = cancel_when(options.stop, number);
  held.lock();
  if (closed_) {
    held.unlock();
    return told(fail(closed_error()));
  }
  const auto ends = std::chrono::steady_clock::now() + options.within;
  waiting_.emplace(number, waiting{std::move(told), std::string(topic), ends, options.within, std::move(stop)});
  ends_.emplace(ends, number);
  if (!time_.joinable()) time_ = std::thread([self = shared_from_this()] { self->keep_time(); });
  due_.notify_one();
  held.unlock();
  auto asked = what;
  const auto of = fmt::format("{}", number);
  const auto headers = request_headers({token_, of}, at_.clock.wall() + options.within);
  for (const auto& [name, text] : headers)
    asked.headers.push_back({name, text});
  at_.publish(topic, asked, [weak = weak_from_this(), number](const error& why) {
    const auto self = weak.lock();
    if (self && why.code() != errc::outcome_unknown) self->tell(number, fail(why)); // else it may be served
  });
  if (options.stop.stop_requested()) cancel(number); // it may have been asked to before there was anything to cancel
}

std::unique_ptr<requests::stop_callback> requests::cancel_when(const std::stop_token& stop, std::uint64_t number) {
  if (!stop.stop_possible()) return nullptr;
  return std::make_unique<stop_callback>(stop, [weak = weak_from_this(), number] {
    if (const auto self = weak.lock()) self->cancel(number);
  });
}

void requests::cancel(std::uint64_t number) {
  const auto over = take(number);
  if (!over) return;
  const auto of = fmt::format("{}", number);
  encoded_event cancelled{.key = as_bytes(token_)};
  cancelled.headers.push_back({reply_to, token_});
  cancelled.headers.push_back({number_of, of});
  at_.publish_if_there_is_room(cancels_of(over->topic), cancelled); // else it is served in vain
  over->told(fail(cancelled_error(over->topic)));
}

result<void> requests::listen(const std::string& topic) {
  const std::lock_guard held{listening_mutex_};
  if (const auto known = heard_.find(topic); known != heard_.end() && !known->second->stopped()) return {};
  subscription_options options{.from = start::end, .key = token_};
  options.on_gap = [](const gap&) {}; // who waits for what is lost is told that the time is over
  auto made = at_.subscribe(replies_of(topic), options, [this](const event& reply) -> result<void> {
    on_reply(reply);
    return {};
  });
  if (!made) return fail(made.error());
  heard_.insert_or_assign(topic, std::move(*made));
  return {};
}

void requests::on_reply(const event& reply) {
  if (const auto number = replied_number(reply)) tell(*number, told_by(reply));
}

/// The first word counts.
void requests::tell(std::uint64_t number, const result<event>& what) {
  if (const auto over = take(number)) over->told(what);
}

std::optional<requests::waiting> requests::take(std::uint64_t number) {
  const std::lock_guard held{mutex_};
  auto found = waiting_.extract(number);
  if (found.empty()) return std::nullopt;
  ends_.erase({found.mapped().until, number});
  return std::move(found.mapped());
}

void requests::keep_time() {
  std::unique_lock held{mutex_};
  while (!closed_) {
    if (ends_.empty()) {
      due_.wait(held);
    } else if (const auto [until, number] = *ends_.begin(); until > std::chrono::steady_clock::now()) {
      due_.wait_until(held, until);
    } else {
      held.unlock();
      if (const auto over = take(number))
        over->told(fail(errc::timed_out,
                        fmt::format("no reply to a request of {} within {} ms: it may have been served or not",
                                    over->topic, over->within.count() / 1000)));
      held.lock();
    }
  }
}

void requests::close() {
  std::unique_lock held{mutex_};
  closed_ = true;
  const auto left = std::exchange(waiting_, {});
  ends_.clear();
  due_.notify_one();
  held.unlock();
  for (const auto& [number, one] : left)
    one.told(fail(closed_error()));
}

} // namespace weft::detail
