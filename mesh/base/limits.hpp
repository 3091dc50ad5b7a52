// mesh/base/limits.hpp: every limit, timeout and default, with its unit and its reason.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weft::limits {

using namespace std::chrono_literals;

// --- names ---------------------------------------------------------------------------------------------------------
inline constexpr std::size_t topic_name_bytes_max = 249; // as Kafka's, so that bridges need no mapping
inline constexpr std::size_t node_name_bytes_max = 63;   // one DNS label

// --- events --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t event_value_bytes_max = 1U << 20U;    // 1 MiB: larger things belong in a store
inline constexpr std::size_t event_key_bytes_max = 4U << 10U;      // 4 KiB
inline constexpr std::size_t event_headers_max = 64;               // count
inline constexpr std::size_t event_headers_bytes_max = 16U << 10U; // 16 KiB
inline constexpr std::size_t event_type_bytes_max = 255;           // a type's name
inline constexpr std::size_t batch_types_max = 1024;               // distinct types in a batch
inline constexpr std::size_t batch_events_max = 65'535;            // `place` is a ushort
inline constexpr std::size_t batch_bytes_target = 256U << 10U;     // 256 KiB: the knee of links and disk (ADR 0002)
inline constexpr std::size_t batch_bytes_max = 5U << 18U; // 1.25 MiB: one event of 1 MiB with its key and headers fits
inline constexpr std::size_t batch_data_unpacked_max = batch_bytes_max; // an unpacked extract is no larger than a batch
inline constexpr std::size_t batch_pool_bytes_max = 16U << 20U;         // free batch memory kept for use again
inline constexpr std::uint32_t slots = 1024;                            // classes of key

// --- log -----------------------------------------------------------------------------------------------------------
inline constexpr std::size_t entry_header_bytes = 64;
inline constexpr std::size_t commit_bytes_max = 1U << 20U;       // 1 MiB a write: more adds latency, not rate
inline constexpr std::size_t commit_queue_bytes_max = 8U << 20U; // waiting batches; then publishers get would_block
inline constexpr std::uint64_t segment_bytes = 64U << 20U;       // 64 MiB: roll seldom, clean in small pieces
inline constexpr std::size_t spare_segments = 2;                 // pre-written ahead, so that a roll costs no sync
inline constexpr std::size_t recycled_spares_most = 4;           // times as many: retention frees files in bursts
inline constexpr std::size_t tail_cache_bytes = 32U << 20U;      // live consumers read from memory
inline constexpr std::size_t tail_pieces_free_max = 4;           // of 1 MiB, kept for the next commits
inline constexpr auto written_sync_within = 1s;                  // `written` is synced no later than this
inline constexpr std::size_t idempotence_batches = 64;           // remembered results a producer
inline constexpr std::size_t idempotence_batches_all = 65'536;   // of all producers: 4 MB in memory
inline constexpr auto producer_forgotten_after = 7 * 24h;
inline constexpr std::size_t producers_remembered_max = 65'536; // oldest forgotten first, whatever their age
inline constexpr std::size_t read_chunk_bytes = 1U << 20U;      // what readers keep together in memory
inline constexpr std::size_t index_sparse_bytes = 64U << 10U;   // one index point per 64 KiB of a segment
inline constexpr std::size_t index_cache_bytes = 8U << 20U;     // of indexes kept in memory for readers
inline constexpr std::size_t open_segments_max = 64;            // descriptors that readers keep
inline constexpr std::size_t page_cached_segments = 4; // closed ones of this epoch left in the page cache: 256 MiB
inline constexpr std::size_t segment_grow_bytes = 256U << 10U; // zeros written ahead when no pre-written file is ready
inline constexpr std::size_t spare_piece_bytes = 1U << 20U;    // its sync delays a commit by less than 1 ms
inline constexpr auto spare_piece_interval = 15ms;          // between two of them, beside appends; without any, no wait
inline constexpr auto clock_jump_settles = 1h;              // retention believes a clock that jumped ahead after it
inline constexpr auto clock_ahead_allowed = 1min;           // no jump: clocks are adjusted all the time
inline constexpr auto retention_interval = 10s;             // between two rounds
inline constexpr auto space_looked_for_every = 1s;          // on a full disk, or for a spare that could not be made
inline constexpr std::size_t compaction_keys_max = 524'288; // of a round: 50 MiB; other keys come in the next rounds
inline constexpr std::uint64_t compaction_gain = 4;         // a segment is written anew when this part of it goes
inline constexpr std::uint64_t compaction_dirty = 2;        // a round begins when what came is this part of what stayed
inline constexpr auto compaction_interval = 15min;          // and then, when something may have become old enough
inline constexpr std::uint64_t compaction_bytes_per_s = 32U << 20U; // read and written: publishing comes first
inline constexpr std::size_t clean_sync_bytes = 4U << 20U;          // of what is written anew: commits wait no longer
inline constexpr std::uint64_t compaction_active_bytes = 1U << 20U; // of a topic: with them the active segment ends
inline constexpr auto compaction_active_age = 10min;                // then; else a slow log is never compacted
inline constexpr auto tombstones_kept = 24h; // who reads from the beginning needs no longer; as Kafka's
inline constexpr std::size_t atomic_group_bytes_max = 1U << 20U;
inline constexpr auto hlc_lead_max = 60s;                              // clock guard
inline constexpr std::uint64_t log_seqs_max = std::uint64_t{1} << 48U; // nine years of a million events a second
inline constexpr auto log_time_ahead_max =
    24h * 36'500; // a century: no clock was so wrong, and the log's time has room above

