#include "sdk/src/run_reader.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace weft::detail {

struct run_reader::unpacked {
  wire::entry_header header;
  wire::batch_view batch;
  shared_bytes data;
  std::shared_ptr<const std::string> node;
  std::vector<contract_id> contracts; // of its types; empty when none of them names one
};

namespace {

std::vector<contract_id> contracts_of(const wire::batch_view& batch) {
  std::vector<contract_id> all(batch.types());
  bool any = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto named = batch.type_contract(i);
    std::array<std::uint8_t, 32> id{};
    if (named.size() != id.size()) continue;
    std::memcpy(id.data(), named.data(), id.size());
    all[i] = contract_id{id};
    any = true;
  }
  return any ? all : std::vector<contract_id>();
}

// Tables in a batch lie aligned to its start. A payload that arrived elsewhere in a message is copied.
shared_bytes aligned(const shared_bytes& payload) {
  return reinterpret_cast<std::uintptr_t>(payload.data()) % 8 == 0 ? payload : shared_bytes::copy(payload.view());
}

} // namespace

run_reader::run_reader(waiting_run run)
    : run_(std::move(run)),
      walker_(aligned(run_.payload), wire::checksum_seed(run_.log, run_.range.epoch)),
      given_until_(run_.deliver_from) {
  event_.log = run_.log;
  event_.node = *run_.node;
}

result<bool> run_reader::next() {
  for (;;) {
    while (batch_ && index_ < batch_->batch.count()) {
      const auto index = index_++;
      const auto at = batch_->header.first_seq + batch_->batch.place(index);
      if (log_position{batch_->header.epoch, at} < run_.deliver_from || at >= run_.range.until) continue;
      show(index, at);
      return true;
    }
    const auto more = next_entry();
    if (!more || !*more) return more;
  }
}

result<bool> run_reader::next_entry() {
  batch_.reset();
  auto entry = walker_.next();
  if (!entry) {
    if (entry.error().code() == errc::end_of_log) return false;
    return fail(entry.error());
  }
  auto batch = wire::batch_view::verify(entry->body());
  if (!batch) return fail(batch.error());
  auto data = batch->unpack();
  if (!data) return fail(data.error());
  auto contracts = contracts_of(*batch);
  batch_ = std::make_shared<const unpacked>(
      unpacked{entry->header, *std::move(batch), *std::move(data), run_.node, std::move(contracts)});
  index_ = 0;

  event_.keep_ = batch_;
  event_.node = *batch_->node;
  event_.topic = batch_->batch.topic();
  event_.logged_at = batch_->header.appended.wall();
  event_.producer = batch_->batch.producer();
  event_.contract = {};
  return true;
}

void run_reader::show(std::size_t index, seq at) noexcept {
  const auto read = batch_->batch.event(index, batch_->data.view());
  event_.type = read.type;
  if (!batch_->contracts.empty()) {
    const auto type = batch_->batch.type_index(index);
    event_.contract = type == 0 ? contract_id{} : batch_->contracts[type - 1U];
  }
  event_.key = read.key;
  event_.headers = header_list{read.headers.bytes()};
  event_.time = read.time;
  event_.at = {batch_->header.epoch, at};
  event_.offset = batch_->header.first_offset + read.place;
  event_.sequence = batch_->batch.first_sequence() + read.place;
  event_.value_ = read.value;
  given_until_ = {batch_->header.epoch, at + 1};
}

} // namespace weft::detail
