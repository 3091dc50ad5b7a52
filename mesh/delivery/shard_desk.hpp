// mesh/delivery/shard_desk.hpp: which program is to have which shards of a group's state, as its home says. Pure.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/wire/group_messages.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace weft::delivery {

using wire::process_id;

/// Shares the shards out evenly among the programs that are there. Who comes or goes moves as few as that takes, and
/// first those that nobody has at work. Safety is not its business: who may have a shard say its claim and its lease.
/// @see ADR 23
/// @thread one at a time
class shard_desk {
public:
  explicit shard_desk(std::size_t shards) : shards_(shards) {}
  [[nodiscard]] std::size_t shards() const noexcept { return shards_.size(); }

  /// It asks for this one: it is there, for limits::shard_asker_there_for. A shard that its program does not ask for
  /// any more goes to one that does.
  void asks(process_id who, std::size_t shard, mono_time now);
  /// It has this one at work: it is there as long as it has any.
  void has(process_id who, std::size_t shard, mono_time now);
  /// Nobody has it any more.
  void released(std::size_t shard);
  /// Who was silent for too long and has none is gone.
  void tick(mono_time now);

  /// Nothing: nobody is there.
  [[nodiscard]] std::optional<process_id> meant_for(std::size_t shard) const { return shards_.at(shard).meant_for; }
  /// Those that another is meant for than the one that has it.
  [[nodiscard]] std::vector<std::size_t> to_give_up() const;

private:
  struct part {
    std::optional<process_id> meant_for{}, at{};
    mono_time asked{}; ///< by whom it is meant for, last, or when it was meant for it first
  };

  void give(part& one, process_id to);
  void even_out();
  void move_one(process_id from, process_id to);
  [[nodiscard]] bool has_any(process_id who) const;

  std::vector<part> shards_;
  std::map<process_id, mono_time> heard_; // of who is there: last
  mono_time now_;
};

} // namespace weft::delivery
