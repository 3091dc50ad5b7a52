// mesh/wire/control.cpp: writes control messages as FlatBuffers.
#include "mesh/wire/control.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/control_generated.h"
#include "mesh/wire/flat_checks.hpp"
#include "mesh/wire/flat_slots.hpp"
#include "mesh/wire/group_flat.hpp"

namespace weft::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// What a Control's union holds.
struct body {
  fb::Body type = fb::Body::NONE;
  Offset<void> table;
};

template <class Table>
body as(fb::Body type, Offset<Table> table) {
  return {type, table.Union()};
}

/// Empty texts are left out.
Offset<flatbuffers::String> text(FlatBufferBuilder& out, const std::string& value) {
  return value.empty() ? Offset<flatbuffers::String>{} : out.CreateString(value);
}

Offset<flatbuffers::Vector<std::uint8_t>> octets(FlatBufferBuilder& out, const std::array<std::uint8_t, 32>& bytes) {
  return out.CreateVector(bytes.data(), bytes.size());
}

Offset<flatbuffers::Vector<std::uint8_t>> octets(FlatBufferBuilder& out, const std::optional<node_id>& id) {
  return id ? octets(out, id->bytes()) : Offset<flatbuffers::Vector<std::uint8_t>>{};
}

fb::Log log_struct(const log_id& log) {
  return {flatbuffers::span<const std::uint8_t, 32>{log.node.bytes()}, log.ordinal};
}

fb::Distance distance_struct(const distance& from) { return {from.cost, from.boundaries, from.rank}; }

Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> topics(FlatBufferBuilder& out,
                                                                const std::vector<std::string>& names) {
  WEFT_ASSERT(names.size() <= limits::copy_topics_max);
  if (names.empty()) return {};
  return out.CreateVectorOfStrings(names);
}

std::uint16_t number(errc code) { return static_cast<std::uint16_t>(code); }

Offset<fb::Filter> write(FlatBufferBuilder& out, const event_filter& filter) {
  if (filter.passes_all()) return {};
  Offset<flatbuffers::Vector<std::uint64_t>> slots;
  if (filter.slots) slots = out.CreateVector(words_of(*filter.slots));
  Offset<flatbuffers::Vector<std::uint8_t>> key;
  if (filter.key) key = out.CreateVector(reinterpret_cast<const std::uint8_t*>(filter.key->data()), filter.key->size());
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> types;
  if (!filter.types.empty()) types = out.CreateVectorOfStrings(filter.types);
  std::vector<Offset<fb::HeaderTest>> tests;
  tests.reserve(filter.headers.size());
  for (const auto& test : filter.headers)
    tests.push_back(fb::CreateHeaderTest(out, out.CreateString(test.name), static_cast<std::uint8_t>(test.op),
                                         out.CreateString(test.value)));
  Offset<flatbuffers::Vector<Offset<fb::HeaderTest>>> headers;
  if (!tests.empty()) headers = out.CreateVector(tests);
  return fb::CreateFilter(out, slots, key, types, headers);
}

