// mesh/replication/epoch_watch.hpp: hears of higher epochs of the own log, and says when to open one above. Pure.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace weft::replication {

/// An epoch of the own log that is above ours was written by an older life of this machine whose disk is gone, or by
/// another machine with the same key. Either way ours goes above it. Two machines with one key would raise each other
/// for ever, so after a first time it happens once in limits::epoch_opened_every, with an alarm.
class epoch_watch {
public:
  enum class source : std::uint8_t {
    own_record, ///< signed with this node's key
    peer,       ///< a holder's or a consumer's word: more than limits::epoch_lead_max above ours is not believed
  };
  struct in {
    struct heard {
      weft::epoch epoch;
      source from = source::peer;
    };
    /// The log writes this epoch now.
    struct opened {
      weft::epoch epoch;
    };
  };
  struct out {
    /// node_log::open_above; then say `opened`, or try again after a tick.
    struct open_above {
      std::uint32_t count = 0;
    };
    /// Another machine seems to have this node's key.
    struct alarm {
      weft::epoch heard;
    };
  };
  using effects = std::vector<std::variant<out::open_above, out::alarm>>;

  explicit epoch_watch(weft::epoch current) noexcept : current_(current) {}

  void on(const in::heard& heard, mono_time now, effects& fx);
  void on(const in::opened& opened) noexcept;
  void tick(mono_time now, effects& fx);
  [[nodiscard]] std::optional<mono_time> next_tick() const noexcept;

private:
  void open(mono_time now, effects& fx);

  weft::epoch current_;
  std::optional<weft::epoch> highest_; // heard of, above ours
  std::optional<mono_time> asked_at_;  // when an opening was asked for last
  int openings_ = 0;
};

} // namespace weft::replication
