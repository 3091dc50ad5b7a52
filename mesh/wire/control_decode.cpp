// mesh/wire/control_decode.cpp: reads control messages from outside: verified, then checked field by field.
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/wire/control.hpp"
#include "mesh/wire/control_generated.h"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/flat_slots.hpp"
#include "mesh/wire/group_flat.hpp"

#include <algorithm>

namespace weft::wire {

namespace {

log_id read(const fb::Log& log) {
  std::array<std::uint8_t, 32> node{};
  for (flatbuffers::uoffset_t i = 0; i < node.size(); ++i)
    node[i] = log.node()->Get(i);
  return {node_id{node}, log.ordinal()};
}

distance read(const fb::Distance& from) { return {from.boundaries(), from.rank(), from.cost()}; }

log_position position(std::uint64_t opening, std::uint64_t at) { return {epoch{opening}, seq{at}}; }

result<std::array<std::uint8_t, 32>> id_bytes(const flatbuffers::Vector<std::uint8_t>* bytes, std::string_view what) {
  std::array<std::uint8_t, 32> id{};
  if (!bytes || bytes->size() != id.size())
    return fail(errc::invalid_argument,
                fmt::format("{} has {} bytes instead of {}", what, bytes ? bytes->size() : 0, id.size()));
  std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

/// Nothing when it is absent.
result<std::optional<node_id>> optional_id(const flatbuffers::Vector<std::uint8_t>* bytes, std::string_view what) {
  if (!bytes) return std::nullopt;
  const auto id = id_bytes(bytes, what);
  if (!id) return fail(id.error());
  return node_id{*id};
}

result<std::string> topic_name(const flatbuffers::String* value) {
  auto topic = bounded(value, limits::topic_name_bytes_max, "a topic's name");
  if (!topic) return topic;
  if (auto good = check_topic_name(*topic); !good) return fail(good.error());
  return topic;
}

result<std::vector<std::string>> read_topics(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names,
                                             std::string_view what) {
  std::vector<std::string> topics;
  if (auto few = check_count(names, limits::copy_topics_max, what); !few) return fail(std::move(few.error()));
  for (flatbuffers::uoffset_t i = 0; names && i < names->size(); ++i) {
    auto name = topic_name(names->Get(i));
    if (!name) return fail(std::move(name.error()));
    topics.push_back(std::move(*name));
  }
  return topics;
}

result<header_test> read(const fb::HeaderTest& test) {
  if (test.op() > static_cast<std::uint8_t>(comparison::greater_equal))
    return fail(errc::unsupported, fmt::format("comparison {} of a header is unknown", test.op()));
  auto name = bounded(test.name(), 255, "a filter's header name");
  if (!name) return fail(name.error());
  auto value = bounded(test.value(), limits::event_headers_bytes_max, "a filter's header value");
  if (!value) return fail(value.error());
  return header_test{std::move(*name), static_cast<comparison>(test.op()), std::move(*value)};
}

result<std::vector<std::string>>
read_types(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>& names) {
  if (names.size() > limits::batch_types_max)
    return fail(errc::too_large,
                fmt::format("a filter has {} types, at most {} are allowed", names.size(), limits::batch_types_max));
  std::vector<std::string> types;
  for (const auto* name : names) {
    auto type = bounded(name, limits::event_type_bytes_max, "a filter's type");
    if (!type) return fail(type.error());
    types.push_back(std::move(*type));
  }
  return types;
}

result<event_filter> read(const fb::Filter& from) {
  event_filter filter;
  if (from.slots()) {
    auto slots = slots_in(*from.slots(), "a filter");
    if (!slots) return fail(slots.error());
    filter.slots = *slots;
  }
  if (const auto* key = from.key()) {
    if (key->size() > limits::event_key_bytes_max)
      return fail(errc::too_large, fmt::format("a filter's key has {} bytes, at most {} are allowed", key->size(),
                                               limits::event_key_bytes_max));
    filter.key.emplace(key->begin(), key->end());
  }
  if (from.types()) {
    auto types = read_types(*from.types());
    if (!types) return fail(types.error());
    filter.types = std::move(*types);
  }
  if (!from.headers()) return filter;
  if (from.headers()->size() > limits::event_headers_max)
    return fail(errc::too_large, fmt::format("a filter tests {} headers, at most {} are allowed",
                                             from.headers()->size(), limits::event_headers_max));
  for (const auto* item : *from.headers()) {
    auto test = read(*item);
    if (!test) return fail(test.error());
    filter.headers.push_back(std::move(*test));
  }
  return filter;
}

result<control> read(const fb::LocalHello& m) {
  if (m.versions_min() > m.versions_max())
    return fail(errc::invalid_argument,
                fmt::format("versions {} to {} are no range", m.versions_min(), m.versions_max()));
  auto program = bounded(m.program(), limits::program_name_bytes_max, "a program's name");
  if (!program) return fail(program.error());
  return local_hello{m.versions_min(), m.versions_max(), std::move(*program)};
}

result<control> read(const fb::LocalWelcome& m) {
  auto node = id_bytes(m.node(), "a node's id");
  if (!node) return fail(node.error());
  auto mesh = id_bytes(m.mesh(), "a mesh's id");
  if (!mesh) return fail(mesh.error());
  auto name = node_name_in(m.name());
  if (!name) return fail(name.error());
  return local_welcome{m.version(),    node_id{*node},  std::move(*name), node_number{m.number()},
                       mesh_id{*mesh}, epoch{m.epoch()}};
}

result<void> check_start(const fb::Demand& m) {
  if (m.start() > fb::StartKind::MAX)
    return fail(errc::unsupported, fmt::format("start kind {} is unknown", static_cast<unsigned>(m.start())));
  if (m.start() == fb::StartKind::position && !m.log())
    return fail(errc::invalid_argument, "a demand that starts at a position has to name the log");
  if (m.window() > limits::link_credit_bytes_max)
    return fail(errc::invalid_argument, fmt::format("a window of {} bytes is more than a link's {}", m.window(),
                                                    limits::link_credit_bytes_max));
  return {};
}

result<control> read(const fb::Demand& m) {
  if (auto good = check_start(m); !good) return fail(good.error());
  demand made{.subscription = m.subscription(),
              .log = {},
              .pattern = {},
              .start = static_cast<start_kind>(m.start()),
              .time = hlc{m.time()},
              .at = position(m.epoch(), m.seq()),
              .filter = {},
              .name = {},
              .window = m.window(),
              .resume = m.resume(),
              .distance = {},
              .source = {},
              .topics = {},
              .copy = m.copy(),
              .synced = m.synced(),
              .member = {}};
  if (m.log()) made.log = read(*m.log());
  if (made.log && made.log->ordinal != 0)
    return fail(errc::unsupported,
                fmt::format("log {} of a node is demanded, each has log 0 alone", made.log->ordinal));
  if (m.distance()) made.distance = read(*m.distance());
  auto source = optional_id(m.source(), "a source's id");
  if (!source) return fail(source.error());
  made.source = *source;
  auto pattern = bounded(m.pattern(), limits::topic_name_bytes_max, "a pattern");
  if (!pattern) return fail(pattern.error());
  if (auto good = topic_pattern::parse(*pattern); !good) return fail(good.error());
  made.pattern = std::move(*pattern);
  if (m.filter()) {
    auto filter = read(*m.filter());
    if (!filter) return fail(filter.error());
    made.filter = std::move(*filter);
  }
  if (m.name() && m.name()->size() != 0) {
    auto name = node_name_in(m.name());
    if (!name) return fail(name.error());
    made.name = std::move(*name);
  }
  auto topics = read_topics(m.topics(), "the topics of a demand");
  if (!topics) return fail(std::move(topics.error()));
  made.topics = std::move(*topics);
  if (m.member()) {
    auto member = from_flat(*m.member());
    if (!member) return fail(std::move(member.error()));
    made.member = std::move(*member);
  }
  const bool all_of_a_copy = made.start == start_kind::position; // by who lost some of the log
  if (made.copy && ((made.topics.empty() && !all_of_a_copy) || !made.log))
    return fail(errc::invalid_argument, "a demand for a copy has to name the log and its topics");
  return made;
}

result<control> read(const fb::DemandRefresh& m) {
  demand_refresh made;
  if (!m.demands()) return made;
  if (m.demands()->size() > limits::flows_per_link_max)
    return fail(errc::too_large, fmt::format("a refresh of {} demands, at most {} are allowed", m.demands()->size(),
                                             limits::flows_per_link_max));
  // As of a filter's slots: the verifier aligns a vector's length only.
  if (reinterpret_cast<std::uintptr_t>(m.demands()->Data()) % alignof(fb::StandingDemand) != 0)
    return fail(errc::corrupt, "the demands of a refresh are not 8-aligned");
  for (const auto* item : *m.demands())
    made.demands.push_back({item->subscription(), read(item->distance())});
  return made;
}

result<control> read(const fb::FlowOpened& m) {
  if (!m.log()) return fail(errc::corrupt, "a flow_opened names no log");
  auto node = node_name_in(m.node());
  if (!node) return fail(node.error());
  flow_opened made{m.subscription(), m.flow(), read(*m.log()), std::move(*node), position(m.epoch(), m.seq())};
  const auto* const path = m.path();
  if (path && path->size() > limits::path_nodes_max)
    return fail(errc::too_large, fmt::format("a path of {} nodes, at most {}", path->size(), limits::path_nodes_max));
  for (flatbuffers::uoffset_t i = 0; path && i < path->size(); ++i) {
    auto name = node_name_in(path->Get(i));
    if (!name) return fail(name.error());
    made.path.push_back(std::move(*name));
  }
  made.generation = m.generation();
  made.term = m.term();
  made.begun = m.begun();
  made.begun_by = m.begun_by();
  if (m.home()) {
    auto home = node_name_in(m.home());
    if (!home) return fail(home.error());
    made.home = std::move(*home);
  }
  made.given = m.given();
  return made;
}

result<control> read(const fb::LogFound& m) {
  if (!m.log()) return fail(errc::corrupt, "a log_found names no log");
  auto node = node_name_in(m.node());
  if (!node) return fail(std::move(node.error()));
  return log_found{m.subscription(), read(*m.log()), std::move(*node)};
}
result<control> read(const fb::LogGone& m) {
  if (!m.log()) return fail(errc::corrupt, "a log_gone names no log");
  return log_gone{m.subscription(), read(*m.log())};
}

result<named_start> read(const fb::NamedStart& item) {
  if (!item.start()) return fail(errc::corrupt, "a topic's start is missing");
  auto topic = topic_name(item.topic());
  if (!topic) return fail(topic.error());
  return named_start{std::move(*topic), topic_offset{item.start()->topic_offset()},
                     position(item.start()->epoch(), item.start()->seq())};
}

/// Why something is missing: for people, and kept with the run wherever it waits.
std::string reason_in(const flatbuffers::String* value) {
  return value ? std::string(value->data(), std::min<std::size_t>(value->size(), limits::refusal_text_bytes_max))
               : std::string();
}

result<control> read(const fb::Run& m) {
  if (m.from() > m.until())
    return fail(errc::invalid_argument, fmt::format("a run from {} until {} is no range", m.from(), m.until()));
  run made{.flow = m.flow(),
           .epoch = epoch{m.epoch()},
           .from = seq{m.from()},
           .until = seq{m.until()},
           .log_time = hlc{m.log_time()},
           .head = seq{m.head()},
           .starts = {},
           .gap_code = static_cast<errc>(m.gap_code()),
           .gap = reason_in(m.gap()),
           .number = m.number(),
           .tried = {}};
  auto tried = from_flat(m.tried());
  if (!tried) return fail(std::move(tried.error()));
  made.tried = std::move(*tried);
  if (!m.starts()) return made;
  if (m.starts()->size() > limits::run_starts_max)
    return fail(errc::too_large,
                fmt::format("a run has {} starts, at most {} are allowed", m.starts()->size(), limits::run_starts_max));
  for (const auto* item : *m.starts()) {
    auto start = read(*item);
    if (!start) return fail(start.error());
    made.starts.push_back(std::move(*start));
  }
  return made;
}

result<ack_level> level_of(std::uint8_t number) {
  if (!ack_level::is_code(number))
    return fail(errc::unsupported, fmt::format("acknowledgement level {} is unknown", number));
  return ack_level::from_code(number);
}

/// What a publisher is told to pack with: a wish, so that one which this build can't meet does no harm.
codec codec_of(std::uint8_t number) {
  const auto wanted = static_cast<codec>(number);
  return is_supported(wanted) ? wanted : codec::none;
}

result<control> read(const fb::AskCodec& m) {
  auto topic = topic_name(m.topic());
  if (!topic) return fail(topic.error());
  return ask_codec{m.request(), std::move(*topic)};
}
result<control> read(const fb::TopicCodec& m) { return topic_codec{m.request(), codec_of(m.codec())}; }

result<control> read(const fb::Publish& m) {
  publish made{m.request(), std::nullopt};
  if (m.until() != 0) made.until = mono_time{m.until()};
  if (m.topics_level()) return made;
  const auto level = level_of(m.level());
  if (!level) return fail(level.error());
  made.level = *level;
  return made;
}

result<control> read(const fb::Query& m) {
  auto what = bounded(m.what(), limits::query_name_bytes_max, "what a query asks for");
  if (!what) return fail(what.error());
  if (what->empty()) return fail(errc::invalid_argument, "a query does not say what it asks for");
  query made{m.request(), std::move(*what), text_of(m.arguments()), m.parts(), {}, m.hops(), {}};
  auto node = optional_id(m.node(), "the id of the node that is asked");
  if (!node) return fail(node.error());
  made.node = *node;
  if (!m.proof()) return made;
  if (m.proof()->size() > limits::question_proof_bytes_max)
    return fail(errc::too_large, fmt::format("a query's proof has {} bytes, at most {} are allowed", m.proof()->size(),
                                             limits::question_proof_bytes_max));
  made.proof.assign(m.proof()->begin(), m.proof()->end());
  return made;
}

result<control> read(const fb::Withdraw& m) { return withdraw{m.subscription()}; }
result<control> read(const fb::FlowClosed& m) {
  return flow_closed{m.flow(), m.subscription(), static_cast<errc>(m.code()), text_of(m.message())};
}
result<control> read(const fb::Credit& m) { return credit{m.flow(), m.limit()}; }
result<control> read(const fb::Commit& m) { return commit{m.flow(), position(m.epoch(), m.until())}; }
result<control> read(const fb::Published& m) {
  const auto level = level_of(m.level());
  if (!level) return fail(level.error());
  return published{.request = m.request(),
                   .code = static_cast<errc>(m.code()),
                   .message = text_of(m.message()),
                   .epoch = epoch{m.epoch()},
                   .first = seq{m.first()},
                   .count = m.count(),
                   .first_offset = topic_offset{m.topic_offset()},
                   .appended = hlc{m.appended()},
                   .repeated = m.repeated(),
                   .level = *level,
                   .codec = codec_of(m.codec())};
}
result<control> read(const fb::Answer& m) {
  auto node = optional_id(m.node(), "the id of the node that answers");
  if (!node) return fail(node.error());
  return answer{m.request(), static_cast<errc>(m.code()), text_of(m.message()), text_of(m.answer()), *node, m.more()};
}
result<control> read(const fb::Refused& m) {
  return refused{static_cast<errc>(m.code()), text_of(m.message()), m.subscription(), m.request()};
}
result<control> read(const fb::CopyHolds& m) {
  auto more = read_topics(m.more(), "the topics that a copy holds");
  if (!more) return fail(std::move(more.error()));
  auto less = read_topics(m.less(), "the topics that a copy gives up");
  if (!less) return fail(std::move(less.error()));
  return copy_holds{m.subscription(), m.anew(), std::move(*more), std::move(*less)};
}
result<control> read(const fb::CopyConfirm& m) {
  return copy_confirm{m.subscription(), position(m.epoch(), m.until())};
}
result<control> read(const fb::CopiesSettled& m) {
  copies_settled made{m.subscription(), {}};
  if (auto few = check_count(m.holders(), limits::list_holders_max, "a log's holders"); !few)
    return fail(std::move(few.error()));
  for (flatbuffers::uoffset_t i = 0; m.holders() && i < m.holders()->size(); ++i)
    made.holders.emplace_back(id_in(*m.holders()->Get(i)));
  return made;
}
result<control> read(const fb::CopyScope& m) {
  auto others = read_topics(m.others(), "the topics that a copy does not have");
  if (!others) return fail(std::move(others.error()));
  return copy_scope{m.subscription(), std::move(*others)};
}
result<control> read(const fb::Leaving& m) { return leaving{m.flow()}; }
result<control> read(const fb::Renew& m) { return renew{m.flow(), m.number()}; }
result<control> read(const fb::Renewal& m) { return renewal{m.flow(), m.number()}; }
result<control> read(const fb::TakenUp& m) {
  taken_up made{{}, m.last()};
  if (m.record() && m.record()->size() > 0)
    made.record = shared_bytes::copy(std::as_bytes(std::span(m.record()->data(), m.record()->size())));
  return made;
}
result<control> read(const fb::TakenOver& m) {
  auto group = node_name_in(m.group());
  if (!group) return fail(std::move(group.error()));
  return taken_over{std::move(*group), m.version()};
}
result<control> read(const fb::Goodbye& m) { return goodbye{text_of(m.message())}; }
result<control> read(const fb::Ping& m) { return ping{m.number()}; }
result<control> read(const fb::Pong& m) { return pong{m.number()}; }

/// A message that was read elsewhere, as one of all.
template <class Message>
result<control> as_control(result<Message> message) {
  if (!message) return fail(std::move(message.error()));
  return control(std::move(*message));
}

result<control> read_body(const fb::Control& root) {
  if (root.body_type() > fb::Body::MAX)
    return fail(errc::unsupported,
                fmt::format("message kind {} is unknown to this version", static_cast<unsigned>(root.body_type())));
  if (root.body_type() == fb::Body::NONE || !root.body())
    return fail(errc::corrupt, "a control message without a body");
  switch (root.body_type()) {
  case fb::Body::LocalHello: return read(*root.body_as_LocalHello());
  case fb::Body::LocalWelcome: return read(*root.body_as_LocalWelcome());
  case fb::Body::Demand: return read(*root.body_as_Demand());
  case fb::Body::Withdraw: return read(*root.body_as_Withdraw());
  case fb::Body::FlowOpened: return read(*root.body_as_FlowOpened());
  case fb::Body::FlowClosed: return read(*root.body_as_FlowClosed());
  case fb::Body::Credit: return read(*root.body_as_Credit());
  case fb::Body::Run: return read(*root.body_as_Run());
  case fb::Body::Commit: return read(*root.body_as_Commit());
  case fb::Body::Publish: return read(*root.body_as_Publish());
  case fb::Body::Published: return read(*root.body_as_Published());
  case fb::Body::Query: return read(*root.body_as_Query());
  case fb::Body::Answer: return read(*root.body_as_Answer());
  case fb::Body::Refused: return read(*root.body_as_Refused());
  case fb::Body::Goodbye: return read(*root.body_as_Goodbye());
  case fb::Body::Ping: return read(*root.body_as_Ping());
  case fb::Body::Pong: return read(*root.body_as_Pong());
  case fb::Body::AskCodec: return read(*root.body_as_AskCodec());
  case fb::Body::TopicCodec: return read(*root.body_as_TopicCodec());
  case fb::Body::DemandRefresh: return read(*root.body_as_DemandRefresh());
  case fb::Body::CopyHolds: return read(*root.body_as_CopyHolds());
  case fb::Body::CopyConfirm: return read(*root.body_as_CopyConfirm());
  case fb::Body::CopiesSettled: return read(*root.body_as_CopiesSettled());
  case fb::Body::CopyScope: return read(*root.body_as_CopyScope());
  case fb::Body::Handled: return as_control(from_flat(*root.body_as_Handled()));
  case fb::Body::Failed: return as_control(from_flat(*root.body_as_Failed()));
  case fb::Body::Leaving: return read(*root.body_as_Leaving());
  case fb::Body::Renew: return read(*root.body_as_Renew());
  case fb::Body::Verdict: return as_control(from_flat(*root.body_as_Verdict()));
  case fb::Body::Revoke: return as_control(from_flat(*root.body_as_Revoke()));
  case fb::Body::Renewal: return read(*root.body_as_Renewal());
  case fb::Body::LogFound: return read(*root.body_as_LogFound());
  case fb::Body::LogGone: return read(*root.body_as_LogGone());
  case fb::Body::TakenUp: return read(*root.body_as_TakenUp());
  case fb::Body::TakenOver: return read(*root.body_as_TakenOver());
  case fb::Body::NONE: break;
  }
  return fail(errc::corrupt, "a control message without a body");
}

/// The root when the verifier finds nothing wrong. `bytes` start 8-aligned.
const fb::Control* verified(const shared_bytes& bytes) {
  const auto* start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size(), limits::control_depth_max, limits::control_tables_max);
  return fb::VerifyControlBuffer(verifier) ? fb::GetControl(start) : nullptr;
}

} // namespace

result<control> decode_control(const shared_bytes& bytes) {
  if (bytes.size() > limits::control_bytes_max)
    return fail(errc::too_large, fmt::format("a control message of {} bytes, at most {} are allowed", bytes.size(),
                                             limits::control_bytes_max));
  const auto kept = aligned(bytes);
  const auto* root = verified(kept);
  if (!root) return fail(errc::corrupt, fmt::format("{} bytes are no control message", bytes.size()));
  return read_body(*root);
}

refused refusal(const shared_bytes& bytes, const error& why) {
  refused answer{why.code(), why.message(), 0, 0};
  if (bytes.size() > limits::control_bytes_max) return answer;
  const auto kept = aligned(bytes);
  const auto* root = verified(kept);
  if (!root) return answer;
  if (const auto* m = root->body_as_Demand()) answer.subscription = m->subscription();
  if (const auto* m = root->body_as_Publish()) answer.request = m->request();
  if (const auto* m = root->body_as_Query()) answer.request = m->request();
  if (const auto* m = root->body_as_AskCodec()) answer.request = m->request();
  return answer;
}

} // namespace weft::wire
