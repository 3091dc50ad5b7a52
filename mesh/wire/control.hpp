// mesh/wire/control.hpp: control messages between proven peers, and between a node and local programs.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/base/bytes.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/position.hpp"
#include "mesh/wire/distance.hpp"
#include "mesh/wire/event_filter.hpp"
#include "mesh/wire/group_messages.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft::wire {

/// First message of a local program on the node's Unix socket.
struct local_hello {
  std::uint16_t versions_min = 0, versions_max = 0;
  std::string program; ///< for diagnostics, at most limits::program_name_bytes_max
  friend bool operator==(const local_hello&, const local_hello&) = default;
};
/// The node's answer.
struct local_welcome {
  std::uint16_t version = 0;
  node_id node;
  std::string name;
  node_number number;
  mesh_id mesh;
  weft::epoch epoch;
  friend bool operator==(const local_welcome&, const local_welcome&) = default;
};

enum class start_kind : std::uint8_t { beginning = 0, end = 1, time = 2, position = 3 };

/// "I want events": answered with a flow_opened for each log, now and whenever one is found, or refused.
struct demand {
  std::uint64_t subscription = 0; ///< chosen by the consumer, unique on the link
  std::optional<log_id> log;      ///< nothing: all logs that the node can reach
  std::string pattern;
  start_kind start = start_kind::end;
  hlc time;        ///< for start_kind::time
  log_position at; ///< for start_kind::position, which needs `log`
  event_filter filter;
  std::string name;         ///< a named subscription's: starts at its cursor, `start` is for its first time; or empty
  std::uint64_t window = 0; ///< bytes of credit of each flow as it opens
  bool resume = false;      ///< the same consumer goes on after a lost link: `start` holds, not the cursor
  std::optional<wire::distance> distance{}; ///< of a node that demands a log, to its source; nothing: a program
  std::optional<node_id> source{};          ///< the node whose copy of the log is meant; nothing: the log's own
  std::vector<std::string> topics{}; ///< of a copy: exact names, and of these only; at most limits::copy_topics_max
  bool copy = false;   ///< by a holder of copies, from the log's own node: all that is synced, see copy_holds
  bool synced = false; ///< what is synced, not only what has reached its topic's level
  std::optional<group_membership> member{}; ///< `start` is for the group's first time
  friend bool operator==(const demand&, const demand&) = default;
};
struct withdraw {
  std::uint64_t subscription = 0;
  friend bool operator==(const withdraw&, const withdraw&) = default;
};

/// A demand of a node that still stands, and how far the node is from the log now.
struct standing_demand {
  std::uint64_t subscription = 0;
  wire::distance distance;
  friend bool operator==(const standing_demand&, const standing_demand&) = default;
};
/// Keeps demands alive: each limits::demand_refresh one message a link with all that stand there.
struct demand_refresh {
  std::vector<standing_demand> demands; ///< at most limits::flows_per_link_max
  friend bool operator==(const demand_refresh&, const demand_refresh&) = default;
};

/// Answers a program's demand as a member of a group that names no log: here is one, demand it on its own.
struct log_found {
  std::uint64_t subscription = 0;
  log_id log;
  std::string node; ///< the log's node's name
  friend bool operator==(const log_found&, const log_found&) = default;
};
/// Its node is gone for good.
struct log_gone {
  std::uint64_t subscription = 0;
  log_id log;
  friend bool operator==(const log_gone&, const log_gone&) = default;
};

/// A flow of one log to one subscription begins at `at`.
struct flow_opened {
  std::uint64_t subscription = 0;
  std::uint64_t flow = 0; ///< chosen by the sender of runs, unique on the link
  log_id log;
  std::string node; ///< the log's node's name
  log_position at;
  std::vector<std::string> path{}; ///< names of the nodes that it comes over, the log's first, the sender last; for
                                   ///< people; at most limits::path_nodes_max
  std::uint64_t generation = 0;    ///< of the cursor of the member's group: another one after an operator moved it
  std::uint64_t term = 0;          ///< of the group's state: the last that was given; 0: it does not move
  std::uint64_t begun = 0;         ///< the last whose holder went to work; 0: none
  std::uint64_t begun_by = 0;      ///< which member that is
  std::string home{};              ///< the node that an operator made the state's home; another than this one: to ask
                                   ///< there, the flow is closed, and `term` is 0; empty: as the members say
  std::uint64_t given = 0;         ///< then: the last term that was given
  friend bool operator==(const flow_opened&, const flow_opened&) = default;
};
/// Either side ends a flow and says why.
struct flow_closed {
  std::uint64_t flow = 0;
  std::uint64_t subscription = 0;
  errc code = errc::ok;
  std::string message;
  friend bool operator==(const flow_closed&, const flow_closed&) = default;
};
/// Absolute: the cost of all runs of the flow since it opened may reach `limit`. Lower than before: ignored.
struct credit {
  std::uint64_t flow = 0;
  std::uint64_t limit = 0;
  friend bool operator==(const credit&, const credit&) = default;
};

