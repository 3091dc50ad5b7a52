#include "gui/core/demo_access.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

constexpr time_us event_every = 250'000;

event_row made_up(const snapshot& mesh, std::uint64_t number, time_us at) {
  const auto& topic = mesh.topics[number % mesh.topics.size()];
  const auto& node = topic.logs.empty() ? std::string("nowhere") : topic.logs[number % topic.logs.size()].node;
  event_row made;
  made.node = node;
  made.position = fmt::format("{}/1-demo/{}", node, number);
  made.topic = topic.name;
  made.type = topic.name.substr(topic.name.rfind('.') + 1);
  made.key = fmt::format("{}", 1000 + number * 7919 % 977);
  made.time = at - 1500;
  made.logged_at = at;
  made.topic_offset = number / mesh.topics.size();
  made.producer = fmt::format("{}/{}", topic.name, number);
  made.value = fmt::format(R"({{"id":{},"quantity":{},"price":{}.{:02}}})", number, 1 + number % 12, number % 90,
                           number * 31 % 100);
  return made;
}

} // namespace

result<std::string> demo_access::ask(std::string_view question, std::string_view /*arguments*/) {
  return fail(errc::unsupported, fmt::format("a made-up mesh does not answer {}", question));
}

result<void> demo_access::read(const event_query& what, const event_sink& take, const std::stop_token& stop) {
  const auto mesh = mesh_.latest();
  std::vector<event_row> found;
  const time_us until = what.until.value_or(mesh->at), from = what.from.value_or(mesh_.oldest());
  for (time_us at = from; !mesh->topics.empty() && at < until && found.size() < what.most; at += event_every) {
    if (stop.stop_requested()) return {};
    auto one = made_up(*mesh, static_cast<std::uint64_t>(at / event_every), at);
    if (!what.key.empty() && one.key != what.key) continue;
    if (what.pattern != ">" && what.pattern != one.topic) continue;
    found.push_back(std::move(one));
  }
  const read_progress all{mesh->nodes.size(), mesh->nodes.size(), found.size()};
  take(std::move(found), all);
  return {};
}

} // namespace weft::monitor
