#include "actors/certificate_client.hpp"

#include "mesh/transport/transport.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <future>
#include <mutex>

namespace weft::actors {
namespace {

/// One issuer and all of its addresses.
struct issuer_addresses {
  security::curve_key key;
  std::vector<std::string> addresses;
};

std::vector<issuer_addresses> by_issuer(const std::vector<dial_target>& targets) {
  std::vector<issuer_addresses> issuers;
  for (const auto& target : targets) {
    const auto known = std::ranges::find(issuers, target.key, &issuer_addresses::key);
    if (known == issuers.end())
      issuers.push_back({target.key, {target.address}});
    else
      known->addresses.push_back(target.address);
  }
  return issuers;
}

/// One try at one issuer, on a transport of its own.
class attempt final : private transport::observer {
public:
  attempt(const certificate_request& request, random_source& random, const clock& time)
      : request_(request), random_(random), time_(time) {}
  ~attempt() override { transport_.reset(); }

  result<security::certificate_chain> run(const issuer_addresses& issuer) {
    transport::transport_options options;
    options.public_key = request_.keys.curve().bytes();
    options.secret_key = request_.keys.curve_secret().reveal();
    auto outcome = outcome_.get_future();
    {
      const std::lock_guard lock(starting_);
      issuer_key_ = issuer.key;
      auto started = transport::transport::start(options, *this);
      if (!started) return fail(std::move(started.error()));
      transport_ = std::move(*started);
      transport_->dial(issuer.addresses.front(), issuer.key.bytes(),
                       {issuer.addresses.begin() + 1, issuer.addresses.end()});
    }
    const std::stop_callback on_stop(request_.stop, [this] {
      const std::lock_guard lock(starting_);
      finish(fail(errc::cancelled, "the node stops"));
    });
    if (outcome.wait_for(limits::certificate_within) == std::future_status::ready) return outcome.get();
    const std::lock_guard lock(starting_);
    return fail(errc::timed_out,
                fmt::format("{} gave no certificate within {} s{}", fmt::join(issuer.addresses, " or "),
                            std::chrono::seconds(limits::certificate_within).count(), problem_));
  }

private:
  void on_opened(const transport::link_info& link) override {
    const std::lock_guard lock(starting_);
    security::handshake_options options;
    options.purpose = request_.purpose;
    options.versions = {limits::protocol_version_min, limits::protocol_version_max};
    options.mesh = request_.mesh;
    options.own_curve = request_.keys.curve();
    options.peer_curve = issuer_key_;
    options.chain = request_.chain;
    handshake_.emplace(std::move(options), request_.keys.identity(), random_);
    security::handshake_effects effects;
    handshake_->start(now(), effects);
    carry_out(std::move(effects), link.id);
  }

  void on_frame(transport::link_id link, transport::frame message) override {
    const std::lock_guard lock(starting_);
    if (asked_)
      return finish(
          security::accept_reply(message.control.view(), request_.keys, request_.mesh, request_.name, time_.wall()));
    security::handshake_effects effects;
    handshake_->on(message.control.view(), now(), effects);
    carry_out(std::move(effects), link);
  }

  void on_closed(transport::link_id, const error& why) override {
    const std::lock_guard lock(starting_);
    asked_ = false;
    problem_ = fmt::format(": {}", why.message());
  }
  void on_dial_problem(const std::string&, const error& why) override {
    const std::lock_guard lock(starting_);
    problem_ = fmt::format(": {}", why.message());
  }
  void on_refused(const std::string&, const error&, std::uint64_t) override {}

  void carry_out(security::handshake_effects&& effects, transport::link_id link) {
    for (auto& bytes : effects.send)
      transport_->send(link, shared_bytes::take(std::move(bytes)));
    if (effects.close) return finish(fail(std::move(*effects.close)));
    if (!effects.done) return;
    transport_->mark_proven(link);
    asked_ = true;
    transport_->send(link, shared_bytes::copy(request_.message));
  }

  void finish(result<security::certificate_chain> outcome) {
    if (!std::exchange(finished_, true)) outcome_.set_value(std::move(outcome));
  }

  security::instant now() const { return {time_.mono(), time_.wall()}; }

  const certificate_request& request_;
  random_source& random_;
  const clock& time_;
  std::mutex starting_; // the first call back waits until the transport is in its place
  security::curve_key issuer_key_{};
  std::optional<security::handshake> handshake_;
  bool asked_ = false;
  bool finished_ = false;
  std::string problem_;
  std::promise<result<security::certificate_chain>> outcome_;
  std::unique_ptr<transport::transport> transport_;
};

} // namespace

result<security::certificate_chain> obtain_certificate(const certificate_request& request,
                                                       const std::vector<dial_target>& issuers, random_source& random,
                                                       const clock& time) {
  result<security::certificate_chain> last =
      fail(errc::not_connected, "no issuer's address is known: join with a new invitation");
  for (const auto& issuer : by_issuer(issuers)) {
    last = attempt(request, random, time).run(issuer);
    if (last || last.error().code() == errc::cancelled) return last;
  }
  return last;
}

} // namespace weft::actors
