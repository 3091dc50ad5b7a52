// mesh/replication/copy_keeper.hpp: which logs this node has to hold copies of, and with which topics. Pure.
#pragma once
#include "mesh/replication/holders.hpp"

#include <functional>
#include <set>
#include <variant>

namespace weft::replication {

/// Makes the lists of holders from what this node knows of members and topics. Changes gather for
/// limits::copy_lists_after, so that a mesh that starts is one change.
///
///     members, topics ──▶ lists ──▶ hold(log, topics, list) ──▶ a replica_puller each
///                           └─────▶ own_holders ──▶ confirm_tracker
///
/// A copy is pulled over a link with the log's own node: see mesh/doc/adr/0008-copies-come-from-the-owner.md.
class copy_keeper {
public:
  struct in {
    /// What membership says of a node, and which topics its log may have.
    struct member {
      storage_nodes::member node;
      std::function<bool(const std::string&)> may_have;
    };
    /// It is forgotten.
    struct member_gone {
      node_id id;
    };
    /// A topic of the mesh and its setting; 0: without copies, or deleted.
    struct topic {
      std::string name;
      std::uint32_t replicas = 0;
    };
    /// A copy from an earlier run is on disk.
    struct found {
      log_id log;
    };
    /// Nothing of the log is held any more, and nothing is wanted.
    struct given_up {
      log_id log;
    };
  };
  struct out {
    /// Hold these topics of the log. None: what is there stays until its node says that it may go.
    struct hold {
      log_id log;
      std::vector<std::string> topics; ///< ascending, at most limits::copy_topics_max
      std::vector<node_id> holders;    ///< the list that says so, at most limits::list_holders_max
    };
    /// Who holds copies of another node's log, whoever that is; none: nobody has to.
    struct log_holders {
      log_id log;
      std::vector<node_id> ordered; ///< at most limits::list_holders_max
    };
    /// The list of this node's own log.
    struct own_holders {
      std::vector<node_id> ordered;
    };
    /// A link with the log's node is needed, or no longer.
    struct want_link {
      node_id node;
    };
    struct release_link {
      node_id node;
    };
    /// More topics of a log would have to be held here than a copy can have.
    struct too_many_topics {
      log_id log;
      std::size_t topics = 0;
    };
  };
  using effects = std::vector<std::variant<out::hold, out::log_holders, out::own_holders, out::want_link,
                                           out::release_link, out::too_many_topics>>;

  /// @param self  stores: whether this node may hold copies
  /// @param replace_after  a storage node that is dead for so long holds nothing any more
  copy_keeper(const log_id& own, const storage_nodes::member& self, microseconds replace_after, mono_time now);

  void on(in::member seen, mono_time now);
  void on(const in::member_gone& gone, mono_time now, effects& fx);
  void on(const in::topic& topic, mono_time now);
  void on(const in::found& found, mono_time now);
  void on(const in::given_up& given, mono_time now, effects& fx);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// Logs that this node holds something of, or has to.
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }
  [[nodiscard]] bool holds(const log_id& log) const { return held_.contains(log); }

private:
  using may_have = std::function<bool(const std::string&)>;
  struct held_log {
    std::vector<std::string> topics;
    std::vector<node_id> holders;
    bool told = false, linked = false; ///< linked: a link was asked for
  };

  void change(mono_time now);
  void tell_holders(const log_id& log, bool copied, const std::vector<node_id>& list, effects& fx);
  void decide(const log_id& log, const may_have& has, std::vector<node_id> list, effects& fx);
  void decide_own(const std::vector<storage_node>& candidates, effects& fx);
  [[nodiscard]] std::vector<std::string> topics_for(const may_have& has, std::size_t place) const;

  log_id own_;
  bool stores_;
  storage_nodes nodes_;
  std::map<log_id, may_have> logs_;             // of other members
  std::map<std::string, std::uint32_t> topics_; // those with copies
  std::map<log_id, held_log> held_;
  std::map<log_id, std::vector<node_id>> lists_; // as told, those that are not empty
  std::set<log_id> too_many_;                    // that was said of
  std::vector<node_id> own_list_;
  std::optional<mono_time> due_; // lists have to be made again
};

} // namespace weft::replication
