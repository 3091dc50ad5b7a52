#include "actors/copies.hpp"

#include "actors/copies_role.hpp"
#include "actors/copies_settings.hpp"
#include "actors/mend_waits.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/os_disk.hpp"

#include <fmt/format.h>

namespace weft::actors {

copies_ref copies_ref::start(node_services& services, const router_ref& router, const std::string& directory) {
  auto known = std::make_shared<copies_memory>();
  const auto at = services.system.reserve();
  copies_ref self{port::ref<message>(at)};
  for (int i = 0; i < limits::replica_threads; ++i)
    known->replicas.push_back(replica_ref::start(services, self, directory));
  if (const auto names = os_disk().list(directory))
    for (const auto& name : *names)
      if (name.ends_with('/') && os_disk().exists(fmt::format("{}/{}copy", directory, name)))
        known->on_disk.insert(name.substr(0, name.size() - 1));
  auto& settings = services.catalog.settings();
  const auto stay = settings.get(copies_stay_setting);
  known->all_stay = !stay || *stay;
  known->left = left_epochs(settings);
  known->reached = kept_reached(settings);
  services.supervisor.adopt(
      {kinds::copies,
       "copies",
       at,
       [&services, router, known = std::move(known)] { return make_copies(services, router, known); },
       {}});
  return self;
}

void copies_ref::member(replication::copy_keeper::in::member one, std::string name) const {
  to_.tell({message::member_changed{{std::move(one), std::move(name)}}});
}
void copies_ref::member_gone(node_id id) const { to_.tell({message::member_forgotten{id}}); }
void copies_ref::peer_up(linked_peer peer) const { to_.tell({message::peer_came{std::move(peer)}}); }
void copies_ref::peer_down(node_id id, link_output_ptr output) const {
  to_.tell({message::peer_went{id, std::move(output)}});
}
void copies_ref::topic(std::string name, std::uint32_t replicas) const {
  to_.tell({message::topic_agreed{std::move(name), replicas}});
}
void copies_ref::look_at_topics() const { to_.tell({message::topics_changed{}}); }
void copies_ref::look_at_log(log_id log) const { to_.tell({message::log_lacks{log}}); }
void copies_ref::withdrew(node_id holder, link_output_ptr output, std::uint64_t demand) const {
  to_.tell({message::holder_withdrew{holder, std::move(output), demand}});
}
void copies_ref::left(epoch of) const { to_.tell({message::epoch_left{of}}); }
void copies_ref::when_mended(mend_wait one) const { to_.tell({message::mend_awaited{std::move(one)}}); }
void copies_ref::wait(copy_wait ack) const { to_.tell({message::ack_waits{std::move(ack)}}); }
void copies_ref::holds(node_id holder, link_output_ptr output, wire::copy_holds said) const {
  to_.tell({message::holder_holds{holder, std::move(output), std::move(said)}});
}
void copies_ref::confirmed(node_id holder, link_output_ptr output, wire::copy_confirm said) const {
  to_.tell({message::holder_confirms{holder, std::move(output), said}});
}
void copies_ref::given_up(log_id log) const { to_.tell({message::copy_given_up{log}}); }
void copies_ref::serves(log_id log, bool can) const { to_.tell({message::copy_serves{log, can}}); }
void copies_ref::list(reply<std::string> to) const { to_.tell({message::list_copies{std::move(to)}}); }

} // namespace weft::actors
