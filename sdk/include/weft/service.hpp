// weft/service.hpp: a service: handlers, state, and what they publish, as one step.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "weft/api.hpp"
#include "weft/continuation.hpp"
#include "weft/errand.hpp"
#include "weft/event.hpp"
#include "weft/participant.hpp"
#include "weft/request.hpp"
#include "weft/state.hpp"
#include "weft/timer.hpp"
#include "weft/topic.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft {

namespace detail {
class service_core;

/// What a handler does while it has an event.
class handling : public state_access {
public:
  virtual void publish(std::string_view topic, const encoded_event& what) = 0;
  /// It is due at what.time.
  virtual void set_timer(std::string_view name, const encoded_event& what) = 0;
  virtual void cancel_timer(std::string_view name, std::string_view key) = 0;
  /// Publishes a request. @returns its number; nothing: it was refused
  [[nodiscard]] virtual std::optional<std::uint64_t> request(std::string_view topic, const encoded_event& what,
                                                             microseconds within) = 0;
  /// For the reply to this request. what.time is when its time is over.
  virtual void keep(std::string_view requests, std::uint64_t number, std::string_view continuation,
                    const encoded_event& what) = 0;
  /// @returns its number among this handler's errands; nothing: it was refused
  [[nodiscard]] virtual std::optional<std::size_t> give_out(std::string_view errand, const encoded_event& what) = 0;
  /// For the end of this errand.
  virtual void keep_for(std::size_t errand, std::string_view continuation, const encoded_event& what) = 0;
  /// Of a continuation: the reply, or why there is none.
  [[nodiscard]] virtual const result<event>& reply() const = 0;
  [[nodiscard]] virtual wall_time now() const noexcept = 0;

protected:
  ~handling() = default;
};
} // namespace detail

/// A request that a handler makes with its step: then() says where the service goes on.
class [[nodiscard]] open_request {
public:
  /// When the reply has come, or there will be none, the service's continuation of this name gets it and what is kept
  /// here, at most 64 KiB: more belongs into the state.
  template <encodable Kept>
  void then(const continuation<Kept>& where, const std::type_identity_t<Kept>& kept) && {
    if (!number_) return; // it was refused
    const auto put = detail::with_encoded(kept, {.time = until_}, [&](const encoded_event& e) {
      return in_.keep(requests_, *number_, where.name(), e), true;
    });
    if (!put) in_.refuse(put.error().within("continuation " + std::string(where.name())));
  }
  open_request(const open_request&) = delete; // it is of the handler's call
  open_request& operator=(const open_request&) = delete;

private:
  friend class context;
  open_request(detail::handling& in, std::string_view requests, std::optional<std::uint64_t> number, wall_time until)
      : in_(in), requests_(requests), number_(number), until_(until) {}

  detail::handling& in_;
  const std::string_view requests_;
  const std::optional<std::uint64_t> number_;
  const wall_time until_;
};

/// An errand that a handler gives out with its step: then() says where the service goes on, if it does.
class open_errand {
public:
  /// When the errand is done, or will never be, the service's continuation of this name gets what its function returned
  /// or why it is not done, and what is kept here, at most 64 KiB.
  template <encodable Kept>
  void then(const continuation<Kept>& where, const std::type_identity_t<Kept>& kept) && {
    if (!number_) return; // it was refused
    const auto put = detail::with_encoded(
        kept, {}, [&](const encoded_event& e) { return in_.keep_for(*number_, where.name(), e), true; });
    if (!put) in_.refuse(put.error().within("continuation " + std::string(where.name())));
  }
  open_errand(const open_errand&) = delete; // it is of the handler's call
  open_errand& operator=(const open_errand&) = delete;

private:
  friend class context;
  open_errand(detail::handling& in, std::optional<std::size_t> number) : in_(in), number_(number) {}

  detail::handling& in_;
  const std::optional<std::size_t> number_;
};

/// What a handler of a service has besides the value.
/// @thread the handler's, while it runs
class context {
public:
  context(const event& what, detail::handling& in) noexcept : what_(what), in_(in) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  /// The event. Of a timer: its name as the topic, its key and value, as its time when it was due, as its position that
  /// of the event that led to it. Of a continuation the same: what was kept, and when the request was made.
  [[nodiscard]] const event& what() const noexcept { return what_; }
  [[nodiscard]] weft::state state() const noexcept { return weft::state{in_}; }
  /// Publishes an event with the step, and not if the handler throws. Its headers say where it comes from:
  /// `weft-caused-by` is the position of the event that is handled, or that led to the timer; `weft-origin` the
  /// service, which timer, if it is one, and how many were published for that before; a `traceparent` goes on. What
  /// can't be published makes the event that is handled fail. `options.level` is the service's for all.
  template <encodable T>
  void publish(const topic<T>& to, const std::type_identity_t<T>& value, const event_options& options = {}) const {
    publish_to(to.name(), value, options);
  }

