// sdk/src/service/state_events.hpp: a service's state as events of a topic with compaction, for a successor. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/wire/batch_builder.hpp"
#include "mesh/wire/group_messages.hpp"
#include "sdk/src/service/handled_places.hpp"
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// One thing that the state has, by its name; nothing: it has it no longer.
///
///     row/<table>/<key>             the value           '/' and '%' in the table's name are written %2F and %25
///     timer/<name>/<key>            the timer's row     the same
///     handled/<log>/<epoch>/<slot>  what was handled    as handled_places has it, some slots from this on
///     handled/<log>/<epoch>         its ranges          the same
struct state_item {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const state_item&, const state_item&) = default;
};
[[nodiscard]] std::string name_of(const state_key& row);
[[nodiscard]] std::string name_of(const timer_id& timer);
[[nodiscard]] std::string name_of(const handled_places::piece& handled);

/// What an item says. @error errc::corrupt  it is none
[[nodiscard]] result<state_change> change_in(state_item item);

/// The event with the key `mark`: how far the state is that the topic's events up to here have.
struct state_mark {
  std::string service;
  std::string home;       ///< the node that gave the term
  wire::member_id member; ///< whose state it is
  state_step at;
  state_step since;        ///< what has an older step is not part of it
  bool whole = true;       ///< false: all of the state follows, and then a mark that says so
  std::uint32_t parts = 0; ///< the step's changes lie before this, in so many events `part/<n>`
  friend bool operator==(const state_mark&, const state_mark&) = default;
};
inline constexpr std::string_view state_mark_key = "mark";
inline constexpr std::string_view state_event_type = "weft.state";
inline constexpr std::string_view state_step_header = "weft-step"; ///< of each event: <term>/<step>
[[nodiscard]] std::string encode(const state_mark& mark);
/// @error errc::corrupt
[[nodiscard]] result<state_mark> decode_state_mark(std::string_view text);
[[nodiscard]] std::string to_string(const state_step& step);
/// @error errc::corrupt
[[nodiscard]] result<state_step> parse_state_step(std::string_view text);

/// Of a sealed batch: all of its events have one. @error errc::corrupt
[[nodiscard]] result<state_step> step_of(const shared_bytes& batch);

/// Items as one piece of bytes, and back. @error errc::corrupt
[[nodiscard]] std::string join_items(const std::vector<state_item>& items);
[[nodiscard]] result<std::vector<state_item>> part_items(std::string_view bytes);

/// Puts the events of one step into batches of the state's topic.
///
/// The key of an item's event is its name, or `hash/<128 bits>` of a longer one. Its value:
///
///     (none)                       the item is no longer there
///     '=' value                    as it is
///     'S' or 'R', slices (4 bytes), size of the name (4), name, value
///                                  set or removed; the name is there when the key does not say it. What is larger than
///                                  limits::state_slice_bytes lies in slices: the first behind this head, the others
///                                  before it in events `slice/<n>/<key>`
class state_batches {
public:
  state_batches(std::string topic, producer_id whose, std::uint64_t next_sequence, const state_step& at, wall_time now);

  /// @param slices_before  that its event had when it was published last
  /// @returns how many it has now
  std::uint32_t add(std::string_view name, const std::optional<std::string_view>& value, std::uint32_t slices_before);
  void add(const state_mark& mark);
  void add_part(std::uint32_t number, std::string_view bytes);
  void drop_part(std::uint32_t number);
  /// What an event takes besides the name and value of its item.
  static constexpr std::size_t event_frame_bytes = 64;
  /// How many an item has whose value is so large.
  [[nodiscard]] static std::uint32_t slices_of(std::string_view name, std::size_t value_bytes);
  /// Whether all that was added so far and a mark fit one batch.
  [[nodiscard]] bool is_one() const noexcept { return sealed_.empty() && !builder_.full(); }

  /// What comes next begins another batch.
  void seal();
  [[nodiscard]] std::vector<shared_bytes> take();
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_; }

private:
  void put(std::string_view key, std::string_view value);

  const std::string step_; // as the header has it
  const wall_time now_;
  wire::batch_builder builder_;
  std::uint64_t next_;
  std::vector<shared_bytes> sealed_;
};

/// Puts a state together again from the events of one log, from the topic's beginning or from when it was all
/// published.
///
/// What has a step that no mark covers is kept back, and dropped if none comes: a step counts whole or not at all.
class state_fold {
public:
  /// @param known  the last mark of the log, if it was looked for: what it covers need not be kept back
  explicit state_fold(const std::optional<state_mark>& known);

  /// @param value  nothing: the event has none
  /// @error errc::corrupt  which event is not as state_batches makes it
  [[nodiscard]] result<void> on(std::string_view key, const std::optional<std::string_view>& value,
                                std::string_view step);
  /// What counts since the last call. After true from takes_all_back() nothing of before is part of it.
  [[nodiscard]] std::vector<state_item> take() { return std::exchange(due_, {}); }
  [[nodiscard]] bool takes_all_back() { return std::exchange(anew_, false); }
  /// The last that came; nothing: none.
  [[nodiscard]] const std::optional<state_mark>& mark() const noexcept { return mark_; }
  /// The state is that of the mark.
  [[nodiscard]] bool is_whole() const noexcept {
    return mark_ && mark_->whole && !owes_items_ && incomplete_.empty() && !has_missed_;
  }
  /// All was published anew, and that it begins was not read: begin again, with the mark that is last now.
  [[nodiscard]] bool has_missed() const noexcept { return has_missed_; }

private:
  struct slice {
    state_step at;
    std::string bytes;
  };
  [[nodiscard]] result<void> take_mark(std::string_view text);
  [[nodiscard]] result<void> take_parts(const state_mark& of);
  [[nodiscard]] result<void> take_item(std::string_view key, const std::optional<std::string_view>& value,
                                       const state_step& at);
  void count(state_item item, const state_step& at);

  state_step since_, until_; // what is older does not count; what is up to here counts at once
  state_step last_;          // that came: what is older came twice
  bool anew_ = false, has_missed_ = false;
  std::optional<state_mark> mark_;
  std::vector<state_item> due_, kept_back_;
  std::map<std::uint32_t, slice> parts_;          // of the last step that has some
  bool owes_items_ = false;                       // of the last mark: its parts are not all there
  std::set<std::string, std::less<>> incomplete_; // keys of items of which a slice is not there
  std::map<std::string, std::map<std::uint32_t, slice>, std::less<>> slices_; // by the key of their item
};

} // namespace weft::detail
