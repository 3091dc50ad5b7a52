#include "actors/topic_desk.hpp"

#include "actors/log_policy.hpp"
#include "actors/node_services.hpp"
#include "actors/publishing.hpp"

#include "mesh/base/names.hpp"
#include "mesh/contract/admission.hpp"
#include "mesh/contract/compatibility.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using catalog::topic_record;
using nlohmann::json;
using wire::topic_settings;

constexpr double microseconds_per_second = 1e6;
constexpr double seconds_max = 3600.0 * 24 * 36'500; // a century

double seconds(microseconds span) { return static_cast<double>(span.count()) / microseconds_per_second; }

microseconds span_of(const json& value) {
  return microseconds{static_cast<std::int64_t>(value.get<double>() * microseconds_per_second)};
}

json settings_document(const topic_settings& settings) {
  json document{{"retention_time", nullptr},
                {"retention_bytes", nullptr},
                {"retention_until", settings.until_consumed ? json("consumed") : json()},
                {"ack", to_string(settings.ack)},
                {"replicas", settings.replicas},
                {"codec", settings.codec == wire::codec::lz4 ? "lz4" : "none"},
                {"description", settings.description},
                {"compaction", settings.compaction},
                {"compaction_after", seconds(settings.compaction_after)},
                {"tombstones", seconds(settings.tombstones_kept)},
                {"contract", nullptr}};
  if (settings.keep_time) document["retention_time"] = seconds(*settings.keep_time);
  if (settings.keep_bytes) document["retention_bytes"] = *settings.keep_bytes;
  if (settings.contract.empty()) return document;
  const auto by = contract::contract::make(settings.contract);
  document["contract"] = by ? json(to_string((**by).id())) : json("unreadable");
  document["compatibility"] = to_string(static_cast<contract::compatibility>(settings.compatibility));
  document["on_broken"] = settings.quarantine ? "quarantine" : "refuse";
  return document;
}

/// Takes one setting over. @returns false when the value is not one that it can have
bool apply(const std::string& name, const json& value, topic_settings& settings) {
  if (name == "retention_time") {
    if (!value.is_null() && (!value.is_number() || value <= 0)) return false;
    settings.keep_time.reset();
    if (!value.is_null()) settings.keep_time = span_of(value);
    return true;
  }
  if (name == "retention_bytes") {
    if (!value.is_null() && !value.is_number_unsigned()) return false;
    settings.keep_bytes.reset();
    if (!value.is_null()) settings.keep_bytes = value.get<std::uint64_t>();
    return true;
  }
  if (name == "retention_until" && (value.is_null() || value == "consumed")) {
    settings.until_consumed = !value.is_null();
    return true;
  }
  if (name == "ack" && value.is_string()) {
    const auto level = parse_ack_level(value.get<std::string>());
    if (level) settings.ack = *level;
    return level.has_value();
  }
  if (name == "replicas" && value.is_number_unsigned() && value <= limits::replicas_max) {
    settings.replicas = value.get<std::uint8_t>();
    return true;
  }
  if (name == "codec" && (value == "none" || value == "lz4")) {
    settings.codec = value == "lz4" ? wire::codec::lz4 : wire::codec::none;
    return true;
  }
  if (name == "compaction" && value.is_boolean()) {
    settings.compaction = value.get<bool>();
    return true;
  }
  if (name == "compaction_after" || name == "tombstones") {
    if (!value.is_number() || value < 0 || value > seconds_max) return false;
    (name == "tombstones" ? settings.tombstones_kept : settings.compaction_after) = span_of(value);
    return true;
  }
  if (name == "description" && value.is_string()) {
    settings.description = value.get<std::string>();
    return true;
  }
  return false;
}

