#include "actors/telemetry_publisher.hpp"

#include "actors/group_desk.hpp"
#include "actors/lag_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/process_facts.hpp"
#include "actors/queries.hpp"
#include "mesh/base/assert.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace weft::actors {
namespace {

using telemetry::Kind;

std::string gone_row(Kind kind, const std::string& key) {
  return nlohmann::json{{"kind", telemetry::EnumNameKind(kind)}, {"key", key}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// One batch of one event that names the contract.
result<shared_bytes> batch_of(wall_time at, const std::string& node, const std::vector<std::byte>& value) {
  wire::batch_builder builder(std::string(telemetry::topic_name), producer_id{}, wire::codec::none);
  if (auto added = builder.add({at, telemetry::event_type, as_bytes(node), {}, value}); !added)
    return fail(std::move(added).error());
  const auto plain = wire::batch_view::trusted(builder.seal(0));
  const auto data = plain.unpack();
  if (!data) return fail(data.error());
  return wire::make_stamped(plain, data->view(), {0, 1}, {telemetry_contract()->id(), telemetry::event_type});
}

} // namespace

const contract::contract_ptr& telemetry_contract() {
  static const auto made = [] {
    auto by = contract::contract::make({std::string(telemetry::schema_text()), {}});
    WEFT_ASSERT(by);
    return *std::move(by);
  }();
  return made;
}

telemetry_publisher::telemetry_publisher(node_services& services, document_came came)
    : services_(services), came_(std::move(came)), started_us_(services.clock.wall().us) {
  for (const auto& list : row_lists())
    listings_.push_back({told_rows(list)});
}

/// A frozen log has little room left: that it is so is told at once, and then seldom.
bool telemetry_publisher::rests(mono_time now) {
  return services_.log.state().health.frozen && asked_at_ &&
         now - *asked_at_ < microseconds(limits::telemetry_frozen_every);
}

void telemetry_publisher::look(mono_time now) {
  if (waiting_ > 0 && now - *asked_at_ < microseconds(limits::telemetry_answer_within)) return;
  if (waiting_ > 0) publish(); // with what came
  if (std::exchange(was_frozen_, services_.log.state().health.frozen) && rests(now)) return;
  asked_at_ = now;
  if (!whole_at_ || now - *whole_at_ >= microseconds(limits::telemetry_whole_every)) whole_ = true;
  ++round_;
  waiting_ = 0;
  for (auto& list : listings_)
    if (!list.asked) ++waiting_;
  for (std::size_t list = 0; list < listings_.size(); ++list)
    if (!std::exchange(listings_[list].asked, true)) ask(list);
  if (waiting_ == 0) publish();
}

void telemetry_publisher::ask(std::size_t list) {
  const reply<std::string> to([came = came_, round = round_, list](result<std::string> document) {
    came(round, list, document ? std::move(*document) : std::string());
  });
  switch (row_lists()[list].kind) {
  case Kind::node: return services_.membership.nodes(to);
  case Kind::link: return services_.list_links ? services_.list_links(to) : to(std::string("{}"));
  case Kind::flow: return services_.telemetry.flows(to);
  case Kind::topic: return services_.keeper.query("topics.list", "{}", to);
  case Kind::group: return answer_group_query(services_, "groups.list", "{}", to);
  case Kind::lag: return answer_lag(services_, to);
  case Kind::latency:
  case Kind::service: break;
  }
  to(std::string("{}"));
}

void telemetry_publisher::came(std::uint64_t round, std::size_t list, std::string document) {
  listings_[list].asked = false;
  listings_[list].document = std::move(document);
  if (round == round_ && waiting_ > 0 && --waiting_ == 0) publish();
}

/// Rows go into as many frames as they need, one after the other: the first is whole, those behind it add the rest.
void telemetry_publisher::publish() {
  waiting_ = 0;
  bool whole = std::exchange(whole_, false);
  const auto texts = parts(whole);
  if (whole) whole_at_ = asked_at_;
  auto took = latencies(whole);
  for (std::size_t part = 0; part < texts.size() || !took.empty(); ++part) {
    auto frame = part < texts.size() ? reader_.read(texts[part]) : result<telemetry::FrameT>(telemetry::FrameT());
    if (!frame) return give_up(frame.error());
    frame->whole = whole && part == 0;
    if (part == 0) add_log(*frame);
    const auto rows = std::min(took.size(), limits::telemetry_latencies_at_once);
    std::move(took.end() - static_cast<std::ptrdiff_t>(rows), took.end(), std::back_inserter(frame->latencies));
    took.resize(took.size() - rows);
    append(*std::move(frame));
  }
}

/// Frames as JSON, at least one. Of a listing that did not come the rows stay as they were told, and what was to be
/// whole is not: the next one is.
std::vector<std::string> telemetry_publisher::parts(bool& whole) {
  std::vector<nlohmann::json> documents;
  documents.reserve(listings_.size());
  for (auto& one : listings_)
    documents.push_back(nlohmann::json::parse(std::exchange(one.document, std::nullopt).value_or(""), nullptr, false));
  if (!std::ranges::all_of(documents, [](const auto& one) { return one.is_object(); })) {
    whole_ = whole_ || whole;
    whole = false;
  }
  telemetry::frame_texts made(limits::telemetry_frame_text_bytes);
  std::vector<std::string> gone; // of all lists, as a frame has one list of them
  for (std::size_t list = 0; list < documents.size(); ++list) {
    if (!documents[list].is_object()) continue;
    const auto news = listings_[list].told.changes(documents[list], services_.facts.name, whole);
    for (const auto& row : news.rows)
      made.add(row_lists()[list].name, row);
    for (const auto& key : news.gone)
      gone.push_back(gone_row(row_lists()[list].kind, key));
  }
  for (const auto& row : gone)
    made.add("gone", row);
  return made.take();
}

void telemetry_publisher::add_log(telemetry::FrameT& to) const {
  const auto state = services_.log.state();
  const auto used = facts_of_process(services_.data_dir);
  to.log = std::make_unique<telemetry::LogT>();
  to.log->epoch = to_string(state.epoch);
  to.log->begin = to_string(state.begin);
  to.log->head = state.synced_end.value();
  to.log->written = state.written_end.value();
  to.log->bytes = state.bytes;
  to.log->frozen = state.health.frozen;
  to.log->why = state.health.why;
  to.log->version = WEFT_VERSION;
  to.log->started_us = started_us_;
  to.log->cpu_us = used.cpu_us;
  to.log->memory_bytes = used.memory_bytes;
  to.log->disk_bytes = used.disk_bytes;
  to.log->disk_free_bytes = used.disk_free_bytes;
}

std::vector<std::unique_ptr<telemetry::LatencyT>> telemetry_publisher::latencies(bool whole) {
  std::vector<std::unique_ptr<telemetry::LatencyT>> rows;
  for (const auto& [of, took] : services_.latencies.all()) {
    auto& told = told_latencies_[of];
    if (!whole && told == took.count()) continue;
    told = took.count();
    auto& row = rows.emplace_back(std::make_unique<telemetry::LatencyT>());
    row->what = of.what;
    row->name = of.name;
    telemetry::set_buckets(*row, took);
  }
  return rows;
}

void telemetry_publisher::append(telemetry::FrameT frame) {
  frame.node = services_.facts.name;
  frame.node_id = to_string(services_.facts.id);
  frame.started_us = started_us_;
  frame.sequence = ++sequence_;
  frame.time_us = services_.clock.wall().us;
  const auto topic = services_.topics.find(telemetry::topic_name);
  if (!topic) return;
  auto batch = batch_of({frame.time_us}, frame.node, telemetry::encode(frame));
  if (!batch) return give_up(batch.error());
  const auto taken = services_.log.append(
      {{{topic->id, wire::batch_view::trusted(*std::move(batch))}},
       ack_level::synced,
       [&to = services_.to](const auto& appended) {
         if (!appended) to.debug(fmt::format("a frame of telemetry is not published: {}", appended.error().message()));
       }});
  if (!taken) give_up(taken.error());
}

/// What it said counts as told already, so the next frame is whole.
void telemetry_publisher::give_up(const error& why) {
  whole_ = true;
  services_.to.debug(fmt::format("a frame of telemetry is not published: {}", why.message()));
}

} // namespace weft::actors
