// mesh/membership/dial_plan.hpp: when to dial one node next, and at which of its addresses. Pure.
#pragma once
#include "mesh/base/backoff.hpp"
#include "mesh/membership/peer_link.hpp"

#include <algorithm>
#include <optional>

namespace weft::membership {

/// One dial at a time. An address that fails goes behind the others; when all have failed it waits, longer each time.
class dial_plan {
public:
  /// Keeps the order that was found out, unless the addresses are others.
  void set(const contact& to, mono_time now);
  [[nodiscard]] bool possible() const noexcept { return !addresses_.empty(); }
  [[nodiscard]] bool leads_to(const std::string& address) const noexcept {
    return std::ranges::find(addresses_, address) != addresses_.end();
  }
  [[nodiscard]] const link_key& key() const noexcept { return key_; }

  /// Whether a dial should begin; never while one is under way.
  [[nodiscard]] bool due(mono_time now) const noexcept { return !under_way_ && possible() && now >= retry_at_; }
  /// @returns the address to dial  @pre due
  const std::string& begin(dial_number dial, mono_time now);
  [[nodiscard]] const std::optional<dial_number>& under_way() const noexcept { return under_way_; }
  /// When the dial under way must end, or the next one may begin; nothing without an address.
  [[nodiscard]] std::optional<mono_time> next() const noexcept;

  /// @returns whether this was the last address of the round
  bool failed(mono_time now, random_source& random);
  /// The dial under way, if any, is not wanted any more.
  void stop() noexcept { under_way_.reset(); }
  /// The node is linked, by whoever's dial.
  void linked() noexcept { failures_ = 0; }
  /// The link is gone: after a good one a dial may begin at once.
  void lost(bool settled, mono_time now, random_source& random);
  /// No dial for a while, longer each time.
  void wait(mono_time now, random_source& random) { retry_at_ = now + wait_.next(random); }

private:
  std::vector<std::string> addresses_; // the next one to dial first
  link_key key_{};
  std::size_t failures_ = 0; // since the round began
  std::optional<dial_number> under_way_;
  mono_time began_;
  mono_time retry_at_;
  backoff wait_;
};

} // namespace weft::membership
