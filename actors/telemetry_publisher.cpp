#include "actors/telemetry_publisher.hpp"

#include "actors/group_desk.hpp"
#include "actors/lag_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/process_facts.hpp"
#include "actors/queries.hpp"
#include "actors/service_rows.hpp"
#include "actors/telemetry_topics.hpp"

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

/// What moves quickly.
bool is_viewed(Kind kind) { return kind == Kind::flow || kind == Kind::topic || kind == Kind::lag; }

} // namespace

telemetry_publisher::telemetry_publisher(node_services& services, scope what, std::int64_t started_us,
                                         document_came came)
    : services_(services),
      scope_(what),
      topic_(what == scope::view ? telemetry::view_topic_of(services.facts.name) : std::string(telemetry::topic_name)),
      came_(std::move(came)),
      started_us_(started_us) {
  for (std::size_t at = 0; at < row_lists().size(); ++at)
    if (what == scope::everything || is_viewed(row_lists()[at].kind))
      listings_.push_back({at, told_rows(row_lists()[at])});
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
  switch (row_lists()[listings_[list].at].kind) {
  case Kind::node: return services_.membership.nodes(to);
  case Kind::link: return services_.list_links ? services_.list_links(to) : to(std::string("{}"));
  case Kind::flow: return services_.telemetry.flows(to);
  case Kind::topic: return services_.keeper.query("topics.list", "{}", to);
  case Kind::group: return answer_group_query(services_, "groups.list", "{}", to);
  case Kind::lag: return answer_lag(services_, to);
  case Kind::service: return to(services_document(services_));
  case Kind::latency: break;
  }
  to(std::string("{}"));
}

void telemetry_publisher::came(std::uint64_t round, std::size_t list, std::string document) {
  listings_[list].asked = false;
  listings_[list].document = std::move(document);
  if (round == round_ && waiting_ > 0 && --waiting_ == 0) publish();
}

void telemetry_publisher::publish() {
  waiting_ = 0;
  publish_frames();
  took_ = services_.clock.mono() - *asked_at_;
}

/// Rows go into as many frames as they need, one after the other: the first is whole, those behind it add the rest.
void telemetry_publisher::publish_frames() {
  bool whole = std::exchange(whole_, false);
  const auto texts = parts(whole);
  if (whole) whole_at_ = asked_at_;
  const bool in_view = scope_ == scope::view;
  if (in_view && !whole && texts.size() == 1 && texts.front() == telemetry::frame_texts::none) return;
  auto took = in_view ? latency_rows() : latencies(whole);
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
  if (rolls_up()) roll_up();
}

bool telemetry_publisher::rolls_up() const {
  return scope_ == scope::everything && services_.settings.rollup_every != microseconds{};
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
      made.add(row_lists()[listings_[list].at].name, row);
    for (const auto& key : news.gone)
      gone.push_back(gone_row(row_lists()[listings_[list].at].kind, key));
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

telemetry_publisher::latency_rows telemetry_publisher::latencies(bool whole) {
  latency_rows rows;
  for (const auto& [of, took] : services_.latencies.all()) {
    auto& told = told_latencies_[of];
    if (!whole && told == took.count()) continue;
    told = took.count();
    auto& row = rows.emplace_back(std::make_unique<telemetry::LatencyT>());
    row->what = node::latency_names[static_cast<std::size_t>(of.what)];
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
  if (rolls_up()) rollup_.take(frame);
  if (auto taken =
          publish_own(services_, topic_, telemetry::event_type, telemetry_contract(), telemetry::encode(frame));
      !taken)
    give_up(taken.error());
}

/// The frames of a look were made.
void telemetry_publisher::roll_up() {
  const auto now = services_.clock.wall().us;
  rollup_.look_done(now);
  if (now - rollup_.began_us() < services_.settings.rollup_every.count()) return;
  const auto made = rollup_.close();
  if (!made) return;
  if (auto taken = publish_own(services_, telemetry::rollup_topic_name, telemetry::rollup_event_type, rollup_contract(),
                               telemetry::encode(*made));
      !taken)
    services_.to.debug(fmt::format("a roll-up is not published, and its {} s are in none: {}",
                                   (made->until_us - made->from_us) / 1'000'000, taken.error().message()));
}

/// What it said counts as told already, so the next frame is whole.
void telemetry_publisher::give_up(const error& why) {
  whole_ = true;
  services_.to.debug(fmt::format("a frame of telemetry is not published: {}", why.message()));
}

} // namespace weft::actors
