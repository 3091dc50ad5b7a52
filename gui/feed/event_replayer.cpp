#include "gui/feed/event_replayer.hpp"

#include "gui/core/replay_question.hpp"
#include "gui/feed/limits.hpp"
#include "weft/client.hpp"
#include "weft/json.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <set>

namespace weft::monitor {

struct event_replayer::wish {
  std::string pattern, topic, name;
  std::vector<named_position> positions;
};

namespace {

/// With those that say what it repeats, in place of what an earlier replay said.
std::vector<header> headers_of(const event& from, std::string_view position, std::string_view name) {
  auto all = from.headers.all();
  std::erase_if(all, [name](const header& one) {
    return one.name == replay_of_header || (!name.empty() && one.name == replay_name_header);
  });
  all.push_back({replay_of_header, position});
  if (!name.empty()) all.push_back({replay_name_header, name});
  return all;
}

void write_row(json_writer& out, const named_position& of, result<pending<ack>>& sent) {
  const auto answer = sent ? sent->get() : result<ack>(fail(sent.error()));
  out.begin_object();
  out.name("of"), out.text(to_string(of));
  out.name("log"), out.text(of.node);
  out.name("done"), out.boolean(answer.has_value());
  if (answer) {
    out.name("position"), out.text(to_string(answer->position));
  } else {
    out.name("code"), out.integer(std::int64_t{static_cast<int>(answer.error().code())});
    out.name("why"), out.text(answer.error().message());
  }
  out.end_object();
}

/// Whether everything up to the place has come, as far as the log has it.
bool is_past(const subscription& reading, const named_position& last, bool quiet) {
  return std::ranges::any_of(reading.progress(), [&](const log_progress& one) {
    if (one.node != last.node || one.log_time == wall_time{}) return false;
    return one.handled.seq > last.at.seq || (quiet && one.handled.seq >= one.head);
  });
}

} // namespace

event_replayer::event_replayer(std::shared_ptr<client> node) : node_(std::move(node)) {}
event_replayer::~event_replayer() = default;

result<event_replayer::wish> event_replayer::wish_of(std::string_view arguments) {
  const auto document = json_document::parse(as_bytes(arguments));
  if (!document) return fail(document.error());
  wish made;
  const auto asked = document->root();
  for (auto [name, into] : {std::pair{"pattern", &made.pattern}, {"topic", &made.topic}, {"name", &made.name}})
    if (const auto value = asked.find(name))
      if (const auto text = value->text()) *into = *text;
  const auto places = asked.find("positions");
  if (!places || !places->is_array() || places->size() == 0 || places->size() > replay_positions_max)
    return fail(errc::invalid_argument, fmt::format("give 1 to {} positions", replay_positions_max));
  for (std::size_t i = 0; i < places->size(); ++i) {
    const auto text = places->at(i).text();
    auto at = text ? parse_position(*text) : fail(text.error());
    if (!at) return fail(at.error());
    made.positions.push_back(std::move(*at));
  }
  return made;
}

result<void> event_replayer::read(const std::string& pattern, const std::vector<named_position>& places,
                                  std::map<named_position, event>& found) {
  const auto& last = places.back();
  subscription_options options{.from = start::point{places.front()}};
  options.synced = true;
  options.on_gap = [](const gap&) {}; // what is missing is seen
  auto reading = node_->subscribe(pattern, options);
  if (!reading) return fail(reading.error());
  using clock = std::chrono::steady_clock;
  for (auto since = clock::now(); clock::now() < since + past_within;) {
    auto came = reading->poll_batch(events_at_once, poll_within);
    if (!came) return fail(came.error());
    if (!came->empty()) since = clock::now();
    for (auto& one : *came) {
      auto at = one.position();
      const bool over = at.at >= last.at;
      if (std::ranges::binary_search(places, at)) found.emplace(std::move(at), std::move(one));
      if (over) return {};
    }
    if (came->empty() && is_past(*reading, last, clock::now() >= since + past_least)) return {};
  }
  return fail(errc::timed_out, fmt::format("the log of {} can't be read up to {} now: nothing of this was published",
                                           last.node, to_string(last)));
}

result<raw_publisher*> event_replayer::publisher_to(const std::string& topic) {
  if (const auto known = publishers_.find(topic); known != publishers_.end()) return &known->second;
  auto made = node_->publisher(topic);
  if (!made) return fail(made.error());
  return &publishers_.emplace(topic, std::move(*made)).first->second;
}

result<std::string> event_replayer::publish_again(std::string_view arguments) {
  const auto asked = wish_of(arguments);
  if (!asked) return fail(asked.error());
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::vector<named_position>> by_log;
  for (const auto& at : asked->positions)
    by_log[at.node].push_back(at);
  std::map<named_position, event> found;
  for (auto& [log, places] : by_log) {
    std::ranges::sort(places);
    if (const auto done = read(asked->pattern, places, found); !done) return fail(done.error());
  }
  std::vector<result<pending<ack>>> sent; // in the order of the positions
  for (const auto& at : asked->positions) {
    const auto from = found.find(at);
    if (from == found.end()) {
      sent.emplace_back(fail(errc::not_found, "it is not in the log any more"));
      continue;
    }
    const auto& one = from->second;
    const auto to = publisher_to(asked->topic.empty() ? std::string(one.topic) : asked->topic);
    if (!to) {
      sent.emplace_back(fail(to.error()));
      continue;
    }
    const auto position = to_string(at);
    sent.emplace_back((*to)->publish({.type = one.type,
                                      .key = one.key,
                                      .value = one.value(),
                                      .time = one.time,
                                      .headers = headers_of(one, position, asked->name)}));
  }
  std::string answer;
  json_writer out(answer);
  out.begin_object();
  out.name("results");
  out.begin_array();
  for (std::size_t i = 0; i < sent.size(); ++i)
    write_row(out, asked->positions[i], sent[i]);
  out.end_array();
  out.end_object();
  if (const auto done = out.finish(); !done) return fail(done.error());
  return answer;
}

} // namespace weft::monitor