  /// Asks with the step, and not if the handler throws. It does not wait: `then` says which continuation of the service
  /// gets the reply, in a step of its own, once, through restarts. A request without `then` is published, and nobody
  /// waits for its reply. Whom the service asks, it has said by service::then().
  ///
  ///     with.request(payments, {order.id, order.sum}, {.within = 30s}).then(charged, order);
  ///
  /// @param options  its time can't be cut short by a stop token, which no restart would survive
  template <class Request, class Reply>
  open_request request(const endpoint<Request, Reply>& of, const std::type_identity_t<Request>& value,
                       const request_options& options = {}) const {
    const wall_time now = in_.now(), never{std::numeric_limits<std::int64_t>::max()};
    const auto until = options.within < never - now ? now + options.within : never;
    std::optional<std::uint64_t> number;
    if (options.stop.stop_possible()) {
      in_.refuse({errc::invalid_argument, "a service's request has no stop token: that would not survive a restart"});
    } else {
      const auto sent = detail::with_encoded(value, {.key = options.key}, [&](const encoded_event& e) {
        number = in_.request(of.requests().name(), e, until - now);
        return true;
      });
      if (!sent) in_.refuse(sent.error());
    }
    return {in_, of.requests().name(), number, until};
  }

  /// Has something done outside of the mesh with the step, and not if the handler throws. It does not wait: when the
  /// step is on disk the service's function for this errand, see service::outside(), is called until it returns,
  /// through restarts. `then` says where the service goes on with what it returned, if it does.
  ///
  ///     with.outside(charge, order).then(charged, order);
  template <encodable T, class Result>
  open_errand outside(const errand<T, Result>& which, const std::type_identity_t<T>& value,
                      const outside_options& options = {}) const {
    std::optional<std::size_t> number;
    const auto given = detail::with_encoded(value, {.key = options.key}, [&](const encoded_event& e) {
      number = in_.give_out(which.name(), e);
      return true;
    });
    if (!given) in_.refuse(given.error().within("errand " + std::string(which.name())));
    return {in_, number};
  }

  /// Calls the service's handler of this timer with `value` when so much time has passed; with the step, and not if the
  /// handler throws. It is on disk with the step, and waits through restarts: what was due meanwhile comes at the
  /// start.
  /// @param key  which one of these timers, at most 4 KiB: one that was set before is moved
  template <encodable T>
  void set(const timer<T>& which, std::string_view key, microseconds after,
           const std::type_identity_t<T>& value) const {
    const wall_time now = in_.now(), never{std::numeric_limits<std::int64_t>::max()};
    set_at(which, key, after < never - now ? now + after : never, value);
  }
  template <encodable T>
  void set_at(const timer<T>& which, std::string_view key, wall_time at, const std::type_identity_t<T>& value) const {
    const auto set = detail::with_encoded(value, {.key = std::string(key), .time = at},
                                          [&](const encoded_event& e) { return in_.set_timer(which.name(), e), true; });
    if (!set) in_.refuse(set.error().within("timer " + std::string(which.name())));
  }
  /// It will not come, if it has not begun.
  template <encodable T>
  void cancel(const timer<T>& which, std::string_view key) const {
    in_.cancel_timer(which.name(), key);
  }

private:
  friend class service;
  template <class T>
  void publish_to(std::string_view topic, const T& value, const event_options& options) const {
    const auto sent =
        detail::with_encoded(value, options, [&](const encoded_event& e) { return in_.publish(topic, e), true; });
    if (!sent) in_.refuse(sent.error());
  }

  const event& what_;
  detail::handling& in_;
};

