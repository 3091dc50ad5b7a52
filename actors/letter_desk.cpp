#include "actors/letter_desk.hpp"

#include "actors/group_aside.hpp"
#include "actors/group_desk.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/own_topics.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

constexpr std::string_view settled_type = "weft.settled"; // its key is the letter's position
constexpr std::size_t letters_listed_max = 200;           // what is told of them fits a message

/// A letter that is not settled. The views live as long as the batch.
struct letter {
  wire::batch_view batch;
  shared_bytes data; // unpacked
  wire::event_view event;
};
using letters = std::map<log_position, letter>;

/// @thread a reader's
result<letters> find_letters(node_services& services, topic_id topic) {
  auto& log = services.log;
  letters found;
  auto from = log.state().begin;
  for (;;) {
    const auto read = log.read(
        {from, limits::read_chunk_bytes, limits::run_scanned_bytes_max, [&](topic_id id) { return id == topic; }});
    if (!read) {
      const auto code = read.error().code();
      if (code == errc::end_of_log) return found;
      const auto next = code == errc::epoch_ended ? log.go_on_at(from) : log.next_readable(from).value_or(from);
      if (next <= from) return fail(read.error());
      from = next;
      continue;
    }
    for (const auto& entry : read->entries) {
      const auto batch = wire::batch_view::trusted(entry.body());
      auto data = batch.unpack();
      for (std::size_t i = 0; data && i < batch.count(); ++i) {
        const auto event = batch.event(i, data->view());
        if (event.type != settled_type) {
          found.emplace(log_position{read->epoch, entry.header.first_seq + batch.place(i)},
                        letter{batch, *data, event});
          continue;
        }
        if (const auto of = parse_position(as_text(event.key))) found.erase(of->at);
      }
    }
    from = {read->epoch, read->until};
  }
}

std::string header_of(const wire::event_view& event, std::string_view name) {
  return std::string(event.headers.find(name).value_or(std::string_view()));
}

json row_of(const std::string& node, const log_position& at, const wire::event_view& event) {
  return {{"position", to_string(named_position{node, at})},
          {"of", header_of(event, "weft-position")},
          {"topic", header_of(event, "weft-topic")},
          {"type", std::string(event.type)},
          {"key", std::string(as_text(event.key))},
          {"cause", header_of(event, "weft-cause")},
          {"deliveries", header_of(event, "weft-deliveries")},
          {"rejected", event.headers.find("weft-rejected").has_value()},
          {"first", header_of(event, "weft-first")},
          {"last", header_of(event, "weft-last")},
          {"bytes", event.value.size()}};
}

