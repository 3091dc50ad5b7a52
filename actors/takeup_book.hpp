// actors/takeup_book.hpp: groups of other nodes' logs that were shared out from copies here, and how far they got.
#pragma once
#include "mesh/delivery/group_record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft::actors {

struct node_services;

/// The record of each, published to `_weft.cursors` of this node's log; the catalog has a copy. It stays until the
/// log's node has it. Lives in the log keeper's actor and outlives its crashes.
class takeup_book {
public:
  using key = std::pair<log_id, std::string>; ///< a group of a log

  explicit takeup_book(node_services& services) : services_(services) {}

  /// As group_book::load().
  [[nodiscard]] result<void> load(bool catalog_lost);

  [[nodiscard]] std::optional<delivery::group_record> find(const key& of) const;
  /// Appends the record. @param done  called when it is on disk, or can't be. @pre record.takeup. @thread any
  void save(const delivery::group_record& record, const std::function<void(result<void>)>& done);
  /// It is on disk: the catalog may have it.
  void keep(const key& of);
  /// The log's node has it.
  void forget(const key& of);
  /// As group_book::publish_again().
  void publish_again() const;
  [[nodiscard]] std::vector<delivery::group_record> all() const;
  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }

private:
  void learn(delivery::group_record record);
  void keep_all();

  node_services& services_;
  std::map<key, delivery::group_record> records_;
  std::set<key> unkept_; // the catalog does not have the last record, or has one that is forgotten
};

} // namespace weft::actors
