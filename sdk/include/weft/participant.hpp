// weft/participant.hpp: what an embedded node and a client can both do.
#pragma once
#include "weft/ack.hpp"
#include "weft/api.hpp"
#include "weft/event_contract.hpp"
#include "weft/publisher.hpp"
#include "weft/request.hpp"
#include "weft/subscription.hpp"
#include "weft/topic.hpp"

#include <concepts>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {
class participant_core;
/// What a subscription does with an event: the decoding error of the value, or nothing. May throw what a handler
/// throws.
using event_handler = std::function<result<void>(const event&)>;
} // namespace detail

/// A program's part in the mesh. Use `weft::node` or `weft::client`.
/// @thread every method from any thread
class WEFT_API participant {
public:
  participant(const participant&) = delete;
  participant& operator=(const participant&) = delete;

  /// The name of the node: this one, or the client's home.
  [[nodiscard]] std::string node_name() const;
  /// Whether the node is there; a client's may be away for a while.
  [[nodiscard]] bool connected() const noexcept;

  /// Publishes an event; see weft::publisher. One publisher a topic is kept for these calls.
  template <encodable T>
  pending<ack> publish(const topic<T>& to, const std::type_identity_t<T>& value, const event_options& options = {}) {
    auto base = shared_publisher(to.name());
    if (!base) return failed(to.name(), base.error());
    auto sent = detail::with_encoded(value, options, [&](const encoded_event& e) { return base->publish(e); });
    return sent ? std::move(*sent) : base->failed(sent.error());
  }
  /// Publishes without waiting for room. Errors as publisher::try_publish.
  template <encodable T>
  [[nodiscard]] result<pending<ack>> try_publish(const topic<T>& to, const std::type_identity_t<T>& value,
                                                 const event_options& options = {}) {
    auto base = shared_publisher(to.name());
    if (!base) return fail(base.error());
    auto sent = detail::with_encoded(value, options, [&](const encoded_event& e) { return base->try_publish(e); });
    if (!sent) return fail(sent.error());
    return std::move(*sent);
  }
  /// Publishes and waits; see publisher::publish_and_wait.
  template <encodable T>
  [[nodiscard]] result<ack> publish_and_wait(const topic<T>& to, const std::type_identity_t<T>& value,
                                             const event_options& options = {}) {
    auto base = shared_publisher(to.name());
    if (!base) return fail(base.error());
    auto sent = detail::with_encoded(value, options, [&](const encoded_event& e) { return base->publish_and_wait(e); });
    if (!sent) return fail(sent.error());
    return std::move(*sent);
  }

  /// A publisher of its own, with its own order and bounds: for the hot path and for other options.
  /// @error errc::cancelled  closed
  template <encodable T>
  [[nodiscard]] result<weft::publisher<T>> publisher(const topic<T>& to, const publisher_options& options = {}) {
    auto base = new_publisher(to.name(), options);
    if (!base) return fail(base.error());
    return weft::publisher<T>{std::move(*base)};
  }
  /// The same for a name that is known only at run time, and for events that are encoded already.
  /// @error errc::invalid_name  not a topic's name
  [[nodiscard]] result<raw_publisher> publisher(std::string_view topic, const publisher_options& options = {});

  /// Receives the errors of events whose `pending` was dropped. Without a handler they are printed on stderr.
  void on_publish_error(publish_error_handler handler);

  /// Consumes by callback: `handler(const T&)` or `handler(const T&, const event_info&)`.
  /// @error errc::invalid_argument  an option outside its domain: which
  /// @error errc::not_found         a start position whose node nobody here knows
  template <class T, class Handler>
    requires std::invocable<Handler&, const T&, const event_info&> || std::invocable<Handler&, const T&>
  [[nodiscard]] result<subscription> subscribe(const topic<T>& from, const subscription_options& options,
                                               Handler handler) {
    return start(from.name(), options, typed_handler<T>(std::move(handler)));
  }
  template <class T, class Handler>
    requires std::invocable<Handler&, const T&, const event_info&> || std::invocable<Handler&, const T&>
  [[nodiscard]] result<subscription> subscribe(const topic<T>& from, Handler handler) {
    return start(from.name(), {}, typed_handler<T>(std::move(handler)));
  }
  /// Consumes by callback all topics that match a pattern (`retail.*`, `retail.>`), as they are: `handler(const
  /// event&)`.
  template <class Handler>
    requires std::invocable<Handler&, const event&>
  [[nodiscard]] result<subscription> subscribe(std::string_view pattern, const subscription_options& options,
                                               Handler handler) {
    return start(pattern, options, [handler = std::move(handler)](const event& e) mutable -> result<void> {
      handler(e);
      return {};
    });
  }
  template <class Handler>
    requires std::invocable<Handler&, const event&>
  [[nodiscard]] result<subscription> subscribe(std::string_view pattern, Handler handler) {
    return subscribe(pattern, subscription_options{}, std::move(handler));
  }
  /// Consumes by subscription::poll(); `event::as<T>()` decodes.
  template <class T>
  [[nodiscard]] result<subscription> subscribe(const topic<T>& from, const subscription_options& options = {}) {
    return start(from.name(), options, nullptr);
  }
  [[nodiscard]] result<subscription> subscribe(std::string_view pattern, const subscription_options& options = {}) {
    return start(pattern, options, nullptr);
  }

