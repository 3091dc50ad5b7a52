#include "actors/certificate_keeper.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/text_time.hpp"
#include "mesh/security/renewal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

struct look {};

class certificate_keeper final : public port::role_of<look> {
public:
  certificate_keeper(node_services& services, renewal_parts parts)
      : services_(services), parts_(std::move(parts)), renewal_(parts_.random) {}

private:
  void begin() override { me().tell({}); }

  void on(const look&) override {
    const auto now = parts_.chain.get();
    const auto left = renewal_.until_due(now->node, services_.clock.wall());
    if (left > microseconds{0}) return look_after(left);
    if (const auto done = renew(*now); !done) return put_off(now->node, done.error());
    renewal_.succeeded();
    look_after(microseconds{0});
  }

  result<void> renew(const security::certificate_chain& old) {
    auto made = parts_.obtain(old);
    if (!made) return fail(std::move(made.error()));
    if (made->node.not_after <= old.node.not_after)
      return fail(errc::expired, "the issuer's own certificate ends no later: renew that one first");
    if (auto kept = parts_.keep(*made); !kept) return kept;
    services_.to.info(
        fmt::format("the certificate was renewed, it lasts until {}", rfc3339_text(made->node.not_after)));
    parts_.chain.set(std::move(*made));
    return {};
  }

  void put_off(const security::certificate& own, const error& why) {
    if (why.code() == errc::cancelled) return; // the node stops
    const auto pause = renewal_.failed();
    services_.to.warning(
        fmt::format("the certificate, which ends at {}, could not be renewed: {}; trying again in {} s",
                    rfc3339_text(own.not_after), why.message(), pause.count() / 1'000'000));
    tell_self_after(pause, {});
  }

  /// The wall clock may be set meanwhile, so not all at once.
  void look_after(microseconds left) {
    const auto due = std::max<microseconds>(left, limits::certificate_look_soonest);
    tell_self_after(std::min<microseconds>(due, limits::certificate_look_every), {});
  }

  node_services& services_;
  renewal_parts parts_;
  security::renewal renewal_;
};

} // namespace

void start_certificate_keeper(node_services& services, renewal_parts parts) {
  services.supervisor.adopt(
      {kinds::certificate_keeper,
       "certificate-keeper",
       services.system.reserve(),
       [&services, parts = std::move(parts)] { return std::make_unique<certificate_keeper>(services, parts); },
       {}});
}

} // namespace weft::actors
