// mesh/wire/batch_checks.hpp: what FlatBuffers' verifier does not check in a batch. Internal to mesh/wire.
#pragma once
#include "mesh/wire/batch_view.hpp"

namespace weft::wire {

/// Checks one batch whose FlatBuffers structure is sound. The order of all() matters: each check relies on those
/// before.
class batch_checks {
public:
  explicit batch_checks(const batch_view& batch) noexcept : batch_(batch), columns_(batch.columns_) {}

  [[nodiscard]] result<void> all() const;
  /// Of all events, in unpacked data. @pre all() but this holds
  [[nodiscard]] result<void> headers(byte_view data) const;

private:
  [[nodiscard]] result<void> scalars() const;
  [[nodiscard]] result<void> lengths() const;
  [[nodiscard]] result<void> size() const;
  [[nodiscard]] result<void> types() const;
  [[nodiscard]] result<void> keys() const;
  [[nodiscard]] result<void> extents() const;
  [[nodiscard]] result<void> places() const;
  [[nodiscard]] result<void> hashes() const;

  const batch_view& batch_;
  const batch_view::columns& columns_;
};

} // namespace weft::wire