/// @param changes  a JSON object
result<topic_settings> changed(topic_settings settings, const std::string& changes) {
  const auto all = json::parse(changes);
  for (const auto& [name, value] : all.items())
    if (!apply(name, value, settings))
      return fail(errc::invalid_argument,
                  fmt::format("a topic can't have {} = {}: settings are retention_time (seconds), retention_bytes, "
                              "retention_until (consumed), ack (synced, written, replicas=N), replicas (0 to {}), "
                              "codec (none, lz4), compaction (true, false), compaction_after and tombstones (seconds), "
                              "description",
                              name, value.dump(), limits::replicas_max));
  if (settings.ack.copies() > settings.replicas)
    return fail(errc::invalid_argument,
                fmt::format("a topic with {} replicas can't be acknowledged at {}: raise replicas or lower ack",
                            settings.replicas, to_string(settings.ack)));
  if (!settings.compaction && (all.contains("compaction_after") || all.contains("tombstones")))
    return fail(errc::invalid_argument, "without compaction no event goes because of a later one, so compaction_after "
                                        "and tombstones mean nothing: turn compaction on, too");
  return settings;
}

/// Nothing for a topic without.
json copies_document(const node::copy_board& board, const std::string& topic) {
  const auto facts = board.find(topic);
  if (!facts) return nullptr;
  return {{"wanted", facts->wanted},
          {"copies", facts->copies},
          {"short_since_us", facts->short_since ? json(facts->short_since->us) : json()},
          {"behind", facts->behind}};
}

json document_of(const mesh_topics::entry* agreed) {
  if (agreed == nullptr) return nullptr;
  return {{"version", agreed->record.count},
          {"author", agreed->author_name},
          {"by_publish", agreed->record.by_publish},
          {"changed_us", agreed->record.at.wall().us}};
}

/// What compaction does with a topic; nothing while it is off.
json document_of(const log::topic_facts& facts) {
  if (!facts.compaction) return nullptr;
  const auto& did = *facts.compaction;
  return {{"dirty_bytes", facts.bytes - std::min(facts.bytes, did.looked_at)},
          {"superseded_bytes", did.superseded},
          {"saved_bytes", did.saved},
          {"last_round_us", did.last_round ? json(did.last_round->us) : json()}};
}

/// Of a topic in this node's log.
json document_of(const topic_record& topic, const log::topic_facts* facts, const mesh_topics::entry* agreed) {
  json document{{"name", topic.name},
                {"id", topic.id.value()},
                {"created_us", topic.created.us},
                {"events", 0},
                {"bytes", 0},
                {"start", 0},
                {"end", 0},
                {"settings", settings_document(topic.settings)},
                {"record", document_of(agreed)}};
  if (facts != nullptr) {
    document["events"] = facts->end.value() - facts->start.value();
    document["bytes"] = facts->bytes;
    document["start"] = facts->start.value();
    document["end"] = facts->end.value();
    document["compacted"] = document_of(*facts);
  }
  return document;
}

/// Of one that only the mesh has.
json document_of(const mesh_topics::entry& agreed) {
  return {{"name", agreed.record.topic},
          {"id", nullptr},
          {"created_us", nullptr},
          {"events", 0},
          {"bytes", 0},
          {"start", 0},
          {"end", 0},
          {"settings", settings_document(agreed.record.settings)},
          {"record", document_of(&agreed)}};
}

const log::topic_facts* facts_of(const std::vector<log::topic_facts>& all, topic_id id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.topic == id; });
  return found == all.end() ? nullptr : &*found;
}

tl::unexpected<error> no_topic(const std::string& name) {
  return fail(errc::not_found, fmt::format("there is no topic {}: `weft topics` lists them", name));
}

} // namespace

// --- what the mesh decided

void topic_desk::begin() {
  apply_all(mesh_.load());
  tell_of_replicas();
  services_.membership.tell_topics();
}

