// gui/models/letters.hpp: what a group has set aside: dead letters and parked keys, and what can be done with them.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"
#include "gui/models/rows_model.hpp"

namespace weft::monitor {

/// An event that a group gave up on, or the first of a parked key.
struct LetterRow {
  std::string place;   ///< NODE/EPOCH/SEQ of the letter; of a parked key KEY and log
  std::string log, of; ///< `of`: where the event was first
  std::string topic, type, key, cause;
  std::string deliveries, first, last;
  std::uint64_t events = 1, bytes = 0; ///< of a parked key: that wait
  bool rejected = false;
  std::optional<time_us> unknown_since;
};

/// What all logs say; nodes that can't be asked are named.
struct LetterList {
  std::vector<LetterRow> rows;
  std::uint64_t total = 0; ///< nodes tell the first 200 of each log
  std::vector<std::string> silent;
  std::string problem;
};

/// @thread any; waits
[[nodiscard]] LetterList readLetters(mesh_access& mesh, const std::string& group);
[[nodiscard]] LetterList readParked(mesh_access& mesh, const std::string& group);
/// The letter as an event, with its value. @error errc::not_found  it is not there any more
[[nodiscard]] result<event_row> readLetter(mesh_access& mesh, const std::string& group, const std::string& place,
                                           const std::stop_token& stop);

class LettersModel : public RowsModel<LetterRow> {
public:
  struct At {
    enum : int { state, topic, key, cause, deliveries, last, log, place };
  };
  explicit LettersModel(QObject* parent = nullptr);
};

class ParkedModel : public RowsModel<LetterRow> {
public:
  struct At {
    enum : int { key, events, topic, cause, log, first };
  };
  explicit ParkedModel(QObject* parent = nullptr);
};

enum class LetterFate : std::uint8_t { replay, drop };
/// @param perSecond how many a second: so many are in one question at most
[[nodiscard]] Operation settleLetters(const std::string& group, const std::vector<LetterRow>& chosen, LetterFate fate,
                                      int perSecond);
/// Each key in the log of its row, not where else it may be parked.
[[nodiscard]] Operation unparkKeys(const std::string& group, const std::vector<LetterRow>& chosen);

} // namespace weft::monitor
