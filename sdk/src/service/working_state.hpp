// sdk/src/service/working_state.hpp: the values of a service's state as of the last event that counts.
#pragma once
#include "sdk/src/service/state_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace weft::detail {

/// The present step's changes, over those of the step that is being written, over a part of the values on disk that is
/// kept in memory, over the disk.
/// @thread read(), written(): any; the others one at a time
class working_state {
public:
  explicit working_state(std::shared_ptr<const state_store> on_disk) : on_disk_(std::move(on_disk)) {}

  /// @error that of the disk
  [[nodiscard]] result<std::optional<std::string>> read(const state_key& of);
  /// Of the present step.
  void change(const state_key& of, std::optional<std::string> value);
  [[nodiscard]] bool is_changed() const noexcept { return !changes_.empty(); } ///< by the present step
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }          ///< of its changes
  [[nodiscard]] std::size_t changes() const noexcept { return changes_.size(); }
  /// Another step begins. @returns the changes, to be written; they are there until written()
  [[nodiscard]] const state_changes& seal();
  /// They are on disk. @pre one step is sealed
  void written();

private:
  void remember(const state_key& of, std::optional<std::string> value);

  const std::shared_ptr<const state_store> on_disk_;
  std::mutex mutex_;
  state_changes changes_, sealed_, known_;
  std::size_t bytes_ = 0, known_bytes_ = 0;
  std::uint64_t steps_written_ = 0; // a value that was read from disk before the last one may be old
};

} // namespace weft::detail
