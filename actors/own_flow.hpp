// actors/own_flow.hpp: the flow of a log that this node has, its own or a copy, to one subscription: carries out what
// flow_source decides.
#pragma once
#include "actors/flow_log.hpp"
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "mesh/routing/flow_source.hpp"
#include "mesh/routing/level_cut.hpp"
#include "mesh/routing/start_watch.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace weft::actors {

/// Lives in its subscription's actor.
class own_flow {
public:
  struct parts {
    std::uint64_t subscription; ///< the consumer's number
    std::uint64_t flow;
    link_output_ptr output;
    std::unique_ptr<flow_log> log;
    std::vector<std::string> path; ///< as wire::flow_opened has it
    flow_topics topics;
    bool copy;  ///< as wire::demand has it
    bool gated; ///< what has not reached its topic's level is kept back
    bool waits; ///< for what is damaged as long as a copy may have it; else that is a gap at once
    wire::event_filter filter;
    std::shared_ptr<node::flow_facts> facts;
    /// Brings the answer of a read back to this actor, which then calls read_done().
    std::function<void(result<log::read_result>)> bring_read;
    /// Brings word of what can't be read back to this actor, which then calls mended().
    std::function<void(result<void>)> bring_mended;
    /// Has the actor call go_on() later. @thread any
    std::function<void(link_room::place)> come_back;
  };

  own_flow(node_services& services, parts with);
  /// What waits to be sent is dropped.
  ~own_flow();
  own_flow(const own_flow&) = delete;
  own_flow& operator=(const own_flow&) = delete;

  /// Tells the consumer where the flow begins and starts it. @pre the log has come so far
  /// @param accepted  as start_watch has it
  void open(log_position from, std::uint64_t window, routing::start_watch::starts accepted);
  void credit(std::uint64_t limit);
  /// The consumer says that it processed everything below.
  /// @error errc::ack_beyond_end  that was never sent: end the flow with it
  [[nodiscard]] result<void> committed(const log_position& until) const;
  /// Ends the flow: tells the consumer why.
  void close(const error& why);
  /// The log may serve more.
  void advanced();
  void read_done(result<log::read_result> answer);
  /// As copies_ref::when_mended says.
  void mended(const result<void>& done);
  /// @param granted  what the output had no room for before
  void go_on(link_room::place granted);
  void tick();

  /// Set when the flow ended: the consumer was told.
  [[nodiscard]] bool closed() const noexcept { return source_ && source_->closed(); }
  [[nodiscard]] std::uint64_t number() const noexcept { return with_.flow; }

private:
  using source = routing::flow_source;

  void carry_out();
  void take_read(result<log::read_result> answer);
  [[nodiscard]] bool wait_for_copies(const error& why);
  void read(const source::out::read& wanted);
  void send(const source::out::run& run);
  void send(const source::out::gap& gap);
  void send(const source::out::close& close);
  void note();
  [[nodiscard]] bool passes(topic_id topic, const log_position& end) const;
  void tell_scope();

  node_services& services_;
  parts with_;
  std::optional<source> source_;
  std::optional<routing::start_watch> starts_;
  source::effects fx_;                   // decided, not carried out
  std::optional<source::out::read> due_; // a read put off: it is the others' turn, or there is no room for its run
  link_room::place place_;               // for the run that is read
  log_position reading_from_;
  std::optional<error> unreadable_;                   // there: copies are asked for it
  std::shared_ptr<const void> waiting_;               // while they are
  std::optional<routing::unreached_entry> waits_for_; // its copies
  std::optional<std::uint64_t> scope_told_;           // of a copy: the version of the topics' names
  std::set<std::string> others_told_;
};

} // namespace weft::actors
