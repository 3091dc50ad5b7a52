// actors/log_keeper.hpp: keeps what the node knows beside its log: topics, cursors, epochs heard of.
#pragma once
#include "actors/cursor_book.hpp"
#include "actors/cut_book.hpp"
#include "actors/group_book.hpp"
#include "actors/port/system.hpp"
#include "actors/reply.hpp"
#include "mesh/catalog/topic_table.hpp"
#include "mesh/node/topic_names.hpp"
#include "mesh/replication/epoch_watch.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;
struct topic_author;
class takeup_desk;

/// Handle of the one actor that changes the catalog and the cursors of this log.
/// @thread any
class log_keeper_ref {
public:
  struct message;

  log_keeper_ref() = default;
  static log_keeper_ref start(node_services& services, std::shared_ptr<cursor_book> cursors,
                              std::shared_ptr<group_book> groups, std::shared_ptr<cut_book> cuts,
                              std::shared_ptr<takeup_desk> takeups, const topic_author& author);

  /// The topic, made when it is new: as the mesh agreed on it, else with the configuration's defaults.
  void resolve_topic(std::string name, reply<node::known_topic> to) const;
  /// Carries out a query about topics, contracts or cuts; arguments and answer are JSON documents.
  void query(std::string what, std::string arguments, reply<std::string> to) const;
  /// What the mesh decided on topics: kept, and applied to those of this log.
  void learn_topics(std::vector<wire::item> records) const;
  /// What the mesh knows of cuts: kept, and applied to this log.
  void learn_cuts(std::vector<wire::item> records) const;
  /// As topic_desk::come_back(). @param of  the epoch that events of them come back into
  void topics_come_back(std::vector<catalog::logged_topic> topics, epoch of, reply<void> to) const;
  /// The clock was ahead and is right again: what was decided meanwhile gets a date that others take.
  void decide_topics_again() const;

  /// Takes a named subscription of this log for one consumer; answers where it goes on, or nothing for its first time.
  /// @error as cursor_book::take
  void take_cursor(std::string name, std::string pattern, cursor_consumer by,
                   reply<std::optional<log_position>> to) const;
  /// The consumer processed everything below. Published to `_weft.cursors` while it moves.
  void commit(std::string name, std::string pattern, std::uint64_t token, log_position until) const;
  /// The consumer is gone; its last commit is published. May follow the take at once, whatever its answer will be.
  void release_cursor(std::string name, std::string pattern, std::uint64_t token) const;
  /// Answered when it is on disk. @error as cursor_book::remove
  void remove_cursor(std::string name, bool force, reply<void> to) const;
  void cursors(reply<std::vector<cursor_facts>> to) const;

  /// What is kept of a group; nothing: its first time. After a start it is known when holders of copies have told what
  /// they did for it. @error as group_book::find, or a named subscription has the name
  void take_group(std::string name, std::string pattern, reply<std::optional<delivery::group_record>> to) const;
  /// Answered when it is on disk.
  void save_group(delivery::group_record record, reply<void> to) const;
  /// The same.
  void remove_group(std::string name, reply<void> to) const;
  void groups(reply<std::vector<delivery::group_record>> to) const;
  /// Says something to the desk that has groups which go on at copies. @param say  called by the log keeper's actor
  void with_takeups(std::function<void(takeup_desk&)> say) const;
  /// Groups of other nodes' logs that were shared out here, and are not given back.
  void takeups(reply<std::vector<delivery::group_record>> to) const;

  /// Somebody has this epoch of the own log: when it is above the log's, the log goes on in one above it, before the
  /// answer. @error errc::out_of_range  it stays below
  void heard_of_epoch(weft::epoch heard, replication::epoch_watch::source from, reply<void> to = {}) const;

private:
  explicit log_keeper_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