body write(FlatBufferBuilder& out, const local_hello& m) {
  return as(fb::Body::LocalHello, fb::CreateLocalHello(out, m.versions_min, m.versions_max, text(out, m.program)));
}
body write(FlatBufferBuilder& out, const local_welcome& m) {
  const auto node = octets(out, m.node.bytes());
  const auto mesh = octets(out, m.mesh.bytes());
  return as(fb::Body::LocalWelcome,
            fb::CreateLocalWelcome(out, m.version, node, text(out, m.name), m.number.value(), mesh, m.epoch.value()));
}
body write(FlatBufferBuilder& out, const demand& m) {
  const auto log = m.log ? log_struct(*m.log) : fb::Log{};
  const auto distance = distance_struct(m.distance.value_or(wire::distance{}));
  const auto pattern = out.CreateString(m.pattern);
  const auto filter = write(out, m.filter);
  const auto name = text(out, m.name);
  const auto source = octets(out, m.source);
  const auto exact = topics(out, m.topics);
  Offset<fb::Member> member;
  if (m.member) member = to_flat(out, *m.member);
  return as(fb::Body::Demand,
            fb::CreateDemand(out, m.subscription, m.log ? &log : nullptr, pattern, static_cast<fb::StartKind>(m.start),
                             m.time.value(), m.at.epoch.value(), m.at.seq.value(), filter, name, m.window, m.resume,
                             m.distance ? &distance : nullptr, source, exact, m.copy, m.synced, member));
}
body write(FlatBufferBuilder& out, const withdraw& m) {
  return as(fb::Body::Withdraw, fb::CreateWithdraw(out, m.subscription));
}
body write(FlatBufferBuilder& out, const demand_refresh& m) {
  WEFT_ASSERT(m.demands.size() <= limits::flows_per_link_max);
  std::vector<fb::StandingDemand> demands;
  demands.reserve(m.demands.size());
  for (const auto& item : m.demands)
    demands.emplace_back(item.subscription, distance_struct(item.distance));
  return as(fb::Body::DemandRefresh, fb::CreateDemandRefresh(out, out.CreateVectorOfStructs(demands)));
}
body write(FlatBufferBuilder& out, const flow_opened& m) {
  WEFT_ASSERT(m.path.size() <= limits::path_nodes_max);
  const auto log = log_struct(m.log);
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> path;
  if (!m.path.empty()) path = out.CreateVectorOfStrings(m.path);
  const auto home = m.home.empty() ? Offset<flatbuffers::String>() : out.CreateString(m.home);
  return as(fb::Body::FlowOpened,
            fb::CreateFlowOpened(out, m.subscription, m.flow, &log, text(out, m.node), m.at.epoch.value(),
                                 m.at.seq.value(), path, m.generation, m.term, m.begun, m.begun_by, home, m.given));
}
body write(FlatBufferBuilder& out, const flow_closed& m) {
  return as(fb::Body::FlowClosed,
            fb::CreateFlowClosed(out, m.flow, m.subscription, number(m.code), text(out, m.message)));
}
body write(FlatBufferBuilder& out, const credit& m) {
  return as(fb::Body::Credit, fb::CreateCredit(out, m.flow, m.limit));
}
body write(FlatBufferBuilder& out, const run& m) {
  WEFT_ASSERT(m.starts.size() <= limits::run_starts_max);
  std::vector<Offset<fb::NamedStart>> items;
  for (const auto& item : m.starts) {
    const fb::TopicStart at{item.offset.value(), item.at.epoch.value(), item.at.seq.value()};
    items.push_back(fb::CreateNamedStart(out, out.CreateString(item.topic), &at));
  }
  Offset<flatbuffers::Vector<Offset<fb::NamedStart>>> starts;
  if (!items.empty()) starts = out.CreateVector(items);
  return as(fb::Body::Run, fb::CreateRun(out, m.flow, m.epoch.value(), m.from.value(), m.until.value(),
                                         m.log_time.value(), m.head.value(), starts, number(m.gap_code),
                                         text(out, m.gap), m.number, to_flat(out, m.tried)));
}
body write(FlatBufferBuilder& out, const commit& m) {
  return as(fb::Body::Commit, fb::CreateCommit(out, m.flow, m.until.epoch.value(), m.until.seq.value()));
}
body write(FlatBufferBuilder& out, const publish& m) {
  const auto level = m.level.value_or(ack_level::synced);
  return as(fb::Body::Publish,
            fb::CreatePublish(out, m.request, level.code(), !m.level.has_value(), m.until ? m.until->us : 0));
}
body write(FlatBufferBuilder& out, const published& m) {
  return as(fb::Body::Published,
            fb::CreatePublished(out, m.request, number(m.code), text(out, m.message), m.epoch.value(), m.first.value(),
                                m.count, m.first_offset.value(), m.appended.value(), m.repeated, m.level.code(),
                                static_cast<std::uint8_t>(m.codec)));
}
body write(FlatBufferBuilder& out, const query& m) {
  const auto what = out.CreateString(m.what);
  const auto arguments = text(out, m.arguments);
  const auto node = octets(out, m.node);
  Offset<flatbuffers::Vector<std::uint8_t>> proof;
  if (!m.proof.empty()) proof = out.CreateVector(reinterpret_cast<const std::uint8_t*>(m.proof.data()), m.proof.size());
  return as(fb::Body::Query, fb::CreateQuery(out, m.request, what, arguments, m.parts, node, m.hops, proof));
}
body write(FlatBufferBuilder& out, const answer& m) {
  const auto message = text(out, m.message);
  const auto document = text(out, m.document);
  const auto node = octets(out, m.node);
  return as(fb::Body::Answer, fb::CreateAnswer(out, m.request, number(m.code), message, document, node, m.more));
}
body write(FlatBufferBuilder& out, const refused& m) {
  return as(fb::Body::Refused, fb::CreateRefused(out, number(m.code), text(out, m.message), m.subscription, m.request));
}
body write(FlatBufferBuilder& out, const copy_holds& m) {
  const auto more = topics(out, m.more);
  const auto less = topics(out, m.less);
  return as(fb::Body::CopyHolds, fb::CreateCopyHolds(out, m.subscription, m.anew, more, less));
}
body write(FlatBufferBuilder& out, const copy_confirm& m) {
  return as(fb::Body::CopyConfirm,
            fb::CreateCopyConfirm(out, m.subscription, m.until.epoch.value(), m.until.seq.value()));
}
body write(FlatBufferBuilder& out, const copies_settled& m) {
  WEFT_ASSERT(m.holders.size() <= limits::list_holders_max);
  std::vector<fb::NodeId> holders;
  holders.reserve(m.holders.size());
  for (const auto& id : m.holders)
    holders.emplace_back(flatbuffers::span<const std::uint8_t, 32>{id.bytes()});
  return as(fb::Body::CopiesSettled, fb::CreateCopiesSettled(out, m.subscription, out.CreateVectorOfStructs(holders)));
}
body write(FlatBufferBuilder& out, const copy_scope& m) {
  return as(fb::Body::CopyScope, fb::CreateCopyScope(out, m.subscription, topics(out, m.others)));
}
body write(FlatBufferBuilder& out, const handled& m) {
  const auto done = to_flat(out, m.done);
  const auto returned = to_flat(out, m.returned);
  const auto processed = to_flat(out, m.processed);
  const auto abandoned = to_flat(out, m.abandoned);
  return as(fb::Body::Handled, fb::CreateHandled(out, m.flow, done, returned, processed, abandoned));
}
body write(FlatBufferBuilder& out, const failed& m) {
  return as(fb::Body::Failed, fb::CreateFailed(out, m.flow, m.number, text(out, m.cause), m.rejected));
}
body write(FlatBufferBuilder& out, const leaving& m) { return as(fb::Body::Leaving, fb::CreateLeaving(out, m.flow)); }
body write(FlatBufferBuilder& out, const renew& m) {
  return as(fb::Body::Renew, fb::CreateRenew(out, m.flow, m.number));
}
body write(FlatBufferBuilder& out, const verdict& m) {
  return as(fb::Body::Verdict,
            fb::CreateVerdict(out, m.flow, m.number, m.again.has_value(), micros(m.again.value_or(microseconds{0}))));
}
body write(FlatBufferBuilder& out, const revoke& m) {
  return as(fb::Body::Revoke, fb::CreateRevoke(out, m.flow, out.CreateVector(words_of(m.slots)), m.before, m.state));
}
body write(FlatBufferBuilder& out, const renewal& m) {
  return as(fb::Body::Renewal, fb::CreateRenewal(out, m.flow, m.number));
}
body write(FlatBufferBuilder& out, const log_found& m) {
  const auto log = log_struct(m.log);
  return as(fb::Body::LogFound, fb::CreateLogFound(out, m.subscription, &log, text(out, m.node)));
}
body write(FlatBufferBuilder& out, const log_gone& m) {
  const auto log = log_struct(m.log);
  return as(fb::Body::LogGone, fb::CreateLogGone(out, m.subscription, &log));
}
body write(FlatBufferBuilder& out, const taken_up& m) {
  WEFT_ASSERT(m.record.size() < limits::control_bytes_max);
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> record;
  if (!m.record.empty())
    record = out.CreateVector(reinterpret_cast<const std::uint8_t*>(m.record.data()), m.record.size());
  return as(fb::Body::TakenUp, fb::CreateTakenUp(out, record, m.last));
}
body write(FlatBufferBuilder& out, const taken_over& m) {
  const auto group = out.CreateString(m.group);
  return as(fb::Body::TakenOver, fb::CreateTakenOver(out, group, m.version));
}
body write(FlatBufferBuilder& out, const goodbye& m) {
  return as(fb::Body::Goodbye, fb::CreateGoodbye(out, text(out, m.message)));
}
body write(FlatBufferBuilder& out, const ping& m) { return as(fb::Body::Ping, fb::CreatePing(out, m.number)); }
body write(FlatBufferBuilder& out, const pong& m) { return as(fb::Body::Pong, fb::CreatePong(out, m.number)); }
body write(FlatBufferBuilder& out, const ask_codec& m) {
  const auto topic = out.CreateString(m.topic);
  return as(fb::Body::AskCodec, fb::CreateAskCodec(out, m.request, topic));
}
body write(FlatBufferBuilder& out, const topic_codec& m) {
  return as(fb::Body::TopicCodec, fb::CreateTopicCodec(out, m.request, static_cast<std::uint8_t>(m.codec)));
}

} // namespace