struct service_options {
  /// Where the state is: a directory of this service alone. Empty: `services/<name>` in the data directory of an
  /// embedded node; a client's service has to name one.
  std::string state_dir{};
  /// Which topics it reads, if it has handlers for several; what has no handler counts as handled. Empty: the topic of
  /// its handlers.
  std::string pattern{};
  std::optional<start::point> from{};              ///< for its first time; not set: the beginning
  failing_event on_failing = failing_event::block; ///< not park
  std::uint32_t deliveries_max = 5;                ///< of an event that fails, before that is done with it
  microseconds backoff_first{1'000'000};           ///< before it is tried again; twice as long each time
  microseconds backoff_most{60'000'000};           ///< but no longer than this
  std::optional<ack_level> level{};                ///< of what it publishes; not set: the topics'
  /// How many handlers may run at once, of a key one; 1 to 256. For handlers that wait for something, or take long.
  /// Their effects are as if they had run one after the other: one is called again when what it had read was changed
  /// meanwhile. Such a call may have read two values that were not there together. A handler object is called from
  /// several threads.
  int threads = 1;
  /// Its state moves: what each step changes of the state is published to this topic too, behind what the step
  /// publishes, with compaction, so that the topic has all that a successor needs. For a service that has state already
  /// all of it is published before the next event is handled. One that is not there is made. The events of a step are
  /// finished when these are acknowledged, too. Once it moves it is not gone on with without this. Empty: the state is
  /// in state_dir alone.
  std::string state_topic{};
  /// How many other nodes have a copy of that before it counts as acknowledged. For a topic that is made; later
  /// `weft topics alter` says so.
  int state_copies = 0;
  /// The node whose log says which process of the service has the state; all of them name the same one. Empty: this
  /// one. Who has not heard of it for 10 s handles and publishes nothing; after 12 s another process may go on, so it
  /// should be a node that is not lost with the service's own. `weft groups move` makes another node the home: then
  /// this one sends on who asks.
  std::string home{};
  /// The home before, which is lost for good with all that ran there: a state that it gave may be taken over by the new
  /// home. Nobody may go on with the old one.
  std::string lost_home{};
  /// Another process may have the state: then this one follows what that publishes, and goes on with it when that has
  /// left or lost it. A state that was left behind is given up for it. One that loses the state, as it stood still,
  /// waits for it again. Without this the service ends with errc::locked then.
  bool standby = false;
  /// In how many parts the state moves, each on its own: so many processes at most share the work, each has as many
  /// shards as the others, and who comes or goes moves as few as that takes. All name the same number, the same
  /// state_topic (that of shard 3 is `<state_topic>.3`) and the same home. The number is kept from the first start on;
  /// 1 to 64. An event's shard is by its key: a handler, a timer and the reply to a request see the state of the
  /// shard of the event that they come from, and what every() calls is called in each shard. With several, state that
  /// was left behind is given up for the shard's later one, as with `standby`.
  ///
  /// One shard that ends for good ends all that are here. on_stopped, on_hindered and on_gap may be called for several
  /// at once; so are handlers of different shards, each with a copy of the handler object.
  int shards = 1;
  /// It is started again when it ended by itself, so much later; twice as long each time until it takes a step, but
  /// no longer than backoff_most or this. Zero: it stays ended; at most 24 hours.
  microseconds restart_after{0};
  /// A range can't be had. Without this handler a gap stops the service.
  std::function<void(const gap&)> on_gap{};
  /// Its disk or its node does not take a step at the moment, which is tried again each second: told once until one is
  /// taken. Or the handler of a timer or a continuation threw, which is called again as events are, but without end:
  /// told the first time. Or the function of an errand did: told once until a call of it returns. Or one is due that
  /// has no handler any more: it waits for a program that has one. On a thread of Weft, which it must not block.
  /// Without this handler it is printed on stderr.
  std::function<void(const error&)> on_hindered{};
  /// An errand without a continuation ended without being done: its function threw weft::rejected, or has failed
  /// errand_options::calls_max times. On a thread of Weft, which it must not block; again, if the service is killed
  /// just then. Without this handler it is printed on stderr.
  std::function<void(const error&)> on_given_up{};
  /// It ended by itself, or could not be started again, and why. Without this handler that is printed on stderr.
  std::function<void(const error&)> on_stopped{};
};

/// How errands of one name are: of a service's health.
struct errand_health {
  std::string name{};
  std::size_t waiting = 0;    ///< have not ended, those included that are being done
  std::size_t at_work = 0;    ///< calls that run
  std::uint64_t failed = 0;   ///< calls that threw, by this object
  std::uint64_t given_up = 0; ///< errands that ended without being done, by this object
  std::optional<error> why{}; ///< a call failed by it, and none has returned since
};

