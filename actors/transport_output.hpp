// actors/transport_output.hpp: a link's output over the network or the local socket.
#pragma once
#include "actors/link_output.hpp"
#include "mesh/base/time.hpp"
#include "mesh/node/link_traffic.hpp"
#include "mesh/transport/transport.hpp"

namespace weft::actors {

/// Runs go by their flow's lane, so that none overtakes another of its flow; everything else goes at once.
class transport_output final : public link_output {
public:
  /// @param room_bytes  as link_room has it
  transport_output(transport::transport& through, transport::link_id link, const weft::clock& clock,
                   std::uint64_t room_bytes)
      : through_(through), link_(link), clock_(clock), room_(std::make_shared<link_room>(room_bytes)) {}

  void send(const wire::control& message) override { send_bytes(wire::encode(message)); }
  void send_run(const wire::run& message, const shared_bytes& payload) override {
    auto control = wire::encode(message);
    traffic_->sent(control.size() + payload.size(), clock_.mono());
    through_.send(link_, transport::lane{message.flow}, {std::move(control), room_->counted(payload)});
  }
  link_room::place take_room(std::uint64_t flow, const std::function<void(link_room::place)>& granted) override {
    return room_->take(flow, granted);
  }
  link_room::place keep(std::uint64_t bytes) override { return room_->keep(bytes); }
  void drop_flow(std::uint64_t flow) override {
    room_->leave(flow);
    through_.drop_lane(link_, transport::lane{flow});
  }
  void close(const error& why) override { through_.close(link_, why); }
  /// Bytes of a handshake.
  void send_bytes(shared_bytes bytes) override {
    traffic_->sent(bytes.size(), clock_.mono());
    through_.send(link_, std::move(bytes));
  }
  [[nodiscard]] const std::shared_ptr<node::link_traffic>& traffic() const noexcept { return traffic_; }
  void mark_proven() override { through_.mark_proven(link_); }

private:
  transport::transport& through_;
  transport::link_id link_;
  const weft::clock& clock_;
  std::shared_ptr<link_room> room_;
  std::shared_ptr<node::link_traffic> traffic_ = std::make_shared<node::link_traffic>();
};

} // namespace weft::actors
