// tests/bench/delivery_bench.cpp: what it costs a log's node to share events of 100 B out among the members of a group,
// on one core, beside reading them with their checksums.
#include "mesh/delivery/group_run.hpp"
#include "tests/bench/figures.hpp"
#include "tests/mesh/log/piece_of_log.hpp"

#include <chrono>
#include <fmt/format.h>
#include <stdexcept>

namespace {

using namespace weft;
using namespace weft::delivery;

constexpr std::size_t value_bytes = 100;
constexpr std::size_t keys = 5000;
constexpr auto measured_for = std::chrono::seconds(1);

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

log::piece_of_log small_events(std::size_t entries) {
  const std::string value(value_bytes, 'v');
  log::piece_of_log piece;
  for (std::size_t entry = 0, key = 0; entry < entries; ++entry) {
    wire::batch_builder builder("retail.orders", producer_id{7}, wire::codec::none);
    while (!builder.full())
      if (!builder.add({.key = as_bytes(fmt::format("order-{}", key++ % keys)), .value = as_bytes(value)})) break;
    piece.append(builder);
  }
  return piece;
}

/// A log that repeats a piece for ever, and members that process everything at once.
class sharing {
public:
  sharing(const log::piece_of_log& piece, std::uint64_t members)
      : piece_(piece), source_({{0, {piece.opening, seq{0}}, {}}}, seq{~std::uint64_t{0} >> 8U}, mono_time{}) {
    group_source::effects fx;
    for (std::uint64_t member = 1; member <= members; ++member)
      static_cast<void>(source_.on(group_source::in::joined{member_id{member}, 65'536, 64U << 20U}, mono_time{}, fx));
    carry_out(fx);
    if (!asked_) throw std::runtime_error("the group does not read");
  }

  /// One read, shared out and processed.
  void round() {
    auto read = piece_.read();
    const auto from = asked_->from.seq;
    read.from = from;
    for (auto& entry : read.entries)
      entry.header.first_seq = from + entry.header.first_seq.value();
    run_ = group_run::of(std::move(read), {}, asked_->slots);
    asked_.reset();
    group_source::effects fx;
    source_.on(group_source::in::read_done{piece_.opening, from, from + piece_.events(), run_->offers()}, mono_time{},
               fx);
    carry_out(fx);
  }
  /// That members got.
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

private:
  void carry_out(group_source::effects& fx) {
    for (std::size_t next = 0; next < fx.size(); ++next) { // carrying one out may add others
      const auto effect = std::move(fx[next]);
      if (const auto* save = std::get_if<group_source::out::save>(&effect)) {
        source_.on(group_source::in::saved{save->version}, fx);
      } else if (const auto* read = std::get_if<group_source::out::read>(&effect)) {
        asked_ = *read;
      } else if (const auto* hand = std::get_if<group_source::out::hand_out>(&effect)) {
        if (run_->bytes_of(hand->offers, piece_.id).value().empty()) throw std::runtime_error("a run is empty");
        events_ += hand->offers.size();
        const auto until = hand->first_number + hand->offers.size();
        source_.on(group_source::in::handled{hand->member, {{hand->first_number, until}}, {}}, mono_time{}, fx);
      }
    }
  }

  const log::piece_of_log& piece_;
  group_source source_;
  std::optional<group_source::out::read> asked_;
  std::optional<group_run> run_;
  std::uint64_t events_ = 0;
};

double read_only(const log::piece_of_log& piece) {
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t events = 0;
  for (; std::chrono::steady_clock::now() - began < measured_for; events += piece.events())
    static_cast<void>(piece.read());
  return static_cast<double>(events) / seconds_since(began);
}

double shared_out(const log::piece_of_log& piece, std::uint64_t members) {
  sharing group(piece, members);
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < measured_for)
    group.round();
  return static_cast<double>(group.events()) / seconds_since(began);
}

} // namespace

int main(int argc, char** argv) {
  bench::figures figures;
  const auto piece = small_events(8);
  for (const std::uint64_t members : {1U, 8U, 64U})
    figures.add(fmt::format("events of {} B and {} keys through a group of {}, shared out by one core", value_bytes,
                            keys, members),
                shared_out(piece, members), "events/s", read_only(piece), "the same bytes, only their checksums");
  figures.print(argc, argv);
  return 0;
}