// --- links ---------------------------------------------------------------------------------------------------------
inline constexpr std::size_t frame_bytes_max = 8U << 20U;     // ZMQ_MAXMSGSIZE
inline constexpr std::size_t control_bytes_max = 256U << 10U; // one control message
inline constexpr unsigned control_depth_max = 8;              // tables inside tables; the deepest message needs 5
inline constexpr unsigned control_tables_max = 1024;          // more than any message has
inline constexpr std::size_t run_starts_max = 512;            // with the longest topic names they fit a message
inline constexpr std::size_t query_name_bytes_max = 63;       // what a query asks for
inline constexpr std::size_t program_name_bytes_max = 255;    // what a local program calls itself
inline constexpr auto heartbeat_interval = 1s;
inline constexpr auto heartbeat_timeout = 5s;  // a silent link is closed
inline constexpr auto reconnect_first = 100ms; // then doubled with jitter
inline constexpr auto reconnect_most = 5s;
inline constexpr int listen_backlog = 256;                        // half-open connections in the kernel
inline constexpr std::size_t link_queue_messages = 4096;          // ZeroMQ high-water mark; credit is what bounds
inline constexpr std::size_t link_bytes_in_socket = 1U << 20U;    // of a link's runs inside ZeroMQ at a time
inline constexpr std::size_t link_cost_in_socket_min = 4U << 10U; // bounds messages too, below ZeroMQ's mark
inline constexpr auto link_close_grace = 100ms;            // what was sent before a close gets this long to leave
inline constexpr auto link_end_grace = 1s;                 // a lost link's last frames get this long to show up
inline constexpr auto stop_linger = 1s;                    // what was sent before a stop gets this long to leave
inline constexpr int spare_descriptors = 32;               // held, so that the log's own open succeeds
inline constexpr std::size_t accept_spare_descriptors = 4; // to accept and drop one with, and to shut others down with
inline constexpr std::size_t names_by_ipv6_max = 1024;     // host names that IPv4 led nowhere for; then all begin anew
inline constexpr int sockets_max = 16'384;                 // of ZeroMQ: three a dialled link
inline constexpr std::size_t connections_min = 16;         // accepted, however few descriptors there are
inline constexpr int frames_a_turn = 256;                  // of a socket, so that none keeps the others waiting
inline constexpr int socket_events_a_turn = 100'000;       // more only while accept fails without end
inline constexpr std::uint16_t protocol_version_min = 1;   // of control messages that this build speaks
inline constexpr std::uint16_t protocol_version_max = 1;
inline constexpr std::size_t client_unanswered_bytes_max = 8U << 20U; // of a light peer's publishes; then would_block

// --- links that are not proven -------------------------------------------------------------------------------------
inline constexpr std::size_t unproven_links_max = 256;   // handshakes under way; more are closed
inline constexpr std::size_t admissions_kept_max = 4096; // strangers that ended CURVE's handshake and did not speak
inline constexpr std::size_t handshake_bytes_max = 4U << 10U;        // a frame from somebody unproven
inline constexpr auto handshake_within = 5s;                         // Hello and Proof both ways
inline constexpr auto handshake_tick = 500ms;                        // how often a link looks whether it is over
inline constexpr unsigned handshake_frames_max = 16;                 // frames from somebody unproven
inline constexpr std::size_t handshake_wire_bytes_max = 128U << 10U; // bytes from somebody unproven, before ZeroMQ
inline constexpr auto unproven_watch = 20ms;                         // how often unproven connections are looked at
inline constexpr auto refusals_told_every = 1s;                      // strangers don't fill the diagnostics

// --- flows ---------------------------------------------------------------------------------------------------------
inline constexpr std::uint64_t flow_window_bytes = 4U << 20U; // credit a subscription gives (notes: 1-4 MiB is enough)
inline constexpr std::uint64_t flow_window_bytes_min = 2U << 20U;  // three quarters of it hold the largest entry
inline constexpr std::uint64_t link_credit_bytes_max = 16U << 20U; // of a link's runs in memory; its flows share it
inline constexpr std::uint64_t run_cost_bytes_min = 4U << 10U;     // so that credit bounds messages too
inline constexpr std::size_t run_bytes_target = 256U << 10U;
inline constexpr std::size_t run_bytes_max = batch_bytes_max + entry_header_bytes; // one entry at least is in a run
inline constexpr std::uint64_t run_scanned_bytes_max = 4U << 20U; // an empty run after this much without a match
inline constexpr auto run_heartbeat = 1s;                         // an empty run on a flow that follows
inline constexpr std::size_t flows_per_link_max = 1024;
inline constexpr auto demand_again_after = 500ms; // a flow that its source ended for a passing reason
inline constexpr int own_reads_in_a_row_max = 16; // from memory, for one flow; then other actors get their turn
inline constexpr std::size_t publishes_unanswered_bytes_max = 16U << 20U; // that a link may be ahead of its answers

