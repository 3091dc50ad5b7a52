#include "actors/telemetry_publisher.hpp"

#include "actors/group_desk.hpp"
#include "actors/lag_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/process_facts.hpp"
#include "actors/queries.hpp"
#include "mesh/base/assert.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/batch_stamp.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace weft::actors {
namespace {

using telemetry::Kind;

/// `"links":[{...},{...}]`
void add_list(std::string& to, std::string_view name, const std::vector<std::string>& rows) {
  if (!rows.empty()) to += fmt::format("{}\"{}\":[{}]", to.size() == 1 ? "" : ",", name, fmt::join(rows, ","));
}

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

void telemetry_publisher::look(mono_time now) {
  if (waiting_ > 0 && now - *asked_at_ < microseconds(limits::telemetry_answer_within)) return;
  asked_at_ = now;
  whole_ = whole_ || !whole_at_ || now - *whole_at_ >= microseconds(limits::telemetry_whole_every);
  if (whole_) whole_at_ = now;
  ++round_;
  waiting_ = listings_.size();
  for (std::size_t list = 0; list < listings_.size(); ++list) {
    listings_[list].document.reset();
    ask(list);
  }
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
  if (round != round_ || waiting_ == 0) return;
  listings_[list].document = std::move(document);
  if (--waiting_ == 0) publish();
}

void telemetry_publisher::publish() {
  const auto made = frame();
  if (!made) return give_up(made.error());
  append(*made);
}

/// A listing that could not be made leaves its rows as they were told: the next whole frame has them.
result<telemetry::FrameT> telemetry_publisher::frame() {
  std::string text = "{";
  std::vector<std::string> gone;
  for (std::size_t list = 0; list < listings_.size(); ++list) {
    auto& one = listings_[list];
    const auto document = nlohmann::json::parse(std::exchange(one.document, std::nullopt).value_or(""), nullptr, false);
    if (!document.is_object()) {
      if (whole_) return fail(errc::would_block, fmt::format("there is no listing of {} now", row_lists()[list].name));
      continue;
    }
    const auto news = one.told.changes(document, services_.facts.name, whole_);
    add_list(text, row_lists()[list].name, news.rows);
    for (const auto& key : news.gone)
      gone.push_back(gone_row(row_lists()[list].kind, key));
  }
  add_list(text, "gone", gone);
  auto frame = reader_.read(text + "}");
  if (!frame) return frame;
  frame->node = services_.facts.name;
  frame->node_id = to_string(services_.facts.id);
  frame->started_us = started_us_;
  frame->sequence = ++sequence_;
  frame->time_us = services_.clock.wall().us;
  frame->whole = std::exchange(whole_, false);
  add_log(*frame);
  add_latencies(*frame);
  return frame;
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

void telemetry_publisher::add_latencies(telemetry::FrameT& to) {
  for (const auto& [of, took] : services_.latencies.all()) {
    auto& told = told_latencies_[of];
    if (!to.whole && told == took.count()) continue;
    told = took.count();
    auto row = std::make_unique<telemetry::LatencyT>();
    row->what = of.what;
    row->name = of.name;
    telemetry::set_buckets(*row, took);
    to.latencies.push_back(std::move(row));
  }
}

void telemetry_publisher::append(const telemetry::FrameT& frame) {
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
