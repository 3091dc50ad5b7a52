#include "weft/publisher.hpp"

#include "sdk/src/publisher_core.hpp"

namespace weft::detail {

pending<ack> publisher_base::publish(const encoded_event& event) const { return core_->publish(event); }
result<pending<ack>> publisher_base::try_publish(const encoded_event& event) const { return core_->try_publish(event); }
result<ack> publisher_base::publish_and_wait(const encoded_event& event) const {
  return core_->publish_and_wait(event);
}
result<void> publisher_base::flush(microseconds within) const { return core_->flush(within); }
pending<ack> publisher_base::failed(error why) const { return core_->failed(std::move(why)); }

} // namespace weft::detail