// --- routing -------------------------------------------------------------------------------------------------------
inline constexpr auto link_cost_interval = 1min;  // between two announced costs of a link: each makes all compute paths
inline constexpr auto link_cost_settling = 10s;   // until the first is corrected: ten round trips of a busy start
inline constexpr std::uint8_t link_cost_max = 20; // 67 s: what is slower is as good as gone
inline constexpr auto demand_life = 30s;          // of a peer's demand that is not refreshed
inline constexpr auto demand_refresh = 10s;       // a third of it
inline constexpr std::size_t demands_max = 16'384; // of all peers at a node; a link has flows_per_link_max
inline constexpr auto hop_avoided_first = 500ms;   // a hop that refused a demand is not asked again for the same log
inline constexpr auto hop_avoided = 5s;            // what that doubles up to, until the hop's links change
inline constexpr auto hop_avoided_silent = 6 * hop_avoided; // it opens flows, then holds them up
inline constexpr std::uint32_t route_gain_min = 2;          // of cost: for one step a flow is not moved
inline constexpr std::size_t routes_a_tick = 64; // computed again after a change: 0.5 ms each in a large mesh
inline constexpr auto router_tick = 1s;
inline constexpr auto unreachable_avoided = 5min;    // a node that could not be dialled is reached over others
inline constexpr std::size_t direct_links_max = 128; // wanted for flows: half of links_max, the rest is the overlay's
inline constexpr std::size_t path_nodes_max = 16;    // named in a flow's path: more say nothing to people
inline constexpr std::size_t hops_named_max = 4;     // in a text for people that says why no hop carries a log
inline constexpr std::size_t log_sources_max = 8;    // its own node and holders: who looks beyond finds none either
inline constexpr auto source_avoided = 30s;          // a holder that does not have all that is asked; it may fill up

// --- operators' questions to the whole mesh -------------------------------------------------------------------------
inline constexpr auto question_within = 4s;          // for a node: more than a dial and a slow read take
inline constexpr auto mesh_question_within = 8s;     // for all nodes; below request_timeout: who asks hears of the rest
inline constexpr std::size_t questions_at_once = 64; // of one that goes to all nodes
inline constexpr int question_depth_max = 16;        // of its arguments and answers: the deepest of ours has 5
inline constexpr std::size_t questions_per_link_max = 256; // of a peer, under way through a node: four times that
inline constexpr std::size_t questions_served_max = 32;    // of other nodes, at work at once: publishers come first
inline constexpr std::uint8_t question_hops_max = 16;      // nodes that one may pass: maps that differ close no circle
inline constexpr std::size_t answer_part_bytes = 64U << 10U;       // of an answer in one message: flows get their turn
inline constexpr std::size_t answer_bytes_max = 16U << 20U;        // to a program: 40,000 rows
inline constexpr std::size_t node_answer_bytes_max = 1U << 20U;    // between nodes: what one log's groups take is less
inline constexpr std::size_t last_answers_bytes_max = 4U << 20U;   // kept of nodes, for when they can't be reached
inline constexpr std::size_t question_proof_bytes_max = 1U << 10U; // a certificate chain and a signature
inline constexpr std::size_t question_proofs_seen_max = 4096;      // in clock_skew_allowed both ways; then busy

// --- telemetry -----------------------------------------------------------------------------------------------------
inline constexpr auto telemetry_every = 1s;          // a frame of what has changed: as people look
inline constexpr auto telemetry_every_least = 100ms; // between two frames: a node has other work
inline constexpr auto telemetry_whole_every = 10s;   // all rows: who winds back reads so much, at most
inline constexpr auto telemetry_answer_within = 5s;  // of the node's own parts; else another frame begins
inline constexpr auto telemetry_frozen_every = 60s;  // a frame of a frozen log: it has little room
inline constexpr std::size_t telemetry_frame_text_bytes = 512U
                                                          << 10U;  // as JSON; an event has 1 MiB, and rows take less