/// Keys and causes may be no UTF-8.
std::string text_of(const json& document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

struct letter_topics {
  std::string group;
  topic_id letters, replay;
};

/// Arguments: {"positions": [...]} or {"all": true}.
result<std::vector<log_position>> chosen(const node_services& services, const letters& all, const json& asked) {
  std::vector<log_position> positions;
  if (asked.value("all", json(false)) == json(true)) {
    for (const auto& [at, one] : all)
      positions.push_back(at);
    return positions;
  }
  const auto list = asked.value("positions", json());
  if (!list.is_array() || list.empty())
    return fail(errc::invalid_argument, "the argument \"positions\" is missing: which letters, or all?");
  for (const auto& item : list) {
    const auto position = parse_position(item.is_string() ? item.get<std::string>() : std::string());
    if (!position) return fail(position.error());
    if (position->node != services.facts.name || !all.contains(position->at))
      return fail(errc::not_found,
                  fmt::format("{} is no letter here, or it is settled: `weft dead-letters list` shows them",
                              to_string(*position)));
    positions.push_back(position->at);
  }
  std::ranges::sort(positions);
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

/// Where it was published first.
log_position first_place(const wire::event_view& event) {
  const auto at = parse_position(event.headers.find("weft-position").value_or(std::string_view()));
  return at ? at->at : log_position{};
}

/// Says of letters that they are settled, and has replayed what is to be: many with one append. Both are one atomic
/// group, so that after a crash both are there or none; only an event that alone is as large as a group may be replayed
/// twice.
/// @thread a reader's, which waits for the disk
class settling {
public:
  /// @param kept  the topic that has the letters
  settling(node_services& services, const letter_topics& topics, const std::string& kept, bool replay)
      : services_(services),
        topics_(topics),
        replay_(replay),
        events_(replay_topic(topics.group), producer_id{}, wire::codec::none),
        words_(kept, producer_id{}, wire::codec::none) {}

  [[nodiscard]] result<void> add(const log_position& at, const wire::event_view& event) {
    if (events_.full() || words_.full())
      if (auto done = finish(); !done) return done;
    if (replay_) {
      std::vector<wire::header_view::header> headers;
      auto own = event.headers;
      while (const auto header = own.next())
        headers.push_back(*header);
      const wire::new_event again{event.time, event.type, event.key, headers, event.value};
      auto added = events_.add(again);
      if (!added && added.error().code() == errc::would_block) {
        if (auto done = finish(); !done) return done;
        added = events_.add(again);
      }
      if (!added) return added;
    }
    const auto key = to_string(named_position{services_.facts.name, at});
    return words_.add({services_.clock.wall(), settled_type, as_bytes(key), {}, as_bytes(how())});
  }
  [[nodiscard]] result<void> finish() {
    if (words_.count() == 0) return {};
    std::vector<log::append_request::item> items;
    std::size_t bytes = 0;
    const auto take = [&](topic_id topic, wire::batch_builder& from) {
      if (from.count() == 0) return;
      items.push_back({topic, wire::batch_view::trusted(from.seal(0))});
      bytes += items.back().batch.bytes().size() + limits::entry_header_bytes;
    };
    take(topics_.replay, events_);
    take(topics_.letters, words_);
    if (bytes <= limits::atomic_group_bytes_max) return append(std::move(items));
    for (auto& item : items)
      if (auto done = append({std::move(item)}); !done) return done;
    return {};
  }

private:
  [[nodiscard]] std::string_view how() const noexcept { return replay_ ? "replayed" : "dropped"; }
  [[nodiscard]] result<void> append(std::vector<log::append_request::item> items) {
    const auto done = services_.log.append_and_wait({std::move(items), ack_level::synced, {}});
    return done ? result<void>() : fail(done.error());
  }

  node_services& services_;
  const letter_topics topics_;
  const bool replay_;
  wire::batch_builder events_, words_;
};

result<std::size_t> settle(node_services& services, const letter_topics& topics, const json& asked, bool replay) {
  const std::lock_guard held{services.settling_letters};
  const auto all = find_letters(services, topics.letters);
  if (!all) return fail(all.error());
  const auto positions = chosen(services, *all, asked);
  if (!positions) return fail(positions.error());
  settling work(services, topics, aside_topic(topics.group, false), replay);
  for (const auto& at : *positions)
    if (const auto added = work.add(at, all->at(at).event); !added) return fail(added.error());
  if (const auto done = work.finish(); !done) return fail(done.error());
  return positions->size();
}

result<std::string> list(node_services& services, const letter_topics& topics) {
  const auto all = find_letters(services, topics.letters);
  if (!all) return fail(all.error());
  auto rows = json::array();
  for (const auto& [at, one] : *all) {
    if (rows.size() == letters_listed_max) break;
    rows.push_back(row_of(services.facts.name, at, one.event));
  }
  return text_of({{"letters", std::move(rows)}, {"total", all->size()}});
}

/// By key, in the order in which the first event of each was published.
result<std::string> parked(node_services& services, topic_id topic) {
  const auto all = find_letters(services, topic);
  if (!all) return fail(all.error());
  struct parked_key {
    std::size_t events = 0;
    letters::const_iterator first{};
  };
  std::map<std::string, parked_key> keys;
  for (auto at = all->begin(); at != all->end(); ++at) {
    auto& key = keys[std::string(as_text(at->second.event.key))];
    const auto before = [](const auto& a, const auto& b) {
      return first_place(a->second.event) < first_place(b->second.event);
    };
    if (key.events++ == 0 || before(at, key.first)) key.first = at;
  }
  std::map<log_position, const parked_key*> sorted;
  for (const auto& [name, key] : keys)
    sorted.emplace(first_place(key.first->second.event), &key);
  auto rows = json::array();
  for (const auto& [place, key] : sorted) {
    if (rows.size() == letters_listed_max) break;
    auto row = row_of(services.facts.name, key->first->first, key->first->second.event);
    row["events"] = key->events;
    rows.push_back(std::move(row));
  }
  return text_of({{"parked", std::move(rows)}, {"total", sorted.size()}});
}

result<log_position> replay_keys(node_services& services, const letter_topics& topics,
                                 const delivery::parked_keys& keys) {
  const std::lock_guard held{services.settling_letters};
  const auto all = find_letters(services, topics.letters);
  if (!all) return fail(all.error());
  std::vector<letters::const_iterator> chosen;
  for (auto at = all->begin(); at != all->end(); ++at)
    if (delivery::parked_as(keys, delivery::hashed_key_of(at->second.event.key))) chosen.push_back(at);
  std::ranges::stable_sort(chosen, {}, [](const auto& at) { return first_place(at->second.event); });
  settling work(services, topics, aside_topic(topics.group, true), true);
  for (const auto& at : chosen)
    if (const auto added = work.add(at->first, at->second.event); !added) return fail(added.error());
  if (const auto done = work.finish(); !done) return fail(done.error());
  const auto state = services.log.state();
  return log_position{state.epoch, state.synced_end};
}

void answer(node_services& services, const std::string& what, const letter_topics& topics, const json& asked,
            const reply<std::string>& to) {
  services.readers.run([&services, what, topics, asked, to](log::node_log&) {
    if (what == "letters.list") return to(list(services, topics));
    const auto count = settle(services, topics, asked, what == "letters.replay");
    if (!count) return to(fail(count.error()));
    to(json{{"group", topics.group}, {"letters", *count}}.dump());
  });
}

/// Of a group that nothing was ever set aside of.
void answer_none(node_services& services, const std::string& group, const char* list, const reply<std::string>& to) {
  need_group(services, group, reply<void>([list, to](auto known) {
               if (!known) return to(fail(known.error()));
               to(json{{list, json::array()}, {"total", 0}}.dump());
             }));
}

} // namespace

std::string replay_topic(const std::string& group) { return std::string(replay_topics_prefix) + group; }

void replay_parked(node_services& services, const std::string& group, const delivery::parked_keys& keys,
                   const reply<log_position>& to) {
  const auto topic = services.topics.find(aside_topic(group, true));
  const auto state = services.log.state();
  if (!topic) return to(log_position{state.epoch, state.synced_end});
  services.keeper.resolve_topic(replay_topic(group),
                                reply<node::known_topic>([&services, group, keys, id = topic->id, to](auto replay) {
                                  if (!replay) return to(fail(replay.error()));
                                  const letter_topics topics{group, id, replay->id};
                                  services.readers.run([&services, topics, keys, to](log::node_log&) {
                                    to(replay_keys(services, topics, keys));
                                  });
                                }));
}

void answer_letter_query(node_services& services, const std::string& what, const std::string& arguments,
                         const reply<std::string>& to) {
  if (what != "letters.list" && what != "letters.replay" && what != "letters.drop" && what != "letters.parked")
    return to(fail(errc::unsupported, fmt::format("this node can't answer '{}'", what)));
  auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object() || !asked.value("group", json()).is_string())
    return to(fail(errc::invalid_argument, "the argument \"group\" is missing: whose letters?"));
  const auto group = asked["group"].get<std::string>();
  if (auto named = check_node_name(group); !named) return to(fail(named.error().within("the group's name")));
  if (what == "letters.parked") {
    const auto topic = services.topics.find(aside_topic(group, true));
    if (!topic) return answer_none(services, group, "parked", to);
    return services.readers.run([&services, id = topic->id, to](log::node_log&) { to(parked(services, id)); });
  }
  const auto letters_known = services.topics.find(aside_topic(group, false));
  if (!letters_known) {
    if (what == "letters.list") return answer_none(services, group, "letters", to);
    return need_group(services, group, reply<void>([&services, group, to](auto known) {
                        if (!known) return to(fail(known.error()));
                        to(fail(errc::not_found, fmt::format("the group {} has no dead letters in the log of {}", group,
                                                             services.facts.name)));
                      }));
  }
  if (what != "letters.replay") return answer(services, what, {group, letters_known->id, {}}, asked, to);
  services.keeper.resolve_topic(replay_topic(group),
                                reply<node::known_topic>([&services, what, group, letters = letters_known->id,
                                                          asked = std::move(asked), to](auto replay) {
                                  if (!replay) return to(fail(replay.error()));
                                  answer(services, what, {group, letters, replay->id}, asked, to);
                                }));
}

} // namespace weft::actors
