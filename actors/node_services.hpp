// actors/node_services.hpp: what the actors of one node share.
#pragma once
#include "actors/copies.hpp"
#include "actors/copy_shelf.hpp"
#include "actors/diagnostics.hpp"
#include "actors/group.hpp"
#include "actors/issuing_desk.hpp"
#include "actors/last_answers.hpp"
#include "actors/lease_book.hpp"
#include "actors/log_keeper.hpp"
#include "actors/log_reader.hpp"
#include "actors/membership.hpp"
#include "actors/port/system.hpp"
#include "actors/supervisor.hpp"
#include "actors/telemetry.hpp"
#include "mesh/base/time.hpp"
#include "mesh/catalog/catalog.hpp"
#include "mesh/log/log.hpp"
#include "mesh/node/copy_board.hpp"
#include "mesh/node/door.hpp"
#include "mesh/node/flow_board.hpp"
#include "mesh/node/latency_board.hpp"
#include "mesh/node/level_gate.hpp"
#include "mesh/node/room_signal.hpp"
#include "mesh/node/service_board.hpp"
#include "mesh/node/synced_signal.hpp"
#include "mesh/node/topic_names.hpp"
#include "mesh/security/roles.hpp"
#include "mesh/wire/topic_record.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string_view>

namespace weft::actors {

/// What the configuration says to the actors.
struct node_settings {
  wire::topic_settings new_topics; ///< of a topic that a publish makes
  microseconds cursor_publish_interval = limits::cursor_publish_interval;
  microseconds lease_time = limits::lease_unused_max;                ///< of a cursor that nobody uses
  std::uint64_t lease_bytes = limits::lease_bytes_max;               ///< of a topic that expired, for all cursors
  std::uint64_t catch_up_bytes_per_s = limits::catch_up_bytes_per_s; ///< of copies that are behind
  microseconds replace_after = limits::replace_after;                ///< of a holder that is dead
  std::size_t demands_max = limits::demands_max;                     ///< of peers
  std::size_t demands_per_link_max = limits::flows_per_link_max;
  std::uint64_t relay_bytes_max = limits::relayed_bytes_max;    ///< of runs that relays hold
  std::uint64_t link_bytes_max = limits::link_credit_bytes_max; ///< of a link's runs in memory
  microseconds telemetry_every = limits::telemetry_every;       ///< 0: it publishes none
  microseconds telemetry_keep_time = limits::telemetry_keep_time;
  std::uint64_t telemetry_keep_bytes = limits::telemetry_keep_bytes;
  std::uint32_t telemetry_replicas = limits::telemetry_replicas; ///< of frames and roll-ups, at other nodes
  microseconds rollup_every = limits::rollup_every;              ///< 0: none
  microseconds rollup_keep_time = limits::rollup_keep_time;
  std::uint64_t rollup_keep_bytes = limits::rollup_keep_bytes;
};

/// How often it is written down that a cursor is used.
[[nodiscard]] inline microseconds lease_noted_every(const node_settings& settings) {
  return settings.lease_time / limits::lease_notes;
}

/// Everything here is safe from every thread and outlives every actor. The node fills it before the first actor starts.
struct node_services {
  weft::clock& clock;
  diagnostics& to;
  port::system& system;
  supervisor_ref supervisor;
  node::node_facts facts;
  log_id own_log;
  node_settings settings;
  std::vector<std::string> addresses; ///< where other nodes dial it, best first; none: nowhere
  log::node_log& log;
  catalog::catalog& catalog;
  issuing_desk* desk; ///< of an issuer, else nothing
  node::synced_signal& synced;
  node::room_signal& room;
  node::topic_names& topics;
  node::flow_board& flows;
  node::latency_board latencies{};
  node::service_board services_here{}; ///< as programs tell of them
  node::level_gate& gate;              ///< of this node's log: written by `copies`
  node::copy_board& copies_board;      ///< the same
  lease_book& leases;                  ///< of this node's log
  log_reader_ref readers;
  log_keeper_ref keeper;
  telemetry_ref telemetry;
  membership_ref membership;
  copies_ref copies{};
  copy_shelf shelf{};                              ///< of other nodes' logs
  group_table groups{};                            ///< that share this node's log
  std::atomic<std::uint64_t> last_cursor_token{0}; ///< names the takes of this log's cursors
  std::atomic<std::uint64_t> last_subscription{0}; ///< numbers of demands that this node sends to others
  std::atomic<std::uint64_t> last_interest{0};     ///< numbers what subscriptions here want of the router
  std::atomic<std::uint64_t> last_downstream{0};   ///< numbers the flows that relays here serve
  std::atomic<std::uint64_t> last_question{0};     ///< numbers what is asked of other nodes
  std::atomic<std::uint64_t> acks_waiting{0};      ///< for copies of this node's events
  std::atomic<std::uint64_t> cursor_bytes{0};      ///< of cursors, published since the start
  std::atomic<std::uint64_t> relay_bytes{0};       ///< of runs that relays hold now
  security::role_set roles{};                      ///< of this node's certificate
  std::string zone{};
  std::string data_dir{};
  std::mutex settling_letters{}; ///< held by who replays or drops dead letters: each is settled once
  last_answers answers{};        ///< of other nodes to operators' questions
  /// `{"links": [...]}` from the router, which starts after telemetry. Called by telemetry's actor.
  std::function<void(reply<std::string>)> list_links{};
  /// Shows another node that this one asks it to change something: the question's proof. @thread any
  std::function<std::string(const node_id& of, const std::string& what, const std::string& arguments)> prove_question{};
  /// Who asks this node, by its proof; once for each question. Called by the router's actor.
  /// @error as security::question_judge::judge
  std::function<result<std::string>(const wire::query&)> judge_question{};
  /// What the router wants of links: one with the node, until released; a second time for one node says nothing new.
  /// Called by the router's actor.
  std::function<void(const node_id&)> want_link{}, release_link{};
  /// What the mesh has agreed on about a topic, deleted or not: all that is known at the start, then what is newer.
  /// Called by the log keeper's actor.
  std::function<void(const wire::topic_record&)> topic_changed{};
  /// Ends the node after it has said to the mesh that it leaves. Nothing: a program has this node in its process.
  std::function<void()> stop_node{};

  /// What a topic's publishers pack with, or those of a topic that a publish would make.
  [[nodiscard]] wire::codec codec_of(std::string_view topic) const {
    if (const auto known = topics.find(topic)) return known->settings.codec;
    return topics.agreed(topic).value_or(node::publish_settings{{}, settings.new_topics.codec}).codec;
  }
};

} // namespace weft::actors