inline constexpr std::size_t telemetry_latencies_at_once = 32;     // in a frame, of 7 KiB at most each
inline constexpr auto telemetry_keep_time = 24h;                   // of a node's frames: a day to look back at
inline constexpr std::uint64_t telemetry_keep_bytes = 512U << 20U; // a day at 5 KiB a second
inline constexpr std::size_t latency_names_max = 512;              // of a kind that are told apart: 4 KiB each
inline constexpr std::size_t delivery_topics_known_max = 256;      // of a flow: the others' latency has no name
inline constexpr std::uint32_t telemetry_replicas = 1;             // so that the dead can be asked
inline constexpr auto telemetry_view_every = 100ms;                // to who looks: as often as a window is drawn
inline constexpr int telemetry_view_rest = 9; // times as long as a look took: it takes a tenth of a core at most
inline constexpr auto telemetry_view_keep_time = 60s;                 // who looks reads what comes, and no past
inline constexpr std::uint64_t telemetry_view_keep_bytes = 8U << 20U; // a minute at 100 KiB a second
inline constexpr std::size_t telemetry_views_max = 50;                // nodes that a monitor has in view
inline constexpr auto rollup_every = 60s;                             // a month is 43,200 points: as a window can show
inline constexpr auto rollup_every_least = 10s;                       // below it frames themselves say as much
inline constexpr auto rollup_keep_time = 30 * 24h;                    // a month, and what was before the last change
inline constexpr std::uint64_t rollup_keep_bytes = 256U << 20U;       // a month at 100 B a second
inline constexpr std::size_t rollup_rows_max = 512;                   // of a kind a minute, the busiest: 200 B each
inline constexpr auto services_told_every = 1s;                       // by a program, of those that changed
inline constexpr auto services_told_again_every = 10s;                // that did not: its node may have begun anew
inline constexpr std::size_t services_of_program_max = 256;           // their rows: 64 KiB a second at most
inline constexpr std::size_t service_why_bytes_max = 512;             // a sentence; the rest is left out
inline constexpr std::size_t telemetry_rows_max = 4096;               // of one kind in a frame: a few MiB

// --- relays --------------------------------------------------------------------------------------------------------
inline constexpr std::size_t relay_buffer_bytes = 4U << 20U;  // what the slower of equal demands may be behind
inline constexpr std::size_t relay_tail_bytes = 256U << 10U;  // kept though all have it: for who comes from another hop
inline constexpr std::size_t relayed_bytes_max = 512U << 20U; // runs that all relays of a node hold; then it is busy
inline constexpr std::size_t relay_run_overhead = 256;        // of a run in the buffer besides its bytes
inline constexpr std::uint64_t relay_grant_step = flow_window_bytes / 4;      // a consumer's credit, told to its relay
inline constexpr std::uint64_t relay_credit_step = flow_window_bytes_min / 8; // a relay's, told to its hop
inline constexpr auto leg_silent_after = 5s; // a hop owes a run each second: five are lost, yet its link is up
inline constexpr auto leg_silent_more = 2s;  // for each node beyond the hop: who is next to the silence is first
inline constexpr auto leg_opens_within = demand_life; // a source may look up a time, or wait for its disk
inline constexpr std::uint64_t leg_silent_bytes =
    4 * link_credit_bytes_max;                            // and nothing waits behind so much of a link
inline constexpr std::size_t leg_busy_bytes = 16U << 10U; // a second: with less a link is quiet, slow as it may be

// --- membership: neighbours ----------------------------------------------------------------------------------------
inline constexpr std::size_t active_view_max = 5; // HyParView's figures: more than log10(nodes) failures at once
inline constexpr std::size_t passive_view_max = 30;
inline constexpr std::size_t passive_per_source_max = 10; // one neighbour fills a third of a passive view at most
inline constexpr std::uint8_t join_walk_active = 6;       // hops of a ForwardJoin
inline constexpr std::uint8_t join_walk_passive = 3;      // hops left when the new node goes into a passive view
inline constexpr std::uint8_t shuffle_walk = 6;
inline constexpr std::size_t shuffle_active = 3; // of the own views in a shuffle
inline constexpr std::size_t shuffle_passive = 4;
inline constexpr std::size_t shuffle_nodes_max = 16;
inline constexpr auto shuffle_interval = 60s;
inline constexpr auto neighbor_within = 2s;    // a Neighbor must be answered
inline constexpr unsigned neighbor_tries = 10; // nodes asked after a loss; then one with each shuffle
inline constexpr std::size_t invited_max = 8;  // ids that ask for neighbours before their records come

// --- membership: links to peers ------------------------------------------------------------------------------------
inline constexpr auto traffic_told_every = 5s;    // that a link is used; well below link_idle_max
inline constexpr auto link_idle_max = 30s;        // a link that nobody needs
inline constexpr std::size_t links_max = 256;     // of a node
inline constexpr auto dial_within = 10s;          // connecting and the handshake; then the next address
inline constexpr auto link_settled = 5s;          // one that ended sooner is dialled again after a wait, not at once
inline constexpr std::size_t seed_dials_max = 2;  // at a time: one that hangs does not hold up the others
inline constexpr std::size_t link_spares_max = 2; // of a peer, until its lower id says which one stays

// --- membership: contacts beyond the links -------------------------------------------------------------------------
inline constexpr auto contact_interval = 30s; // with a random member beyond the links
inline constexpr auto contact_within = 10s;   // a link to it, and a comparison of directories
inline constexpr auto news_everywhere = 2min; // by flooding, or four rounds of anti-entropy
inline constexpr auto seed_interval = 5min;   // seeds are met too: they may know others

