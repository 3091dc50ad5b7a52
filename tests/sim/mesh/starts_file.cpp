#include "tests/sim/mesh/starts_file.hpp"

#include "tests/sim/membership/whole_file.hpp"

#include <cstring>

namespace weft::sim {
namespace {

const std::string file_name = "starts";

struct kept_start {
  std::uint64_t topic = 0, offset = 0, epoch = 0, seq = 0;
};

} // namespace

result<void> starts_file::load() {
  const auto bytes = load_whole(disk_, file_name);
  if (!bytes && bytes.error().code() == errc::not_found) return {};
  if (!bytes) return fail(bytes.error());
  for (std::size_t at = 0; at + sizeof(kept_start) <= bytes->size(); at += sizeof(kept_start)) {
    kept_start one;
    std::memcpy(&one, bytes->data() + at, sizeof one);
    const topic_id topic{static_cast<std::uint32_t>(one.topic)};
    starts_[topic] = {topic_offset{one.offset}, {epoch{one.epoch}, seq{one.seq}}};
    moved_(topic, starts_[topic]); // the file may say more than whoever saved it was told
  }
  return {};
}

result<void> starts_file::move_forward(topic_id topic, const log::topic_start& start) {
  auto moved = starts_;
  auto& one = moved[topic];
  if (start.offset < one.offset || start.at < one.at) return fail(errc::invalid_argument, "a start went back");
  one = start;
  std::vector<kept_start> kept;
  for (const auto& [id, at] : moved)
    kept.push_back({id.value(), at.offset.value(), at.at.epoch.value(), at.at.seq.value()});
  if (auto done = save_whole(disk_, file_name, std::as_bytes(std::span(kept))); !done) return done;
  starts_ = std::move(moved);
  moved_(topic, start);
  return {};
}

} // namespace weft::sim