/// How a service is, for whoever watches the process. Of on_stopped: stopped, or restarting, and why.
struct service_health {
  enum class condition : std::uint8_t {
    stopped,    ///< not started, stopped, or ended by itself: then `why`
    running,    ///< it takes events
    hindered,   ///< it has not taken a step since `why`, and tries again
    restarting, ///< it ended by itself, by `why`, and will be started again
    standby,    ///< another process has the state, or all shards of it: see service_options::standby, ::shards
  };
  condition now = condition::stopped;
  std::optional<error> why{};
  std::uint64_t handled = 0;            ///< events, timers and replies, by this object
  std::uint64_t failed = 0;             ///< calls of handlers that threw, or whose event could not be decoded
  std::size_t unpublished = 0;          ///< batches of its steps that its node has not acknowledged
  std::size_t shards = 0;               ///< whose state is here, and at work; of 1 if that is all it has
  std::vector<errand_health> errands{}; ///< by name; those that wait are counted while it runs
  std::size_t in_flight = 0;            ///< events that it has taken and not finished
  std::uint64_t restarts = 0;           ///< by itself, after it had ended by itself; by this object
};
[[nodiscard]] WEFT_API std::string_view to_string(service_health::condition how) noexcept;

/// Handles each event once, as far as anybody can tell: what a handler changes in the state, where the service is, and
/// what the handler publishes become one step, which is on disk whole or not at all. What was published is in the log
/// once, though the service be killed at any point: its batches keep their sequence, and are sent again after a start.
/// Many events are one step.
///
/// It is a group by its name, of which it is the only member: its state is here. A second one, with another state
/// directory, is refused, unless the state moves (service_options::state_topic), as a whole or in shards. Events of one
/// key are handled in their log's order, through retries too.
///
///     weft::service stock{*node, "stock"};
///     stock.on(orders, [](const Order& order, weft::context& ctx) {
///       auto left = ctx.state().table<std::string, int>("left");
///       left.put(order.sku, left.get(order.sku).value_or(0) - order.quantity);
///       ctx.publish(stock_changed, {order.sku, *left.get(order.sku)});
///     });
///     if (const auto started = stock.start(); !started) return weft::report(started.error());
///
/// Not covered: what a handler itself does outside of state and publish(), as a mail that it sends: that may happen
/// twice, and though the step is never taken. Have it done by outside().
/// @thread start() and stop() from one thread at a time; read(), health() and the like from any
class WEFT_API service {
public:
  /// @param in  the node or client, which outlives it
  service(participant& in, std::string name, service_options options = {});
  service(service&&) noexcept;
  service& operator=(service&&) noexcept;
  ~service(); ///< stop()

  /// What it does with events of a topic and type: `handler(const T&, context&)` or `handler(const T&)`; one at a time
  /// on the service's thread, or as `threads` says. That it throws says that the event has to be tried again,
  /// weft::rejected that it can never be handled. A topic's events whose type has no handler are for the only one of
  /// the topic, or else count as handled.
  /// @pre it was not started
  template <class T, class Handler>
    requires std::invocable<Handler&, const T&, context&> || std::invocable<Handler&, const T&>
  void on(const topic<T>& from, Handler handler) {
    handle(from.name(), codec<T>::type_name(), typed<T>(std::move(handler)));
  }

