#include "tests/sim/toy/toy.hpp"

#include "mesh/base/reached.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace weft::sim {
namespace {

constexpr microseconds tick{100'000};
const std::string file_name = "count";

struct told_count {
  std::uint32_t host = 0;
  std::uint32_t unused = 0;
  std::uint64_t count = 0;
};

/// What is on the disk: two of them by turns, each in a sector of its own, so that a torn one leaves the other.
struct saved_count {
  std::uint64_t count = 0;
  std::uint64_t inverse = 0;
};
constexpr std::uint64_t sector_bytes = 512;

} // namespace

toy_process::toy_process(environment& around, std::uint32_t hosts, const std::string& bug)
    : around_(around),
      tells_before_sync_(bug == "toy_tells_before_sync"),
      never_redials_(bug == "toy_never_redials"),
      heard_(hosts) {
  const auto me = around.host().value();
  if (me >= hosts) return; // a clone tells nobody
  for (const auto step : {1U, 2U, hosts / 2})
    if (const auto to = (me + step) % hosts; to != me) wanted_.push_back(world::first_address(host_index{to}));
  std::ranges::sort(wanted_);
  wanted_.erase(std::ranges::unique(wanted_).begin(), wanted_.end());
}

void toy_process::on_start() {
  const auto loaded = load();
  unusable_ = !loaded;
  count_ = loaded.value_or(0);
  if (around_.host().value() < heard_.size()) heard_[around_.host().value()] = count_;
  for (std::size_t place = 0; place < wanted_.size(); ++place)
    dial(place);
  around_.arm(around_.clock().mono() + tick);
}

void toy_process::dial(std::size_t place) { dials_[around_.dial(wanted_[place])] = place; }

void toy_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  static_cast<void>(peer);
  auto& place = links_[link];
  if (dialed != nullptr) place = dials_.extract(*dialed).mapped();
  for (std::uint32_t host = 0; host < heard_.size(); ++host)
    if (heard_[host] > 0) send(link, host, heard_[host]);
}

void toy_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  static_cast<void>(payload);
  told_count told;
  if (control.size() != sizeof told) return;
  std::memcpy(&told, control.data(), sizeof told);
  if (told.host >= heard_.size() || told.count <= heard_[told.host]) return;
  if (told.host == around_.host().value()) return reached("toy.heard_of_itself");
  heard_[told.host] = told.count;
  tell(told.host, told.count, link);
}

void toy_process::on_link_closed(link_id link, close_cause cause) {
  if (cause == close_cause::silent) reached("toy.silent_link");
  const auto place = links_.extract(link).mapped();
  if (place && !never_redials_) dial(*place);
}

void toy_process::on_dial_failed(dial_id dialed, const std::string& address, dial_cause cause) {
  static_cast<void>(address), static_cast<void>(cause);
  failed_.push_back(dials_.extract(dialed).mapped());
}

void toy_process::on_timer() {
  for (const auto place : std::exchange(failed_, {}))
    dial(place);
  // What single frames lost is told again, a little at a time.
  if (const auto hosts = static_cast<std::uint32_t>(heard_.size()); hosts > 0) {
    again_ = (again_ + 1) % hosts;
    if (heard_[again_] > 0) tell(again_, heard_[again_], link_id{});
  }
  around_.arm(around_.clock().mono() + tick);
}

bool toy_process::raise() {
  const auto me = around_.host().value();
  if (unusable_ || me >= heard_.size()) return false;
  if (!save(count_ + 1)) {
    reached("toy.save_failed");
    return false;
  }
  heard_[me] = ++count_;
  tell(me, count_, link_id{});
  return true;
}

std::optional<std::uint64_t> toy_process::load() const {
  const auto file = around_.disk().open(file_name, open_mode::read);
  if (!file && file.error().code() == errc::not_found) return 0;
  if (!file) return std::nullopt;
  std::uint64_t highest = 0;
  for (const auto offset : {std::uint64_t{0}, sector_bytes}) {
    std::array<std::byte, sizeof(saved_count)> bytes{};
    if (!(*file)->read_at(offset, bytes)) return std::nullopt;
    saved_count saved;
    std::memcpy(&saved, bytes.data(), sizeof saved);
    if (saved.inverse == ~saved.count) highest = std::max(highest, saved.count);
  }
  return highest;
}

bool toy_process::save(std::uint64_t count) {
  auto file = around_.disk().open(file_name, open_mode::read_write);
  if (!file) file = around_.disk().open(file_name, open_mode::create);
  if (!file) return false;
  const saved_count saved{count, ~count};
  std::array<std::byte, sizeof saved> bytes{};
  std::memcpy(bytes.data(), &saved, sizeof saved);
  const byte_view part{bytes};
  if (!(*file)->write_at(count % 2 * sector_bytes, {&part, 1})) return false;
  if (tells_before_sync_) return true;
  return (*file)->sync() && around_.disk().sync_directory("");
}

void toy_process::tell(std::uint32_t host, std::uint64_t count, link_id except) {
  for (const auto& [link, place] : links_)
    if (link != except) send(link, host, count);
}

void toy_process::send(link_id link, std::uint32_t host, std::uint64_t count) {
  const told_count told{host, 0, count};
  std::vector<std::byte> bytes(sizeof told);
  std::memcpy(bytes.data(), &told, sizeof told);
  around_.send(link, shared_bytes::take(std::move(bytes)), {});
}

} // namespace weft::sim
