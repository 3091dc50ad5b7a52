// tests/fuzz/log/fuzz_log.hpp: the same small log in every run, with one segment in its middle that the input replaces.
#pragma once
#include "mesh/base/assert.hpp"
#include "mesh/base/virtual_disk.hpp"
#include "mesh/log/log.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/wire/batch_builder.hpp"

#include <map>

namespace weft::log {

class still_clock final : public weft::clock {
public:
  [[nodiscard]] wall_time wall() const override { return {1'893'456'000'000'000}; } // 2030-01-01T00:00:00Z
  [[nodiscard]] mono_time mono() const override { return mono_time{1'000'000}; }
};

/// Keeps starts as the catalog would.
class kept_starts final : public topic_starts {
public:
  result<void> move_forward(topic_id topic, const topic_start& start) override {
    starts_[topic] = start;
    return {};
  }
  [[nodiscard]] std::vector<std::pair<topic_id, topic_start>> all() const { return {starts_.begin(), starts_.end()}; }

private:
  std::map<topic_id, topic_start> starts_;
};

inline constexpr topic_id orders{1};
inline constexpr topic_id stock{2};

/// What lies behind the replaced segment.
enum class behind : std::uint8_t {
  nothing,     ///< it was the last one: its tail may be torn
  empty_epoch, ///< an epoch in which nothing was written
  segment,     ///< the next segment of its epoch
  next_epoch,  ///< the first segment of the next epoch
};
/// What lies before it.
enum class before : std::uint8_t { nothing, segment, cleaned };

/// A disk with the log, and one opening of it at a time. Moves only while closed.
class fuzz_machine {
public:
  [[nodiscard]] fuzz_machine clone() const {
    fuzz_machine other;
    other.disk_ = disk_->clone();
    other.random_ = random_;
    return other;
  }

  [[nodiscard]] static log_options options() {
    log_options made;
    made.directory = "log";
    std::array<std::uint8_t, 32> node{};
    node.fill(7);
    made.id = {node_id{node}, 0};
    made.segment_bytes = 1024;
    made.tail_cache_bytes = 4096;
    made.spare_segments = 0;
    made.own_threads = false;
    return made;
  }

  [[nodiscard]] result<void> open() {
    log_.reset();
    auto opened = node_log::open({*disk_, clock_, random_, starts_}, options(), starts_.all());
    if (!opened) return fail(std::move(opened.error()));
    log_ = std::move(*opened);
    return {};
  }
  void close() { log_.reset(); }
  [[nodiscard]] virtual_disk& disk() const { return *disk_; }
  [[nodiscard]] node_log& log() { return *log_; }

  /// An event of each topic; several make one atomic group. @param sequence  of the topic's producer, if one numbers
  [[nodiscard]] result<std::vector<appended>> append(const std::vector<topic_id>& topics,
                                                     std::optional<std::uint64_t> sequence = std::nullopt) {
    append_request request;
    for (const auto topic : topics) {
      const producer_id producer{sequence ? topic.value() : 0};
      wire::batch_builder builder(topic == orders ? "orders" : "stock", producer, wire::codec::none);
      WEFT_ASSERT(builder.add({wall_time{1}, "", as_bytes("key"), {}, as_bytes("value")}));
      request.items.push_back({topic, wire::batch_view::trusted(builder.seal(sequence.value_or(0)))});
    }
    return log_->append_and_wait(std::move(request));
  }

private:
  std::unique_ptr<virtual_disk> disk_ = std::make_unique<virtual_disk>(); // stays where it is when this moves
  still_clock clock_;
  seeded_random random_{42};
  kept_starts starts_;
  std::unique_ptr<node_log> log_;
};

/// Made once. Epoch one has two segments, and a third when one is wanted behind the second, which is the replaced one.
class fuzz_log {
public:
  static const fuzz_log& instance() {
    static const fuzz_log& made = *new fuzz_log; // kept: no order of destruction to think of
    return made;
  }

  /// The log with the replaced segment and its index taken out.
  [[nodiscard]] fuzz_machine without_segment(before first, behind next) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] weft::epoch epoch() const { return epoch_; }
  [[nodiscard]] seq first() const { return first_; }
  [[nodiscard]] std::vector<std::byte> segment() const { return *whole_.disk().content(path_); }
  [[nodiscard]] std::vector<std::byte> index() const { return *whole_.disk().content(index_path_of(path_)); }

private:
  fuzz_log();
  void find_segments();
  void clean_first();

  fuzz_machine whole_; // the first two segments
  std::map<behind, fuzz_machine> machines_;
  std::string first_path_, path_;
  weft::epoch epoch_;
  seq first_;
  std::vector<std::byte> cleaned_; // the first segment without its entries of `stock`
};

} // namespace weft::log
