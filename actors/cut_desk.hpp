// actors/cut_desk.hpp: makes, lists and deletes cuts.
#pragma once
#include "actors/cut_book.hpp"

namespace weft::actors {

/// Lives in the log keeper's actor. Answers are JSON documents; who makes a cut asks for it, waits for the answers in
/// `_weft.cuts` of all logs, and says where it lies (delivery::cut_making).
class cut_desk {
public:
  cut_desk(node_services& services, cut_book& book) : services_(services), book_(book) {}

  /// `what`: cuts.list; with {"name": ...} cuts.describe, cuts.delete; cuts.ask, with "pattern" (all topics without)
  /// and "lease" (seconds); cuts.make, with "id" as cuts.ask answered, "bound_us", "absent" (names of nodes) and
  /// "absent_more". A cut is {"name", "id", "pattern", "state": "asked-for", "made" or "expired", "at_us": the first
  /// time that is not in it or null, "lease_until_us", "author", "absent", "absent_more"}; cuts.describe adds "leases",
  /// what it holds of this node's log.
  /// @error errc::invalid_argument, errc::invalid_name, errc::not_found, errc::already_exists
  /// @error as cut_book::decide
  [[nodiscard]] result<std::string> answer(const std::string& what, const std::string& arguments);

private:
  node_services& services_;
  cut_book& book_;
};

} // namespace weft::actors