// --- membership: what is known of nodes ----------------------------------------------------------------------------
inline constexpr std::size_t members_max = 10'000;     // known nodes; strangers beyond are refused
inline constexpr std::size_t members_kept_max = 5'000; // half: with so many nobody stays for its copies alone
inline constexpr auto member_expiry = 24h;             // dead and left ones, and the oldest record taken of a stranger
inline constexpr auto members_look_every = 10s;        // at expiry, a scan
inline constexpr std::size_t accusers_max = 3;         // accusations held against a member, the newest
inline constexpr auto record_interval = 10s;           // between two announcements that can wait
inline constexpr int record_changes_at_once = 4;       // after a quiet time, such as the first topics of a new node
inline constexpr auto record_refresh = 30min;          // one without a change
inline constexpr auto record_overdue = 2 * record_refresh; // one that missed two: its node is away
inline constexpr std::size_t announced_links_max = 64;
inline constexpr std::size_t announced_addresses_max = 8;         // one that answers is enough
inline constexpr std::size_t summary_prefixes_max = 64;           // exact up to here
inline constexpr std::size_t summary_bloom_bytes_max = 8U << 10U; // 5,000 prefixes with 1 % false
inline constexpr auto facts_looked_at_every = 200ms;              // what this node says of itself: topics, health
inline constexpr auto members_kept_every = 1s;                    // what is known of members, for the next start
inline constexpr auto incarnation_retry = 10s;                    // when the disk did not take it

// --- membership: what spreads --------------------------------------------------------------------------------------
inline constexpr std::size_t gossip_items_max = 64;
inline constexpr std::size_t item_bytes_max = 16U << 10U;   // a record with the largest summary has 11 KiB
inline constexpr std::size_t gossip_bytes_max = 64U << 10U; // of the items in a message: a link's turn stays short
inline constexpr std::size_t gossip_news_max = 8;          // of an answer that go on by flooding; more, by anti-entropy
inline constexpr auto gossip_delay = 5ms;                  // news gather so long before they go on
inline constexpr auto sync_interval = 30s;                 // anti-entropy with a random neighbour
inline constexpr auto sync_spacing = 500ms;                // between two that a node starts: the first may answer all
inline constexpr std::size_t sync_burst_bytes = 4U << 20U; // answers to a peer at once: a mesh of 4,000, to a newcomer
inline constexpr std::size_t sync_bytes_per_s = 256U << 10U; // and after that
inline constexpr std::size_t sync_buckets = 64;              // of keys; 32 items a bucket at 1,000 nodes
inline constexpr std::size_t sync_entries_max = 4096;
inline constexpr std::size_t sync_wants_max = 4096;
inline constexpr int member_news_burst = 32;               // items of one author handed on at once
inline constexpr int member_news_per_s = 1;                // and after that
inline constexpr std::size_t aside_items_max = 4096;       // whose author or record is awaited
inline constexpr std::size_t aside_items_sender_max = 512; // of one peer
inline constexpr auto aside_kept = 60s;                    // an answer takes a round trip

// --- membership: who is gone ---------------------------------------------------------------------------------------
inline constexpr auto member_heartbeat = 1s;
inline constexpr auto silent_after = 3500ms;   // three heartbeats lost, and half a second for the network
inline constexpr auto redial_within = 1500ms;  // of a link that broke; then its node is accused
inline constexpr auto dead_after_broken = 5s;  // since the second accuser
inline constexpr auto dead_after_silent = 20s; // since the first: a pause of 10 s and its refutation fit twice
inline constexpr auto paused_after = 1s;       // a tick that is later than this: the node itself was paused
inline constexpr auto late_after = 200ms;      // a detector's tick that is later: this node is slow
inline constexpr unsigned slowness_max = 8;    // late ticks that count; eight make silence five times as long
inline constexpr auto slowness_fades = 10s;    // one late tick is forgotten after so long without another

// --- contracts -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t contract_bytes_max = 12U
                                                  << 10U;  // schema and rules: a topic's record with both fits an item
inline constexpr std::size_t contract_rules_max = 64;      // each is looked at for each event
inline constexpr std::size_t contract_depth_max = 64;      // of a value: what FlatBuffers' own readers take
inline constexpr std::size_t contract_tables_max = 65'536; // of one value; a table has 8 bytes at least
inline constexpr std::size_t contract_json_bytes_max = 4U << 20U; // of a table as JSON: parts that it shares count anew
inline constexpr std::size_t contract_versions_max = 256;         // of one topic that a node keeps
inline constexpr std::size_t contracts_read_max = 64;             // that a consumer keeps ready
// A contract that the node does not know is asked for again so much later: its topic's record may be on its way.
inline constexpr auto contract_ask_again_after = std::chrono::seconds(10);