/// Where a topic begins in the flow's log.
struct named_start {
  std::string topic;
  topic_offset offset;
  log_position at;
  friend bool operator==(const named_start&, const named_start&) = default;
};
/// All that the flow's filter passes in [from, until) of one epoch; the bytes follow, or none: then it is a heartbeat.
struct run {
  std::uint64_t flow = 0;
  weft::epoch epoch;
  seq from, until;
  hlc log_time;                     ///< no entry at or after `until` has an HLC at or below it
  seq head;                         ///< the log's synced end, for lag
  std::vector<named_start> starts;  ///< of a gap: only these topics miss something, up to their start; the range is
                                    ///< empty; at most limits::run_starts_max
  errc gap_code = errc::ok;         ///< else [from, until) can't be served: log_start, corrupt
  std::string gap;                  ///< why, in words
  std::uint64_t number = 0;         ///< of a group's flow: of the first event, counted from 1; else 0
  std::vector<tried_event> tried{}; ///< those of its events; at most limits::group_window_events_max
  friend bool operator==(const run&, const run&) = default;
};
/// Everything below `until` was processed. Only on a named subscription.
struct commit {
  std::uint64_t flow = 0;
  log_position until;
  friend bool operator==(const commit&, const commit&) = default;
};

/// Asks how batches for a topic are packed whose publisher does not say it.
struct ask_codec {
  std::uint64_t request = 0;
  std::string topic;
  friend bool operator==(const ask_codec&, const ask_codec&) = default;
};
struct topic_codec {
  std::uint64_t request = 0;
  wire::codec codec = codec::none; ///< none also when it is one that this build can't make
  friend bool operator==(const topic_codec&, const topic_codec&) = default;
};

/// A batch for the node's log; the batch's bytes follow.
struct publish {
  std::uint64_t request = 0;
  std::optional<ack_level> level;   ///< nothing: the topic's
  std::optional<mono_time> until{}; ///< by the clock of the machine, which both are at: later the log does not take it
  friend bool operator==(const publish&, const publish&) = default;
};
struct published {
  std::uint64_t request = 0;
  errc code = errc::ok; ///< ok: the fields from `epoch` on hold
  std::string message;
  weft::epoch epoch;
  seq first;
  std::uint32_t count = 0;
  topic_offset first_offset;
  hlc appended;
  bool repeated = false;
  ack_level level = ack_level::synced; ///< what has happened: as asked, or as the topic was set when it was taken
  wire::codec codec = codec::none;     ///< as in topic_codec, when it was taken
  friend bool operator==(const published&, const published&) = default;
};

/// Asks a node something or has it do something; `arguments` and the answer's `document` are JSON documents. Between
/// nodes it goes to `node`, over nodes that are nearer to it, and the answer the same way back.
struct query {
  std::uint64_t request = 0; ///< chosen by the sender, unique on the link
  std::string what;          ///< 1 to limits::query_name_bytes_max bytes
  std::string arguments;
  bool parts = false;            ///< the answer may come in parts
  std::optional<node_id> node{}; ///< whom a node asks; nothing: a program asks its node
  std::uint8_t hops = 0;         ///< that it may pass yet
  std::string proof{};           ///< of one that changes something: who asks it; limits::question_proof_bytes_max
  friend bool operator==(const query&, const query&) = default;
};
struct answer {
  std::uint64_t request = 0;
  errc code = errc::ok;
  std::string message;
  std::string document;          ///< or a part of it, at most limits::answer_part_bytes
  std::optional<node_id> node{}; ///< who answers, between nodes; nothing: a node that does not know such questions
  bool more = false;             ///< another part follows
  friend bool operator==(const answer&, const answer&) = default;
};