shared_bytes encode(const control& message) {
  FlatBufferBuilder out(256);
  const auto written = std::visit([&out](const auto& m) { return write(out, m); }, message);
  fb::FinishControlBuffer(out, fb::CreateControl(out, written.type, written.table));
  if (const auto* large = std::get_if<answer>(&message); large && out.GetSize() > limits::control_bytes_max)
    return encode(answer{large->request,
                         errc::too_large,
                         "the answer takes " + std::to_string(out.GetSize()) + " bytes, a message may have " +
                             std::to_string(limits::control_bytes_max) + ": ask for less",
                         {}});
  return released(out);
}

std::string_view name_of(const control& message) noexcept {
  static constexpr std::array<std::string_view, std::variant_size_v<control>> names{
      "local_hello",  "local_welcome",  "demand",     "withdraw",  "flow_opened", "flow_closed",    "credit",
      "run",          "commit",         "publish",    "published", "query",       "answer",         "refused",
      "goodbye",      "ping",           "pong",       "ask_codec", "topic_codec", "demand_refresh", "copy_holds",
      "copy_confirm", "copies_settled", "copy_scope", "handled",   "failed",      "leaving",        "renew",
      "verdict",      "revoke",         "renewal",    "log_found", "log_gone",    "taken_up",       "taken_over"};
  return names.at(message.index());
}

} // namespace weft::wire