// --- topic records -------------------------------------------------------------------------------------------------
inline constexpr std::size_t topic_description_bytes_max = 1U << 10U; // a few sentences
inline constexpr std::size_t topic_records_max = 10'000;              // of a mesh, deleted ones too: 10 MB in memory
inline constexpr std::size_t topic_records_bytes_max = 16U << 20U;    // fewer when they have long texts
inline constexpr std::size_t topic_records_spare_percent = 25; // taken beyond: authors that knew less than all could
inline constexpr int topic_news_burst = 256;                   // records of one author handed on at once
inline constexpr int topic_news_per_s = 16;                    // and after that; anti-entropy brings the rest
inline constexpr std::size_t topic_news_authors_kept = 256;    // of more, those with their whole burst left go

// --- replication ---------------------------------------------------------------------------------------------------
inline constexpr std::uint8_t replicas_max = 7;               // copies of a topic at other nodes; more buy nothing
inline constexpr std::size_t copy_topics_max = 960;           // of one log at a holder: the longest names fit a message
inline constexpr std::size_t list_holders_max = replicas_max; // of a log, in order: no topic is on more
inline constexpr auto copy_lists_after = 250ms;               // changes of members and topics gather so long
inline constexpr int replica_threads = 2; // that write copies at a holder: a slow disk sync stops half
inline constexpr auto copies_tick = 1s;   // what lacks copies is looked at
inline constexpr auto replace_after = 1h; // a storage node that is dead for so long is replaced

// --- replication: copies held here ---------------------------------------------------------------------------------
inline constexpr std::uint64_t catch_up_bytes_per_s = 64U << 20U; // of a copy that is behind: live flows come first
inline constexpr auto catch_up_soon = 50ms; // credit that is due so soon is given at once: a live flow never waits
inline constexpr std::uint64_t catch_up_behind = 4096;          // seqs behind the log's end: such a run catches up
inline constexpr std::uint64_t copy_segment_bytes = 16U << 20U; // of a copy: adding a topic writes whole segments anew
inline constexpr std::size_t copy_fill_bytes_max = 8U << 20U;   // entries that wait to go between others; then a sync
inline constexpr std::size_t copy_ranges_max = 65'536;          // that a copy knows of: holes are few
inline constexpr std::size_t copy_changes_bytes = 64U << 10U;   // of a copy's file behind its snapshot, at least
inline constexpr std::uint64_t copy_state_bytes_max = 64U << 20U;
inline constexpr std::size_t unavailable_ranges_max = 4096; // of an epoch, that a source said it can't give
inline constexpr auto pull_again_first = 500ms;             // a pull that ended; then doubled
inline constexpr auto pull_again_most = 30s;
inline constexpr auto copy_idle_sync = 30s; // ranges with nothing for a copy are had again after a crash: cheap

// --- replication: who has copies -----------------------------------------------------------------------------------
inline constexpr std::size_t acks_waiting_max = 65'536; // for copies, of one log; then would_block
inline constexpr auto under_replicated_after = 5s;      // a copy that lacks what is so old is no copy
inline constexpr std::size_t log_holders_max = 64;      // of one log: displaced ones and those that fill up too
inline constexpr std::size_t topics_told_max = 65'536;  // names that holders have told of one log

// --- replication: what comes back ----------------------------------------------------------------------------------
inline constexpr std::size_t repair_bytes_kept = 8U << 20U; // of what comes back, before it is stored
inline constexpr std::size_t repair_ranges_max = 1024;      // sought at a time; the others after these
inline constexpr std::uint64_t repair_rate = 16U << 20U;    // bytes a second: live flows come first
inline constexpr auto repair_pace_ahead = 1s;               // credit is given so far ahead of the rate
inline constexpr auto repair_answer_within = 10s;           // a holder that says nothing for so long is passed over
inline constexpr int repair_rest_heartbeats = 3;  // then a holder has no more; one may come before a run that is read
inline constexpr int repair_empty_runs_max = 256; // in a row: a copy that goes on for so long has nothing, or no end
inline constexpr auto repair_again_first = 1s;    // when a holder could not be asked; then doubled
inline constexpr auto repair_again_most = 5min;
inline constexpr int repair_rounds_max = 12;     // over all holders, in about half an hour
inline constexpr auto holders_come_within = 30s; // after a start; then a reader of what is damaged is told of a gap

// --- replication: epochs -------------------------------------------------------------------------------------------
inline constexpr std::uint32_t epoch_lead_max = 1024; // of an own epoch that a peer names: more is a lie
inline constexpr auto epoch_opened_every = 1min;      // because of peers; two machines with one key must not race
inline constexpr std::size_t epochs_left_kept = 64;   // publishes are not repeated through so many lives
inline constexpr std::size_t returned_bytes_max = 1U << 20U; // of what holders gave back: 64 epochs and holders
inline constexpr std::size_t epochs_sought = 64;             // last closed ones that may lack their ends after a start