/// Topics with replicas that the mesh was never told of, as those that were found in the log when the catalog was lost.
void topic_desk::tell_of_replicas() {
  const auto topics = services_.catalog.topics().list();
  if (!topics) return;
  for (const auto& topic : *topics) {
    if (topic.settings.replicas == 0 || is_reserved_topic(topic.name) || mesh_.find(topic.name) != nullptr) continue;
    if (const auto told = mesh_.decide({topic.name, topic.settings, true, false}); !told)
      services_.to.warning(fmt::format("topic {} gets no replicas: {}", topic.name, told.error().message()));
  }
}

void topic_desk::learn(const std::vector<wire::item>& records) { apply_all(mesh_.learn(records)); }

void topic_desk::decide_again() {
  for (const auto& wanted : mesh_.dated_ahead())
    if (const auto done = mesh_.decide(wanted); !done)
      services_.to.warning(
          fmt::format("topic {} stays unknown to other nodes: {}", wanted.topic, done.error().message()));
}

void topic_desk::apply_all(const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (const auto done = apply(name); !done)
      services_.to.warning(fmt::format("topic {} is not yet as the mesh decided: {}", name, done.error().message()));
}

/// Makes the topic of this log what the newest record says, when there is one.
result<void> topic_desk::apply(const std::string& name) {
  const auto* newest = mesh_.find(name);
  if (newest == nullptr) return {};
  const auto& record = newest->record;
  services_.topics.agree(name, record.deleted ? std::nullopt : std::optional(publishing_elsewhere(record.settings)));
  if (auto kept = keep_contract(name, record.settings); !kept) return kept;
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  if (!*topic) return {};
  if (record.deleted) {
    services_.to.info(fmt::format("topic {} was deleted by {}", name, newest->author_name));
    return drop(**topic);
  }
  return use(**topic, record.settings);
}

const mesh_topics::entry* topic_desk::agreed(const std::string& name) const {
  const auto* newest = mesh_.find(name);
  return newest == nullptr || newest->record.deleted ? nullptr : newest;
}

// --- topics of this log

result<topic_desk::local_topic> topic_desk::local(const std::string& name) {
  return services_.catalog.topics().find(name);
}

result<topic_record> topic_desk::make(const std::string& name, const topic_settings& settings) {
  if (auto aside = make_quarantine(name, settings); !aside) return fail(std::move(aside.error()));
  auto made = services_.catalog.topics().create(name, settings, services_.clock.wall());
  if (!made) return made;
  services_.log.set_policy(made->id, log_policy_of(settings));
  services_.topics.set(name, made->id, publishing_of(name, settings));
  services_.membership.look_at_facts();
  return made;
}

result<void> topic_desk::come_back(const std::vector<catalog::logged_topic>& topics) {
  for (const auto& topic : topics)
    if (auto done = come_back(topic); !done) return done;
  return {};
}

result<void> topic_desk::come_back(const catalog::logged_topic& topic) {
  auto& known = services_.catalog.topics();
  const auto namesake = known.find(topic.name);
  if (!namesake) return fail(namesake.error());
  if (*namesake && (*namesake)->id == topic.id) return {};
  const auto refuse = [&](const std::string& why) {
    return fail(errc::already_exists, fmt::format("topic {} of the copy is number {}: {}; its copies serve it",
                                                  topic.name, topic.id.value(), why));
  };
  if (*namesake) return refuse(fmt::format("here it is number {}", (*namesake)->id.value()));
  const auto restored = known.restore({&topic, 1}, services_.settings.new_topics, services_.clock.wall());
  if (!restored && restored.error().code() == errc::corrupt) return refuse(restored.error().message());
  if (!restored) return fail(restored.error());
  const auto now = local(topic.name);
  if (!now) return fail(now.error());
  if (!*now) return {}; // it was deleted
  const auto& settings = (**now).settings;
  services_.log.set_policy(topic.id, log_policy_of(settings));
  services_.topics.set(topic.name, topic.id, publishing_of(topic.name, settings));
  services_.membership.look_at_facts();
  return apply(topic.name);
}

