#include "sdk/src/service/state_topic.hpp"

#include "sdk/src/participant_core.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::detail {
namespace {

using nlohmann::json;

/// That of all copies.
std::string level_of(int copies) { return copies == 0 ? "synced" : fmt::format("replicas={}", copies); }

result<void> check(const std::string& document, const std::string& service, const std::string& topic) {
  const auto described = json::parse(document, nullptr, false);
  const auto settings = described.is_object() ? described.value("settings", json::object()) : json::object();
  const auto copies = settings.value("replicas", 0);
  if (const auto level = level_of(copies); settings.value("ack", std::string()) != level)
    return fail(errc::invalid_argument,
                fmt::format("the service {} can't keep its state in the topic {}, which acknowledges what not all of "
                            "its {} copies have, and a successor may read any of them: `weft topics alter {} --ack {}`",
                            service, topic, copies, topic, level));
  if (settings.value("compaction", false) && settings.value("retention_time", json()).is_null() &&
      settings.value("retention_bytes", json()).is_null() && settings.value("retention_until", json()).is_null())
    return {};
  return fail(errc::invalid_argument,
              fmt::format("the service {} can't keep its state in the topic {}, which is there and does not keep the "
                          "last event of each key for ever: `weft topics alter {} --compaction on` and no retention, "
                          "or another topic",
                          service, topic, topic));
}

} // namespace

result<state_topic> need_state_topic(participant_core& in, const std::string& service, const std::string& topic,
                                     int copies) {
  const auto of = fmt::format("the topic {} of the state of {}", topic, service);
  const auto found = in.query("topics.describe", json{{"name", topic}}.dump());
  if (found) {
    if (const auto good = check(*found, service, topic); !good) return fail(good.error());
    return state_topic{true, json::parse(*found).value("end", std::uint64_t{0})};
  }
  if (found.error().code() != errc::not_found) return fail(found.error().within(of));
  const json settings{{"compaction", true},
                      {"retention_time", nullptr},
                      {"retention_bytes", nullptr},
                      {"retention_until", nullptr},
                      {"replicas", copies},
                      {"ack", level_of(copies)},
                      {"description", "the state of the service " + service}};
  const auto made = in.query("topics.create", json{{"name", topic}, {"settings", settings}}.dump());
  if (made) return state_topic{};
  if (made.error().code() == errc::already_exists) return need_state_topic(in, service, topic, copies);
  return fail(made.error().within(of));
}

} // namespace weft::detail