  /// What it does when a timer is due: `handler(const T&, context&)` or `handler(const T&)`. That it throws says that
  /// it has to be called again, after the backoff of events.
  /// @pre it was not started
  template <class T, class Handler>
    requires std::invocable<Handler&, const T&, context&> || std::invocable<Handler&, const T&>
  void on(const timer<T>& due, Handler handler) {
    handle_timer(due.name(), typed<T>(std::move(handler)));
  }
  /// Where the service goes on when such a request of a handler of its own is answered:
  /// `handler(const Kept&, const result<Reply>&, context&)`. There is no reply when the server said why, or when the
  /// time was over (errc::timed_out: it may have been served or not); one that comes later is left out. One that is
  /// no Reply is errc::undecodable. That the handler throws says that it has to be called again with the same, after
  /// the backoff of events, without end.
  ///
  ///     saga.then(payments, charged, [](const Order& order, const weft::result<Receipt>& receipt, weft::context& with)
  ///     {
  ///       receipt ? with.publish(paid, {order.id}) : with.publish(refused, {order.id, receipt.error().message()});
  ///     });
  ///
  /// The program needs the right to read `<topic>.replies`: the service ends when it has not.
  /// @pre it was not started
  template <class Request, class Reply, encodable Kept, class Handler>
    requires std::invocable<Handler&, const Kept&, const result<Reply>&, context&>
  void then(const endpoint<Request, Reply>& asked, const continuation<Kept>& where, Handler handler) {
    handle_reply(asked.requests().name(), where.name(),
                 [handler = std::move(handler)](context& with) mutable -> result<void> {
                   const auto kept = with.what().template as<Kept>();
                   if (!kept) return fail(kept.error());
                   const auto& came = with.in_.reply();
                   handler(*kept, came ? came->template as<Reply>() : result<Reply>(fail(came.error())), with);
                   return {};
                 });
  }
  /// Where the service goes on when such an errand of a handler of its own has ended:
  /// `handler(const Kept&, const result<Result>&, context&)`. There is an error when it was not done: errc::rejected,
  /// or errc::handler_failed after errand_options::calls_max calls; or when it was, and what its function returned
  /// can't be kept (errc::too_large) or read (errc::undecodable). Otherwise as for requests.
  /// @pre it was not started
  template <encodable T, class Result, encodable Kept, class Handler>
    requires std::invocable<Handler&, const Kept&, const result<Result>&, context&>
  void then(const errand<T, Result>& done, const continuation<Kept>& where, Handler handler) {
    handle_end(done.name(), where.name(), [handler = std::move(handler)](context& with) mutable -> result<void> {
      const auto kept = with.what().template as<Kept>();
      if (!kept) return fail(kept.error());
      const auto& end = with.in_.reply();
      if constexpr (std::is_void_v<Result>)
        handler(*kept, end ? result<void>{} : result<void>(fail(end.error())), with);
      else
        handler(*kept, end ? end->template as<Result>() : result<Result>(fail(end.error())), with);
      return {};
    });
  }

  /// How it does such errands of its handlers: `function(const T&, const errand_call&)` or `function(const T&)` gives a
  /// Result, on threads of its own, where it may wait for whatever it calls. It is called when the step that gave the
  /// errand out is on disk, and again until a step with its end is: so it may be called after it has done its work,
  /// with the same errand_call::id, by which the system outside has to recognise that. That it throws says that it has
  /// to be called again, after the backoff of events, without end or as errand_options::calls_max says; weft::rejected
  /// that it can never be done.
  ///
  ///     charging.outside(charge, {.threads = 4}, [bank](const Order& order, const weft::errand_call& call) {
  ///       return bank->charge(call.id, order.cents);
  ///     });
  ///
  /// @pre it was not started
  template <encodable T, class Result, class Function>
    requires std::is_invocable_r_v<Result, Function&, const T&, const errand_call&> ||
             std::is_invocable_r_v<Result, Function&, const T&>
  void outside(const errand<T, Result>& which, const errand_options& options, Function function) {
    do_errands(which.name(), options,
               [function = std::move(function)](const errand_call& call) mutable -> result<detail::encoded_result> {
                 const auto value = call.what.template as<T>();
                 if (!value) return fail(value.error());
                 const auto run = [&] {
                   if constexpr (std::is_invocable_r_v<Result, Function&, const T&, const errand_call&>)
                     return function(*value, call);
                   else
                     return function(*value);
                 };
                 if constexpr (std::is_void_v<Result>) {
                   run();
                   return detail::encoded_result{};
                 } else {
                   return detail::encode_result<Result>(run());
                 }
               });
  }
  template <encodable T, class Result, class Function>
    requires std::is_invocable_r_v<Result, Function&, const T&, const errand_call&> ||
             std::is_invocable_r_v<Result, Function&, const T&>
  void outside(const errand<T, Result>& which, Function function) {
    outside(which, errand_options{}, std::move(function));
  }

  /// Calls `handler(context&)` at the multiples of the interval since 1970 (UTC), as steps. Multiples that went by
  /// while the service did not run, or was at an earlier one, are one call. `context::what().time` is the multiple.
  /// @param name      as a topic's
  /// @param interval  at least a second
  /// @pre it was not started
  template <class Handler>
    requires std::invocable<Handler&, context&>
  void every(std::string_view name, microseconds interval, Handler handler) {
    handle_each(name, interval, [handler = std::move(handler)](context& with) mutable -> result<void> {
      handler(with);
      return {};
    });
  }

