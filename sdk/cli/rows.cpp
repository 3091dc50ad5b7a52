#include "sdk/cli/rows.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/cli/char_reader.hpp"
#include "sdk/cli/csv_rows.hpp"
#include "sdk/cli/json_text.hpp"
#include "sdk/inspect/json_field.hpp"

#include <fmt/format.h>

namespace weft::cli {
namespace {

/// Lines as they are.
class line_rows : public row_source {
public:
  explicit line_rows(byte_source& from) : in_(from) {}

  [[nodiscard]] result<std::optional<row>> next() override {
    const auto line = in_.line();
    if (in_.peek() == char_reader::end) {
      if (in_.failure()) return fail(*in_.failure());
      return std::nullopt;
    }
    const bool fits = read_line();
    if (in_.failure()) return fail(*in_.failure());
    if (!fits) return row{line, {}, {}, fmt::format("it has more than {} bytes", limits::event_value_bytes_max)};
    return row{line, text_, {}, {}};
  }

private:
  /// @returns false when it is too long; it is passed over to its end all the same
  bool read_line() {
    text_.clear();
    bool fits = true;
    while (in_.peek() != char_reader::end && in_.peek() != '\n') {
      const auto some = in_.get_some_of_line();
      fits = fits && text_.size() + some.size() <= limits::event_value_bytes_max + 1;
      if (fits) text_ += some;
    }
    (void)in_.get();
    if (text_.ends_with('\r')) text_.pop_back();
    return fits && text_.size() <= limits::event_value_bytes_max;
  }

  char_reader in_;
  std::string text_;
};

/// Lines that are JSON documents.
class json_rows final : public row_source {
public:
  json_rows(byte_source& from, std::string key_field) : lines_(from), key_field_(std::move(key_field)) {}

  [[nodiscard]] result<std::optional<row>> next() override {
    for (;;) {
      auto line = lines_.next();
      if (!line || !*line || (*line)->problem) return line;
      if ((*line)->value.find_first_not_of(" \t") == std::string_view::npos) continue;
      return as_row(**line);
    }
  }

private:
  [[nodiscard]] row as_row(const row& line) {
    const auto bad = [&](std::string why) { return row{line.line, {}, {}, std::move(why)}; };
    if (key_field_.empty()) return is_json(line.value) ? line : bad("it is not JSON");
    auto key = inspect::json_field_text(line.value, key_field_);
    if (!key) return bad(key.error().message());
    if (!*key) return bad(fmt::format("it has no field '{}' that can be its key", key_field_));
    key_ = **std::move(key);
    return row{line.line, line.value, key_, {}};
  }

  line_rows lines_;
  std::string key_field_;
  std::string key_;
};

} // namespace

row_format format_by_name(std::string_view path) noexcept {
  if (path.ends_with(".csv")) return row_format::csv;
  for (const std::string_view end : {".jsonl", ".ndjson", ".json"})
    if (path.ends_with(end)) return row_format::jsonl;
  return row_format::lines;
}

std::unique_ptr<row_source> open_rows(row_format format, byte_source& from, std::string key_field) {
  switch (format) {
  case row_format::csv: return std::make_unique<csv_rows>(from, std::move(key_field));
  case row_format::jsonl: return std::make_unique<json_rows>(from, std::move(key_field));
  case row_format::lines: break;
  }
  return std::make_unique<line_rows>(from);
}

} // namespace weft::cli