result<void> topic_desk::use(const topic_record& topic, const topic_settings& settings) {
  if (settings == topic.settings) return {};
  if (auto aside = make_quarantine(topic.name, settings); !aside) return aside;
  if (auto altered = services_.catalog.topics().alter(topic.id, settings); !altered) return altered;
  services_.log.set_policy(topic.id, log_policy_of(settings));
  services_.topics.set(topic.name, topic.id, publishing_of(topic.name, settings));
  return {};
}

/// What is kept aside needs its own topic, which is there before the topic is set so.
result<void> topic_desk::make_quarantine(const std::string& name, const topic_settings& settings) {
  if (!settings.quarantine) return {};
  const auto made = resolve(contract::quarantine_topic(name));
  return made ? result<void>() : fail(made.error().within(fmt::format("the quarantine of topic {}", name)));
}

/// Events name the contract that they met, also when the topic has another one by then.
result<void> topic_desk::keep_contract(const std::string& name, const topic_settings& settings) {
  if (settings.contract.empty()) return {};
  const auto known = services_.catalog.contracts().of(name);
  if (!known) return fail(known.error());
  if (std::ranges::any_of(*known, [&](const auto& row) { return row.text == settings.contract; })) return {};
  const auto by = contract::contract::make(settings.contract);
  if (by && std::ranges::any_of(*known, [&](const auto& row) { return row.id == (**by).id(); })) return {};
  if (by) return services_.catalog.contracts().keep({name, (**by).id(), services_.clock.wall(), settings.contract});
  services_.to.warning(
      fmt::format("topic {} takes no events here: its contract can't be read: {}", name, by.error().message()));
  return {};
}

result<void> topic_desk::drop(const topic_record& topic) {
  services_.topics.forget(topic.name); // no further event goes there
  // Its events first: when that fails the topic is still there to be deleted again.
  auto done = services_.log.drop_topic(topic.id);
  if (done) done = services_.catalog.topics().remove(topic.id, services_.clock.wall());
  if (!done) {
    services_.topics.set(topic.name, topic.id, publishing_of(topic.name, topic.settings));
    return done;
  }
  services_.membership.look_at_facts();
  return {};
}

result<node::known_topic> topic_desk::resolve(const std::string& name) {
  if (const auto known = services_.topics.find(name)) return *known;
  const auto* newest = is_reserved_topic(name) ? nullptr : mesh_.find(name);
  const bool lives = newest != nullptr && !newest->record.deleted;
  // What the mesh keeps of its own has no retention: it would take parked events and letters.
  const auto of_new = is_reserved_topic(name) ? topic_settings{} : services_.settings.new_topics;
  const auto settings = lives ? newest->record.settings : of_new;
  // Without a record above its tombstone it would be deleted again.
  if (!lives && !is_reserved_topic(name) && (newest != nullptr || settings.replicas > 0))
    if (auto decided = mesh_.decide({name, settings, true, false}); !decided) return fail(std::move(decided.error()));
  const auto made = make(name, settings);
  if (!made) return fail(made.error());
  return node::known_topic{made->id, publishing_of(name, made->settings)};
}

// --- contracts

result<std::optional<topic_settings>> topic_desk::settings_of(const std::string& name) {
  if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
  if (const auto* decided = agreed(name)) return decided->record.settings;
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  return *topic ? std::optional((**topic).settings) : std::nullopt;
}

result<void> topic_desk::decide(const std::string& name, const topic_settings& settings) {
  if (auto done = mesh_.decide({name, settings}); !done) return done;
  if (auto done = apply(name); !done) return done;
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  if (*topic) return {};
  const auto made = make(name, settings);
  return made ? result<void>() : fail(made.error());
}

// --- questions