  /// Publishes a request and waits for the first reply to it.
  /// @error errc::timed_out  none came in options.within: it may have been served or not
  /// @error the server's own, or why the request could not be published
  template <class Request, class Reply>
  [[nodiscard]] result<Reply> request(const endpoint<Request, Reply>& of, const std::type_identity_t<Request>& value,
                                      const request_options& options = {}) {
    const auto told = std::make_shared<std::promise<result<event>>>();
    ask(of.requests(), value, options, [told](const result<event>& came) { told->set_value(came); });
    const auto reply = told->get_future().get();
    if (!reply) return fail(reply.error());
    return reply->template as<Reply>();
  }
  /// The same without waiting: `then(const result<Reply>&)` is called once, on a thread of Weft, which it must not
  /// block.
  template <class Request, class Reply, class Then>
    requires std::invocable<Then&, const result<Reply>&>
  void request(const endpoint<Request, Reply>& of, const std::type_identity_t<Request>& value,
               const request_options& options, Then then) {
    ask(of.requests(), value, options, [then = std::move(then)](const result<event>& reply) mutable {
      then(reply ? reply->template as<Reply>() : result<Reply>(fail(reply.error())));
    });
  }
  /// Serves requests as a member of a group, which takes any number of servers: `handler(const Request&)` or
  /// `handler(const Request&, const request_status&)` gives a Reply or a result<Reply>. Its error is the caller's; that
  /// it throws is told the caller as errc::handler_failed, and the request counts as served. A request may be served
  /// twice, as any event of a group.
  template <class Request, class Reply, server_of<Request, Reply> Handler>
  [[nodiscard]] result<subscription> serve(const endpoint<Request, Reply>& of, const group_options& group,
                                           Handler handler) {
    if (const auto hears = hear_cancels(of.requests().name()); !hears) return fail(hears.error());
    return start(of.requests().name(), {.group = group},
                 replying<Request, Reply>(core_, of.requests().name(), std::move(handler)));
  }

  /// The contract that the event met when it was published. The node is asked for the first event of each contract,
  /// which takes a moment; later ones are answered from memory.
  /// @error errc::not_found      the event names none, or one that the node does not know
  /// @error errc::timed_out      no answer within 10 s
  /// @error errc::not_connected  the node is away
  [[nodiscard]] result<event_contract> contract_of(const event_info& what);
  /// The contract that the topic has now. Errors as above.
  [[nodiscard]] result<event_contract> contract_of(std::string_view topic);

  /// Asks the node something, as `weft topics --json` and the like do. Arguments and answer are JSON documents. "lag"
  /// and "groups.list" are of the node's own log, "mesh.lag" and "mesh.groups.list" of all logs of the mesh.
  /// @error errc::unsupported    the node does not know the question
  /// @error errc::timed_out      no answer within 10 s
  /// @error errc::not_connected  the node is away
  [[nodiscard]] result<std::string> query(std::string_view what, std::string_view arguments = "{}");

protected:
  friend class service;
  explicit participant(std::shared_ptr<detail::participant_core> core) noexcept;
  participant(participant&&) noexcept;
  participant& operator=(participant&&) noexcept;
  ~participant();

  std::shared_ptr<detail::participant_core> core_;

private:
  template <class T, class Handler>
  [[nodiscard]] static detail::event_handler typed_handler(Handler handler) {
    return [handler = std::move(handler)](const event& e) mutable -> result<void> {
      const auto value = e.as<T>();
      if (!value) return fail(value.error());
      if constexpr (std::invocable<Handler&, const T&, const event_info&>)
        handler(*value, static_cast<const event_info&>(e));
      else
        handler(*value);
      return {};
    };
  }
  template <class Request>
  void ask(const topic<Request>& of, const Request& value, const request_options& options,
           const detail::reply_told& told) {
    const auto sent = detail::with_encoded(value, {.key = options.key}, [&](const encoded_event& e) {
      return send_request(of.name(), e, options, told), true;
    });
    if (!sent) told(fail(sent.error()));
  }
  template <class Request, class Reply, class Handler>
  [[nodiscard]] static detail::event_handler replying(std::weak_ptr<detail::participant_core> core,
                                                      std::string_view requests, Handler handler) {
    return [core = std::move(core), to = detail::replies_of(requests),
            handler = std::move(handler)](const event& e) mutable -> result<void> {
      const auto who = detail::caller_of(e);
      if (!who) return {};
      const request_status status([&] { return !detail::is_expired(e) && !is_cancelled(core, *who); });
      if (!status.is_awaited()) return {};
      const auto reply = detail::served<Reply>([&]() -> result<Reply> {
        const auto value = e.as<Request>();
        if (!value) return fail(value.error());
        if constexpr (std::invocable<Handler&, const Request&>)
          return handler(*value);
        else
          return handler(*value, status);
      });
      if (reply) {
        const auto sent = detail::with_encoded(*reply, detail::reply_options(*who), [&](const encoded_event& encoded) {
          return send(core, to, encoded), true;
        });
        if (sent) return {};
        send_error(core, to, *who, sent.error());
      } else {
        send_error(core, to, *who, reply.error());
      }
      return {};
    };
  }
  void send_request(std::string_view topic, const encoded_event& what, const request_options& options,
                    detail::reply_told told);
  [[nodiscard]] result<void> hear_cancels(std::string_view requests);
  [[nodiscard]] static bool is_cancelled(const std::weak_ptr<detail::participant_core>& core, const detail::caller& of);
  static void send(const std::weak_ptr<detail::participant_core>& core, const std::string& topic,
                   const encoded_event& what);
  static void send_error(const std::weak_ptr<detail::participant_core>& core, const std::string& topic,
                         const detail::caller& to, const error& why);
  [[nodiscard]] result<detail::publisher_base> shared_publisher(std::string_view topic);
  [[nodiscard]] result<detail::publisher_base> new_publisher(std::string_view topic, const publisher_options& options);
  [[nodiscard]] pending<ack> failed(std::string_view topic, error why);
  [[nodiscard]] result<subscription> start(std::string_view pattern, const subscription_options& options,
                                           detail::event_handler handler);
};

} // namespace weft
