// actors/cut_book.hpp: the cuts that the mesh knows, kept over restarts, and what they mean for this node's log.
#pragma once
#include "actors/mesh_topics.hpp"
#include "mesh/delivery/leases.hpp"
#include "mesh/membership/cut_records.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

struct node_services;

/// Where each log answers a cut: an event with the cut's name as its key, and {"id": ..., "bound_us": microseconds, or
/// null while the cut is only asked for}.
inline constexpr std::string_view cuts_topic = "_weft.cuts";

/// The log keeper's side of the records that the membership spreads, as mesh_topics is. A cut that is asked for holds
/// what there is of its topics until its lease ends. One that is made lifts the log's time to its bound first, and the
/// answer, which is above it, says so: nothing below comes any more, over crashes too.
///
///     decide ──▶ catalog ──▶ membership ──▶ mesh
///     catalog ◀── learn ◀── membership ◀── mesh
///        └──▶ lease, time of the log, answer
/// @thread one at a time
class cut_book {
public:
  using entry = membership::cut_records::entry;

  cut_book(node_services& services, const topic_author& author);

  /// What the catalog has; before retention begins. @error errc::io_error, errc::corrupt
  [[nodiscard]] result<void> load();
  /// Takes in what the mesh said.
  void learn(const std::vector<wire::item>& items);
  /// A record above the one held: on disk when this returns, and on its way to all nodes.
  /// @error as membership::cut_records::decide
  /// @error errc::disk_full, errc::io_error  nothing was decided
  [[nodiscard]] result<void> decide(const wire::cut& wanted);

  /// The newest record, deleted or not.
  [[nodiscard]] const entry* find(std::string_view name) const { return records_.find(name); }
  [[nodiscard]] const membership::cut_records::entries_type& all() const noexcept { return records_.all(); }

private:
  [[nodiscard]] std::vector<std::string> take(const std::vector<wire::item>& items);
  void apply(const wire::cut& what);
  void answer(const wire::cut& what);

  node_services& services_;
  topic_author author_;
  node::mesh_authority authority_;
  membership::cut_records records_;
};

/// Whose lease it is that a cut has.
[[nodiscard]] delivery::lease_holder lease_holder_of(const wire::cut& what);

} // namespace weft::actors
