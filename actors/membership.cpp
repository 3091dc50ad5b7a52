#include "actors/membership.hpp"

#include "actors/membership_role.hpp"
#include "actors/node_services.hpp"

namespace weft::actors {

membership_ref membership_ref::reserve(port::system& system) {
  return membership_ref(port::ref<message>(system.reserve()));
}

void membership_ref::start(node_services& services, const router_ref& router, membership_parts parts) const {
  services.supervisor.adopt(
      {kinds::membership,
       "membership",
       to_.address(),
       [&services, router, known = std::make_shared<membership_memory>(membership_memory{std::move(parts)})] {
         return make_membership(services, router, known);
       },
       {}});
}

void membership_ref::link_up(linked_peer peer, transport::dial_attempt attempt) const {
  to_.tell({message::link_came{std::move(peer), attempt}});
}
void membership_ref::link_down(link_output_ptr output, membership::link_end how) const {
  to_.tell({message::link_went{std::move(output), how}});
}
void membership_ref::frame(link_output_ptr output, shared_bytes bytes) const {
  to_.tell({message::frame_came{std::move(output), std::move(bytes)}});
}
void membership_ref::traffic(link_output_ptr output) const { to_.tell({message::traffic_passed{std::move(output)}}); }
void membership_ref::attempt_failed(transport::dial_attempt attempt) const {
  to_.tell({message::attempt_ended{attempt}});
}
void membership_ref::need_link(node_id to) const { to_.tell({message::link_wanted{to}}); }
void membership_ref::release_link(node_id to) const { to_.tell({message::link_released{to}}); }
void membership_ref::look_at_facts() const { to_.tell({message::facts_changed{}}); }
void membership_ref::renewed(security::certificate_chain chain) const {
  to_.tell({message::certificate_renewed{std::move(chain)}});
}
void membership_ref::publish(wire::item topic_record) const {
  to_.tell({message::topic_decided{std::move(topic_record)}});
}
void membership_ref::tell_topics() const { to_.tell({message::topics_asked{}}); }
void membership_ref::leave(reply<void> done) const { to_.tell({message::leaving{std::move(done)}}); }
void membership_ref::nodes(reply<std::string> to) const { to_.tell({message::list_nodes{std::move(to)}}); }

} // namespace weft::actors