result<std::string> topic_desk::answer(const std::string& what, const std::string& arguments) {
  const auto asked = json::parse(arguments.empty() ? "{}" : arguments, nullptr, false);
  if (!asked.is_object()) return fail(errc::invalid_argument, "the arguments are not a JSON object");
  if (what == "topics.list") return list(asked.value("all", json(false)) == true);
  const auto name_value = asked.value("name", json());
  if (!name_value.is_string()) return fail(errc::invalid_argument, "the argument \"name\" is missing: which topic?");
  const auto name = name_value.get<std::string>();
  const auto changes = asked.value("settings", json::object());
  if (!changes.is_object()) return fail(errc::invalid_argument, "the argument \"settings\" is not a JSON object");
  if (what == "topics.describe") return describe(name);
  if (what == "topics.delete") return remove(name);
  if (what == "topics.create") return create(name, changes.dump());
  if (what == "topics.alter") return alter(name, changes.dump());
  return fail(errc::unsupported, fmt::format("this node can't answer '{}'", what));
}

result<std::string> topic_desk::create(const std::string& name, const std::string& changes) {
  if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
  const auto settings = changed(services_.settings.new_topics, changes);
  if (!settings) return fail(settings.error());
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  if (*topic || agreed(name) != nullptr)
    return fail(errc::already_exists,
                fmt::format("topic {} exists in this mesh: `weft topics alter` changes it", name));
  if (auto decided = mesh_.decide({name, *settings}); !decided) return fail(std::move(decided.error()));
  if (const auto made = make(name, *settings); !made) return fail(made.error());
  return describe(name);
}

result<std::string> topic_desk::alter(const std::string& name, const std::string& changes) {
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  const auto* decided = agreed(name);
  if (!*topic && decided == nullptr) return no_topic(name);
  // The record first: what it says may not be applied here yet.
  const auto settings = changed(decided != nullptr ? decided->record.settings : (**topic).settings, changes);
  if (!settings) return fail(settings.error());
  if (!is_reserved_topic(name)) {
    if (auto done = mesh_.decide({name, *settings}); !done) return fail(std::move(done.error()));
    if (auto done = apply(name); !done) return fail(std::move(done.error()));
    return describe(name);
  }
  if (settings->replicas > 0)
    return fail(errc::denied, fmt::format("topic {} is the mesh's own: it can't have replicas", name));
  if (auto done = use(**topic, *settings); !done) return fail(std::move(done.error()));
  return describe(name);
}

result<std::string> topic_desk::remove(const std::string& name) {
  if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  if (!*topic && agreed(name) == nullptr) return no_topic(name);
  if (auto done = mesh_.decide({.topic = name, .deleted = true}); !done) return fail(std::move(done.error()));
  services_.topics.agree(name, std::nullopt);
  if (*topic)
    if (auto done = drop(**topic); !done) return fail(std::move(done.error()));
  return json{{"name", name}, {"id", *topic ? json((**topic).id.value()) : json()}, {"deleted", true}}.dump();
}

/// Those of this log, in the order in which they were made, then those that only the mesh has.
result<std::string> topic_desk::list(bool with_reserved) {
  const auto topics = services_.catalog.topics().list();
  if (!topics) return fail(topics.error());
  const auto facts = services_.log.topics();
  auto rows = json::array();
  for (const auto& topic : *topics)
    if (with_reserved || !is_reserved_topic(topic.name)) {
      rows.push_back(document_of(topic, facts_of(facts, topic.id), agreed(topic.name)));
      rows.back()["copies"] = copies_document(services_.copies_board, topic.name);
    }
  for (const auto& [name, newest] : mesh_.all())
    if (!newest.record.deleted && !services_.topics.find(name)) rows.push_back(document_of(newest));
  return json{{"topics", std::move(rows)}}.dump();
}

result<std::string> topic_desk::describe(const std::string& name) {
  const auto topic = local(name);
  if (!topic) return fail(topic.error());
  const auto* decided = agreed(name);
  if (*topic) {
    auto document = document_of(**topic, facts_of(services_.log.topics(), (**topic).id), decided);
    document["copies"] = copies_document(services_.copies_board, name);
    return document.dump();
  }
  if (decided != nullptr) return document_of(*decided).dump();
  return no_topic(name);
}

} // namespace weft::actors
