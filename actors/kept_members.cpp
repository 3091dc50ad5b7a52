#include "actors/kept_members.hpp"

#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <utility>

namespace weft::actors {

result<std::vector<wire::item>> kept_members::list() const {
  const auto kept = services_.catalog.items().list();
  if (!kept) return fail(kept.error());
  std::vector<wire::item> items;
  for (const auto& item : *kept)
    if (item.content.kind == wire::item_kind::identity) items.push_back(item.content);
  for (const auto& item : *kept)
    if (item.content.kind != wire::item_kind::identity) items.push_back(item.content);
  return items;
}

void kept_members::keep(membership::node_membership::out::keep item) {
  for (auto* one : {&item.identity, &item.record})
    to_keep_.push_back({membership::key_of(one->kind, item.member), std::move(*one)});
}

void kept_members::forget(const node_id& member) {
  for (const auto kind : {wire::item_kind::identity, wire::item_kind::node_record})
    to_forget_.push_back(membership::key_of(kind, member));
}

void kept_members::write() {
  if (to_keep_.empty() && to_forget_.empty()) return;
  services_.readers.run([&services = services_, keep = std::exchange(to_keep_, {}),
                         forget = std::exchange(to_forget_, {})](log::node_log&) {
    auto done = services.catalog.items().keep(keep, catalog::durability::relaxed);
    if (done) done = services.catalog.items().forget(forget);
    if (!done) services.to.warning(fmt::format("what is known of other nodes is not kept: {}", done.error().message()));
  });
}

} // namespace weft::actors