  /// What it replies to requests: `handler(const Request&, context&)` gives a Reply, which is part of the step. A
  /// handler that throws is tried again, and after weft::rejected the caller gets no reply; a refusal is a Reply that
  /// says so. Requests whose caller waits no longer are handled too.
  /// @pre it was not started
  template <class Request, class Reply, class Handler>
    requires std::convertible_to<std::invoke_result_t<Handler&, const Request&, context&>, Reply>
  void answer(const endpoint<Request, Reply>& to, Handler handler) {
    handle(to.requests().name(), codec<Request>::type_name(),
           [handler = std::move(handler),
            replies = detail::replies_of(to.requests().name())](context& with) mutable -> result<void> {
             const auto value = with.what().template as<Request>();
             if (!value) return fail(value.error());
             const Reply reply = handler(*value, with);
             if (const auto who = detail::caller_of(with.what()))
               with.publish_to(replies, reply, detail::reply_options(*who));
             return {};
           });
  }

  /// Opens the state, publishes what a life before left, and begins. One that ended by itself may be started again.
  /// @error errc::locked            another process has this state
  /// @error errc::corrupt, errc::version_newer, errc::io_error, errc::disk_full  the state
  /// @error errc::invalid_argument  no handler, or two for one thing; several topics and no pattern, or a topic that
  ///                                the pattern leaves out; an option or an interval outside its domain
  /// @error errc::invalid_name      its name, or an interval's
  [[nodiscard]] result<void> start();
  /// Waits for calls of errands that run, as errand_options::stop_within says, finishes the step, waits at most 5 s
  /// until its events are acknowledged (else the next start sends them again), and leaves the group.
  /// Called by a handler it does not wait: the service ends when that returns.
  void stop();
  /// Waits until it was stopped or ended by itself for good. @error why it ended by itself, or
  /// errc::invalid_argument: a handler, on_gap or on_stopped called
  [[nodiscard]] result<void> wait();
  [[nodiscard]] service_health health() const;

  /// A value of the last whole step; of a state in shards one of those that are here. @error errc::invalid_argument  it
  /// is not running
  template <class Key, class Value>
  [[nodiscard]] result<std::optional<Value>> read(std::string_view table, const Key& key) const {
    const auto at = detail::to_stored(key);
    if (!at) return fail(at.error());
    const auto text = stored(table, *at);
    if (!text) return fail(text.error());
    if (!*text) return std::optional<Value>{};
    auto value = detail::from_stored<Value>(**text);
    if (!value) return fail(value.error());
    return std::optional<Value>{std::move(*value)};
  }
  /// Gives all of a table to `visit(const Key&, const Value&)`, as of one whole step, in the order of the keys' stored
  /// text; of a state in shards what those have that are here, each as of a whole step. @error errc::invalid_argument
  /// it is not running
  template <class Key, class Value, class Visit>
    requires std::invocable<Visit&, const Key&, const Value&>
  [[nodiscard]] result<void> read_all(std::string_view table, Visit visit) const {
    return all_stored(table, [&visit](std::string_view key, std::string_view value) -> result<void> {
      const auto k = detail::from_stored<Key>(key);
      if (!k) return fail(k.error());
      const auto v = detail::from_stored<Value>(value);
      if (!v) return fail(v.error());
      visit(*k, *v);
      return {};
    });
  }

private:
  using action = std::function<result<void>(context&)>;
  using errand_action = std::function<result<detail::encoded_result>(const errand_call&)>;
  using row_visitor = std::function<result<void>(std::string_view key, std::string_view value)>;

  template <class T, class Handler>
  [[nodiscard]] static action typed(Handler handler) {
    return [handler = std::move(handler)](context& with) mutable -> result<void> {
      const auto value = with.what().template as<T>();
      if (!value) return fail(value.error());
      if constexpr (std::invocable<Handler&, const T&, context&>)
        handler(*value, with);
      else
        handler(*value);
      return {};
    };
  }
  void handle(std::string_view topic, std::string_view type, action what);
  void handle_timer(std::string_view name, action what);
  void handle_each(std::string_view name, microseconds interval, action what);
  void handle_reply(std::string_view requests, std::string_view continuation, action what);
  void handle_end(std::string_view errand, std::string_view continuation, action what);
  void do_errands(std::string_view name, const errand_options& options, errand_action what);
  [[nodiscard]] result<std::optional<std::string>> stored(std::string_view table, const std::string& key) const;
  [[nodiscard]] result<void> all_stored(std::string_view table, const row_visitor& visit) const;

  std::shared_ptr<detail::service_core> core_;
};

} // namespace weft
