#include "actors/cut_book.hpp"

#include "actors/node_services.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::actors {

using membership::cut_event;

delivery::lease_holder lease_holder_of(const wire::cut& what) { return {"cut " + what.name, what.pattern}; }

cut_book::cut_book(node_services& services, const topic_author& author)
    : services_(services),
      author_(author),
      authority_(author_.keys, services.facts.mesh),
      records_(authority_, services.facts.id) {}

result<void> cut_book::load() {
  const auto kept = services_.catalog.items().list();
  if (!kept) return fail(kept.error());
  std::vector<wire::item> items;
  for (const auto& item : *kept)
    if (records_.keeps(item.content.kind)) items.push_back(item.content);
  for (const auto& name : take(items)) {
    const auto& record = find(name)->record;
    apply(record.what);
    // A crash may have taken the answer that somebody waits for; of older ones nobody does.
    if (record.at.wall() > services_.clock.wall() - microseconds(limits::hlc_lead_max)) answer(record.what);
  }
  return {};
}

void cut_book::learn(const std::vector<wire::item>& items) {
  const auto names = take(items); // the membership has looked at their dates
  std::vector<catalog::item_table::kept_item> newer;
  newer.reserve(names.size());
  for (const auto& name : names)
    newer.push_back({membership::key_of_cut(name), find(name)->item});
  if (newer.empty()) return;
  // Others have them: what a power failure takes comes again.
  if (const auto done = services_.catalog.items().keep(newer, catalog::durability::relaxed); !done)
    services_.to.warning(fmt::format("cuts of the mesh are not kept: {}", done.error().message()));
  for (const auto& name : names) {
    apply(find(name)->record.what);
    answer(find(name)->record.what);
  }
}

result<void> cut_book::decide(const wire::cut& wanted) {
  const auto certificate = shared_bytes::take(security::encode(*author_.chain.get()));
  const auto item = records_.decide(wanted, certificate, services_.clock.wall());
  if (!item) return fail(item.error());
  auto kept =
      services_.catalog.items().keep({{membership::key_of_cut(wanted.name), *item}}, catalog::durability::synced);
  if (!kept) return kept;
  static_cast<void>(take({*item}));
  apply(wanted);
  answer(wanted);
  services_.membership.publish(*item);
  return {};
}

/// @returns the names of those that have a newer record
std::vector<std::string> cut_book::take(const std::vector<wire::item>& items) {
  const instant now{services_.clock.mono(), services_.clock.wall()};
  for (const auto& item : items)
    static_cast<void>(records_.take(item, services_.facts.id, now));
  records_.forget_old(now.wall);
  std::vector<std::string> names;
  std::vector<std::uint64_t> gone;
  for (const auto& event : records_.take_events()) {
    if (const auto* changed = std::get_if<cut_event::changed>(&event)) names.push_back(changed->name);
    if (const auto* forgotten = std::get_if<cut_event::forgotten>(&event)) gone.push_back(forgotten->key);
  }
  std::erase_if(names, [this](const auto& name) { return find(name) == nullptr; }); // it came and went
  if (gone.empty()) return names;
  if (const auto done = services_.catalog.items().forget(gone); !done)
    services_.to.warning(fmt::format("old cuts stay in the catalog: {}", done.error().message()));
  return names;
}

void cut_book::apply(const wire::cut& what) {
  const auto holder = lease_holder_of(what);
  if (what.deleted || services_.clock.wall() > what.lease_until)
    services_.leases.forget(holder.name);
  else
    services_.leases.hold(holder, services_.log.state().begin, what.lease_until);
  if (what.is_made()) services_.log.go_above(hlc{what.bound.value() - 1});
}

/// Behind the log's time, so that its place shows what it says.
void cut_book::answer(const wire::cut& what) {
  if (what.deleted || services_.clock.wall() > what.lease_until) return;
  const auto topic = services_.topics.find(cuts_topic);
  const nlohmann::json said{{"id", fmt::format("{:016x}", what.id)},
                            {"bound_us", what.is_made() ? nlohmann::json(what.bound.wall().us) : nlohmann::json()}};
  wire::batch_builder builder(std::string(cuts_topic), producer_id{}, wire::codec::none);
  const auto value = said.dump();
  auto done = builder.add({services_.clock.wall(), "cut", as_bytes(what.name), {}, as_bytes(value)});
  const auto told = [&to = services_.to, name = what.name](const error& why) {
    to.warning(fmt::format("cut {} will say that it does not know of this node's log: {}", name, why.message()));
  };
  if (!topic) done = fail(errc::not_found, fmt::format("the topic {} is gone", cuts_topic));
  if (done)
    done = services_.log.append(
        {{{topic->id, wire::batch_view::trusted(builder.seal(0))}}, ack_level::synced, [told](const auto& appended) {
           if (!appended) told(appended.error());
         }});
  if (!done) told(done.error());
}

} // namespace weft::actors
