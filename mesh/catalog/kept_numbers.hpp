// mesh/catalog/kept_numbers.hpp: an issuer's counter of node numbers, which survives the loss of the catalog.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/catalog/number_table.hpp"

namespace weft::catalog {

/// The catalog counts, and each number is also in a file beside the issuer's keys before it is given: from either of
/// the two the other is restored. Losing both stops the giving until somebody says which numbers are in use.
///
///     numbers = "weftnums" version:2 zero:2 given:4 crc32c:4, little-endian, 20 bytes, version 1; the checksum is over
///               what is before it
///
/// @thread one at a time; may wait for the disk
class kept_numbers final : public security::number_source {
public:
  /// @param directory  of the keys   @param counter  outlives it
  kept_numbers(disk& on, const std::string& directory, number_table& counter);

  /// Before a directory's first certificate is saved: no number was given yet. Leaves a file that is there alone.
  [[nodiscard]] static result<void> begin(disk& on, const std::string& directory);
  /// Once at a start, before anything else. @param new_catalog  it was made just now: it can't know what was given
  /// @returns what is wrong, in a sentence for the operator; empty when nothing is
  [[nodiscard]] result<std::string> restore(bool new_catalog);

  /// @error errc::corrupt  what was given is not known: what to do
  [[nodiscard]] result<void> ready() override;
  /// @error as ready(); errc::out_of_range  all are used up
  [[nodiscard]] result<std::uint32_t> next() override;
  [[nodiscard]] result<void> used_up_to(std::uint32_t highest) override;

private:
  [[nodiscard]] result<void> write(std::uint32_t given);

  disk& disk_;
  std::string path_;
  number_table& counter_;
};

} // namespace weft::catalog