// --- delivery: groups ------------------------------------------------------------------------------------------------
inline constexpr std::size_t groups_max = 1024;                 // of a log: any peer may name one
inline constexpr std::size_t group_members_max = 1024;          // one slot each
inline constexpr std::uint32_t group_window_events_max = 8192;  // of a member: what it tells of them fits a message
inline constexpr std::size_t group_cause_bytes_max = 1U << 10U; // of why an event failed
inline constexpr std::size_t group_failing_told_max = 100;      // events, to an operator: what is told fits a message
inline constexpr std::size_t group_slot_events_max = 8192;      // behind one that is not finished; then its slot waits
inline constexpr std::uint32_t group_foremost_every = 4;        // reads: of each four, three are for those behind
inline constexpr auto group_lease = 10s;                 // a member that hears nothing for so long begins nothing more
inline constexpr std::uint32_t group_deliveries_max = 5; // of an event that fails, before it is set aside
inline constexpr auto group_backoff_first = 1s;          // before it is tried again; twice as long each time
inline constexpr auto group_backoff_most = 1min;         // who mends the cause waits no longer
inline constexpr auto group_put_off_max = 24h;           // that a message may say: what is longer was not meant
inline constexpr auto group_renew_every = 2s;            // a sign of life: four may be lost within a lease
inline constexpr auto group_tick = 500ms;                // of a source with members
inline constexpr auto group_report_within = 2ms;         // what members processed is told together
inline constexpr std::uint32_t group_window_events = 1024;         // that a member holds unless it says otherwise
inline constexpr std::size_t group_record_bytes_max = 256U << 10U; // of a cursor; what does not fit comes again
inline constexpr std::uint32_t group_losses_max = 2;    // with this many members lost, an event is tried alone
inline constexpr std::size_t group_set_aside_max = 256; // events on their way to where they are kept
inline constexpr auto group_lease_margin = 2s;          // for clocks that run apart; then its slots are others'

// --- cuts
// ---------------------------------------------------------------------------------------------------------------
inline constexpr auto cut_lease = 7 * 24h;            // holds what a cut needs, unless it is said otherwise
inline constexpr auto cut_lease_max = 400 * 24h;      // a year's closing, until after the next one
inline constexpr auto cut_forgotten_after = 30 * 24h; // its lease has ended; longer than nodes are away
inline constexpr std::size_t cut_records_max = 4096;  // of a mesh, deleted ones too: one an hour for months, 4 MB
inline constexpr std::size_t cut_records_spare_percent = 25; // taken beyond: authors that knew less than all could
inline constexpr std::size_t cut_absent_max = 128;           // logs that a cut names; of more it has the number

// --- delivery: groups go on at a copy --------------------------------------------------------------------------------
inline constexpr auto takeup_after = 2s;       // the log's node is away: a broken link or a quick restart is no reason
inline constexpr auto takeup_asked_max = 4s;   // that who asks a holder waits for that: below leg_silent_after
inline constexpr auto takeup_told_within = 4s; // of a start holders say what they took up; below leg_silent_after too
inline constexpr std::size_t takeup_told_bytes_max = 128U << 10U; // of what is finished: the record fits a message

// --- delivery: cursors -----------------------------------------------------------------------------------------------
inline constexpr auto cursors_kept_time = 24h;                  // in `_weft.cursors`: each record there says all
inline constexpr std::uint64_t cursors_kept_bytes = 64U << 20U; // the same
inline constexpr auto cursors_again_every = 6h;                 // those that rest: none goes before it comes again
inline constexpr std::uint64_t cursors_again_bytes = cursors_kept_bytes / 4; // of others' moves; the same
inline constexpr auto cursors_again_after_start = 1min;                      // when they came last is not known then
inline constexpr auto lease_unused_max = 7 * 24h;           // that a cursor holds retention back: a holiday, as cuts do
inline constexpr std::uint64_t lease_bytes_max = 1U << 30U; // expired ones of a topic: ten such fit a small disk
inline constexpr int lease_notes = 16;                      // that a cursor is used, in a lease: a crash forgets one
inline constexpr auto pace_window = 1min;                   // of which a cursor's rate is told: long against its bursts
inline constexpr auto pace_known_after = 2s;                // ten times that a cursor is published
inline constexpr std::size_t pace_marks_max = 16;           // of a cursor in the window

// --- security ------------------------------------------------------------------------------------------------------
inline constexpr auto certificate_life = 365 * 24h;
inline constexpr auto issuer_certificate_life =
    2 * certificate_life; // what it signs in its first half lasts a whole life
inline constexpr auto clock_skew_allowed = 5min;
inline constexpr int renewal_spread = 10;         // renewals are spread over this part of a certificate's life
inline constexpr auto renewal_retry_first = 1min; // then doubled with jitter
inline constexpr auto renewal_retry_most = 1h;
inline constexpr auto certificate_look_every = 1h;   // the wall clock may be set between
inline constexpr auto certificate_look_soonest = 1s; // however soon the certificate ends
inline constexpr auto invitation_life = 15min;
inline constexpr auto certificate_within = 10s; // an issuer has to answer
inline constexpr int token_tries_per_minute = 10;
inline constexpr auto token_kept_after_expiry = 24h;                // so that a late joiner hears `expired`
inline constexpr std::size_t invitation_addresses_max = 8;          // seeds; one that answers is enough
inline constexpr std::size_t address_bytes_max = 255;               // the longest DNS name with its port, about
inline constexpr std::size_t invitation_bytes_max = 16U << 10U;     // of the file
inline constexpr std::size_t invitation_body_bytes_max = 4U << 10U; // what it says, before it is written as text
inline constexpr std::size_t refusal_text_bytes_max = 512;          // one sentence

