// sdk/cli/csv_rows.hpp: CSV as RFC 4180 has it, with a header line, each row as a JSON object of strings.
#pragma once
#include "sdk/cli/char_reader.hpp"
#include "sdk/cli/rows.hpp"

#include <vector>

namespace weft::cli {

/// Lines end with LF or CRLF, also inside quoted fields; empty lines are passed over; a quote inside a field that does
/// not begin with one is an ordinary character. Memory is bounded: what does not fit an event is a bad row.
class csv_rows final : public row_source {
public:
  csv_rows(byte_source& from, std::string key_field) : in_(from), key_field_(std::move(key_field)) {}

  /// @error errc::invalid_argument  the header names a column twice, or none as the key; a field opens a quote that
  ///                                nothing closes
  [[nodiscard]] result<std::optional<row>> next() override;

private:
  [[nodiscard]] result<void> read_header();
  bool read_record();
  void read_field();
  void read_quoted();
  void end_field();
  void put(int c);
  void pass_line();
  [[nodiscard]] std::string_view field(std::size_t index) const noexcept;
  [[nodiscard]] row as_row();

  char_reader in_;
  std::string key_field_;
  bool header_read_ = false;
  std::vector<std::string> columns_; ///< as they stand in the object: `"name":`
  std::size_t key_column_ = 0;

  // the record that was read last
  std::uint64_t line_ = 0;
  std::string text_;              ///< its fields' text, one behind the other
  std::vector<std::size_t> ends_; ///< where each field ends in it
  std::optional<std::string> problem_;
  bool unclosed_ = false;

  std::string value_;
};

} // namespace weft::cli
