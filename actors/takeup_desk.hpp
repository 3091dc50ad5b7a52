// actors/takeup_desk.hpp: groups that go on at copies while their log's node is away, at both ends.
#pragma once
#include "actors/group.hpp"
#include "actors/router.hpp"
#include "actors/takeup_book.hpp"
#include "mesh/delivery/owner_watch.hpp"
#include "mesh/delivery/takeup.hpp"
#include "mesh/delivery/takeups_told.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::actors {

class group_book;
struct shelved_copy;

/// Lives in the log keeper's actor and outlives its crashes (ADR 19).
///
/// At a holder of a copy: who asks for a group waits until it is known whether the log's node is away; then the group
/// goes on from the last record that the copy has. When they are linked again it ends here and is given back.
///
///     group ── take_up ──▶ desk ── reads the copy ──▶ record ──▶ group
///     link with the log's node ──▶ desk ── hand_back ──▶ group ──▶ taken_up ──▶ the log's node
///
/// At the log's node: groups wait after a start until holders have told what they took up, and that is merged.
class takeup_desk {
public:
  takeup_desk(node_services& services, std::shared_ptr<group_book> groups);

  /// As takeup_book::load().
  [[nodiscard]] result<void> load(bool catalog_lost) { return takeups_.load(catalog_lost); }
  [[nodiscard]] const takeup_book& takeups() const noexcept { return takeups_; }

  // links with other nodes
  void peer_up(const linked_peer& peer);
  void peer_down(const node_id& id, const link_output_ptr& output);

  // at a holder of a copy
  struct ask {
    log_id log;
    std::string name, pattern;
    reply<std::optional<delivery::group_record>> to;
  };
  /// Answered with the record from which the group goes on here.
  /// @error errc::not_held  the log's node is there, or the copy does not have what is needed
  void take_up(ask one);
  /// As group_book::save().
  void save(const delivery::group_record& record, const reply<void>& to);
  /// The log's node has this on disk.
  void taken_over(const node_id& by, const wire::taken_over& said);

  // at the log's node
  /// Those that have copies of this log, by the list. They may have shared it out.
  void holders(const std::vector<node_id>& ordered);
  /// From a holder.
  void taken_up(const linked_peer& by, const wire::taken_up& said);
  /// Calls back when groups may go on.
  void when_told(std::function<void()> go_on);
  /// Events of these ranges were handed out here and at a copy: they are counted for the group.
  void count(std::string name, const std::string& pattern, const std::vector<delivery::slot_range>& twice);

  void tick();
  [[nodiscard]] std::optional<mono_time> next_tick() const;

private:
  struct waiting {
    ask one;
    mono_time since;
  };
  using found_record = result<std::optional<delivery::group_record>>;

  [[nodiscard]] mono_time now() const;
  [[nodiscard]] delivery::owner_watch& watch_of(const node_id& node);
  [[nodiscard]] std::string name_of(const log_id& log) const;
  void look_at_asks();
  void read_copy(const ask& one);
  void found(const ask& one, found_record owners);
  void refuse(const ask& one);
  void hand_back(const node_id& node);
  void handed_back(const takeup_book::key& of);
  void tell_all(const node_id& node);
  void merge(const node_id& by, const link_output_ptr& to, delivery::group_record taken);
  void merge_here(delivery::group_record taken, const reply<void>& to);
  void look_at_told();

  node_services& services_;
  std::shared_ptr<group_book> groups_;
  takeup_book takeups_;
  const mono_time started_;
  std::map<node_id, linked_peer> peers_;
  std::map<node_id, delivery::owner_watch> watches_; // of nodes that were linked, or asked for
  std::vector<waiting> asks_;
  std::set<takeup_book::key> at_work_, handing_back_;
  delivery::takeups_told told_;
  std::vector<std::function<void()>> waiting_for_told_;
  std::map<std::pair<node_id, std::string>, std::uint64_t> merged_; // by holder and group: the version that is
};

/// The last record of the group that the copy has; nothing: none. @thread a reader's
[[nodiscard]] result<std::optional<delivery::group_record>> record_in(const shelved_copy& copy,
                                                                      const std::string& group);

/// How many events of the pattern are in these ranges of the log. @thread a reader's
[[nodiscard]] std::uint64_t count_events(log::node_log& log, const std::function<bool(topic_id)>& wants,
                                         const std::vector<delivery::slot_range>& ranges);

} // namespace weft::actors