/// A message could not be taken: unknown, malformed or not allowed here.
struct refused {
  errc code = errc::ok;
  std::string message;
  std::uint64_t subscription = 0; ///< of the refused message; 0: none or not known
  std::uint64_t request = 0;      ///< the same
  friend bool operator==(const refused&, const refused&) = default;
};
/// From a holder of a log's copy to the log's node, about a demand with `copy`: topics that it holds whole from now on,
/// or no longer.
struct copy_holds {
  std::uint64_t subscription = 0;
  bool anew = false;                   ///< what was said before no longer counts
  std::vector<std::string> more, less; ///< at most limits::copy_topics_max each
  friend bool operator==(const copy_holds&, const copy_holds&) = default;
};
/// The same way: all below `until` of the topics that it holds whole is on its disk.
struct copy_confirm {
  std::uint64_t subscription = 0;
  log_position until;
  friend bool operator==(const copy_confirm&, const copy_confirm&) = default;
};
/// From the log's node to a holder: by this list of holders every topic is where it belongs.
struct copies_settled {
  std::uint64_t subscription = 0;
  std::vector<node_id> holders; ///< in order, at most limits::list_holders_max
  friend bool operator==(const copies_settled&, const copies_settled&) = default;
};
/// The same way: topics of the log that this copy does not have; comes before any run that could have held some.
struct copy_scope {
  std::uint64_t subscription = 0;
  std::vector<std::string> others; ///< at most limits::copy_topics_max; more in further messages
  friend bool operator==(const copy_scope&, const copy_scope&) = default;
};

/// From a holder of copies to the log's node, when they are linked: how far it got with a group that it shared the log
/// out to meanwhile.
struct taken_up {
  shared_bytes record; ///< as delivery::encode_takeup made it; empty: there is none
  bool last = false;   ///< the holder has said all
  friend bool operator==(const taken_up& a, const taken_up& b) noexcept {
    return a.last == b.last && std::ranges::equal(a.record.view(), b.record.view());
  }
};
/// The answer: that is on disk at the log's node.
struct taken_over {
  std::string group;
  std::uint64_t version = 0; ///< of the record
  friend bool operator==(const taken_over&, const taken_over&) = default;
};

/// The peer stops cleanly: what it sent before is all there is.
struct goodbye {
  std::string message;
  friend bool operator==(const goodbye&, const goodbye&) = default;
};
/// Measures the link; the answer has the same number.
struct ping {
  std::uint64_t number = 0;
  friend bool operator==(const ping&, const ping&) = default;
};
struct pong {
  std::uint64_t number = 0;
  friend bool operator==(const pong&, const pong&) = default;
};

/// One control message. Its bytes are those of control.fbs.
using control =
    std::variant<local_hello, local_welcome, demand, withdraw, flow_opened, flow_closed, credit, run, commit, publish,
                 published, query, answer, refused, goodbye, ping, pong, ask_codec, topic_codec, demand_refresh,
                 copy_holds, copy_confirm, copies_settled, copy_scope, handled, failed, leaving, renew, verdict, revoke,
                 renewal, log_found, log_gone, taken_up, taken_over>;

/// The message's bytes. An answer over limits::control_bytes_max becomes one that says errc::too_large.
/// @pre a run has at most limits::run_starts_max starts, a demand_refresh at most limits::flows_per_link_max demands,
/// a flow_opened a path of at most limits::path_nodes_max, a list of topics or holders no more than is said there
[[nodiscard]] shared_bytes encode(const control& message);

/// Reads bytes from outside: size, FlatBuffers verifier with limits, then every name, range and length.
/// @error errc::too_large         over limits::control_bytes_max, or a part over its limit
/// @error errc::corrupt           not a control message, or damaged
/// @error errc::unsupported       a message or level that this build does not know: answer with refused
/// @error errc::invalid_name      a topic, pattern or node name breaks the naming rules
/// @error errc::invalid_argument  a value outside its domain: which
[[nodiscard]] result<control> decode_control(const shared_bytes& bytes);

/// What to answer to bytes that decode_control() refused with `why`: names their subscription or request where
/// readable.
[[nodiscard]] refused refusal(const shared_bytes& bytes, const error& why);

/// The message's name for diagnostics, for example "flow_opened".
[[nodiscard]] std::string_view name_of(const control& message) noexcept;

} // namespace weft::wire
