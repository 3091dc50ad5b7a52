#include "actors/contract_desk.hpp"

#include "actors/node_services.hpp"
#include "actors/telemetry_topics.hpp"
#include "actors/topic_desk.hpp"
#include "mesh/base/names.hpp"
#include "mesh/contract/admission.hpp"
#include "mesh/contract/compatibility.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;
using wire::topic_settings;

constexpr std::size_t digits_min = 8;             // of an id: fewer are easily another one's
constexpr std::size_t contracts_listed_max = 500; // what is told of them fits a message

std::string text_in(const json& asked, const char* name) {
  const auto value = asked.value(name, json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// What is said of how a topic goes by its contract.
result<void> take_options(const json& asked, topic_settings& settings) {
  if (const auto kind = asked.value("compatibility", json()); !kind.is_null()) {
    const auto parsed = contract::parse_compatibility(text_in(asked, "compatibility"));
    if (!parsed)
      return fail(errc::invalid_argument,
                  fmt::format("compatibility can't be {}: backward, forward, full or none", kind.dump()));
    settings.compatibility = static_cast<std::uint8_t>(*parsed);
  }
  if (const auto how = asked.value("on_broken", json()); !how.is_null()) {
    if (how != "refuse" && how != "quarantine")
      return fail(errc::invalid_argument, fmt::format("on_broken can't be {}: refuse or quarantine", how.dump()));
    settings.quarantine = how == "quarantine";
  }
  return {};
}

/// Whether a contract may follow the one that a topic has.
result<void> check_next(const topic_settings& before, const contract::contract& next,
                        contract::compatibility promised) {
  if (before.contract.empty() || promised == contract::compatibility::none) return {};
  const auto held = contract::contract::make(before.contract);
  // One that can't be read here promises nothing that could be checked here.
  if (!held)
    return fail(held.error().within("this node can't read the contract that the topic has, so it can't compare"));
  return check_compatible(**held, next, promised);
}

/// Of one contract there is one row, whatever comments the text that a topic has of it.
bool is_of(const catalog::contract_row& row, const contract::contract_text& text) {
  if (row.text == text) return true;
  const auto by = contract::contract::make(text);
  return by && (**by).id() == row.id;
}

json document_of(const catalog::contract_row& row, const std::optional<topic_settings>& topic) {
  const auto by = contract::contract::make(row.text);
  return {{"topic", row.topic},
          {"id", to_string(row.id)},
          {"root", by ? json(std::string((**by).root_name())) : json()},
          {"added_us", row.added.us},
          {"holds", topic && is_of(row, topic->contract)}};
}

void add_options(json& document, const topic_settings& settings) {
  document["compatibility"] = to_string(static_cast<contract::compatibility>(settings.compatibility));
  document["on_broken"] = settings.quarantine ? "quarantine" : "refuse";
}

} // namespace

result<std::string> contract_desk::answer(const std::string& what, const std::string& arguments) {
  const auto asked = json::parse(arguments.empty() ? "{}" : arguments, nullptr, false);
  if (!asked.is_object()) return fail(errc::invalid_argument, "the arguments are not a JSON object");
  const auto topic = text_in(asked, "topic");
  if (what == "contracts.list") return list(topic);
  if (what == "contracts.show") return show(topic, text_in(asked, "id"));
  if (topic.empty()) return fail(errc::invalid_argument, "the argument \"topic\" is missing: whose contract?");
  if (what == "contracts.remove") return remove(topic);
  if (what == "contracts.add") return add(arguments);
  return fail(errc::unsupported, fmt::format("this node can't answer '{}'", what));
}

result<std::string> contract_desk::add(const std::string& arguments) {
  const auto asked = json::parse(arguments);
  const auto topic = text_in(asked, "topic");
  if (auto named = check_topic_name(topic); !named) return fail(std::move(named.error()));
  const auto known = topics_.settings_of(topic);
  if (!known) return fail(known.error());
  const auto before = known->value_or(services_.settings.new_topics);
  const auto next = contract::contract::make({text_in(asked, "schema"), text_in(asked, "rules")});
  if (!next) return fail(next.error());
  auto settings = before;
  if (auto taken = take_options(asked, settings); !taken) return fail(std::move(taken.error()));
  if (settings.quarantine)
    if (auto room = contract::check_quarantine(topic); !room) return fail(std::move(room.error()));
  if (auto fits = check_next(before, **next, static_cast<contract::compatibility>(settings.compatibility)); !fits)
    return fail(std::move(fits.error()));
  settings.contract = (**next).text();
  const catalog::contract_row row{topic, (**next).id(), services_.clock.wall(), settings.contract};
  if (asked.value("dry_run", json(false)) != json(true)) {
    if (auto kept = services_.catalog.contracts().keep(row); !kept) return fail(std::move(kept.error()));
    if (auto done = topics_.decide(topic, settings); !done) return fail(std::move(done.error()));
  }
  auto document = document_of(row, settings);
  add_options(document, settings);
  return document.dump();
}

result<std::string> contract_desk::remove(const std::string& topic) {
  auto settings = topics_.settings_of(topic);
  if (!settings) return fail(settings.error());
  if (!*settings || (**settings).contract.empty())
    return fail(errc::not_found,
                fmt::format("topic {} has no contract: `weft contracts list` shows those there are", topic));
  (**settings).contract = {};
  (**settings).compatibility = 0;
  (**settings).quarantine = false;
  if (auto done = topics_.decide(topic, **settings); !done) return fail(std::move(done.error()));
  return json{{"topic", topic}, {"removed", true}}.dump();
}

/// The mesh's own topics are not decided on; those of telemetry have the contracts that this build speaks by.
result<std::optional<topic_settings>> contract_desk::settings_of(const std::string& topic) {
  const auto by = own_contract_of(topic);
  if (!by) return topics_.settings_of(topic);
  topic_settings own;
  own.contract = by->text();
  return own;
}

result<std::string> contract_desk::list(const std::string& topic) {
  const auto all = topic.empty() ? services_.catalog.contracts().list() : services_.catalog.contracts().of(topic);
  if (!all) return fail(all.error());
  auto rows = json::array();
  std::size_t total = 0;
  for (const auto& row : *all) {
    if (topic.empty() && is_reserved_topic(row.topic)) continue; // as in the list of topics
    ++total;
    if (rows.size() == contracts_listed_max) continue;
    const auto settings = settings_of(row.topic);
    if (!settings) return fail(settings.error());
    rows.push_back(document_of(row, *settings));
    if (rows.back()["holds"] == true) add_options(rows.back(), **settings);
  }
  return json{{"contracts", std::move(rows)}, {"total", total}}.dump();
}

result<std::string> contract_desk::show(const std::string& topic, const std::string& id) {
  const auto found = id.empty() ? holding(topic) : by_digits(id);
  if (!found) return fail(found.error());
  const auto settings = settings_of(found->topic);
  if (!settings) return fail(settings.error());
  auto document = document_of(*found, *settings);
  if (document["holds"] == true) add_options(document, **settings);
  document["schema"] = found->text.schema;
  document["rules"] = found->text.rules;
  return document.dump();
}

/// The contract that a topic has now.
result<catalog::contract_row> contract_desk::holding(const std::string& topic) {
  const auto settings = settings_of(topic);
  if (!settings) return fail(settings.error());
  const auto all = services_.catalog.contracts().of(topic);
  if (!all) return fail(all.error());
  for (const auto& row : *all)
    if (*settings && is_of(row, (**settings).contract)) return row;
  return fail(errc::not_found,
              fmt::format("topic {} has no contract: `weft contracts list` shows those there are", topic));
}

result<catalog::contract_row> contract_desk::by_digits(const std::string& digits) {
  if (digits.size() < digits_min)
    return fail(errc::invalid_argument, fmt::format("'{}': at least {} digits of an id", digits, digits_min));
  const auto all = services_.catalog.contracts().list();
  if (!all) return fail(all.error());
  for (const auto& row : *all)
    if (to_string(row.id).starts_with(digits)) return row;
  return fail(errc::not_found,
              fmt::format("this node knows no contract {}: `weft contracts list` shows those that it knows", digits));
}

} // namespace weft::actors
