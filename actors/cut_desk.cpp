#include "actors/cut_desk.hpp"

#include "actors/lease_document.hpp"
#include "actors/node_services.hpp"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;

constexpr double microseconds_per_second = 1e6;
constexpr std::string_view all_topics = ">";

std::string_view state_of(const wire::cut& what, wall_time now) {
  if (now > what.lease_until) return "expired";
  return what.is_made() ? "made" : "asked-for";
}

std::string id_text(const wire::cut& what) { return fmt::format("{:016x}", what.id); }

json row_of(const cut_book::entry& known, wall_time now) {
  const auto& what = known.record.what;
  return {{"name", what.name},
          {"id", id_text(what)},
          {"pattern", what.pattern},
          {"state", state_of(what, now)},
          {"at_us", what.is_made() ? json(what.bound.wall().us) : json()},
          {"lease_until_us", what.lease_until.us},
          {"author", known.author_name},
          {"absent", what.absent},
          {"absent_more", what.absent_more}};
}

/// A cut that is there.
result<const cut_book::entry*> living(const cut_book& book, const std::string& name) {
  const auto* known = book.find(name);
  if (known == nullptr || known->record.what.deleted)
    return fail(errc::not_found, fmt::format("there is no cut {}: `weft cuts` lists them", name));
  return known;
}

std::string described(const node_services& services, const cut_book::entry& known) {
  auto document = row_of(known, services.clock.wall());
  document["leases"] = leases_document(services, lease_holder_of(known.record.what));
  return document.dump();
}

tl::unexpected<error> wrong(std::string_view what) {
  return fail(errc::invalid_argument, fmt::format("the argument \"{}\" is missing or can't be so", what));
}

/// It is asked for: a record without a place in time.
result<wire::cut> asked_for(const json& asked, const std::string& name, wall_time now) {
  const auto pattern = asked.value("pattern", json(all_topics));
  if (!pattern.is_string()) return wrong("pattern");
  const auto lease = asked.value("lease", json(std::chrono::duration<double>(limits::cut_lease).count()));
  if (!lease.is_number() || lease <= 0 || lease > std::chrono::duration<double>(limits::cut_lease_max).count())
    return fail(errc::invalid_argument, fmt::format("the lease of a cut is above 0 s and at most {} days",
                                                    limits::cut_lease_max / std::chrono::hours(24)));
  wire::cut wanted;
  wanted.name = name;
  wanted.id = os_random().next();
  wanted.pattern = pattern.get<std::string>();
  wanted.lease_until = now + microseconds{static_cast<std::int64_t>(lease.get<double>() * microseconds_per_second)};
  return wanted;
}

/// The same one with its place.
result<wire::cut> made(const json& asked, const wire::cut& known) {
  if (asked.value("id", json()) != id_text(known))
    return fail(errc::already_exists, fmt::format("cut {} was asked for anew meanwhile, or deleted: its name is "
                                                  "another one's now",
                                                  known.name));
  const auto bound = asked.value("bound_us", json());
  const auto absent = asked.value("absent", json::array());
  const auto more = asked.value("absent_more", json(0U));
  if (!bound.is_number_integer() || bound <= 0) return wrong("bound_us");
  if (!absent.is_array() || absent.size() > limits::cut_absent_max) return wrong("absent");
  if (!more.is_number_unsigned() || more > std::numeric_limits<std::uint32_t>::max()) return wrong("absent_more");
  auto wanted = known;
  wanted.bound = hlc::at({bound.get<std::int64_t>()});
  if (known.is_made() && wanted.bound != known.bound)
    return fail(errc::already_exists, fmt::format("cut {} is made: it stays where it is", known.name));
  wanted.absent.clear();
  for (const auto& name : absent) {
    if (!name.is_string()) return wrong("absent");
    wanted.absent.push_back(name.get<std::string>());
  }
  wanted.absent_more = more.get<std::uint32_t>();
  return wanted;
}

result<std::string> decide(node_services& services, cut_book& book, const result<wire::cut>& wanted) {
  if (!wanted) return fail(wanted.error());
  if (auto done = book.decide(*wanted); !done) return fail(std::move(done.error()));
  return described(services, *book.find(wanted->name));
}

result<std::string> ask(node_services& services, cut_book& book, const json& asked, const std::string& name) {
  if (const auto* known = book.find(name); known != nullptr && !known->record.what.deleted)
    return fail(errc::already_exists, fmt::format("there is a cut {} ({}): take another name, or `weft cuts delete {}`",
                                                  name, state_of(known->record.what, services.clock.wall()), name));
  return decide(services, book, asked_for(asked, name, services.clock.wall()));
}

result<std::string> remove(cut_book& book, const cut_book::entry& known) {
  const auto before = known.record.what;
  wire::cut tombstone;
  tombstone.name = before.name;
  tombstone.id = before.id;
  tombstone.lease_until = before.lease_until;
  tombstone.deleted = true;
  if (auto done = book.decide(tombstone); !done) return fail(std::move(done.error()));
  return json{{"name", before.name}, {"id", id_text(before)}, {"deleted", true}}.dump();
}

} // namespace

result<std::string> cut_desk::answer(const std::string& what, const std::string& arguments) {
  if (what == "cuts.list") {
    auto rows = json::array();
    for (const auto& [name, known] : book_.all())
      if (!known.record.what.deleted) rows.push_back(row_of(known, services_.clock.wall()));
    return json{{"cuts", std::move(rows)}}.dump();
  }
  const auto asked = json::parse(arguments, nullptr, false);
  if (!asked.is_object() || !asked.value("name", json()).is_string())
    return fail(errc::invalid_argument, "the argument \"name\" is missing: which cut?");
  const auto name = asked["name"].get<std::string>();
  if (what == "cuts.ask") return ask(services_, book_, asked, name);
  const auto known = living(book_, name);
  if (!known) return fail(known.error());
  if (what == "cuts.make") return decide(services_, book_, made(asked, (*known)->record.what));
  if (what == "cuts.describe") return described(services_, **known);
  if (what == "cuts.delete") return remove(book_, **known);
  return fail(errc::unsupported, fmt::format("this node can't answer '{}'", what));
}

} // namespace weft::actors
