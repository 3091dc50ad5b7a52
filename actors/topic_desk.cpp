#include "actors/topic_desk.hpp"

#include "actors/node_services.hpp"

#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using catalog::topic_record;
using nlohmann::json;
using wire::topic_settings;

constexpr double microseconds_per_second = 1e6;

log::topic_policy policy_of(const topic_settings& settings) { return {settings.keep_time, settings.keep_bytes}; }
node::publish_settings publishing_of(const topic_settings& settings) { return {settings.ack, settings.codec}; }

json settings_document(const topic_settings& settings) {
  json document{{"retention_time", nullptr},
                {"retention_bytes", nullptr},
                {"ack", to_string(settings.ack)},
                {"codec", settings.codec == wire::codec::lz4 ? "lz4" : "none"},
                {"description", settings.description}};
  if (settings.keep_time)
    document["retention_time"] = static_cast<double>(settings.keep_time->count()) / microseconds_per_second;
  if (settings.keep_bytes) document["retention_bytes"] = *settings.keep_bytes;
  return document;
}

/// Takes one setting over. @returns false when the value is not one that it can have
bool apply(const std::string& name, const json& value, topic_settings& settings) {
  if (name == "retention_time") {
    if (!value.is_null() && (!value.is_number() || value <= 0)) return false;
    settings.keep_time.reset();
    if (!value.is_null())
      settings.keep_time = microseconds{static_cast<std::int64_t>(value.get<double>() * microseconds_per_second)};
    return true;
  }
  if (name == "retention_bytes") {
    if (!value.is_null() && !value.is_number_unsigned()) return false;
    settings.keep_bytes.reset();
    if (!value.is_null()) settings.keep_bytes = value.get<std::uint64_t>();
    return true;
  }
  if (name == "ack" && (value == "synced" || value == "written")) {
    settings.ack = value == "synced" ? ack_level::synced : ack_level::written;
    return true;
  }
  if (name == "codec" && (value == "none" || value == "lz4")) {
    settings.codec = value == "lz4" ? wire::codec::lz4 : wire::codec::none;
    return true;
  }
  if (name == "description" && value.is_string()) {
    settings.description = value.get<std::string>();
    return true;
  }
  return false;
}

result<topic_settings> changed(topic_settings settings, const json& changes) {
  for (const auto& [name, value] : changes.items())
    if (!apply(name, value, settings))
      return fail(errc::invalid_argument,
                  fmt::format("a topic can't have {} = {}: settings are retention_time (seconds), retention_bytes, ack "
                              "(synced, written), codec (none, lz4), description",
                              name, value.dump()));
  return settings;
}

json document_of(const topic_record& topic, const log::topic_facts* facts) {
  json document{{"name", topic.name},
                {"id", topic.id.value()},
                {"created_us", topic.created.us},
                {"events", 0},
                {"bytes", 0},
                {"start", 0},
                {"end", 0},
                {"settings", settings_document(topic.settings)}};
  if (facts != nullptr) {
    document["events"] = facts->end.value() - facts->start.value();
    document["bytes"] = facts->bytes;
    document["start"] = facts->start.value();
    document["end"] = facts->end.value();
  }
  return document;
}

const log::topic_facts* facts_of(const std::vector<log::topic_facts>& all, topic_id id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.topic == id; });
  return found == all.end() ? nullptr : &*found;
}

} // namespace

result<node::known_topic> topic_desk::resolve(const std::string& name) {
  if (const auto known = services_.topics.find(name)) return *known;
  auto made = create(name, services_.settings.new_topics);
  if (!made) return fail(std::move(made.error()));
  return node::known_topic{made->id, publishing_of(made->settings)};
}

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
  if (what == "topics.create") {
    if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
    auto settings = changed(services_.settings.new_topics, changes);
    if (!settings) return fail(std::move(settings.error()));
    const auto made = create(name, *settings);
    if (!made) return fail(made.error());
    return describe(name);
  }
  if (what == "topics.alter") {
    const auto topic = known(name);
    if (!topic) return fail(topic.error());
    const auto settings = changed(topic->settings, changes);
    if (!settings) return fail(settings.error());
    if (const auto altered = services_.catalog.topics().alter(topic->id, *settings); !altered)
      return fail(altered.error());
    services_.log.set_policy(topic->id, policy_of(*settings));
    services_.topics.set(topic->name, topic->id, publishing_of(*settings));
    return describe(name);
  }
  return fail(errc::unsupported, fmt::format("this node can't answer '{}'", what));
}

result<topic_record> topic_desk::create(const std::string& name, const topic_settings& settings) {
  auto made = services_.catalog.topics().create(name, settings, services_.clock.wall());
  if (!made) return made;
  services_.log.set_policy(made->id, policy_of(settings));
  services_.topics.set(name, made->id, publishing_of(settings));
  services_.membership.look_at_facts();
  return made;
}

result<topic_record> topic_desk::known(const std::string& name) {
  auto found = services_.catalog.topics().find(name);
  if (!found) return fail(std::move(found.error()));
  if (!*found)
    return fail(errc::not_found, fmt::format("there is no topic {} at this node: `weft topics` lists them", name));
  return std::move(**found);
}

result<std::string> topic_desk::list(bool with_reserved) {
  const auto topics = services_.catalog.topics().list();
  if (!topics) return fail(topics.error());
  const auto facts = services_.log.topics();
  auto rows = json::array();
  for (const auto& topic : *topics)
    if (with_reserved || !is_reserved_topic(topic.name)) rows.push_back(document_of(topic, facts_of(facts, topic.id)));
  return json{{"topics", std::move(rows)}}.dump();
}

result<std::string> topic_desk::describe(const std::string& name) {
  const auto topic = known(name);
  if (!topic) return fail(topic.error());
  const auto facts = services_.log.topics();
  return document_of(*topic, facts_of(facts, topic->id)).dump();
}

result<std::string> topic_desk::remove(const std::string& name) {
  if (is_reserved_topic(name)) return fail(errc::denied, fmt::format("topic {} is the mesh's own", name));
  const auto topic = known(name);
  if (!topic) return fail(topic.error());
  services_.topics.forget(name); // no further event goes there
  // Its events first: when that fails the topic is still there to be deleted again.
  auto done = services_.log.drop_topic(topic->id);
  if (done) done = services_.catalog.topics().remove(topic->id, services_.clock.wall());
  if (!done) {
    services_.topics.set(name, topic->id, publishing_of(topic->settings));
    return fail(std::move(done.error()));
  }
  services_.membership.look_at_facts();
  return json{{"name", name}, {"id", topic->id.value()}, {"deleted", true}}.dump();
}

} // namespace weft::actors
