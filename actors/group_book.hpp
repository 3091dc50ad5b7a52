// actors/group_book.hpp: how far the groups have got that read this node's log, and who may be at work for them.
#pragma once
#include "mesh/delivery/group_record.hpp"
#include "mesh/wire/batch_view.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// The record of each group, published to the topic `_weft.cursors` of the same log; the catalog has a copy.
/// Lives in the log keeper's actor and outlives its crashes.
class group_book {
public:
  explicit group_book(node_services& services) : services_(services) {}

  /// Reads the records from the catalog, and from the log those that the catalog does not have: it is a cache.
  [[nodiscard]] result<void> load(bool catalog_lost);

  /// @returns what is known of the group; nothing: its first time
  /// @error errc::invalid_argument  the group reads another pattern: which
  [[nodiscard]] result<std::optional<delivery::group_record>> find(const std::string& name,
                                                                   const std::string& pattern) const;
  /// Appends the record. @param done  called when it is on disk, or can't be. @thread any
  void save(const delivery::group_record& record, const std::function<void(result<void>)>& done);
  /// It is on disk: the catalog may have it, and others that it could not keep before.
  void keep(const std::string& name);
  /// Forgets it, and publishes that. @param done  as of save
  void remove(const std::string& name, const std::function<void(result<void>)>& done);
  /// Publishes all records as they are: those that rest would go from the log one day.
  void publish_again() const;
  /// So many more events were handled here and at a copy of the log. In the log with the next record of the group.
  void add_repeated(const std::string& name, std::uint64_t events);
  /// What is known of it from now on, unless a later version is.
  void learn(delivery::group_record record);
  [[nodiscard]] bool has(const std::string& name) const { return groups_.contains(name); }
  [[nodiscard]] std::vector<delivery::group_record> all() const;

private:
  void keep_all();
  void tell_leases();

  node_services& services_;
  std::map<std::string, delivery::group_record> groups_;
  std::set<std::string> unkept_; // the catalog does not have the last record, or has one that was removed
  bool told_unkept_ = false;     // that some are
};

/// Takes the record over from an event of some log's `_weft.cursors` when it is of this group, or forgets it.
void take_group_event(const wire::event_view& event, const std::string& group,
                      std::optional<delivery::group_record>& last);

} // namespace weft::actors
