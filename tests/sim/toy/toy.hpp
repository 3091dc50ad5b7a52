// tests/sim/toy/toy.hpp: a small protocol that proves the stage: counts that never go back, told to everybody.
#pragma once
#include "tests/sim/world.hpp"

#include <map>
#include <optional>
#include <vector>

namespace weft::sim {

/// Each host has a count, raised by clients, written and synced before it is told. Every host floods the highest
/// counts that it heard, over links to the next hosts of a ring and to one far away.
///
/// Deliberate bugs: "toy_tells_before_sync" (a power failure makes a count go back), "toy_never_redials" (a link that
/// broke stays away, so counts don't spread).
class toy_process final : public process {
public:
  /// @param hosts  in the ring; clones are not
  toy_process(environment& around, std::uint32_t hosts, const std::string& bug);

  void on_start() override;
  void on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) override;
  void on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) override;
  void on_link_closed(link_id link, close_cause cause) override;
  void on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) override;
  void on_timer() override;

  /// What a client asks for. @returns whether the count is raised, durably
  bool raise();
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Its disk could not be read: it takes no part until it is restarted.
  [[nodiscard]] bool unusable() const noexcept { return unusable_; }
  /// The highest count heard of a host, the own one too.
  [[nodiscard]] std::uint64_t heard(std::uint32_t host) const noexcept { return heard_[host]; }

private:
  void tell(std::uint32_t host, std::uint64_t count, link_id except);
  void send(link_id link, std::uint32_t host, std::uint64_t count);
  void dial(std::size_t place);
  [[nodiscard]] std::optional<std::uint64_t> load() const;
  [[nodiscard]] bool save(std::uint64_t count);

  environment& around_;
  bool tells_before_sync_;
  bool never_redials_;
  bool unusable_ = false;
  std::uint64_t count_ = 0;
  std::vector<std::uint64_t> heard_;
  std::vector<std::string> wanted_;                     // addresses to have links with
  std::map<dial_id, std::size_t> dials_;                // under way: place in wanted_
  std::vector<std::size_t> failed_;                     // places to dial again
  std::uint32_t again_ = 0;                             // whose count was told again last
  std::map<link_id, std::optional<std::size_t>> links_; // place in wanted_, when dialled
};

} // namespace weft::sim
