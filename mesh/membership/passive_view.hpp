// mesh/membership/passive_view.hpp: whom the overlay could ask to be a neighbour. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/random.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace weft::membership {

/// HyParView's passive view, beside the members that the directory knows to be alive. Others' word is worth little
/// here: an id goes into the view only when it is a known member, each source fills a part of it at most, and of ids
/// that nobody knows yet a few are remembered apart.
class passive_view {
public:
  /// The directory knows this node to be alive. @returns whether that is news
  bool learn(const node_id& id);
  /// Dead or left: out of everything.
  void forget(const node_id& id);
  [[nodiscard]] bool knows(const node_id& id) const;
  [[nodiscard]] std::size_t members() const noexcept { return known_.size(); }

  /// Into the view. `source`: who says so; none: own experience, which no bound of a source holds for.
  void put(const node_id& id, const std::optional<node_id>& source, random_source& random);
  /// Out of the view; still a known member.
  void remove(const node_id& id);
  [[nodiscard]] bool contains(const node_id& id) const;
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }

  /// A node that asks for neighbours, its record not here yet. @see take_invited
  void invite(const node_id& id);
  /// Whether it was invited; then it is not any more.
  bool take_invited(const node_id& id);

  /// One of the view, else any known member, that `may` lets pass; members are tried a few times only.
  [[nodiscard]] std::optional<node_id> pick(const std::function<bool(const node_id&)>& may,
                                            random_source& random) const;
  /// At most `count` of the view, different ones.
  [[nodiscard]] std::vector<node_id> sample(std::size_t count, random_source& random) const;

private:
  struct entry {
    node_id id;
    std::optional<node_id> source;
  };
  std::vector<node_id> known_;   // sorted; the directory bounds it
  std::vector<entry> view_;      // at most limits::passive_view_max
  std::vector<node_id> invited_; // not known yet, oldest first; at most limits::invited_max
};

} // namespace weft::membership
