#include "mesh/membership/member.hpp"

namespace weft::membership {

record_changes changes_between(const wire::node_record& before, const wire::node_record& after) {
  return {.addresses = before.addresses != after.addresses,
          .links = before.links != after.links,
          .topics = before.topics != after.topics,
          .zone = before.zone != after.zone,
          .roles = before.roles != after.roles,
          .health = before.frozen_since != after.frozen_since || before.frozen_why != after.frozen_why,
          .epoch = before.epoch != after.epoch,
          .incarnation = before.incarnation != after.incarnation,
          .versions = before.versions_min != after.versions_min || before.versions_max != after.versions_max,
          .name = before.name != after.name || before.number != after.number};
}

} // namespace weft::membership