// --- node ----------------------------------------------------------------------------------------------------------
inline constexpr auto stop_within = 5s;
inline constexpr auto cursor_publish_interval = 200ms;
inline constexpr int cursor_tries_max = 10; // for a named subscription that is in use
inline constexpr auto cursor_try_again_after = 100ms;
inline constexpr auto telemetry_interval = 1s;       // between looks at the flows
inline constexpr auto restart_backoff_first = 100ms; // a crashed actor's first restart
inline constexpr auto restart_backoff_most = 10s;
inline constexpr auto restart_calm_after = 1min; // without another crash the backoff begins anew
inline constexpr int log_reader_threads = 2;     // for what the tail cache misses: a slow catch-up does not stop others
inline constexpr auto request_timeout = 10s;     // a local program waits this long for its node

// --- programs (sdk) ------------------------------------------------------------------------------------------------
inline constexpr std::size_t publisher_batches_max = 4;    // unanswered: keep the disk busy over a hand-over
inline constexpr auto publish_outcome_within = 30s;        // a home that is away longer: outcome_unknown
inline constexpr auto absence_looked_at_every = 1s;        // fine enough for that
inline constexpr int publish_tries_max = 8;                // of one batch, when the node keeps losing its outcome
inline constexpr std::size_t publishers_kept_max = 16'384; // by publish(topic, ...); idle ones are forgotten first
inline constexpr auto producer_renewed_after = 24h;        // idle: well before logs forget it
inline constexpr std::size_t step_events_max = 4096;       // of a service: half of what a member has at once, so that
                                                           // one fills while another is written and acknowledged
inline constexpr std::size_t step_bytes_max = 8U << 20U;   // of its state changes and what it publishes
inline constexpr auto step_time_most = 10ms; // a step's first event waits this long for others, while the disk is free
inline constexpr std::size_t outbox_batches_max = 32; // of a service, unacknowledged, before another step begins
inline constexpr auto outbox_try_again_after = 1s;    // what its node did not take, and a step that the disk did not
inline constexpr auto service_stop_within = 5s;       // for acknowledgements of the last step
inline constexpr std::size_t state_cache_bytes = 64U << 20U;     // of a service's state in memory
inline constexpr std::size_t state_step_bytes_max = 160U << 10U; // of a step whose changes are published: as events
                                                                 // they are one batch, which costs half of several
inline constexpr std::size_t state_key_bytes_max = 2U << 10U;    // of an event: longer ones go with the value
inline constexpr std::size_t state_slice_bytes = 512U << 10U;    // of a larger value: an event takes twice as much
inline constexpr std::uint32_t handled_ranges_max = 4096;        // of an epoch of a log: one a seek or gap, 16 KiB each
inline constexpr std::uint64_t state_terms_ahead_max = 1U << 20U; // of what a log knows: a life takes one
inline constexpr std::size_t state_shards_max = 64;               // of a group's state: each is a database of its own
inline constexpr auto shard_asker_there_for = 3s; // a program that wants shards: it asks for each twice a second
inline constexpr std::size_t state_read_events_max = 4096; // of a state that is taken over, in a transaction
inline constexpr auto state_log_missed_for = 2s; // then another log is looked for; a route that changes takes less
inline constexpr int service_threads_max = 256;  // of one service's handlers
inline constexpr std::size_t cancelled_requests_max =
    65'536; // that a server knows, 12 MiB; the oldest is forgotten, and served

inline constexpr std::size_t handlers_queued_per_thread = 64; // so that quick ones need not wait for the next
inline constexpr auto handlers_turn = 100us;         // of what a thread takes at once: many times what taking it costs
inline constexpr int handler_conflicts_max = 3;      // then it runs on the thread that merges
inline constexpr std::size_t timers_loaded_max = 64; // due ones of a service, of up to 1 MiB
inline constexpr auto timer_looked_at_every = 1s;    // the wall clock may be set meanwhile
inline constexpr auto timer_interval_min = 1s;       // of a service's every()
inline constexpr std::size_t kept_bytes_max = 64U << 10U; // for a reply, beside which it has to fit into one batch
inline constexpr std::size_t replies_waiting_bytes = 4U << 20U; // of a service, before its next step takes them
inline constexpr auto replies_waited_for = 5s;          // after a start: for what came while the service was away
inline constexpr std::size_t json_depth_max = 1024;     // of a value that a program reads: simdjson's own bound
inline constexpr auto cursor_commit_interval = 200ms;   // of a named subscription
inline constexpr int flow_reopen_max = 3;               // without one good run between: the subscription ends
inline constexpr std::size_t flow_free_runs_max = 1024; // waiting runs of a flow that take no credit

} // namespace weft::limits
